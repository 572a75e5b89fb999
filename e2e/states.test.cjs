// Every page in the states that people meet it in: before anybody has signed in, empty, full, with something open on it, failing, and
// without its server. Each is judged by axe in light and dark, and drawn for people to look at.
const { after, before, describe, test } = require("node:test");
const { STILL, look, lookOver, named } = require("./looks.cjs");
const { receive } = require("./receiver.cjs");
const { PERSON, Scene } = require("./scene.cjs");
const { addAccount, attackNamed, choosePassword, untilActive } = require("./steps.cjs");

const EMPTY = [
  "/", "/events", "/findings", "/people", "/objects", "/connectors", "/status", "/sinks", "/alerts", "/rules?part=own", "/settings/tokens",
  "/settings/data",
];
const RULE = {
  id: "5a0c2a54-0d3c-4d0e-9a49-0a3d5c6f7b82",
  file: `title: A redirect
id: 5a0c2a54-0d3c-4d0e-9a49-0a3d5c6f7b82
logsource:
  product: hubspot
  service: cms_audit
detection:
  selection:
    objectType: URL_MAPPING
  condition: selection
level: medium
`,
};

describe("each state of a page in light and dark, wide and narrow", () => {
  /** @type {Scene} */
  let scene;
  let page;
  const receivers = [];

  before(async () => {
    scene = await Scene.open({ live: 60, attack: "mass-unpublish@0.05" });
    page = await scene.page(STILL);
  });
  after(async () => {
    receivers.forEach((receiver) => receiver.close());
    await scene.close();
  });

  const at = async (where, name = named(where)) => {
    await page.goto(scene.url + where);
    await look(page, name);
  };
  /** Something that opens on a page; Escape closes it. */
  const opened = async (name, open, until, judge = lookOver) => {
    await open();
    await until.waitFor();
    await judge(page, name);
    await page.keyboard.press("Escape");
  };
  const button = (name) => page.getByRole("button", { name });
  const popover = () => page.locator(":popover-open");
  const sink = (name, url) => scene.send(page, "/sinks", { name, format: "ocsf", start: "beginning", target: { kind: "http", url } });

  test("before anybody has signed in", async () => {
    await at("/sign-in", "sign-in-nobody");
    await at("/setup?key=used", "setup-used");
    const link = await scene.setupLink();
    await page.goto(link);
    await look(page, "setup");
    await page.getByLabel("Your name").fill(PERSON.name);
    await page.getByLabel("Password", { exact: true }).fill(PERSON.name.padEnd(12));
    await button("Continue").click();
    await page.locator(".wrong").waitFor();
    await look(page, "setup-wrong");
    await choosePassword(page, link);
    await look(page, "first-account");
  });

  test("while there is nothing yet", async () => {
    for (const where of EMPTY) await at(where, `${named(where)}-empty`);
  });

  test("a finding, and what is done with it", async () => {
    await page.goto(`${scene.url}/connectors/new`);
    await addAccount(page, scene);
    await untilActive(page, scene);
    const finding = `/findings/${await attackNamed(page, scene)}`;
    await at(finding, "finding");
    await opened("finding-verdict", () => button("Verdict…").click(), popover());
    await opened("finding-except", () => button("Except…").click(), popover());
    await opened("finding-more", () => page.locator(".title summary[aria-label='More']").click(), button("Print a report"));
    await page.goto(`${scene.url}/findings`);
    await opened("findings-ticked", () => page.locator("tbody input[type=checkbox]").first().check(), page.locator(".bulk"));
    await page.locator("tbody input[type=checkbox]").first().check();
    await button("Expected").click();
    await page.locator(".toast").waitFor();
    await at("/findings?part=expected");
  });

  test("a rule as it is written and tried", async () => {
    await scene.send(page, "/rules", { text: RULE.file });
    await at(`/rules/${RULE.id}`, "rule-own");
    await opened("rule-remove", () => button("Remove…").click(), popover());
    await opened("rule-own-tried", () => button("Try on 90 days").click(), page.locator("#trial"));
    await at(`/rules/${RULE.id}/edit`, "rule-edit");
    await opened("rule-edit-tried", () => button("Try on 90 days").click(), page.locator("#trial"));
    await page.getByLabel("The rule").fill(RULE.file.replace("condition: selection", "condition: election"));
    await page.locator("#checked .note.act").first().waitFor();
    await look(page, "rule-edit-wrong");
    await at("/rules?search=no+such+rule", "rules-nothing");
  });

  test("what opens over a page", async () => {
    await page.goto(`${scene.url}/events`);
    for (const name of ["7 d", "Views", "Export"]) {
      const menu = page.locator(".title details.menu").filter({ hasText: name });
      await opened(`events-menu-${named(name)}`, () => menu.locator("summary").click(), menu.locator(".list"));
    }
    await opened("menu", () => page.locator("summary[aria-label*='sign out']").click(), page.locator("theme-switch button").first());
    await opened("events-choices", () => page.keyboard.type("/event:"), page.locator("query-bar").getByRole("option").first());
    await page.goto(`${scene.url}/events`);
    await opened("drawer", () => page.locator("a[data-drawer]").first().click(), page.locator("dialog.drawer[open] h1"), look);
    await opened("keys", () => page.keyboard.press("?"), page.getByRole("heading", { name: "Keyboard" }));
    await page.keyboard.press("Control+k");
    await opened("palette", () => page.keyboard.type("a"), page.locator("dialog.palette").getByRole("option").nth(8));
    await page.goto(`${scene.url}/connectors/1`);
    await opened("connector-backfill", () => button("Backfill…").click(), popover());
    await opened("connector-delete", () => button("Delete…").click(), popover());
    await page.goto(`${scene.url}/settings/tokens`);
    await page.getByLabel("Name", { exact: true }).fill("siem");
    await button("Make the token").click();
    await page.locator("#fresh-token").waitFor();
    await look(page, "settings-tokens-made");
  });

  test("a sink that works, one that is refused, and one whose receiver is down", async () => {
    receivers.push(await receive(() => 200), await receive((body) => (body.includes("URL_MAPPING") ? 400 : 200)));
    await sink("siem", receivers[0].url);
    await sink("archive", receivers[1].url);
    await sink("lake", "http://127.0.0.1:9/");
    await page.goto(`${scene.url}/sinks`);
    await page.getByRole("row", { name: /siem.*Current/ }).waitFor();
    await page.getByRole("row", { name: /lake.*Retrying/ }).waitFor();
    await look(page, "sinks");
    await at("/sinks/1", "sink");
    await opened("sink-replay", () => button("Replay…").click(), popover());
    await at("/sinks/2", "sink-refused");
    await page.goto(`${scene.url}/sinks/3`);
    await opened("sink-down-tested", () => button("Test").click(), page.locator("#trial"));
  });

  test("while something fails", async () => {
    await scene.send(page, "/connectors", { name: "Globex", token: "pat-na1-refused", baseUrl: scene.hubspot });
    await page.goto(`${scene.url}/status`);
    await page.locator(".rows .badge", { hasText: "Action needed" }).waitFor({ timeout: 30_000 });
    for (const where of ["/", "/status", "/status?state=act", "/connectors", "/connectors/2"]) await at(where, `${named(where)}-failing`);
    await page.goto(`${scene.url}/connectors/2/test`);
    await page.locator("#verdict.act").waitFor();
    await look(page, "connector-test-failing");
    await page.goto(scene.url);
    await opened("accounts", () => page.locator(".bar > .menu > summary").click(), page.locator(".bar > .menu > .list"));
  });

  test("without a session, and without a server", async () => {
    const other = await scene.page(STILL);
    await other.goto(`${scene.url}/sign-in`);
    await look(other, "sign-in");
    await other.getByLabel("Name").fill(PERSON.name);
    await other.getByLabel("Password").fill("not this one at all");
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.locator(".note.act").waitFor();
    await look(other, "sign-in-wrong");
    await page.goto(`${scene.url}/events`);
    await scene.server.end("SIGKILL");
    await page.getByRole("alert").filter({ hasText: "does not answer" }).waitFor();
    await look(page, "events-lost");
  });
});
