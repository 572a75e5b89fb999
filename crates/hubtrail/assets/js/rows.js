// The lines of a table brought up to date one by one: what is there already stays the element that it is, with
// its focus, and the browser lays out no more than what changed.
import { tell } from "./times.js";

/** More than this is not read line by line: nothing is marked, and nothing moves but the lines. */
const MARKED = 4;

/** @param {Element} row */
const position = (row) => row.getAttribute("data-position");

/** @param {Element} body */
const day = (body) => body.querySelector("tr.day")?.textContent;

/**
 * Makes the lines of a table those of a newer one, and marks what came.
 * @param {HTMLTableElement} own
 * @param {HTMLTableElement} newer
 */
export function renewRows(own, newer) {
  const there = new Map([...own.querySelectorAll("tr[data-position]")].map((row) => [position(row), row]));
  /** @type {Element[]} */
  const came = [];
  const days = new Map([...own.tBodies].map((body) => [day(body), body]));
  for (const [at, from] of [...newer.tBodies].entries()) {
    const body = days.get(day(from)) ?? from;
    days.delete(day(from));
    if (own.tBodies[at] !== body) own.insertBefore(body, own.tBodies[at] ?? null);
    if (body === from) came.push(...from.querySelectorAll("tr[data-position]"));
    else came.push(...renewDay(body, from, there));
  }
  for (const past of days.values()) past.remove();
  if (came.length <= MARKED) for (const row of came) row.classList.add("fresh");
  tell(own);
}

/**
 * @param {Element} own
 * @param {Element} newer
 * @param {Map<string | null, Element>} there
 */
function renewDay(own, newer, there) {
  /** @type {Element[]} */
  const came = [];
  let at = own.querySelector("tr.day")?.nextElementSibling ?? null;
  for (const row of newer.querySelectorAll("tr[data-position]")) {
    const same = there.get(position(row));
    if (same && same === at) {
      at = at.nextElementSibling;
      continue;
    }
    own.insertBefore(same ?? row, at);
    if (!same) came.push(row);
  }
  while (at) {
    const past = at;
    at = at.nextElementSibling;
    past.remove();
  }
  return came;
}
