// A sink whose receiver is down, and then up: nothing is lost, and the console says so all the time.
const assert = require("node:assert/strict");
const { once } = require("node:events");
const http = require("node:http");
const { test } = require("node:test");
const { freePort } = require("./scene.cjs");
const { begun } = require("./steps.cjs");

test("a receiver that is down is told with its reason, and gets everything when it is up", async (t) => {
  const { scene, page } = await begun(t, { events: 300, live: 0 });
  await scene.collected(page);
  const port = await freePort();

  await page.goto(`${scene.url}/sinks`);
  await page.getByRole("link", { name: "Add a sink" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill("siem");
  await page.getByLabel("Receiver").selectOption("http");
  await page.getByLabel("Address").fill("not an address");
  await page.getByLabel("Begin with").fill("beginning");
  await page.getByRole("button", { name: "Add the sink" }).click();
  await page.locator(".wrong, .note.act").first().waitFor();
  await page.getByLabel("Address").fill(`http://127.0.0.1:${port}/`);
  await page.getByRole("button", { name: "Add the sink" }).click();
  await page.getByRole("heading", { name: "siem" }).waitFor();
  await page.locator("#state .badge").filter({ hasText: /Retrying|Action needed/ }).waitFor();
  await page.getByRole("button", { name: "Test" }).click();
  await page.getByText("The receiver did not take a marked event").waitFor();

  const got = new Set();
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    for (const one of JSON.parse(body)) got.add(JSON.stringify(one));
    response.end("ok");
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  await page.goto(`${scene.url}/sinks`);
  await page.locator(".badge", { hasText: "Current" }).waitFor({ timeout: 60_000 });
  assert.ok(got.size >= 300, `${got.size} of 300`);
  // The browser tells of the form that was refused, too.
  assert.deepEqual(page.wrong.filter((message) => !message.includes("400")), []);
});
