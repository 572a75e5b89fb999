// Whoever may only look, and only into one of two accounts; and a HubSpot account whose every field is hostile.
const assert = require("node:assert/strict");
const { after, before, describe, test } = require("node:test");
const { Scene } = require("./scene.cjs");
const { connect, untilActive } = require("./steps.cjs");

const MARKUP = `"><img src=x onerror="globalThis.planted=1"><script>globalThis.planted=1</script>`;
const VERA = { name: `Vera ${MARKUP}`, password: "nine careful badgers" };

/** Records in which everything that a person can name is markup. */
function hostile() {
  const now = Date.now();
  const record = (n) => ({
    objectId: `${100 + (n % 3)}`, objectName: n % 4 === 3 ? "‮gnp.egap" : `Page ${n % 3} ${MARKUP}`, objectType: n % 5 ? "LANDING_PAGE" : `KIND${MARKUP}`,
    event: n % 6 ? "UPDATED" : `DID${MARKUP}`, userId: `${7 + (n % 2)}`, fullName: `Eve ${n % 2} ${MARKUP}`,
    timestamp: new Date(now - (60 - n) * 60_000).toISOString(), meta: { [`key ${MARKUP}`]: `value ${MARKUP}`, title: `${MARKUP} ${n}` },
  });
  return Array.from({ length: 60 }, (_, n) => JSON.stringify(record(n))).join("\n") + "\n";
}

describe("a viewer of one account", () => {
  /** @type {Scene} */
  let scene;
  let cookies;

  before(async () => {
    scene = await Scene.open({ records: hostile() });
    const page = await scene.page();
    await connect(page, scene);
    await untilActive(page, scene);
    cookies = await page.context().cookies();
    await scene.send(page, "/connectors", { name: "Hidden Ltd", token: "pat-na1-other", baseUrl: scene.hubspot });
    await scene.send(page, "/users", { name: VERA.name, password: VERA.password, role: "viewer", accounts: ["Acme"] });
    await page.context().close();
  });
  after(() => scene.close());

  const signedIn = async () => {
    const page = await scene.page();
    await page.goto(`${scene.url}/sign-in`);
    await page.getByLabel("Name").fill(VERA.name);
    await page.getByLabel("Password").fill(VERA.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    return page;
  };

  test("sees no link and no button that fails, and nothing of the other account", async () => {
    const page = await signedIn();
    const open = ["/", "/people/1/7", "/objects/1/100", "/events/1", "/events?text=page"];
    const seen = new Set();
    while (open.length > 0 && seen.size < 120) {
      const href = open.shift();
      const reply = await page.request.get(scene.url + href, { headers: { accept: "text/html" } });
      assert.ok(reply.status() < 400, `${href}: ${reply.status()}`);
      if (!/text\/html/.test(reply.headers()["content-type"] ?? "")) continue;
      const html = await reply.text();
      assert.ok(!html.includes("Hidden Ltd"), `${href} tells of the other account`);
      const forms = [...html.matchAll(/<form[^>]*method="post"[^>]*action="([^"]*)"/g)].map(([, action]) => action);
      const may = /^\/(sign-out|settings\/password|events\/views)/;
      assert.deepEqual(forms.filter((action) => !may.test(action)), [], `${href} offers what a viewer may not do`);
      for (const [, link] of html.matchAll(/<a [^>]*href="(\/[^"#]*)"/g)) {
        const next = link.replaceAll("&#38;", "&").replaceAll("&amp;", "&");
        const kind = next.split("?")[0].replace(/\d+/g, "N") + (next.includes("?") ? "?" : "");
        if (seen.has(kind) || next.startsWith("/assets") || next.startsWith("/api")) continue;
        seen.add(kind);
        open.push(next);
      }
    }
    assert.ok(seen.size > 8, [...seen].join(" "));
    await page.context().close();
  });

  test("markup that was planted in every field is text, on every page", async () => {
    const page = await scene.as(cookies);
    for (const where of ["/", "/events", "/events/1", "/events/7", "/people", "/people/1/7", "/objects", "/objects/1/100", "/settings/people", "/settings/audit", "/connectors"]) {
      await page.goto(scene.url + where);
      assert.equal(await page.evaluate(() => globalThis.planted), undefined, where);
      assert.equal(await page.locator("main img, main script").count(), 0, where);
    }
    await page.goto(`${scene.url}/events`);
    await page.locator("a[data-drawer]").first().click();
    await page.locator("dialog.drawer[open] h1").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("Eve");
    await page.getByRole("option", { name: /Eve \d/ }).first().waitFor();
    assert.match(await page.getByRole("option", { name: /Eve \d/ }).first().innerText(), /<script>/);
    assert.equal(await page.evaluate(() => globalThis.planted), undefined);
    assert.deepEqual(page.wrong, []);
    await page.context().close();
  });
});
