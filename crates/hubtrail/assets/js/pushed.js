// What the server pushes, for as long as somebody may see it. A browser gives up a stream that was refused, as it is
// while a proxy answers for a server that restarts; here it is asked for again. One that nobody sees is closed after a
// while, since a browser keeps six connections to a host for all of its tabs.
import { fetchPage } from "./page.js";

const AGAIN_MS = 2_000;
const MOST_MS = 30_000;
const HIDDEN_MS = 20_000;

export class Pushed {
  /** The number of what came last. */
  last = "";
  wait = AGAIN_MS;
  ended = new AbortController();
  /** @type {EventSource | undefined} */
  source;
  /** @type {number | undefined} */
  retrying;
  /** @type {number | undefined} */
  resting;

  /**
   * @param {(last: string) => string | URL} address Of what comes after the last that came.
   * @param {string} kind
   * @param {{ came: () => void, changed?: () => void }} told
   */
  constructor(address, kind, told) {
    const { signal } = this.ended;
    document.addEventListener("visibilitychange", () => this.seen(), { signal });
    addEventListener("hubtrail:back", () => this.isRefused() && this.open(), { signal });
    this.address = address;
    this.kind = kind;
    this.told = told;
    this.open();
  }

  get isOpen() {
    return this.source?.readyState === EventSource.OPEN;
  }

  isRefused() {
    return this.source?.readyState === EventSource.CLOSED;
  }

  open() {
    clearTimeout(this.retrying);
    // It is opened when somebody sees it.
    if (document.hidden) return this.rest();
    const source = (this.source = new EventSource(this.address(this.last)));
    source.addEventListener(this.kind, (event) => {
      this.last = event.lastEventId || this.last;
      this.told.came();
    });
    source.onopen = () => {
      this.wait = AGAIN_MS;
      this.told.changed?.();
    };
    source.onerror = () => {
      dispatchEvent(new Event("hubtrail:doubt"));
      this.told.changed?.();
      if (this.isRefused()) this.later();
    };
  }

  later() {
    clearTimeout(this.retrying);
    this.retrying = setTimeout(() => this.again(), this.wait);
    this.wait = Math.min(this.wait * 2, MOST_MS);
  }

  /** A stream does not say why it is refused; a page leads to the sign-in when that is why. */
  async again() {
    await fetchPage(location.href).catch(() => {});
    if (!this.ended.signal.aborted && this.isRefused()) this.open();
  }

  seen() {
    clearTimeout(this.resting);
    if (document.hidden) this.resting = setTimeout(() => this.rest(), HIDDEN_MS);
    else if (!this.source) this.open();
    else if (this.isRefused()) this.again();
  }

  rest() {
    clearTimeout(this.retrying);
    this.source?.close();
    this.source = undefined;
  }

  end() {
    this.ended.abort();
    clearTimeout(this.resting);
    this.rest();
  }
}
