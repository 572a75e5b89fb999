// The console once it is set up: accessible on every page in light and dark, and honest about a lost connection.
const assert = require("node:assert/strict");
const { after, before, describe, test } = require("node:test");
const { SIZES, THEMES, named, shot, tooWide, violations } = require("./looks.cjs");
const { Scene } = require("./scene.cjs");
const { connect, untilActive } = require("./steps.cjs");

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
    const route = { severity: "medium", accounts: [1], rules: ["behaviour.destruction", "behaviour.control"], digest: "weekly" };
    const pace = { quiet: { from: "22:00", to: "07:00", zone: "Europe/Berlin" } };
    for (const [name, url] of [["on-call", "http://127.0.0.1:9/hook"], ["A channel with a name that is rather long, as they may be", "http://127.0.0.1:9/"]]) {
      await scene.send(page, "/alerts", { name, service: { kind: "webhook", url }, route, pace });
    }
    const first = async (side) => (await scene.api(page, `/${side}?after=90d&top=1`)).found[0].id;
    const known = { PERSON: `/people/1/${await first("people")}`, OBJECT: `/objects/1/${await first("objects")}` };
    PAGES.forEach((path, at) => (PAGES[at] = known[path] ?? path));
    await page.context().close();
  });
  after(() => scene.close());

  const open = (options) => scene.as(cookies, options);

  for (const colorScheme of THEMES) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      test(`axe finds nothing in ${colorScheme}, ${size}`, async () => {
        const page = await open({ colorScheme, viewport, bypassCSP: true });
        for (const path of PAGES) {
          await page.goto(scene.url + path);
          if (path.endsWith("/test")) await page.locator("#verdict").waitFor();
          await violations(page, path, colorScheme);
          assert.deepEqual(await page.evaluate(tooWide), [], `${path} is too wide`);
          await shot(page, `${named(path)}.${colorScheme}.${size}`);
        }
        await page.goto(`${scene.url}/events`);
        // What can be pointed at reaches eight pixels beyond its text.
        assert.ok(await page.locator(".facets").evaluate((facets) => facets.scrollWidth <= facets.clientWidth + 8), "long names cover the table");
        await page.locator("a[data-drawer]").first().click();
        await page.locator("dialog.drawer[open] h1").waitFor();
        await violations(page, "the drawer", colorScheme);
        await page.context().clearCookies();
        await page.goto(`${scene.url}/sign-in`);
        await violations(page, "/sign-in", colorScheme);
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
