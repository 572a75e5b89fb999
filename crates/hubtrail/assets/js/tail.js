// The live tail: the server says that something new matches, and its lines come onto the page; how the matches are
// spread follows at leisure. Whoever reads (scrolled down, in the lines by keyboard, or with an event open) is not
// disturbed: what is new is counted, and waits for a click.
import { isOpen } from "./drawer.js";
import { fetchPage } from "./page.js";
import { refresh } from "./part.js";
import { Pushed } from "./pushed.js";
import { renewRows } from "./rows.js";
import { icon } from "./theme.js";

/** So often at most the lines are brought up to date, however much happens. */
const LINES_MS = 250;
/** What goes with the lines: soon after something came, and not often while much does. */
const PARTS = ["lead", "partial", "chart", "facets"];
const PARTS_SOON_MS = 1_000;
const PARTS_MS = 5_000;
/** So often at most the number of what waits is told. */
const SAY_MS = 250;

/** After these somebody may read no longer. */
const ENDS = ["scroll", "focusin"];

class LiveTail extends HTMLElement {
  said = document.createElement("p");
  word = document.createElement("span");
  catch = button(() => this.jump());
  hold = button(() => this.pause());
  fresh = 0;
  paused = false;
  busy = false;
  drawn = 0;
  /** @type {Pushed | undefined} */
  pushed;
  /** @type {number | undefined} */
  lines;
  /** @type {number | undefined} */
  parts;
  /** @type {number | undefined} */
  saying;

  connectedCallback() {
    this.draw();
    this.pushed = new Pushed((last) => this.address(last), "message", { came: () => this.more(), changed: () => this.say() });
    for (const end of ENDS) addEventListener(end, this, { passive: true });
    this.say();
  }

  disconnectedCallback() {
    this.pushed?.end();
    for (const timer of [this.lines, this.parts, this.saying]) clearTimeout(timer);
    for (const end of ENDS) removeEventListener(end, this);
  }

  /** @param {string} last */
  address(last) {
    const address = new URL("/api/v1/events/stream", location.origin);
    address.search = this.dataset.query ?? "";
    address.searchParams.set("from", last || (this.dataset.head ?? "0"));
    return address;
  }

  handleEvent() {
    if (this.fresh > 0 && !this.reads()) this.soon();
  }

  more() {
    this.fresh += 1;
    if (!this.reads()) this.soon();
    else this.saying ??= setTimeout(() => this.say(), SAY_MS);
  }

  reads() {
    const inLines = document.querySelector("#rows :focus-visible") !== null;
    return this.paused || this.dataset.apart !== undefined || isOpen() || inLines || scrollY > 240;
  }

  soon() {
    this.lines ??= setTimeout(() => {
      this.lines = undefined;
      // They may have begun to read meanwhile.
      if (this.reads()) this.say();
      else this.catchUp();
    }, LINES_MS);
  }

  async catchUp() {
    // Until it is done, so that a slow server is asked for one page at a time.
    if (this.busy) return;
    this.busy = true;
    const fresh = this.fresh;
    try {
      const page = await fetchPage(`/events/rows${location.search}`);
      this.put(page);
      this.fresh = Math.max(0, this.fresh - fresh);
      const pause = Math.max(PARTS_SOON_MS, this.drawn + PARTS_MS - Date.now());
      this.parts ??= setTimeout(() => this.follow(), pause);
    } catch {
      dispatchEvent(new Event("hubtrail:doubt"));
    }
    this.busy = false;
    if (this.fresh > 0 && !this.reads()) this.soon();
    this.say();
  }

  /** @param {Document} page */
  put(page) {
    const [own, newer] = [document, page].map((side) => /** @type {HTMLTableElement | null} */ (side.getElementById("rows")));
    if (!newer) return;
    if (!own) return location.reload();
    renewRows(own, newer);
    const [pages, newerPages] = [document, page].map((side) => side.getElementById("pages"));
    if (pages && newerPages) pages.replaceChildren(...newerPages.childNodes);
  }

  async follow() {
    try {
      await refresh(PARTS);
    } catch {
      // The connection state says so.
    }
    this.drawn = Date.now();
    this.parts = undefined;
  }

  draw() {
    const dot = document.createElement("span");
    dot.className = "dot";
    const buttons = document.createElement("span");
    buttons.className = "buttons";
    buttons.append(this.catch, this.hold);
    this.said.append(dot, this.word, buttons);
    this.replaceChildren(this.said);
  }

  say() {
    clearTimeout(this.saying);
    this.saying = undefined;
    const open = this.pushed?.isOpen;
    const waiting = this.fresh > 0 && this.reads();
    const apart = this.dataset.apart !== undefined;
    this.said.className = open ? "said" : "said waiting";
    this.word.textContent = waiting
      ? waits(this.fresh, this.paused)
      : this.paused ? "Paused" : open ? "Live: new events appear here" : "Connecting to the live tail";
    label(this.catch, waiting ? "Catch up" : "Jump to newest", "up");
    const leaves = this.catch === document.activeElement;
    this.catch.hidden = !waiting && !apart;
    if (leaves && this.catch.hidden) this.hold.focus();
    label(this.hold, this.paused ? "Go on" : "Pause", this.paused ? "play" : "pause");
    this.hold.hidden = apart;
  }

  pause() {
    this.paused = !this.paused;
    if (!this.paused && this.fresh > 0) this.soon();
    this.say();
  }

  jump() {
    this.paused = false;
    if (this.dataset.apart !== undefined) return location.assign(this.dataset.newest ?? "/events");
    scrollTo({ top: 0 });
    this.catchUp();
  }
}

/**
 * @param {number} fresh
 * @param {boolean} paused
 */
function waits(fresh, paused) {
  return `${fresh} new ${fresh === 1 ? "event" : "events"}, waiting while ${paused ? "the tail is paused" : "you read"}`;
}

/** @param {() => void} act */
function button(act) {
  const button = document.createElement("button");
  button.className = "button plain";
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} word
 * @param {string} mark
 */
function label(button, word, mark) {
  if (button.textContent !== word) button.replaceChildren(icon(mark), word);
}

customElements.define("live-tail", LiveTail);
