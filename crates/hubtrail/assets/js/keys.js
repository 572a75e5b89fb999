// The keyboard: search, moving in tables, closing, going places. Nothing happens while a person writes.
import { hide, isOpen } from "./drawer.js";
import { open } from "./palette.js";

const PLACES = /** @type {Record<string, string>} */ ({
  o: "/", e: "/events", f: "/findings", p: "/people", b: "/objects", c: "/connectors", s: "/status", r: "/rules", i: "/sinks", a: "/alerts", t: "/settings",
});
let going = false;

/** @param {EventTarget | null} target */
function writes(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** @param {number} by */
function move(by) {
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("main table a.sentence, main table .opens")]);
  if (links.length === 0) return;
  const current = document.querySelector("tr.current .sentence, tr.current .opens") ?? document.activeElement;
  const at = links.findIndex((link) => link === current);
  const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
  next?.scrollIntoView({ block: "nearest" });
  if (isOpen()) next?.click();
  else next?.focus();
}

function help() {
  const list = /** @type {HTMLElement | null} */ (document.getElementById("help"));
  list?.togglePopover();
}

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.key === "Escape") return escape(event);
  if (writes(event.target)) return;
  if (going) {
    going = false;
    const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".rail li > a"));
    // Not everybody may open every page.
    const place = [...links].find((link) => link.pathname === PLACES[event.key]);
    if (place) location.assign(place.href);
    return;
  }
  const act = { "/": search, j: () => move(1), k: () => move(-1), "?": help, g: () => (going = true) }[event.key];
  if (!act && !own(event.key)) return;
  event.preventDefault();
  act?.();
});

/**
 * What a key does on this page alone, unless something is open over it.
 * @param {string} key
 */
function own(key) {
  if (!/^[a-z]$/.test(key) || document.querySelector(":popover-open, dialog[open]")) return false;
  const button = /** @type {HTMLElement | null} */ (document.querySelector(`main [data-key="${key}"]`));
  button?.click();
  return button !== null;
}

function search() {
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("query-bar input[name=q]"));
  if (!field) return open();
  field.select();
  field.focus();
}

/** @param {KeyboardEvent} event */
function escape(event) {
  const menu = /** @type {HTMLDetailsElement | null} */ (document.querySelector("details.menu[open]"));
  // The browser closes it, and gives the focus back to what opened it.
  const popover = document.querySelector(":popover-open");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  } else if (!popover && hide()) {
    event.preventDefault();
  } else if (!popover && writes(event.target)) {
    /** @type {HTMLElement} */ (event.target).blur();
  }
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) /** @type {HTMLDetailsElement} */ (menu).open = false;
  }
  if (target.closest("[data-help]")) {
    target.closest("details")?.removeAttribute("open");
    help();
  }
});

// What narrows a search down is long: on a small screen it waits until it is asked for.
if (matchMedia("(max-width: 1099px)").matches) {
  for (const facet of document.querySelectorAll(".facets details")) facet.removeAttribute("open");
}
