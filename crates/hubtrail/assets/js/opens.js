// What opens: rows that show what is behind them, and what a link within the page leads to.

document.addEventListener("click", (event) => {
  const opens = /** @type {Element} */ (event.target).closest("button.opens");
  opens?.setAttribute("aria-expanded", String(opens.getAttribute("aria-expanded") !== "true"));
});

function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView({ block: "start" });
}

addEventListener("hashchange", openTarget);
openTarget();

document.addEventListener("click", (event) => {
  if (/** @type {Element} */ (event.target).closest("[data-print]")) print();
});
