// The console once it is set up: accessible on every page in light and dark, and honest about a lost connection.
const assert = require("node:assert/strict");
const { mkdirSync, readFileSync } = require("node:fs");
const path = require("node:path");
const { after, before, describe, test } = require("node:test");
const { Scene } = require("./scene.cjs");
const { connect, untilActive } = require("./steps.cjs");

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const PAGES = [
  "/", "/events", "/events?eventType=DELETED&text=no+such+thing", "/events/1", "/connectors", "/connectors/1", "/connectors/1/edit",
  "/connectors/1/test", "/connectors/1/start", "/connectors/new", "/status", "/settings", "/settings/people",
  "/settings/tokens", "/settings/audit", "/settings/api", "/people", "/people?text=no+such+person", "/objects", "PERSON", "OBJECT",
  "/findings", "/findings?part=hidden", "/rules", "/rules/many_unpublished", "/rules/new", "/sinks", "/sinks/new", "/settings/data",
  "/alerts", "/alerts/1", "/alerts/1/edit", "/alerts/new", "/alerts/new?kind=slack", "/alerts/new?kind=teams", "/alerts/new?kind=pager_duty",
  "/alerts/new?kind=webhook", "/nothing-here",
];
/** What a page and all that it is made of may weigh on the wire. */
const MOST_BYTES = 150_000;
const SHOTS = path.join(__dirname, "..", "target", "screenshots");

/** What reaches beyond the page where that makes the page scroll sideways. */
function tooWide() {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const clipped = (node) => node && (getComputedStyle(node).overflowX !== "visible" || clipped(node.parentElement));
  const beyond = (node) => node.getBoundingClientRect().right > innerWidth + 0.5 && !clipped(node.parentElement);
  const named = (node) => `${node.tagName}.${node.className}#${node.id} ${Math.round(node.getBoundingClientRect().right)}`;
  return [`${document.documentElement.scrollWidth} of ${innerWidth}`, ...[...document.querySelectorAll("body *")].filter(beyond).map(named)];
}

describe("the console", () => {
  /** @type {Scene} */
  let scene;
  let cookies;

  before(async () => {
    scene = await Scene.open();
    const page = await scene.page();
    await connect(page, scene);
    await untilActive(page, scene);
    cookies = await page.context().cookies();
    const headers = { "x-csrf-token": (await (await page.request.get(`${scene.url}/api/v1/session`)).json()).csrf };
    const route = { severity: "medium", accounts: [1], rules: ["behaviour.destruction", "behaviour.control"], digest: "weekly" };
    const pace = { quiet: { from: "22:00", to: "07:00", zone: "Europe/Berlin" } };
    for (const [name, url] of [["on-call", "http://127.0.0.1:9/hook"], ["A channel with a name that is rather long, as they may be", "http://127.0.0.1:9/"]]) {
      const reply = await page.request.post(`${scene.url}/api/v1/alerts`, { data: { name, service: { kind: "webhook", url }, route, pace }, headers });
      assert.equal(reply.status(), 201, await reply.text());
    }
    const first = async (side) => (await (await page.request.get(`${scene.url}/api/v1/${side}?after=90d&top=1`)).json()).found[0].id;
    const known = { PERSON: `/people/1/${await first("people")}`, OBJECT: `/objects/1/${await first("objects")}` };
    PAGES.forEach((path, at) => (PAGES[at] = known[path] ?? path));
    await page.context().close();
    mkdirSync(SHOTS, { recursive: true });
  });
  after(() => scene.close());

  const open = async (options) => {
    const page = await scene.page(options);
    await page.context().addCookies(cookies);
    return page;
  };

  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of [["wide", { width: 1440, height: 900 }], ["narrow", { width: 390, height: 844 }]]) {
      test(`axe finds nothing in ${colorScheme}, ${size}`, async () => {
        const page = await open({ colorScheme, viewport, bypassCSP: true });
        for (const path of PAGES) {
          await page.goto(scene.url + path);
          if (path.endsWith("/test")) await page.locator("#verdict").waitFor();
          await violations(page, path);
          assert.deepEqual(await page.evaluate(tooWide), [], `${path} is too wide`);
          const name = path.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "overview";
          await page.screenshot({ path: `${SHOTS}/${name}.${colorScheme}.${size}.png` });
        }
        await page.goto(`${scene.url}/events`);
        // What can be pointed at reaches eight pixels beyond its text.
        assert.ok(await page.locator(".facets").evaluate((facets) => facets.scrollWidth <= facets.clientWidth + 8), "long names cover the table");
        await page.locator("a[data-drawer]").first().click();
        await page.locator("dialog.drawer[open] h1").waitFor();
        await violations(page, "the drawer");
        await page.context().clearCookies();
        await page.goto(`${scene.url}/sign-in`);
        await violations(page, "/sign-in");
        await page.context().close();
      });
    }
  }

  test("no page is heavier than it should be", async () => {
    for (const where of PAGES.filter((path) => path !== "/nothing-here")) {
      const page = await open();
      const client = await page.context().newCDPSession(page);
      let bytes = 0;
      await client.send("Network.enable");
      client.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
      await page.goto(scene.url + where);
      await page.waitForTimeout(200);
      assert.ok(bytes > 2_000 && bytes < MOST_BYTES, `${where} weighs ${bytes} bytes`);
      await page.context().close();
    }
  });

  test("nothing on a page breaks the content security policy", async () => {
    const page = await open();
    for (const path of PAGES.filter((path) => path !== "/nothing-here")) {
      await page.goto(scene.url + path);
      await page.waitForLoadState("load");
    }
    assert.deepEqual(page.wrong, []);
    await page.context().close();
  });

  test("it is readable and usable without a script", async () => {
    const page = await open({ javaScriptEnabled: false });
    await page.goto(`${scene.url}/events?eventType=DELETED`);
    await page.locator("a.sentence").first().click();
    await page.getByRole("heading", { name: /deleted/ }).waitFor();
    await page.getByRole("link", { name: "Changes by this person" }).click();
    assert.match(page.url(), /userId=/);
    await page.goto(`${scene.url}/connectors/1`);
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.getByText("Connection successful", { exact: true }).waitFor();
    await page.context().close();
  });

  test("a server that is gone is told, and its return brings the page up to date", async () => {
    const page = await open();
    await page.goto(`${scene.url}/events`);
    await page.locator("tr[data-position]").first().waitFor();
    await scene.server.end("SIGKILL");
    await page.getByRole("alert").filter({ hasText: "does not answer" }).waitFor();
    assert.match(await page.locator("connection-state").innerText(), /Not connected/);
    const before = await page.locator("tr[data-position]").first().getAttribute("data-position");
    await scene.serve();
    await page.getByRole("alert").filter({ hasText: "does not answer" }).waitFor({ state: "detached" });
    await page.waitForFunction(
      (before) => document.querySelector("tr[data-position]")?.getAttribute("data-position") !== before,
      before,
    );
    assert.match(await page.locator("connection-state").innerText(), /Live/);
    await page.context().close();
  });
});

async function violations(page, where) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join("\n")}`);
  assert.deepEqual(told, [], `on ${where}`);
}
