// Opens what a link leads to beside the page, so that one keeps one's place. Without this it is a page.
import { fetchPage } from "./page.js";
import { icon } from "./theme.js";
import { tell } from "./times.js";

const drawer = /** @type {HTMLDialogElement | null} */ (document.querySelector("dialog.drawer"));
/** @type {HTMLElement | null} */
let opener = null;

/** @param {string} href */
async function show(href) {
  if (!drawer) return;
  const page = await fetchPage(href);
  const detail = page.getElementById("detail");
  if (!detail) return location.assign(href);
  const inside = document.createElement("div");
  inside.className = "inside";
  inside.append(detail);
  drawer.replaceChildren(top(href), inside);
  tell(drawer);
  if (!drawer.open) drawer.show();
  drawer.scrollTop = 0;
  /** @type {HTMLElement | null} */ (drawer.querySelector("h1"))?.focus({ preventScroll: true });
}

/** @param {string} href */
function top(href) {
  const bar = document.createElement("div");
  bar.className = "top";
  const whole = document.createElement("a");
  whole.className = "button plain";
  whole.href = href;
  whole.append(icon("away"), "Own page");
  const close = document.createElement("button");
  close.className = "button plain";
  close.type = "button";
  close.append(icon("close"), "Close");
  close.addEventListener("click", hide);
  bar.append(whole, close);
  return bar;
}

export function hide() {
  if (!drawer?.open) return false;
  drawer.close();
  drawer.replaceChildren();
  for (const row of document.querySelectorAll("tr.current")) row.classList.remove("current");
  opener?.focus();
  opener = null;
  return true;
}

export function isOpen() {
  return drawer?.open ?? false;
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = /** @type {Element} */ (event.target).closest?.("a[data-drawer]");
  if (!(link instanceof HTMLAnchorElement) || !drawer) return;
  event.preventDefault();
  opener = link;
  for (const row of document.querySelectorAll("tr.current")) row.classList.remove("current");
  link.closest("tr")?.classList.add("current");
  show(link.href).catch(() => location.assign(link.href));
});
