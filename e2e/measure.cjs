// What a person feels: how soon a page has its first content, and whether the live tail stutters under many events.
// Figures for people, not a test: `just bench console`, after `./scripts/test` has installed the browser's package.
const { createServer } = require("node:http");
const { once } = require("node:events");
const { Scene } = require("./scene.cjs");
const { connect, untilActive } = require("./steps.cjs");

const PAGES = ["/", "/events", "/people", "/objects", "/findings", "/rules", "/connectors", "/sinks", "/settings"];
const TURNS = 11;
/** A window of Chromium's starts parts of its own, on the same processors as the page. */
const SETTLED_MS = 700;
const PER_SECOND = 200;
const WATCHED_MS = 20_000;

const at = (values, part) => values.toSorted((a, b) => a - b)[Math.round((values.length - 1) * part)];
const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** What no page is faster than: one line of text. The console's header that keeps it apart from whoever opened it makes the browser
 * take another process for it. */
async function floor() {
  const server = createServer((request, response) => {
    const apart = request.url === "/apart" ? { "cross-origin-opener-policy": "same-origin" } : {};
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...apart });
    response.end("<!doctype html><html lang=en><title>One line</title><p>One line of text.");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

/** First contentful paint of two loads in one window: with nothing kept, and with what the first one left. */
async function paint(scene, cookies, url) {
  const page = await scene.page();
  await page.context().addCookies(cookies);
  await page.waitForTimeout(SETTLED_MS);
  const took = [];
  for (let load = 0; load < 2; load += 1) {
    await page.goto(url);
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
    took.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime));
  }
  await page.context().close();
  return took;
}

/** Turn by turn, so that whatever else the machine does is shared by all pages. */
async function paints(scene, cookies) {
  const { server, url } = await floor();
  const pages = [["one line of text", `${url}/`], ["the same, kept apart", `${url}/apart`], ...PAGES.map((where) => [where, scene.url + where])];
  const took = new Map(pages.map(([name]) => [name, []]));
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [name, address] of pages) took.get(name).push(await paint(scene, cookies, address));
  }
  server.close();
  const rows = pages.map(([name]) => [name, ...[0, 1].flatMap((load) => [0.5, 1].map((part) => Math.round(at(took.get(name).map((one) => one[load]), part))))]);
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
