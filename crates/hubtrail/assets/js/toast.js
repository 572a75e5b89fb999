// Short messages in the corner, and texts that are copied by a click.
import { icon } from "./theme.js";

/**
 * @param {string} text
 * @param {"good" | "act"} [kind]
 */
export function toast(text, kind = "good") {
  const toasts = document.querySelector(".toasts");
  const toast = document.createElement("p");
  toast.className = `toast ${kind}`;
  toast.append(icon(kind === "good" ? "check" : "alert"), text);
  toasts?.append(toast);
  setTimeout(() => toast.remove(), 6_000);
}

/** What the server has to say about what was just done stays readable for a while. */
for (const said of document.querySelectorAll(".toasts .toast")) setTimeout(() => said.remove(), 8_000);
const address = new URL(location.href);
if (address.searchParams.has("said")) {
  address.searchParams.delete("said");
  history.replaceState(history.state, "", address);
}

class CopyText extends HTMLElement {
  connectedCallback() {
    this.tabIndex = 0;
    this.setAttribute("role", "button");
    this.title = "Copy";
    this.addEventListener("click", () => this.copy());
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.copy();
    });
  }

  async copy() {
    const from = this.dataset.from ? this.closest("article, main")?.querySelector(`#${this.dataset.from}`) : this;
    try {
      await navigator.clipboard.writeText((from?.textContent ?? "").trim());
      toast("Copied");
    } catch {
      toast("The browser does not let this page copy; select the text instead", "act");
    }
  }
}

customElements.define("copy-text", CopyText);
