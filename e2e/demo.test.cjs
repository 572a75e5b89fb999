// The demo as somebody meets it who has just started it: three attacks happen, and the console names each of them.
const assert = require("node:assert/strict");
const { mkdtemp, rm } = require("node:fs/promises");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { shot } = require("./looks.cjs");
const { Running, Scene, freePort } = require("./scene.cjs");

// What the intruder does, as the console calls it.
const ATTACKS = [
  "The way to the login, checkout or home page was redirected",
  "Code of the website began to load a script from elsewhere",
  "The website is being taken offline page by page",
];
// From the moment an event is in the log to the moment a person can read what it shows.
const SECONDS = 2;
// The first attack is named before a newcomer looks elsewhere; a slow machine may take longer over the others.
const STORY_MS = 120_000;
const WHOLE_MS = 240_000;

test("the demo names its first attack within two minutes, and each with its reason within two seconds of its collection", async (t) => {
  const home = await mkdtemp(path.join(tmpdir(), "hubtrail-e2e-demo-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const port = await freePort();
  const began = Date.now();
  const demo = new Running(["demo", "--listen", `127.0.0.1:${port}`, "--data-dir", path.join(home, "data"), "--for", "10m"], { HOME: home });
  t.after(() => demo.end("SIGKILL"));
  const [, entrance] = await demo.line(/(http\S+\/enter\?key=\S+)/);
  const scene = await Scene.browse();
  t.after(() => scene.close());
  const page = await scene.page();
  await page.goto(entrance);
  await page.goto(new URL("/findings", entrance).href);
  await seeWhenEachAppears(page);
  for (const attack of ATTACKS) {
    await page.waitForFunction((attack) => globalThis.appeared?.[attack], attack, { timeout: WHOLE_MS });
    const shown = await page.evaluate((attack) => globalThis.appeared[attack], attack);
    if (attack === ATTACKS[0]) assert.ok(shown - began < STORY_MS, `“${attack}” came ${(shown - began) / 1_000} s after the start`);
    const collected = await collectedBy(page, entrance, attack);
    const took = (shown - collected) / 1_000;
    t.diagnostic(`${attack}: ${took.toFixed(2)} s, ${((shown - began) / 1_000).toFixed(0)} s after the start`);
    assert.ok(took < SECONDS, `“${attack}” took ${took} s from its collection`);
  }
  // Each says why, as the API has it, and what goes on says how much of it there is.
  for (const attack of ATTACKS) {
    const row = page.getByRole("row", { name: attack });
    await row.scrollIntoViewIfNeeded();
    const { reason } = await named(page, entrance, attack);
    const told = await row.locator(".told").first().innerText();
    assert.ok(told.length > 20 && /[a-z]/.test(reason), told);
    // What goes on may have grown since.
    assert.equal(told.replace(/\d+.*/s, ""), reason.replace(/\d+.*/s, ""));
  }
  assert.match(await page.getByRole("row", { name: ATTACKS.at(-1) }).locator(".told").first().innerText(), /\d+/);
  await forTheReadme(page, entrance);
  assert.deepEqual(page.wrong, []);
});

/** What the README shows of the demo; docs/images are copies of these. */
async function forTheReadme(page, entrance) {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(new URL("/", entrance).href);
  await page.locator("#needs .found-list").waitFor();
  await page.locator("connection-state", { hasText: "Live" }).waitFor();
  await shot(page, "readme-overview");
  await page.goto(new URL(`/findings/${(await named(page, entrance, ATTACKS.at(-1))).id}`, entrance).href);
  await page.locator(".lanes").waitFor();
  await page.locator("connection-state", { hasText: "Live" }).waitFor();
  await shot(page, "readme-finding");
}

/** What the API says of an attack. */
async function named(page, entrance, attack) {
  const reply = await page.request.get(new URL("/api/v1/findings?status=open&limit=100", entrance).href);
  const found = (await reply.json()).findings.find(({ title }) => title === attack);
  assert.ok(found, attack);
  return found;
}

/** Notes when each title stands on the page for the first time, without a reload. */
async function seeWhenEachAppears(page) {
  await page.evaluate((attacks) => {
    globalThis.appeared = {};
    const look = () => {
      const text = document.querySelector("main")?.textContent ?? "";
      for (const attack of attacks) if (text.includes(attack)) globalThis.appeared[attack] ??= Date.now();
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
    look();
  }, ATTACKS);
}

/** When the newest event came into the log that the finding was made of when it was raised. */
async function collectedBy(page, entrance, attack) {
  const ask = async (address) => (await page.request.get(new URL(`/api/v1${address}`, entrance).href)).json();
  const found = await named(page, entrance, attack);
  const { evidence } = await ask(`/findings/${found.id}`);
  const raised = evidence.filter(({ timestamp }) => Date.parse(timestamp) <= Date.parse(found.time));
  const times = await Promise.all(raised.map(async ({ position }) => Date.parse((await ask(`/events/${position}`)).event.seenAt)));
  return Math.max(...times);
}
