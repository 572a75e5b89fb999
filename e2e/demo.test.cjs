// The demo as somebody meets it who has just started it: three attacks happen, and the console names each of them.
const assert = require("node:assert/strict");
const { mkdtemp, rm } = require("node:fs/promises");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { test } = require("node:test");
const { Running, Scene, freePort } = require("./scene.cjs");

// What the intruder does, as the console calls it.
const ATTACKS = [
  "The way to the login, checkout or home page was redirected",
  "Code of the website began to load a script from elsewhere",
  "The website is being taken offline page by page",
];
// From the moment an event is in the log to the moment a person can read what it shows.
const SECONDS = 2;

test("each attack of the demo is named on the console within two seconds of its collection", async (t) => {
  const home = await mkdtemp(path.join(tmpdir(), "hubtrail-e2e-demo-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const port = await freePort();
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
    await page.waitForFunction((attack) => globalThis.appeared?.[attack], attack, { timeout: 240_000 });
    const shown = await page.evaluate((attack) => globalThis.appeared[attack], attack);
    const collected = await collectedBy(page, entrance, attack);
    const took = (shown - collected) / 1_000;
    t.diagnostic(`${attack}: ${took.toFixed(2)} s`);
    assert.ok(took < SECONDS, `“${attack}” took ${took} s from its collection`);
  }
  assert.deepEqual(page.wrong, []);
});

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
  const { findings } = await ask("/findings?status=open&limit=100");
  const found = findings.find(({ title }) => title === attack);
  assert.ok(found, attack);
  const { evidence } = await ask(`/findings/${found.id}`);
  const raised = evidence.filter(({ timestamp }) => Date.parse(timestamp) <= Date.parse(found.time));
  const times = await Promise.all(raised.map(async ({ position }) => Date.parse((await ask(`/events/${position}`)).event.seenAt)));
  return Math.max(...times);
}
