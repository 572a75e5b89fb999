// The editor of a rule: what is wrong with it is said while it is written.
import { renew } from "./part.js";

const PAUSE_MS = 500;

class RuleEditor extends HTMLElement {
  /** @type {number | undefined} */
  timer;

  connectedCallback() {
    this.querySelector("textarea")?.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.check(), PAUSE_MS);
    });
    this.querySelector("textarea")?.addEventListener("keydown", (event) => this.indent(event));
  }

  async check() {
    const form = this.querySelector("form");
    const own = this.querySelector("#checked");
    if (!form || !own) return;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.append(name, String(value));
    body.append("do", "check");
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      renew(own, page.querySelector("#checked"));
    } catch {
      dispatchEvent(new Event("hubtrail:doubt"));
    }
  }

  /**
   * YAML is indented by blanks. Escape and then Tab leaves the field.
   * @param {KeyboardEvent} event
   */
  indent(event) {
    const field = /** @type {HTMLTextAreaElement} */ (event.target);
    if (event.key === "Escape") field.dataset.leaves = "";
    else if (event.key !== "Tab") delete field.dataset.leaves;
    else if (!event.shiftKey && field.dataset.leaves === undefined) {
      event.preventDefault();
      field.setRangeText("  ", field.selectionStart, field.selectionEnd, "end");
    }
  }
}

customElements.define("rule-editor", RuleEditor);
