// By keyboard alone one always sees where one is, and comes along the page in the order in which it reads.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { SIZES, STILL, THEMES } = require("./looks.cjs");
const { begun } = require("./steps.cjs");

const PAGES = [
  "/", "/events", "/findings", "FINDING", "/people", "/connectors/1", "/connectors/new", "/rules", "/rules/new", "/sinks/new", "/alerts/new",
  "/settings",
];
const MOST_STOPS = 70;
/** What WCAG asks of the parts that one has to see. */
const LEAST_CONTRAST = 3;

/** What stands where the focus is, and how it is marked; and whether what had it before has lost the mark. */
function stop(themes) {
  const marks = (node) => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(node);
    return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2 ? outlineColor : null;
  };
  // A line of a table and a choice are marked as a whole.
  const marked = (node) => [node, node.closest("tr"), node.closest("label")].find((one) => one && marks(one));
  const rgb = (colour) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = rgb(colour).map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    const colour = node ? getComputedStyle(node).backgroundColor : "white";
    return rgb(colour)[3] > 0 ? colour : ground(node.parentElement);
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

  const before = globalThis.stopped;
  const left = before && { is: before.told, still: before.node.isConnected && before.mark ? marks(before.mark) : null };
  const node = document.activeElement;
  if (!node || node === document.body) return { left, told: "" };
  const mark = marked(node);
  const words = (node.getAttribute("aria-label") ?? node.textContent ?? "").replace(/\s+/g, " ").trim();
  const told = `${node.localName}${node.id ? `#${node.id}` : ""} “${words.slice(0, 40)}”`;
  globalThis.stopped = { node, mark, told };
  if (!before) globalThis.firstStop = node;
  const root = document.documentElement;
  const contrasts = themes.map((theme) => {
    root.dataset.theme = theme;
    return mark ? contrast(marks(mark), ground(mark.parentElement)) : 0;
  });
  delete root.dataset.theme;
  const { left: x, right, top, bottom, width, height } = node.getBoundingClientRect();
  const fixed = (one) => one && (["fixed", "sticky"].includes(getComputedStyle(one).position) || fixed(one.parentElement));
  return {
    left, told, width, height, same: before?.node === node, kind: node.type, first: globalThis.firstStop === node,
    contrast: Math.min(...contrasts),
    inside: bottom > 0 && top < innerHeight && right > 0 && x < innerWidth,
    place: fixed(node) ? null : { x, right, top: top + scrollY, bottom: bottom + scrollY },
    after: !before?.node.isConnected || Boolean(before.node.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING),
  };
}

/** Goes on with the Tab key until the page ends, and tells where that led. */
async function walk(page) {
  await page.evaluate(() => {
    globalThis.stopped = undefined;
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  const stops = [];
  for (let n = 0; n < MOST_STOPS; n += 1) {
    await page.keyboard.press("Tab");
    let one = await page.evaluate(stop, THEMES);
    // The parts of a time are stops of their own.
    if (one.same && one.kind !== "textarea") continue;
    if (one.same) {
      // The editor of a rule takes the key for itself, and says how to leave it.
      await page.getByText("Escape, then Tab, leaves the field").waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Tab");
      one = await page.evaluate(stop, THEMES);
    }
    if (!one.told || (n > 0 && one.first)) break;
    stops.push(one);
  }
  return stops;
}

/** Up the page only to what stands beside it, in the next column. */
const jumpsBack = (from, to) => to.bottom <= from.top && to.x < from.right;

test("the focus is always seen, and goes through a page as one reads it", async (t) => {
  const { scene, page } = await begun(t, { live: 0 });
  await scene.collected(page);
  const [finding] = (await scene.api(page, "/findings?limit=1")).findings;
  const walker = await scene.as(await page.context().cookies(), { ...STILL, viewport: SIZES.wide });
  for (const named of PAGES) {
    const where = named === "FINDING" ? `/findings/${finding.id}` : named;
    await walker.goto(scene.url + where);
    const stops = await walk(walker);
    assert.ok(stops.length > 3, `${where} has ${stops.length} stops`);
    for (const [n, { left, told, ...one }] of stops.entries()) {
      const here = `${where}, stop ${n + 1}: ${told}`;
      assert.ok(one.contrast >= LEAST_CONTRAST, `${here} is not marked, or in no colour that is seen: ${one.contrast}`);
      assert.ok(one.width > 0 && one.height > 0 && one.inside, `${here} is not on the screen`);
      assert.ok(!left?.still, `${here}: ${left?.is} is still marked`);
      assert.ok(one.after, `${here} stands before what came before it`);
      const last = stops[n - 1]?.place;
      if (last && one.place) assert.ok(!jumpsBack(last, one.place), `${here} stands above ${left?.is}`);
    }
    t.diagnostic(`${where}: ${stops.length} stops`);
  }
});

test("the first stop leads past the menu, and what opens keeps and gives back the focus", async (t) => {
  const { scene, page } = await begun(t, { events: 300, live: 0 });
  await scene.collected(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  await page.goto(`${scene.url}/events`);
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.querySelector("main")?.contains(document.activeElement)), await focused());

  await page.locator("tr[data-position] a[data-drawer]").first().focus();
  const line = await focused();
  await page.keyboard.press("Enter");
  await page.locator("dialog.drawer[open] h1").waitFor();
  assert.ok(await page.evaluate(() => document.querySelector("dialog.drawer")?.contains(document.activeElement)));
  await page.keyboard.press("Escape");
  assert.equal(await focused(), line, "the line has the focus again");

  await page.goto(`${scene.url}/connectors/1`);
  const opener = page.getByRole("button", { name: "Delete…" });
  await opener.focus();
  await page.keyboard.press("Enter");
  assert.ok(await page.evaluate(() => document.querySelector(":popover-open")?.contains(document.activeElement)));
  await page.keyboard.press("Escape");
  assert.equal(await focused(), "Delete…");
  assert.deepEqual(page.wrong, []);
});
