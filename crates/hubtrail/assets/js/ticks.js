// One box that ticks all of its table, and says whether all are ticked.
document.addEventListener("change", (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  const table = box.type === "checkbox" ? box.closest("table") : null;
  const all = /** @type {HTMLInputElement | null} */ (table?.querySelector("[data-tick-all]") ?? null);
  if (!table || !all) return;
  const boxes = /** @type {HTMLInputElement[]} */ ([...table.querySelectorAll("tbody input[type='checkbox']")]);
  if (box === all) for (const one of boxes) one.checked = all.checked;
  const ticked = boxes.filter((one) => one.checked).length;
  all.checked = ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
});
