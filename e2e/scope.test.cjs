// A key that may not read the audit log: the console names the scope that is missing and where to give it, and a better key mends it.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Scene, TOKEN } = require("./scene.cjs");
const { choosePassword, eventsArrive, fillConnector, untilActive } = require("./steps.cjs");

const BETTER = "pat-na1-e2e-with-the-scope";

test("a missing scope is named with its fix, and a key that has it succeeds", async (t) => {
  const scene = await Scene.open({ scopes: "oauth,settings.users.read" });
  t.after(() => scene.close());
  const page = await scene.page();
  await choosePassword(page, await scene.setupLink());
  await fillConnector(page, scene, TOKEN);
  await page.getByRole("button", { name: "Save and test" }).click();

  await page.getByText("The connection does not work yet").waitFor();
  const failed = page.locator(".stage.failed");
  assert.equal(await failed.count(), 1, "one stage is to blame");
  const told = await failed.innerText();
  assert.match(told, /^Permissions/);
  assert.match(told, /scope.*content/s);
  assert.match(told, /What to do[\s\S]*service key with the scope content/);
  assert.equal(await page.locator(".stage.passed").count(), 3, "what went before is not in doubt");
  assert.equal(await page.getByRole("link", { name: "Continue" }).count(), 0);
  assert.equal((await scene.api(page, "/connectors/1/test")).passed, false);

  await scene.emulate({ token: BETTER });
  await page.getByLabel("Access token").fill(BETTER);
  await page.getByRole("button", { name: "Save and test" }).click();
  await page.getByText("Connection successful", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Start collecting" }).click();
  await untilActive(page, scene);
  await eventsArrive(page, scene);
  assert.deepEqual(page.wrong, []);
});

test("a scope that is taken away while it is collected is told on the overview, with its name", async (t) => {
  const scene = await Scene.open({ events: 300 });
  t.after(() => scene.close());
  const page = await scene.page();
  await choosePassword(page, await scene.setupLink());
  await fillConnector(page, scene, TOKEN);
  await page.getByRole("button", { name: "Save and test" }).click();
  await page.getByRole("link", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Start collecting" }).click();
  await untilActive(page, scene);
  await page.goto(scene.url);
  await scene.emulate({ scopes: "oauth" });
  const note = page.locator("#notes .note.act");
  await note.waitFor({ timeout: 30_000 });
  assert.match(await note.innerText(), /scope/);
  assert.match(await note.innerText(), /content/);
  await page.getByRole("link", { name: "1 account needs you" }).waitFor();
  const [stream] = (await scene.api(page, "/status")).streams;
  assert.equal(stream.state, "action_needed");
  assert.deepEqual(page.wrong, []);
});
