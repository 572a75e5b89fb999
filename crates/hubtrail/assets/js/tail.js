// The live tail: the server says that something new matches, and the page is brought up to date. Whoever
// reads (scrolled down, or has an event open) is not disturbed: what is new is counted, and waits for a click.
import { isOpen } from "./drawer.js";
import { refresh } from "./part.js";
import { icon } from "./theme.js";

const PARTS = ["lead", "chart", "facets", "rows", "pages"];
/** So often at most the page is drawn anew, however much happens. */
const PAUSE_MS = 1_000;

class LiveTail extends HTMLElement {
  fresh = 0;
  paused = false;
  /** @type {EventSource | undefined} */
  source;
  /** @type {number | undefined} */
  timer;

  connectedCallback() {
    const address = new URL("/api/v1/events/stream", location.origin);
    address.search = this.dataset.query ?? "";
    address.searchParams.set("from", this.dataset.head ?? "0");
    this.source = new EventSource(address);
    this.source.onopen = () => this.say();
    this.source.onerror = () => {
      this.say();
      dispatchEvent(new Event("hubtrail:doubt"));
    };
    this.source.onmessage = () => this.more();
    addEventListener("scroll", this, { passive: true });
    this.say();
  }

  disconnectedCallback() {
    this.source?.close();
    clearTimeout(this.timer);
    removeEventListener("scroll", this);
  }

  handleEvent() {
    if (this.fresh > 0 && !this.reads()) this.soon();
  }

  more() {
    this.fresh += 1;
    if (this.reads()) this.say();
    else this.soon();
  }

  reads() {
    return this.paused || this.dataset.apart !== undefined || isOpen() || scrollY > 240;
  }

  soon() {
    this.timer ??= setTimeout(() => this.catchUp(), PAUSE_MS);
  }

  async catchUp() {
    this.timer = undefined;
    const seen = Number(this.dataset.head);
    const fresh = this.fresh;
    try {
      const page = await refresh(PARTS);
      this.dataset.head = page.querySelector("live-tail")?.getAttribute("data-head") ?? this.dataset.head;
      this.fresh = Math.max(0, this.fresh - fresh);
      for (const row of document.querySelectorAll("tr[data-position]")) {
        const position = Number(row.getAttribute("data-position"));
        row.classList.toggle("fresh", position > seen);
      }
      if (!document.getElementById("rows") && page.getElementById("rows")) location.reload();
    } catch {
      dispatchEvent(new Event("hubtrail:doubt"));
    }
    this.say();
  }

  say() {
    const said = document.createElement("p");
    const open = this.source?.readyState === EventSource.OPEN;
    said.className = open ? "said" : "said waiting";
    const dot = document.createElement("span");
    dot.className = "dot";
    said.append(dot);
    const waiting = this.fresh > 0 && this.reads();
    said.append(waiting ? waits(this.fresh, this.paused) : this.paused ? "Paused" : open ? "Live: new events appear here" : "Connecting to the live tail");
    const buttons = document.createElement("span");
    buttons.className = "buttons";
    if (waiting) buttons.append(button("Catch up", "up", () => this.jump()));
    if (this.dataset.apart === undefined) {
      const [word, mark] = this.paused ? ["Go on", "play"] : ["Pause", "pause"];
      buttons.append(button(word, mark, () => this.pause()));
    } else if (!waiting) {
      buttons.append(button("Jump to newest", "up", () => this.jump()));
    }
    said.append(buttons);
    this.replaceChildren(said);
  }

  pause() {
    this.paused = !this.paused;
    if (!this.paused && this.fresh > 0) this.soon();
    this.say();
    /** @type {HTMLElement | null} */ (this.querySelector("button:last-of-type"))?.focus();
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

/**
 * @param {string} word
 * @param {string} mark
 * @param {() => void} act
 */
function button(word, mark, act) {
  const button = document.createElement("button");
  button.className = "button plain";
  button.type = "button";
  button.append(icon(mark), word);
  button.addEventListener("click", act);
  return button;
}

customElements.define("live-tail", LiveTail);
