// The query bar: completes the word that is being written. Without this the words are written out, and mean the same.
import { Choices, ask, named } from "./choices.js";

const WORDS = /** @type {const} */ ([
  ["type:", "kind of object", "object"],
  ["event:", "what happened", "events"],
  ["person:", "who did it", "person"],
  ["object:", "to what", "object"],
  ["after:", "7d, 24h or 2026-03-01", "clock"],
  ["before:", "a time", "clock"],
]);

class QueryBar extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    const field = this.querySelector("input[name=q]");
    if (!form || !(field instanceof HTMLInputElement)) return;
    const list = document.createElement("div");
    list.className = "choices";
    this.append(list);
    this.field = field;
    this.form = form;
    this.choices = new Choices(field, list);
    field.addEventListener("input", () => this.complete());
    field.addEventListener("focus", () => this.complete());
    field.addEventListener("blur", () => this.choices?.hide());
  }

  /** The word before the cursor, with the quotes that keep it together. */
  word() {
    const text = this.field?.value.slice(0, this.field.selectionStart ?? undefined) ?? "";
    return text.match(/(?:[^\s"]|"[^"]*"?)*$/)?.[0] ?? "";
  }

  async complete() {
    const word = this.word();
    const [key, rest] = [word.split(":", 1)[0] ?? "", word.slice(word.indexOf(":") + 1).replaceAll('"', "")];
    if (!word.includes(":")) {
      const fitting = WORDS.filter(([own]) => own.startsWith(word.toLowerCase()));
      this.choices?.show(fitting.map(([own, told, mark]) => ({ word: own, told, icon: mark, take: () => this.put(own) })));
      return;
    }
    if (key === "type" || key === "event") return this.values(key, rest);
    if (key === "person" || key === "object") return this.subjects(key, rest);
    this.choices?.hide();
  }

  /**
   * @param {"type" | "event"} key
   * @param {string} rest
   */
  async values(key, rest) {
    const [facets] = (await ask(`/api/v1/facets?${this.scope()}after=90d&top=100`)) ?? [];
    if (!facets) return;
    const counts = /** @type {{ value: string, entries: number }[]} */ (key === "type" ? facets.objectTypes : facets.eventTypes);
    const fits = (/** @type {string} */ value) => value.toLowerCase().replaceAll("_", " ").includes(rest.toLowerCase().replaceAll("_", " "));
    const found = counts.filter(({ value }) => fits(value)).slice(0, 12);
    this.choices?.show(found.map(({ value, entries }) => ({
      word: value.toLowerCase().replaceAll("_", " "),
      told: `${entries.toLocaleString("en")} in 90 days`,
      take: () => this.add(key === "type" ? "objectType" : "eventType", value),
    })));
  }

  /**
   * @param {"person" | "object"} key
   * @param {string} rest
   */
  async subjects(key, rest) {
    const side = key === "person" ? "people" : "objects";
    const text = rest ? `text=${encodeURIComponent(rest)}&` : "";
    const [answer] = (await ask(`/api/v1/${side}?${this.scope()}${text}after=90d&top=10`)) ?? [];
    if (!answer) return;
    this.choices?.show(named(answer, side, (one) => this.add(key === "person" ? "userId" : "objectId", one.id)));
  }

  scope() {
    const account = new FormData(this.form).get("account");
    return account ? `account=${account}&` : "";
  }

  /** @param {string} text */
  put(text) {
    if (!this.field) return;
    const at = this.field.selectionStart ?? this.field.value.length;
    const start = at - this.word().length;
    this.field.setRangeText(text, start, at, "end");
    this.complete();
  }

  /**
   * Adds a filter in the place of the word, and keeps what else was written.
   * @param {string} name
   * @param {string} value
   */
  add(name, value) {
    this.put("");
    const query = new URLSearchParams();
    for (const [own, kept] of new FormData(this.form)) {
      if (own !== "q" || String(kept).trim()) query.append(own, String(kept));
    }
    query.append(name, value);
    location.assign(`/events?${query}`);
  }
}

customElements.define("query-bar", QueryBar);
