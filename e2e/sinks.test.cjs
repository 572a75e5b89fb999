// A sink whose receiver is down, and then up: nothing is lost, and the console says so all the time. One that is changed:
// what opens its receiver, what it gets, and what the form says of each way to sign in.
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
  await page.getByRole("navigation", { name: "Receiver" }).getByRole("link", { name: "HTTP" }).click();
  await page.getByLabel("Name", { exact: true }).fill("siem");
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

test("a sink is edited: its form shows what the way to sign in needs, and its receiver gets what is asked for", async (t) => {
  const { scene, page } = await begun(t, { events: 300, live: 0 });
  await scene.collected(page);
  const seen = [];
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ authorization: request.headers.authorization, tenant: request.headers["x-tenant"], entries: JSON.parse(body) });
    response.end("ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());

  await page.goto(`${scene.url}/sinks/new?kind=http`);
  assert.ok(await page.getByLabel("Token, password or signing secret").isHidden(), "nothing is asked of whoever signs in with nothing");
  await page.getByLabel("Name", { exact: true }).fill("siem");
  await page.getByLabel("Format", { exact: true }).selectOption("raw");
  await page.getByLabel("Address").fill(`http://127.0.0.1:${server.address().port}/`);
  await page.getByText("More", { exact: true }).last().click();
  await page.getByLabel("Without forwarding, until it is resumed").check();
  await page.getByRole("button", { name: "Add the sink" }).click();
  await page.locator("#state .badge", { hasText: "Paused" }).waitFor();

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("heading", { name: "Edit sink" }).waitFor();
  await page.getByLabel("Signs in with").selectOption("basic");
  assert.ok(await page.getByLabel("User", { exact: true }).isVisible());
  await page.getByLabel("Signs in with").selectOption("bearer");
  assert.ok(await page.getByLabel("User", { exact: true }).isHidden());
  await page.getByLabel("Token, password or signing secret").fill("first-token");
  await page.getByText("Which entries").click();
  await page.getByLabel("Event types").fill("DELETED");
  await page.getByLabel("Findings", { exact: true }).uncheck();
  assert.ok(await page.getByLabel("critical").isHidden(), "severities are those of findings");
  await page.getByText("More", { exact: true }).last().click();
  await page.getByLabel("Further headers").fill("X-Tenant: acme");
  await page.getByLabel("Entries", { exact: true }).fill("0");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".wrong").filter({ hasText: "outside of what makes sense" }).waitFor();
  assert.equal(await page.getByLabel("Further headers").inputValue(), "X-Tenant: acme", "what was typed is still there");
  await page.getByLabel("Entries", { exact: true }).fill("10");
  await page.getByLabel("Token, password or signing secret").fill("second-token");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("events of type DELETED").waitFor();

  await page.getByRole("button", { name: "Replay…" }).click();
  await page.getByLabel("Since").fill("beginning");
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByRole("button", { name: "Resume" }).click();
  const { events } = await (await page.request.get(`${scene.url}/api/v1/events?eventType=DELETED&limit=1000`)).json();
  const got = () => seen.flatMap((request) => request.entries);
  for (const end = Date.now() + 60_000; got().length < events.length && Date.now() < end; ) await new Promise((after) => setTimeout(after, 200));
  assert.ok(events.length > 0 && got().every((entry) => entry.event === "DELETED"), JSON.stringify(got()[0]));
  assert.equal(got().length, events.length);
  assert.ok(seen.every((request) => request.authorization === "Bearer second-token" && request.tenant === "acme" && request.entries.length <= 10));
  // The browser tells of the form that was refused, too.
  assert.deepEqual(page.wrong.filter((message) => !message.includes("400")), []);
});
