// Fills in the stages of a connection test one by one, as the server finishes them.
import { tell } from "./times.js";
import { toast } from "./toast.js";

class TestStages extends HTMLElement {
  connectedCallback() {
    this.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    if (this.dataset.auto !== undefined) this.run();
  }

  get form() {
    return /** @type {HTMLFormElement | null} */ (this.querySelector("form[data-test]"));
  }

  /**
   * To what comes next: on, or another token. Whoever is somewhere else already stays there.
   * @param {Element} into
   */
  lead(into) {
    const another = document.getElementById("another-token");
    if (into.querySelector(".verdict.act")) another?.setAttribute("open", "");
    if (document.activeElement !== document.body) return;
    const next = into.querySelector(".verdict a") ?? another?.querySelector("input[type=password]");
    /** @type {HTMLElement | null | undefined} */ (next)?.focus({ preventScroll: true });
  }

  async run() {
    const form = this.form;
    const into = this.querySelector("[data-into]");
    if (!form || !into || this.running) return;
    this.running = true;
    this.setAttribute("aria-busy", "true");
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
      const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
      const response = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html; stages" } });
      if (!response.ok || !response.body) throw new Error(String(response.status));
      into.replaceChildren();
      await pour(response.body, into);
      this.lead(into);
    } catch {
      dispatchEvent(new Event("hubtrail:doubt"));
      toast("The test was interrupted. Test again when Hubtrail answers.", "act");
    } finally {
      this.running = false;
      this.removeAttribute("aria-busy");
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  }
}

/**
 * Each line of the answer is a piece of the page; the newest one of a name replaces the one before.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {Element} into
 */
async function pour(body, into) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    rest += value ?? "";
    const lines = rest.split("\n");
    rest = done ? "" : (lines.pop() ?? "");
    for (const line of lines.filter(Boolean)) put(line, into);
    if (done) return;
  }
}

/**
 * @param {string} html
 * @param {Element} into
 */
function put(html, into) {
  const piece = document.createElement("template");
  piece.innerHTML = html;
  const element = piece.content.firstElementChild;
  if (!element) return;
  const before = element.id && into.querySelector(`#${CSS.escape(element.id)}`);
  if (before) before.replaceWith(element);
  else into.append(element);
  tell(into);
}

customElements.define("test-stages", TestStages);
