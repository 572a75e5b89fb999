// What a person feels: how soon a page has its first content, and whether the live tail stutters under many events.
// Figures for people, not a test: `just bench console`, after `./scripts/test` has installed the browser's package.
const { Scene } = require("./scene.cjs");
const { connect, untilActive } = require("./steps.cjs");

const PAGES = ["/", "/events", "/people", "/objects", "/findings", "/rules", "/connectors", "/sinks", "/settings/you"];
const TURNS = 7;
const PER_SECOND = 200;
const WATCHED_MS = 20_000;

const at = (values, part) => values.toSorted((a, b) => a - b)[Math.round((values.length - 1) * part)];
const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

async function paints(scene, cookies) {
  const rows = [];
  for (const where of PAGES) {
    const took = { cold: [], warm: [] };
    for (let turn = 0; turn < TURNS; turn += 1) {
      const page = await scene.page();
      await page.context().addCookies(cookies);
      for (const state of ["cold", "warm"]) {
        await page.goto(scene.url + where);
        await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
        took[state].push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
      }
      await page.context().close();
    }
    rows.push([where, ...["cold", "warm"].flatMap((state) => [at(took[state], 0.5), at(took[state], 1)].map(Math.round))]);
  }
  return table(["page", "first contentful paint, nothing kept: median, ms", "worst", "scripts and styles kept: median, ms", "worst"], rows);
}

/** Frames and long tasks while events come in, on a page that shows each of them. */
async function stutter(scene, cookies) {
  const page = await scene.page();
  await page.context().addCookies(cookies);
  await page.goto(`${scene.url}/events`);
  await page.locator("tr[data-position]").first().waitFor();
  const newest = () => page.locator("tr[data-position]").first().getAttribute("data-position").then(Number);
  const before = await newest();
  const { frames, tasks } = await page.evaluate(async (ms) => {
    const frames = [], tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    const end = performance.now() + ms;
    let last = performance.now();
    while (last < end) {
      const now = await new Promise((frame) => requestAnimationFrame(frame));
      frames.push(now - last);
      last = now;
    }
    return { frames, tasks };
  }, WATCHED_MS);
  const shown = (await newest()) - before;
  const rows = [[Math.round(shown / (WATCHED_MS / 1_000)), ...[0.5, 0.99, 1].map((part) => at(frames, part).toFixed(1)), tasks.length, Math.round(Math.max(0, ...tasks))]];
  return table(["events/s that came", "frame, ms: median", "p99", "worst", `tasks over 50 ms in ${WATCHED_MS / 1_000} s`, "longest, ms"], rows);
}

(async () => {
  const scene = await Scene.open({ events: 20_000, live: PER_SECOND * 60 });
  try {
    const page = await scene.page();
    await connect(page, scene);
    await untilActive(page, scene);
    const cookies = await page.context().cookies();
    await page.context().close();
    console.log(`${await paints(scene, cookies)}\n\n${await stutter(scene, cookies)}`);
  } finally {
    await scene.close();
  }
})();
