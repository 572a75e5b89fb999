// A live attack on the account: it is named while one watches, followed to its evidence, judged, taken along, and excepted.
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const { mkdtempSync, writeFileSync, readFileSync, readdirSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { attackNamed, begun } = require("./steps.cjs");

test("a finding from its alert to its verdict, its evidence package and its exception", async (t) => {
  const { scene, page } = await begun(t, { live: 60, attack: "mass-unpublish@0.3" });

  await page.goto(scene.url);
  const line = page.locator("#needs li").filter({ hasText: /unpublish/i }).first();
  await line.waitFor({ timeout: 90_000 });
  assert.match(await page.title(), /^\(\d+\) Overview/, "the tab says so too");
  await line.locator("a").click();
  await page.getByRole("heading", { name: "Evidence", exact: true }).waitFor();

  const id = await attackNamed(page, scene);
  await page.goto(`${scene.url}/findings/${id}`);
  const whole = await (await page.request.get(`${scene.url}/api/v1/findings/${id}`)).json();
  assert.match(await page.locator(".reason").innerText(), /\d/, "the reason is in numbers");
  assert.ok((await page.locator(".lanes tbody tr").count()) > 1, "one lane for each object");
  const ticks = await page.locator(".lanes svg.lane g").count();
  assert.ok(ticks > 0 && ticks <= whole.evidence.length);
  await page.locator(".facts-of a[data-drawer]").first().click();
  await page.locator("dialog.drawer[open] h1").waitFor();
  await page.locator("dialog.drawer").getByRole("heading", { name: "Evidence of" }).waitFor();
  await page.keyboard.press("Escape");

  const packed = await page.request.get(`${scene.url}/findings/${id}/package`);
  const dir = mkdtempSync(path.join(tmpdir(), "hubtrail-package-"));
  writeFileSync(path.join(dir, "package.tar.gz"), await packed.body());
  execFileSync("tar", ["xzf", "package.tar.gz"], { cwd: dir });
  const folder = path.join(dir, readdirSync(dir).find((name) => !name.endsWith(".gz")));
  assert.match(execFileSync("sha256sum", ["-c", "SHA256SUMS"], { cwd: folder }).toString(), /records\.ndjson: OK/);
  assert.match(readFileSync(path.join(folder, "looks.ndjson"), "utf8"), /Dana Okafor/, "who looked");
  const records = readFileSync(path.join(folder, "records.ndjson"), "utf8").trim().split("\n");
  assert.ok(records.length >= whole.evidence.length && records.every((record) => JSON.parse(record).timestamp));

  await page.getByRole("button", { name: "Acknowledge" }).click();
  await page.getByText("Acknowledged").first().waitFor();
  await page.getByRole("button", { name: "Verdict…" }).click();
  await page.getByText("Somebody meant harm").click();
  await page.locator("#verdict-note").fill("Asked by phone: it was not them");
  await page.getByRole("button", { name: "Close the finding" }).click();
  await page.getByText("made it malicious").waitFor();
  await page.getByText("Asked by phone").waitFor();
  await page.goto(`${scene.url}/findings?part=malicious`);
  await page.locator("table.findings a.opens").first().waitFor();

  // Two clicks: the exception is filled in already.
  await page.goto(`${scene.url}/findings/${id}`);
  await page.getByRole("button", { name: "Except…" }).click();
  await page.getByRole("button", { name: "Except", exact: true }).click();
  await page.getByText("Excepted.").waitFor();
  await page.goto(`${scene.url}/rules`);
  await page.getByRole("button", { name: /^End/ }).first().waitFor();
  assert.deepEqual(page.wrong, []);
});
