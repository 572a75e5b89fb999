// An alert channel whose service is down, and then up; and who may not see that there are any.
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { mkdirSync } = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { test } = require("node:test");
const { Scene, freePort } = require("./scene.cjs");
const { begun, connect } = require("./steps.cjs");

const SHOTS = path.join(__dirname, "..", "target", "screenshots");
const SECRET = "whsec_cGxhbnRlZC1zaWduaW5nLXNlY3JldC1vZi1lMmU=";

test("a channel says why it does not work, and tells people when it does", async (t) => {
  const scene = await Scene.open({ live: 60, attack: "mass-unpublish@0.3" });
  t.after(() => scene.close());
  mkdirSync(SHOTS, { recursive: true });
  const page = await scene.page();
  const shot = (name) => page.screenshot({ path: `${SHOTS}/alerts-${name}.png`, fullPage: true });
  await connect(page, scene);
  const port = await freePort();

  await page.goto(`${scene.url}/alerts`);
  await page.getByRole("heading", { name: "There is no channel" }).waitFor();
  await shot("empty");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("tell people");
  await page.getByRole("option", { name: "Tell people of findings" }).click();
  await page.getByRole("link", { name: "Webhook" }).click();
  await page.getByLabel("Name", { exact: true }).fill("soc");
  await page.getByLabel("Address", { exact: true }).fill("not an address");
  await page.getByLabel("Signing secret").fill(SECRET);
  await page.getByLabel("Findings of").selectOption("low");
  await page.getByLabel("Gather for, in seconds").fill("0");
  await page.getByRole("group", { name: "Accounts" }).getByText("Only these").click();
  await page.getByRole("group", { name: "Accounts" }).getByRole("checkbox", { name: "Acme" }).check();
  await page.getByRole("button", { name: "Add the channel" }).click();
  await page.locator(".field .wrong", { hasText: "It is not a complete address: https:// is missing" }).waitFor();
  await shot("wrong");
  assert.equal(await page.getByLabel("Findings of").inputValue(), "low", "what was typed is kept");
  assert.ok(await page.getByRole("checkbox", { name: "Acme" }).isChecked());
  await page.getByLabel("Address", { exact: true }).fill(`http://127.0.0.1:${port}/`);
  await page.getByLabel("Signing secret").fill(SECRET);
  await page.getByRole("button", { name: "Add the channel" }).click();
  await page.getByRole("heading", { name: "soc" }).waitFor();
  await page.getByRole("button", { name: "Test" }).click();
  await page.getByText("The service did not take a test message").waitFor();
  await page.locator("#state .badge").filter({ hasText: /Retrying|Action needed/ }).waitFor({ timeout: 90_000 });
  await shot("failing");

  const told = [];
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    told.push({ signed: Boolean(request.headers["webhook-signature"]), ...JSON.parse(body) });
    response.end();
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  await page.getByRole("button", { name: "Test" }).click();
  await page.getByText("The service took a test message").waitFor();
  assert.equal(await page.locator("#state .badge").innerText(), "Active", "what was in the way is not any more");
  await shot("tested");
  await page.goto(`${scene.url}/alerts`);
  await page.locator(".badge", { hasText: "Active" }).waitFor();
  for (const until = Date.now() + 120_000; Date.now() < until && !told.some(({ data }) => data.about === "Acme"); ) {
    await page.waitForTimeout(250);
  }
  assert.ok(told.some(({ data }) => data.about === "Acme"), "the attack was told");
  assert.ok(told.every(({ signed }) => signed));

  await page.getByRole("link", { name: "soc" }).click();
  await page.getByRole("link", { name: "Edit" }).click();
  assert.equal(await page.getByLabel("Signing secret").inputValue(), "");
  await page.getByLabel("Quiet from").fill("22:00");
  await page.getByLabel("until", { exact: true }).fill("07:00");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("22:00 to 07:00 in UTC").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator("#state .badge", { hasText: "Paused" }).waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator("#state .badge", { hasText: "Active" }).waitFor();

  // The finding that was told of is marked on the axis of the overview.
  await page.goto(scene.url);
  await page.locator("#chart use.flag").first().waitFor();
  assert.equal(await page.locator("#strips svg.strip").count(), 1);
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, width, height] of [["wide", 1440, 900], ["narrow", 390, 844]]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: `${SHOTS}/overview-attack.${colorScheme}.${size}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${scene.url}/alerts/1`);
  await page.getByRole("button", { name: "Remove…" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("heading", { name: "There is no channel" }).waitFor();
  assert.ok(!scene.server.said.some((line) => line.includes(SECRET.slice(6))), "the secret is in the service's log");
  assert.deepEqual(page.wrong.filter((message) => !message.includes("400")), []);
});

test("a backup is a file that the browser keeps", async (t) => {
  const { scene, page } = await begun(t, { events: 300, live: 0 });
  await page.goto(`${scene.url}/settings/data`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download a backup" }).click()]);
  assert.match(download.suggestedFilename(), /^hubtrail-.*\.db$/);
  await page.getByRole("button", { name: "Keep… Acme" }).click();
  const dialog = page.getByRole("dialog", { name: "Keep the events of Acme" });
  assert.ok(!(await dialog.getByLabel("Days").isVisible()), "days are asked for only where they count");
  await dialog.getByText("For a time of its own").click();
  await dialog.getByLabel("Days").fill("30");
  await page.screenshot({ path: `${SHOTS}/settings-data-keep.png` });
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("Events that are older are taken out within the hour.").first().waitFor();
  await page.getByRole("row", { name: /Acme.*30 days\s*a time of its own/ }).waitFor();
  await page.getByRole("button", { name: "Erase… Acme" }).click();
  await page.getByLabel("Type the connector’s name").fill("Acme");
  await page.getByRole("button", { name: "Erase", exact: true }).click();
  await page.getByText("Its events are being erased.").waitFor();
  assert.deepEqual(page.wrong, []);
});
