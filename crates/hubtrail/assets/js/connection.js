// Says when the server is gone, keeps trying, and brings the page up to date when it is back.
import { icon } from "./theme.js";
import { toast } from "./toast.js";

const CALM_MS = 4_000;
const ANXIOUS_MS = 1_000;

class ConnectionState extends HTMLElement {
  lost = false;
  /** @type {Date | null} */
  since = null;

  connectedCallback() {
    this.look();
    addEventListener("offline", () => this.judge(false));
    addEventListener("hubtrail:doubt", () => this.look());
  }

  async look() {
    clearTimeout(this.timer);
    this.judge(await reachable());
    this.timer = setTimeout(() => this.look(), this.lost ? ANXIOUS_MS : CALM_MS);
  }

  /** @param {boolean} there */
  judge(there) {
    if (there && this.lost) this.back();
    if (!there && !this.lost) this.gone();
    if (there && !this.textContent) this.show("good", "Live");
  }

  gone() {
    this.lost = true;
    this.since = new Date();
    this.show("act", "Not connected");
    const lost = document.createElement("div");
    lost.className = "lost";
    lost.setAttribute("role", "alert");
    const text = `Hubtrail does not answer. What you see is from ${this.since.toLocaleTimeString()}; this page goes on by itself when it is back.`;
    lost.append(icon("alert"), text);
    document.querySelector(".bar")?.after(lost);
  }

  back() {
    this.lost = false;
    this.show("good", "Live");
    document.querySelector(".lost")?.remove();
    dispatchEvent(new Event("hubtrail:back"));
    // Only what is kept up to date is more than a picture of what was.
    const follows = document.querySelector("live-part, live-tail") !== null;
    toast(follows ? "Hubtrail is back, and this page goes on." : "Hubtrail is back. Reload the page for what is new.");
  }

  /**
   * @param {string} kind
   * @param {string} word
   */
  show(kind, word) {
    this.className = `badge ${kind}`;
    this.replaceChildren(icon(`s-${kind}`, "mark"), word);
  }
}

/** Any answer of Hubtrail's will do; a proxy that answers in its place will not. */
async function reachable() {
  try {
    const response = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
    return response.status < 502;
  } catch {
    return false;
  }
}

customElements.define("connection-state", ConnectionState);
