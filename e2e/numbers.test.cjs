// Two different accounts give two different consoles, and each number on them is one of the API's answers.
const assert = require("node:assert/strict");
const { after, before, describe, test } = require("node:test");
const { receive } = require("./receiver.cjs");
const { Scene } = require("./scene.cjs");
const { connect, number, untilActive } = require("./steps.cjs");

const DAY_MS = 86_400_000;
const ACCOUNTS = [{ seed: 11, events: 1_200 }, { seed: 12, events: 1_900 }];
/** What HubSpot calls the things that the overview keeps an eye on. */
const SENSITIVE = "objectType=DOMAIN&objectType=URL_MAPPING&objectType=CONTENT_SETTINGS&";

const numbers = async (lines) => (await lines.allInnerTexts()).map(number);
const day = (ms) => new Date(ms - (ms % DAY_MS)).toISOString();
/** Whole days up to tomorrow's midnight: no event happens at their edge while the test looks. */
const days = (n) => `after=${day(Date.now() - (n - 1) * DAY_MS)}&before=${day(Date.now() + DAY_MS)}`;
const told = (side) => ({ name, id }) => name.trim() || `${side === "people" ? "User" : "Object"} ${id}`;

/** Each page's numbers, and what the API says they are. */
const PAGES = {
  overview: async (page, scene) => {
    const range = days(90);
    await page.goto(`${scene.url}/?${range}`);
    const { findings } = await scene.api(page, "/findings?status=new&status=acknowledged&watch=false&hidden=false&limit=1000");
    const by = (severity) => findings.filter((one) => one.severity === severity).length;
    const [people, objects] = await Promise.all(["people", "objects"].map((side) => scene.api(page, `/${side}?${range}&top=6`)));
    const week = await scene.api(page, `/week?${range}&zone=UTC`);
    const newest = (which, limit) => scene.api(page, `/events?${which}${range}&sort=-timestamp&limit=${limit}`);
    const [latest, sensitive] = await Promise.all([newest("", 10), newest(SENSITIVE, 6)]);
    const waiting = await scene.api(page, "/findings/waiting");
    return [
      {
        risks: await numbers(page.locator("#needs .risks .number")),
        waiting: number(await page.locator(".rail .count").first().innerText()),
        events: number(await page.locator("#chart svg.chart").getAttribute("aria-label")),
        people: await numbers(page.locator("#busy-people .number")),
        objects: await numbers(page.locator("#busy-objects .number")),
        hours: (await page.locator(".heat tbody td").allTextContents()).map(number),
        latest: await page.locator("#latest tr[data-position]").evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-position")))),
        sensitive: await page.locator("#sensitive li a").evaluateAll((links) => links.map((link) => Number(link.getAttribute("href").split("/").pop()))),
      },
      {
        risks: ["critical", "high", "medium", "low", "informational"].map(by),
        waiting: waiting.new,
        events: (await scene.api(page, `/facets?${range}`)).entries,
        people: people.found.map(({ entries }) => entries),
        objects: objects.found.map(({ entries }) => entries),
        hours: week.hours.flat(),
        latest: latest.events.map(({ position }) => position),
        sensitive: sensitive.events.map(({ position }) => position),
      },
    ];
  },

  events: async (page, scene) => {
    const range = days(90);
    await page.goto(`${scene.url}/events?${range}`);
    const facets = await scene.api(page, `/facets?${range}&top=8`);
    const { steps } = await scene.api(page, `/histogram?${range}&step=day`);
    const { events } = await scene.api(page, `/events?${range}&sort=-timestamp&limit=50`);
    const some = steps.filter(({ entries }) => entries > 0);
    await page.getByText("As a table").click();
    return [
      {
        total: number(await page.locator("#lead").innerText()),
        facets: await numbers(page.locator("#facets .number")),
        days: (await numbers(page.locator("#chart-table tbody tr td:last-child"))).reverse(),
        bars: (await page.locator("svg.chart g > title").allTextContents()).map((title) => number(title.split(": ")[1])).filter((entries) => entries > 0),
        rows: await page.locator("tr[data-position]").evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-position")))),
        sentences: await page.locator("tr[data-position] .sentence .who").allInnerTexts(),
      },
      {
        total: facets.entries,
        facets: [facets.eventTypes, facets.objectTypes, facets.people, facets.objects].flatMap((side) => side.map(({ entries }) => entries)),
        days: some.map(({ entries }) => entries),
        bars: some.map(({ entries }) => entries),
        rows: events.map(({ position }) => position),
        sentences: events.map(({ fullName }) => fullName),
      },
    ];
  },

  people: (page, scene) => subjects(page, scene, "people"),
  objects: (page, scene) => subjects(page, scene, "objects"),

  findings: async (page, scene) => {
    await page.goto(`${scene.url}/findings`);
    const of = async (query) => (await scene.api(page, `/findings?${query}&limit=1000`)).findings;
    const open = "status=new&status=acknowledged";
    const parts = ["watch=false&hidden=false", "watch=true&hidden=false", "hidden=true"];
    const [queue, watches, hidden] = await Promise.all(parts.map((part) => of(`${open}&${part}`)));
    const closed = await Promise.all(["malicious", "expected", "false"].map((verdict) => of(`status=${verdict}`)));
    const severities = ["critical", "high", "medium", "low", "informational"];
    const rank = (one) => severities.indexOf(one.severity);
    const worse = (a, b) => rank(a) - rank(b) || b.score - a.score || Date.parse(b.time) - Date.parse(a.time);
    const worst = queue.toSorted(worse).slice(0, 100);
    const [first] = worst;
    const shown = {
      parts: await numbers(page.locator(".filterbar .tabs .number")),
      risks: await numbers(page.locator("#queue > .risks .number")),
      ids: await page.locator("tbody a.opens").evaluateAll((links) => links.map((link) => link.getAttribute("href").split("/").pop())),
      reasons: await page.locator("tbody th .told").allInnerTexts(),
    };
    await page.goto(`${scene.url}/findings/${first.id}`);
    const whole = await scene.api(page, `/findings/${first.id}`);
    const counts = await page.locator("section > header > .end.quiet").first().innerText();
    const [score] = (await page.locator(".badges").innerText()).match(/score \d+/);
    return [
      { ...shown, score: number(score), evidence: counts.match(/[\d,]+ (?=events?|objects?)/g).map(number) },
      {
        parts: [queue.length, ...closed.map((some) => some.length), watches.length, hidden.length],
        risks: severities.map((severity) => queue.filter((one) => one.severity === severity).length).filter((some) => some > 0),
        ids: worst.map(({ id }) => id),
        reasons: worst.map(({ reason }) => reason),
        score: Math.round(first.score),
        evidence: [first.events, new Set(whole.evidence.map(({ objectType, objectId }) => `${objectType} ${objectId}`)).size],
      },
    ];
  },

  connectors: async (page, scene) => {
    const { connectors } = await scene.api(page, "/connectors");
    const { streams } = await scene.api(page, "/status");
    await page.goto(`${scene.url}/connectors`);
    const list = { events: await numbers(page.locator("tbody td.figure")), portals: await page.locator("tbody td .id").allInnerTexts() };
    await page.goto(`${scene.url}/status`);
    return [
      { ...list, totals: await numbers(page.locator("tbody tr:not(.more) td.figure")), tabs: number(await page.locator(".filterbar .tabs .number").first().innerText()) },
      {
        events: streams.map(({ total }) => total), portals: connectors.map(({ portalId }) => String(portalId)),
        totals: streams.map(({ total }) => total), tabs: streams.length,
      },
    ];
  },

  sinks: async (page, scene) => {
    await page.goto(`${scene.url}/sinks`);
    const { sinks } = await scene.api(page, "/sinks/status");
    const figures = async (row) => {
      const lag = await row.locator("td").nth(1).innerText();
      return { lag: lag.includes("none") ? 0 : number(lag), sums: await numbers(row.locator("td.figure")) };
    };
    const rows = await page.locator("tbody tr").all();
    return [
      Object.fromEntries(await Promise.all(rows.map(async (row) => [await row.getByRole("link").innerText(), await figures(row)]))),
      Object.fromEntries(sinks.map(({ name, lag, delivered, deadLetters }) => [name, { lag, sums: [delivered, deadLetters] }])),
    ];
  },
};

async function subjects(page, scene, side) {
  await page.goto(`${scene.url}/${side}?days=30`);
  const { found } = await scene.api(page, `/${side}?${days(30)}&top=100`);
  const rows = page.locator("main tbody tr");
  const shown = { names: await rows.locator("a.opens").allInnerTexts(), entries: await numbers(rows.locator("td.figure")) };
  const one = found[0];
  await page.goto(`${scene.url}/${side}/1/${encodeURIComponent(one.id)}`);
  const profile = await scene.api(page, `/${side}/1/${encodeURIComponent(one.id)}?zone=UTC`);
  const now = page.locator("table", { hasText: "Last 7 days" });
  const kinds = ({ eventTypes, objectTypes }) => [...eventTypes, ...objectTypes].map(({ entries }) => entries).filter((entries) => entries > 0);
  return [
    {
      ...shown,
      week: number(await page.locator(".lead").innerText()),
      kinds: (await numbers(now.locator("td:last-child"))).filter((entries) => entries > 0).toSorted(),
      beside: await page.locator(".columns").last().locator("li a").allInnerTexts(),
    },
    {
      names: found.map(told(side)), entries: found.map(({ entries }) => entries),
      week: profile.now.entries,
      kinds: kinds(profile.now).toSorted(),
      beside: [...profile.people.map(told("people")), ...profile.objects.map(told("objects"))],
    },
  ];
}

describe("two consoles over two accounts", () => {
  const scenes = [];
  const pages = [];
  let receiver;

  before(async () => {
    receiver = await receive((body) => (body.includes("URL_MAPPING") ? 400 : 200));
    const begin = async (account, n) => {
      const scene = (scenes[n] = await Scene.open({ ...account, live: 0 }));
      const page = (pages[n] = await scene.page());
      await connect(page, scene);
      await untilActive(page, scene);
      await scene.collected(page);
      for (const [name, url] of [["siem", receiver.url], ["lake", "http://127.0.0.1:9/"]]) {
        await scene.send(page, "/sinks", { name, format: "ocsf", start: "beginning", target: { kind: "http", url } });
      }
      await settled(page, scene);
    };
    await Promise.all(ACCOUNTS.map(begin));
  });
  after(async () => {
    receiver?.close();
    for (const scene of scenes) await scene.close();
  });

  for (const [name, read] of Object.entries(PAGES)) {
    test(`${name}: each number is the API's, and the two differ`, async () => {
      const both = [];
      for (const [n, scene] of scenes.entries()) {
        const [shown, said] = await read(pages[n], scene);
        assert.deepEqual(shown, said, `the account of seed ${ACCOUNTS[n].seed}`);
        both.push(shown);
      }
      assert.notDeepEqual(both[0], both[1]);
    });
  }
});

/** Until everything was judged and delivered, so that a number is the same a moment later. */
async function settled(page, scene) {
  let last = "";
  for (let tries = 0; tries < 120; tries += 1) {
    const { sinks } = await scene.api(page, "/sinks/status");
    const { findings } = await scene.api(page, "/findings?limit=1000");
    const now = JSON.stringify([sinks.map(({ delivered, deadLetters, lag }) => [delivered, deadLetters, lag]), findings.length]);
    const siem = sinks.find(({ name }) => name === "siem");
    if (now === last && siem.lag === 0 && siem.deadLetters > 0) return;
    last = now;
    await page.waitForTimeout(1_000);
  }
  assert.fail("it does not come to rest");
}
