// Parts of a page that are kept up to date: the page is asked for again, and what changed in the part is
// put in place. The server draws everything once, for the first time and for every time.
import { fetchPage } from "./page.js";
import { Pushed } from "./pushed.js";
import { tell } from "./times.js";

/**
 * Puts the newer version of an element in place, unless they are equal. What a person has opened or closed
 * stays so, and the focus stays where it is.
 * @param {Element} own
 * @param {Element | null} newer
 */
export function renew(own, newer) {
  if (!newer || told(own) === told(newer)) return false;
  for (const part of own.querySelectorAll("details[id], [aria-expanded][id]")) {
    const same = newer.querySelector(`#${CSS.escape(part.id)}`);
    if (part.matches("details")) same?.toggleAttribute("open", part.hasAttribute("open"));
    else same?.setAttribute("aria-expanded", part.getAttribute("aria-expanded") ?? "false");
  }
  const focused = document.activeElement;
  const again = focused && own.contains(focused) ? selector(focused) : null;
  own.replaceChildren(...newer.childNodes);
  tell(own);
  if (again) /** @type {HTMLElement | null} */ (own.querySelector(again))?.focus();
  return true;
}

/**
 * The text of an element as far as it matters: times move by themselves.
 * @param {Element} element
 */
function told(element) {
  return element.innerHTML.replace(/(<time[^>]*data-ago[^>]*>)[^<]*/g, "$1").replace(/ (open|aria-expanded)="[^"]*"/g, "");
}

/** @param {Element} element */
function selector(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute("href");
  return href ? `${element.localName}[href="${CSS.escape(href)}"]` : null;
}

/** Lets the browser draw, and answer to what a person does, before there is more to do. */
const breath = () => new Promise((go) => setTimeout(go));

/**
 * Brings parts of this page up to date, by id.
 * @param {string[]} ids
 */
export async function refresh(ids) {
  const page = await fetchPage(location.href);
  for (const id of ids) {
    await breath();
    const own = document.getElementById(id);
    if (own) renew(own, page.getElementById(id));
  }
  document.title = page.title;
  const [tab, newer] = [document.getElementById("tab-icon"), page.getElementById("tab-icon")?.getAttribute("href")];
  if (tab && newer && tab.getAttribute("href") !== newer) tab.setAttribute("href", newer);
  return page;
}

/** What a person writes in, has written, has ticked or holds open: nothing is changed under their hands. */
const BUSY =
  "input:focus, input[placeholder]:not(:placeholder-shown), input[type='checkbox']:checked, details.menu[open], :popover-open";
let looking = false;

/** Brings the live parts up to date. */
async function look() {
  if (document.hidden || looking) return;
  looking = true;
  try {
    const free = (/** @type {Element} */ part) => !part.querySelector(BUSY) && !part.closest(":popover-open");
    const parts = [...document.querySelectorAll("live-part[id]")].filter(free);
    if (parts.length > 0) await refresh(parts.map((part) => part.id));
  } catch {
    // The connection state says so.
  } finally {
    looking = false;
  }
}

class LivePart extends HTMLElement {
  connectedCallback() {
    // The first part of a page asks on behalf of all.
    const first = () => document.querySelector("live-part[id]") === this;
    this.timer = setInterval(() => first() && look(), Number(this.dataset.every ?? 5) * 1_000);
    this.back = () => first() && look();
    addEventListener("hubtrail:back", this.back);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    if (this.back) removeEventListener("hubtrail:back", this.back);
  }
}

/** So often at most the page is asked for again, however much is found. */
const PAUSE_MS = 500;

/** The server says that something was found: the parts need not wait for their turn. */
class LiveFindings extends HTMLElement {
  /** @type {Pushed | undefined} */
  pushed;
  /** @type {number | undefined} */
  timer;

  connectedCallback() {
    const address = (/** @type {string} */ last) => `/api/v1/findings/stream${last && `?from=${last}`}`;
    const came = () => (this.timer ??= setTimeout(() => this.catchUp(), PAUSE_MS));
    this.pushed = new Pushed(address, "finding", { came });
  }

  disconnectedCallback() {
    this.pushed?.end();
    clearTimeout(this.timer);
  }

  async catchUp() {
    this.timer = undefined;
    await look();
  }
}

customElements.define("live-part", LivePart);
customElements.define("live-findings", LiveFindings);
