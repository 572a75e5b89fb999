// The live tail: lines come by themselves, wait while somebody reads, and stand where the server would put them.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { begun, eventsArrive } = require("./steps.cjs");

const positions = (page) =>
  page.evaluate(() => [...document.querySelectorAll("tr[data-position]")].map((row) => Number(row.getAttribute("data-position"))));

/** The first sentence of the page, which says how many match. */
const lead = (page) => page.locator("#lead").innerText();

/** What the page shows is what the server would draw now, in its order. */
async function asTheServer(page) {
  const drawn = await page.evaluate(async () => {
    const text = await (await fetch(`/events/rows${location.search}`)).text();
    const rows = new DOMParser().parseFromString(text, "text/html");
    return [...rows.querySelectorAll("tr[data-position]")].map((row) => Number(row.getAttribute("data-position")));
  });
  assert.deepEqual(await positions(page), drawn);
}

test("lines arrive, wait while the tail is paused or somebody reads, and are caught up with", async (t) => {
  const { scene, page } = await begun(t, { events: 300, live: 240 });
  await eventsArrive(page, scene);
  assert.equal((await positions(page)).length, 50);
  const few = await lead(page);

  await page.getByRole("button", { name: "Pause" }).click();
  const [newest] = await positions(page);
  await page.getByText(/new events?, waiting while the tail is paused/).waitFor();
  await page.getByRole("button", { name: "Go on" }).waitFor();
  assert.equal((await positions(page))[0], newest);
  await page.getByRole("button", { name: "Catch up" }).click();
  await page.waitForFunction((newest) => Number(document.querySelector("tr[data-position]").dataset.position) > newest, newest);
  await page.getByText("Live: new events appear here").waitFor();

  // The sentence above follows the lines.
  await page.waitForFunction((few) => document.getElementById("lead").innerText !== few, few);

  // Somebody who goes through the lines by keyboard keeps the line.
  await page.keyboard.press("j");
  await page.getByText(/new events?, waiting while you read/).waitFor();
  const focused = await page.evaluate(() => document.activeElement.closest("tr").dataset.position);
  const [before] = await positions(page);
  await page.waitForTimeout(1_500);
  assert.equal((await positions(page))[0], before);
  assert.equal(await page.evaluate(() => document.activeElement.closest("tr").dataset.position), focused);
  await page.getByRole("button", { name: "Catch up" }).click();
  await page.waitForFunction((before) => Number(document.querySelector("tr[data-position]").dataset.position) > before, before);

  // Nothing more arrives, and the page is what a reload would show.
  await scene.account.end("SIGKILL");
  await page.waitForTimeout(1_500);
  await asTheServer(page);
  assert.deepEqual(page.wrong, []);
});

test("lists at the side stay closed or open, as somebody left them, when they are drawn anew", async (t) => {
  const { scene, page } = await begun(t, { events: 300, live: 240 });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${scene.url}/events`);
  const drawnAnew = async () => {
    const before = await page.locator("#facets").textContent();
    await page.waitForFunction((before) => document.getElementById("facets").textContent !== before, before);
  };
  await drawnAnew();
  assert.equal(await page.locator("#facets details[open]").count(), 0, "a small screen keeps them closed");
  await page.locator("#facets summary").first().click();
  await drawnAnew();
  assert.equal(await page.locator("#facets details[open]").count(), 1);
  assert.deepEqual(page.wrong, []);
});
