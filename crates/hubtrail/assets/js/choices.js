// A field with a list of choices under it: moved through by arrows, taken by Enter or a click. The field keeps
// the focus all the time, and those who listen are told which choice is the current one.
import { icon } from "./theme.js";

/**
 * @typedef {{ word: string, told?: string, icon?: string, group?: string, take: () => void }} Choice
 */

let lists = 0;

export class Choices {
  /** @type {Choice[]} */
  choices = [];
  at = -1;

  /**
   * @param {HTMLInputElement} field
   * @param {HTMLElement} list
   * @param {{ first?: boolean }} [how] whether the first choice is taken without being moved to
   */
  constructor(field, list, how = {}) {
    this.field = field;
    this.list = list;
    this.first = how.first ?? false;
    lists += 1;
    list.id ||= `choices-${lists}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Suggestions");
    list.hidden = true;
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-expanded", "false");
    field.addEventListener("keydown", (event) => this.press(event));
  }

  /** @param {Choice[]} choices */
  show(choices) {
    this.choices = choices;
    this.at = this.first && choices.length > 0 ? 0 : -1;
    let group = "";
    const lines = choices.flatMap((choice, at) => {
      const line = this.line(choice, at);
      if (!choice.group || choice.group === group) return [line];
      group = choice.group;
      const title = document.createElement("div");
      title.className = "group";
      title.setAttribute("role", "presentation");
      title.append(group);
      return [title, line];
    });
    this.list.replaceChildren(...lines);
    this.list.hidden = choices.length === 0;
    this.field.setAttribute("aria-expanded", String(choices.length > 0));
    this.mark();
  }

  hide() {
    this.show([]);
  }

  /**
   * @param {Choice} choice
   * @param {number} at
   */
  line(choice, at) {
    const line = document.createElement("div");
    line.className = "choice";
    line.id = `${this.list.id}-${at}`;
    line.setAttribute("role", "option");
    if (choice.icon) line.append(icon(choice.icon));
    const word = document.createElement("bdi");
    word.append(choice.word);
    line.append(word);
    if (choice.told) {
      const told = document.createElement("span");
      told.className = "told";
      told.append(choice.told);
      line.append(told);
    }
    // Before the field loses the focus.
    line.addEventListener("pointerdown", (event) => event.preventDefault());
    line.addEventListener("click", () => choice.take());
    return line;
  }

  mark() {
    const lines = this.list.querySelectorAll(".choice");
    lines.forEach((line, at) => line.setAttribute("aria-selected", String(at === this.at)));
    const current = lines[this.at];
    current?.scrollIntoView({ block: "nearest" });
    if (current) this.field.setAttribute("aria-activedescendant", current.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const many = this.choices.length;
    if (many === 0) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : -1;
      this.at = this.at < 0 ? (by > 0 ? 0 : many - 1) : (this.at + by + many) % many;
      this.mark();
    } else if (event.key === "Enter" && this.at >= 0) {
      event.preventDefault();
      this.choices[this.at]?.take();
    } else if (event.key === "Escape" && !this.list.closest("dialog")) {
      event.preventDefault();
      event.stopPropagation();
      this.hide();
    }
  }
}

/** @type {AbortController | undefined} */
let asking;

/**
 * Asks the API; only the newest question is answered, the others are never heard of again.
 * @param {string[]} paths
 * @returns {Promise<any[] | null>}
 */
export async function ask(...paths) {
  asking?.abort();
  const own = (asking = new AbortController());
  try {
    await new Promise((after) => setTimeout(after, 120));
    if (own.signal.aborted) return null;
    const answers = paths.map(async (path) => {
      const response = await fetch(path, { signal: own.signal, headers: { accept: "application/json" } });
      return response.ok ? response.json() : null;
    });
    return await Promise.all(answers);
  } catch {
    return null;
  }
}

/**
 * The people or objects of an answer as choices.
 * @param {any} answer
 * @param {"people" | "objects"} side
 * @param {(one: { id: string, account: { id: number } }) => void} take
 * @returns {Choice[]}
 */
export function named(answer, side, take) {
  const [group, mark, none] = side === "people" ? ["People", "person", "User"] : ["Objects", "object", "Object"];
  return (answer?.found ?? []).map((/** @type {any} */ one) => ({
    word: one.name.trim() || `${none} ${one.id}`,
    told: `${one.entries.toLocaleString("en")} ${one.entries === 1 ? "event" : "events"}`,
    icon: mark,
    group,
    take: () => take(one),
  }));
}
