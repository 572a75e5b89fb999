// The queue and a finding by hand and by keyboard: all ticked at once, acknowledged, noted, given away, and on paper.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { begun } = require("./steps.cjs");

test("findings are ticked, taken, given away and printed", async (t) => {
  const { scene, page } = await begun(t, { live: 0 });
  const api = async (path) => (await page.request.get(`${scene.url}/api/v1${path}`)).json();
  const open = async () => (await api("/findings?status=open&hidden=false")).findings;
  await scene.collected(page);
  for (let waits = 0; (await open()).length < 2; waits += 1) {
    assert.ok(waits < 150, "two findings wait");
    await page.waitForTimeout(200);
  }
  const { csrf } = await api("/session");
  const data = { name: "Bo Lindqvist", role: "analyst", password: "nine patient herons" };
  assert.equal((await page.request.post(`${scene.url}/api/v1/users`, { data, headers: { "x-csrf-token": csrf } })).status(), 201);

  await page.goto(`${scene.url}/findings`);
  const boxes = page.locator("table.findings tbody input[type=checkbox]");
  const all = page.getByLabel("Tick all");
  await all.check();
  assert.equal(await page.locator("table.findings tbody :checked").count(), await boxes.count());
  await boxes.first().uncheck();
  assert.equal(await all.evaluate((box) => box.indeterminate), true);
  await all.check();
  await page.getByRole("button", { name: "Take them" }).click();
  await page.getByText("Judged.").waitFor();
  await page.getByRole("link", { name: "Mine" }).click();
  await page.getByText("owner me").waitFor();
  assert.ok((await page.locator("table.findings a.opens").count()) >= 2);
  await page.getByRole("link", { name: "Remove the filter owner me" }).click();
  await page.locator(".chips").waitFor({ state: "detached" });

  const { id, actor } = (await open()).find(({ status }) => status === "new");
  await page.goto(`${scene.url}/findings/${id}`);
  await page.keyboard.press("a");
  await page.getByText("made it acknowledged").waitFor();
  await page.keyboard.press("n");
  await page.locator("#note-text:focus").waitFor();
  await page.keyboard.type("an a and an n are letters here");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("an a and an n are letters here").waitFor();
  await page.locator('.do summary[aria-label="More"]').click();
  await page.getByRole("button", { name: "Give it to…" }).click();
  await page.getByLabel(/may see/).selectOption("Bo Lindqvist");
  await page.getByRole("button", { name: "Give", exact: true }).click();
  await page.getByText("gave it to Bo Lindqvist").waitFor();
  assert.equal((await api(`/findings/${id}`)).finding.owner, "Bo Lindqvist");
  if (actor.id) await page.getByRole("link", { name: /^Everything they touched/ }).waitFor();

  await page.context().addCookies([{ name: "hubtrail_theme", value: "dark", url: scene.url }]);
  await page.reload();
  const bright = () => page.evaluate(() => getComputedStyle(document.querySelector("h1")).colorScheme);
  assert.equal(await bright(), "dark");
  await page.emulateMedia({ media: "print" });
  assert.equal(await bright(), "light", "paper is white in any theme");
  assert.match(await page.locator(".on-paper").first().innerText(), /Printed by Dana Okafor; the page is as of/);
  assert.match(await page.locator(".on-paper.address").first().innerText(), new RegExp(`^${scene.url}/events/\\d+$`));
  assert.deepEqual(page.wrong, []);
});
