// Who changed this, and what else did they touch: from the palette to a person, an object, a filter and a saved view.
// What the pages say is held against what the API says.
const assert = require("node:assert/strict");
const { after, before, describe, test } = require("node:test");
const { Scene } = require("./scene.cjs");
const { connect, untilActive } = require("./steps.cjs");

describe("an investigation", () => {
  /** @type {Scene} */
  let scene;
  let cookies;

  before(async () => {
    scene = await Scene.open({ live: 0 });
    const page = await scene.page();
    await connect(page, scene);
    await untilActive(page, scene);
    await scene.collected(page);
    cookies = await page.context().cookies();
    await page.context().close();
  });
  after(() => scene.close());

  const open = (options) => scene.as(cookies, options);
  const api = (page, path) => scene.api(page, path);
  const plain = (text) => text.replaceAll(",", "");

  test("the palette leads to a person, and the person's page says what the API says", async () => {
    const page = await open();
    await page.goto(scene.url);
    const [busiest] = (await api(page, "/people?after=90d&top=1")).found;
    await page.keyboard.press("Control+k");
    await page.keyboard.type(busiest.name);
    // What is searched in the events stands there at once, with the same words in it.
    await page.getByRole("option", { name: busiest.name }).filter({ hasNotText: "Events with" }).first().click();
    await page.getByRole("heading", { level: 1, name: busiest.name }).waitFor();
    const profile = await api(page, `/people/1/${busiest.id}`);
    assert.match(plain(await page.locator(".lead").innerText()), new RegExp(`\\b${profile.now.entries}\\b`));
    const known = await page.locator("section", { hasText: "What they changed most" }).last().locator("li a").allInnerTexts();
    assert.deepEqual(known, profile.objects.map(({ name, id }) => name.trim() || `Object ${id}`));
    await page.locator("section", { hasText: "What they changed most" }).last().locator("li a").first().click();
    await page.getByRole("heading", { name: "Who changed it" }).waitFor();
    assert.match(page.url(), new RegExp(`/objects/1/${profile.objects[0].id}$`));
    assert.deepEqual(page.wrong, []);
    await page.context().close();
  });

  test("the overview's numbers are those of the API", async () => {
    const page = await open();
    await page.goto(`${scene.url}/?after=90d`);
    const people = (await api(page, "/people?after=90d&top=6")).found;
    const shown = await page.locator("#busy-people li").allInnerTexts();
    assert.deepEqual(shown.map((line) => Number(plain(line).match(/(\d+)\s*$/)[1])), people.map(({ entries }) => entries));
    const zone = await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
    const week = await api(page, `/week?after=90d&zone=${encodeURIComponent(zone)}`);
    const cells = await page.locator(".heat tbody td").allTextContents();
    assert.deepEqual(cells.map((cell) => Number(plain(cell))), week.hours.flat());
    await page.context().close();
  });

  test("the query bar completes, and what was asked can be saved and found again", async () => {
    const page = await open();
    await page.goto(`${scene.url}/events`);
    await page.keyboard.press("/");
    await page.keyboard.type("event:del");
    await page.getByRole("option", { name: /deleted/ }).first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/eventType=DELETED/);
    const total = (await api(page, "/facets?eventType=DELETED")).entries;
    assert.match(plain(await page.locator("#lead").innerText()), new RegExp(`^${total} events? match`));
    await page.getByText("Views", { exact: true }).click();
    await page.getByLabel("Save this view as").fill("All deletions");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.goto(`${scene.url}/events`);
    await page.getByText("Views", { exact: true }).click();
    await page.getByRole("link", { name: "All deletions" }).click();
    await page.waitForURL(/eventType=DELETED/);
    const wrong = await page.goto(`${scene.url}/events?q=person%3Anobody-is-called-this`);
    assert.equal(wrong.status(), 400);
    await page.getByText("Nobody has").waitFor();
    await page.context().close();
  });

  test("a chart is zoomed by a drag, and its table says the same", async () => {
    const page = await open();
    await page.goto(`${scene.url}/events`);
    const box = await page.locator("svg.chart").boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/after=2.*before=2/);
    await page.getByText("As a table").click();
    const sums = await page.locator("#chart-table tbody td:last-child").allInnerTexts();
    const total = sums.map((sum) => Number(plain(sum))).reduce((a, b) => a + b, 0);
    const told = plain(await page.locator("#lead").innerText()).match(/^(\d+)/);
    assert.equal(total, Number(told?.[1] ?? 0));
    await page.context().close();
  });

  test("two tabs and two readers do not disturb each other", async () => {
    const one = await open();
    const two = await one.context().newPage();
    await one.goto(`${scene.url}/events?eventType=DELETED`);
    await two.goto(`${scene.url}/events?eventType=CREATED`);
    await one.locator("a[data-drawer]").first().click();
    await one.locator("dialog.drawer[open] h1").waitFor();
    assert.equal(await two.locator("dialog.drawer[open]").count(), 0);
    await two.getByRole("button", { name: /look, help and sign out/ }).or(two.locator("summary[aria-label*='sign out']")).click();
    await two.getByRole("button", { name: "Sign out" }).click();
    await two.waitForURL(/sign-in/);
    await one.reload();
    await one.waitForURL(/sign-in\?to=/);
    await one.context().close();
  });
});
