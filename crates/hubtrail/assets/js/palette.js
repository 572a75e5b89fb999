// Ctrl-K: one field that leads to every page, person, object and event.
import { Choices, ask, named } from "./choices.js";

/** For whoever decides for all accounts. */
const ADD = "/connectors/new";
/** Pages that the rail does not show. */
const MORE = /** @type {const} */ ([
  ["Your settings and password", "/settings"],
  ["People who may sign in", "/settings/people"],
  ["API tokens", "/settings/tokens"],
  ["Retention, backup and erasure", "/settings/data"],
  ["Audit trail", "/settings/audit"],
  ["Connect an account", ADD],
  ["Tell people of findings", "/alerts/new"],
]);
const MOST_PAGES = 6;

/** @type {HTMLDialogElement | undefined} */
let dialog;

function build() {
  const made = document.createElement("dialog");
  made.className = "palette";
  made.setAttribute("aria-label", "Go anywhere");
  const field = document.createElement("input");
  field.type = "text";
  field.maxLength = 200;
  field.placeholder = "Go to a page, a person, an object, or search the events";
  field.setAttribute("aria-label", "Go anywhere");
  field.autocomplete = "off";
  field.spellcheck = false;
  const list = document.createElement("div");
  list.className = "choices";
  made.append(field, list);
  document.body.append(made);
  const choices = new Choices(field, list, { first: true });
  field.addEventListener("input", () => find(field, choices));
  made.addEventListener("click", (event) => event.target === made && made.close());
  made.addEventListener("close", () => (field.value = ""));
  return made;
}

/** @param {string} text */
export function open(text = "") {
  dialog ??= build();
  const field = /** @type {HTMLInputElement} */ (dialog.querySelector("input"));
  if (dialog.open) return dialog.close();
  dialog.showModal();
  field.value = text;
  field.focus();
  field.dispatchEvent(new Event("input"));
}

/** @param {string} href */
function go(href) {
  dialog?.close();
  location.assign(href);
}

/** @param {string} text */
function pages(text) {
  const rail = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll(".rail li > a")]);
  const own = rail.map((link) => [link.querySelector(".word")?.textContent ?? "", link.pathname + link.search]);
  // What a role may not open is not offered: the page says which role it is.
  const who = /** @type {HTMLElement | null} */ (document.querySelector("[data-role]"));
  const rest = who?.dataset.role === "admin" ? MORE : MORE.slice(0, 1);
  const shown = new Set(rail.map((link) => link.pathname));
  const may = rest.filter(([, href]) => shown.has(href.replace(/(?<=.)\/.*/, "")) && (who?.dataset.all || href !== ADD));
  const fits = [...own, ...may].filter(([word]) => word?.toLowerCase().includes(text.toLowerCase()));
  return fits.slice(0, text ? MOST_PAGES : own.length).map(([word, href]) => ({
    word: word ?? "",
    icon: "right",
    group: "Pages",
    take: () => go(href ?? "/"),
  }));
}

/** @param {string} text */
function events(text) {
  if (!text) return [];
  return [{ word: `Events with “${text}”`, icon: "search", group: "Events", take: () => go(`/events?text=${encodeURIComponent(text)}`) }];
}

/**
 * @param {HTMLInputElement} field
 * @param {Choices} choices
 */
async function find(field, choices) {
  const text = field.value.trim();
  choices.show([...pages(text), ...events(text)]);
  if (!text) return;
  const wanted = `text=${encodeURIComponent(text)}&after=90d&top=5`;
  const answers = await ask(`/api/v1/people?${wanted}`, `/api/v1/objects?${wanted}`);
  if (!answers || field.value.trim() !== text) return;
  const lead = (/** @type {"people" | "objects"} */ side) => (/** @type {{ id: string, account: { id: number } }} */ one) =>
    go(`/${side}/${one.account.id}/${encodeURIComponent(one.id)}`);
  choices.show([
    ...pages(text),
    ...named(answers[0], "people", lead("people")),
    ...named(answers[1], "objects", lead("objects")),
    ...events(text),
  ]);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
  }
});
document.addEventListener("click", (event) => {
  if (/** @type {Element} */ (event.target).closest("[data-palette]")) open();
});
