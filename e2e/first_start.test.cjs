// From the one-time link to events that arrive live: with the mouse, and by keyboard alone.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { PERSON, Scene, TOKEN } = require("./scene.cjs");
const { choosePassword, eventsArrive, fillConnector, untilActive } = require("./steps.cjs");

const YEAR = String(new Date().getFullYear());

test("a wrong token is told with its fix, the right one succeeds, and events arrive live", async (t) => {
  const scene = await Scene.open();
  t.after(() => scene.close());
  const page = await scene.page();
  await choosePassword(page, await scene.setupLink());
  await fillConnector(page, scene, "pat-na1-not-this-one");
  await page.getByRole("button", { name: "Save and test" }).click();

  await page.getByText("The connection does not work yet").waitFor();
  const failed = page.locator(".stage.failed");
  assert.match(await failed.innerText(), /Authentication/);
  assert.match(await failed.innerText(), /What to do[\s\S]*service key/);
  assert.equal(await page.getByRole("link", { name: "Continue" }).count(), 0, "a failure leads nowhere");

  await page.getByLabel("Access token").fill(TOKEN);
  await page.getByRole("button", { name: "Save and test" }).click();
  await page.getByText("Connection successful", { exact: true }).waitFor();
  assert.match(await page.locator(".verdict .note").innerText(), new RegExp(YEAR), "with the time");
  assert.equal(await page.locator(".stage.passed .took").count(), 5, "every stage with its duration");

  await page.getByRole("link", { name: "Continue" }).click();
  await page.getByText("Everything HubSpot has").click();
  await page.getByRole("button", { name: "Start collecting" }).click();
  await page.getByText(/Collecting from 1 account/).waitFor();
  await untilActive(page, scene);
  await eventsArrive(page, scene);
  assert.deepEqual(page.wrong, []);
});

test("the same by keyboard alone", async (t) => {
  const scene = await Scene.open({ live: 240 });
  t.after(() => scene.close());
  const page = await scene.page();
  const { keyboard } = page;
  const type = (text) => keyboard.type(text);
  const press = (key) => keyboard.press(key);
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return !element || element === document.body ? "" : element.textContent?.trim() || `#${element.id}`;
    });
  /** Tabs on until what has the focus is the wanted one. */
  const tabTo = async (wanted, most = 40) => {
    for (let n = 0; n < most; n += 1) {
      if ((await focused()).includes(wanted)) return;
      await press("Tab");
    }
    assert.fail(`nothing that can be tabbed to says "${wanted}"; the focus is on "${await focused()}"`);
  };

  await page.goto(await scene.setupLink());
  await type(PERSON.name);
  await press("Tab");
  await type(PERSON.password);
  await press("Enter");
  await page.getByRole("heading", { name: "Connect a HubSpot account" }).waitFor();
  await type("Acme");
  await press("Tab");
  await type("pat-na1-not-this-one");
  await tabTo("Advanced");
  await press("Enter");
  await tabTo("#base_url");
  await press("Control+A");
  await type(scene.hubspot);
  await tabTo("#poll_interval");
  await press("Control+A");
  await type("1s");
  await press("Enter");
  await page.getByText("The connection does not work yet").waitFor();
  await tabTo("#token");
  await type(TOKEN);
  await press("Enter");
  await page.getByText("Connection successful", { exact: true }).waitFor();
  await tabTo("Continue");
  await press("Enter");
  await page.getByRole("heading", { name: "How far back?" }).waitFor();
  await press("ArrowDown");
  await tabTo("Start collecting");
  await press("Enter");
  await page.getByText(/Collecting from 1 account/).waitFor();

  await press("g");
  await press("s");
  await page.locator(".rows .badge", { hasText: "Active" }).waitFor({ timeout: 30_000 });
  await press("g");
  await press("e");
  await page.locator("tr[data-position]").nth(3).waitFor();
  await press("j");
  await press("j");
  await press("Enter");
  await page.locator("dialog.drawer[open] h1").waitFor();
  await press("Escape");
  await page.locator("dialog.drawer[open]").waitFor({ state: "detached" }).catch(() => {});
  assert.equal(await page.locator("dialog.drawer[open]").count(), 0);
  await press("/");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("name")), "q");
  assert.deepEqual(page.wrong, []);
});
