// What the server pushes: it comes again after it was refused, and whoever is signed out meanwhile is told.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { begun, eventsArrive } = require("./steps.cjs");

const LIVE = "Live: new events appear here";
const STREAM = "**/api/v1/events/stream*";

test("a live tail that a proxy refuses goes on by itself, without losing a line", async (t) => {
  const { scene, page } = await begun(t, { events: 300, live: 240 });
  await eventsArrive(page, scene);
  await page.getByText(LIVE).waitFor();
  // As a proxy in between answers while the service restarts: a browser gives up such a stream for good.
  let refused = 0;
  await page.route(STREAM, (route) => (refused += 1) && route.fulfill({ status: 502, body: "Bad gateway" }));
  await page.reload();
  await page.getByText("Connecting to the live tail").waitFor();
  for (let waits = 0; refused < 2 && waits < 40; waits += 1) await page.waitForTimeout(500);
  assert.ok(refused >= 2, "it asks again");
  const before = Number(await page.locator("tr[data-position]").first().getAttribute("data-position"));
  await page.unroute(STREAM);
  await page.getByText(LIVE).waitFor();
  await page.waitForFunction(
    (before) => Number(document.querySelector("tr[data-position]").dataset.position) > before,
    before,
  );
  const positions = await page.evaluate(() => [...document.querySelectorAll("tr[data-position]")].map((row) => Number(row.dataset.position)));
  assert.ok(positions.includes(before), "what was there stays");
  await page.context().close();
});

test("a page that stays open says so when its session has ended", async (t) => {
  const { scene, page } = await begun(t, { events: 300, live: 240 });
  await eventsArrive(page, scene);
  const other = await page.context().newPage();
  await other.goto(`${scene.url}/rules`);
  await other.getByLabel(/look, help and sign out/).click();
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.waitForURL(/sign-in/);
  await page.bringToFront();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  assert.match(page.url(), /sign-in\?to=%2Fevents/);
});
