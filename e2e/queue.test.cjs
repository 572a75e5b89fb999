// The queue of findings as people work through it: many at once, by keyboard alone, in two tabs, without motion, and on paper.
const assert = require("node:assert/strict");
const { after, before, describe, test } = require("node:test");
const { shot } = require("./looks.cjs");
const { Scene } = require("./scene.cjs");
const { attackNamed, connect, number, untilActive, waits } = require("./steps.cjs");

describe("the queue of findings", () => {
  /** @type {Scene} */
  let scene;
  let cookies;
  /** What the attack is known by in the queue, and the finding that grows with each of its pages. */
  let attack;
  let grown;

  before(async () => {
    scene = await Scene.open({ events: 4_000, live: 60, attack: "mass-unpublish@0.05" });
    const page = await scene.page();
    await connect(page, scene);
    await untilActive(page, scene);
    attack = await waits(page, scene, "The home page was taken offline or deleted");
    grown = await attackNamed(page, scene);
    await scene.collected(page);
    // Nothing happens any more while somebody works.
    await scene.account.end("SIGKILL");
    cookies = await page.context().cookies();
    await page.context().close();
  });
  after(() => scene.close());

  const one = (page, id) => scene.api(page, `/findings/${id}`);
  const tab = (page, name) => page.getByRole("navigation", { name: "Part of the queue" }).getByRole("link", { name });

  test("several are taken, acknowledged and judged at once, and nothing else is", async () => {
    const page = await scene.as(cookies);
    await page.goto(`${scene.url}/findings`);
    assert.ok(!(await page.locator(".bulk").isVisible()), "nothing is offered while nothing is ticked");
    const boxes = page.locator("tbody input[name=id]");
    const ids = await boxes.evaluateAll((boxes) => boxes.map((box) => box.value));
    // The attack stays for those who come after.
    const chosen = ids.filter((id) => id !== attack).slice(0, 3);
    assert.ok(chosen.length > 1, `${chosen.length} are not many`);
    const [open, expected] = [number(await tab(page, "Open").innerText()), number(await tab(page, "Expected").innerText())];
    const tick = async () => {
      for (const id of chosen) await page.locator(`tbody input[value="${id}"]`).check();
    };
    const all = async () => Promise.all(chosen.map(async (id) => (await one(page, id)).finding));

    await tick();
    await page.getByRole("button", { name: "Take them" }).click();
    await page.locator(".toast").waitFor();
    assert.ok((await all()).every(({ owner, status }) => owner === "Dana Okafor" && status === "new"));
    await tick();
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.locator(".toast").waitFor();
    assert.ok((await all()).every(({ status }) => status === "acknowledged"));
    assert.equal(await page.getByRole("row", { name: /Acknowledged Dana Okafor/ }).count(), chosen.length);
    await tick();
    await page.getByLabel("Note", { exact: true }).fill("The relaunch of the shop");
    await page.getByRole("button", { name: "Expected" }).click();
    await page.locator(".toast").waitFor();
    assert.ok((await all()).every(({ status, verdict }) => status === "closed" && verdict === "expected"));
    assert.equal(number(await tab(page, "Open").innerText()), open - chosen.length);
    assert.equal(number(await tab(page, "Expected").innerText()), expected + chosen.length);
    const { history } = await one(page, chosen[0]);
    assert.ok(history.some(({ note, by }) => note === "The relaunch of the shop" && by === "Dana Okafor"));
    assert.equal((await one(page, attack)).finding.status, "new", "what was not ticked is as it was");
    assert.deepEqual(page.wrong, []);
    await page.context().close();
  });

  test("by keyboard alone from the queue to a verdict, and a second tab sees it by itself", async () => {
    const page = await scene.as(cookies);
    const other = await page.context().newPage();
    await page.goto(`${scene.url}/findings`);
    await other.goto(`${scene.url}/findings`);
    const row = (page) => page.locator(`tbody tr:has(input[value="${attack}"])`);
    await row(other).waitFor();
    const open = number(await tab(other, "Open").innerText());
    const press = (key) => page.keyboard.press(key);
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() || `#${document.activeElement?.id}`);
    const tabTo = async (wanted) => {
      for (let n = 0; n < 60; n += 1) {
        if ((await focused()).startsWith(wanted)) return;
        await press("Tab");
      }
      assert.fail(`no “${wanted}” can be tabbed to; the focus is on “${await focused()}”`);
    };

    await press("g");
    await press("f");
    await page.waitForURL(/\/findings$/);
    const title = await row(page).locator("a.opens").innerText();
    const reached = () => page.evaluate((id) => document.activeElement?.getAttribute("href")?.endsWith(id), attack);
    for (let n = 0; n < 100 && !(await reached()); n += 1) await press("j");
    await press("Enter");
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await tabTo("Verdict…");
    await press("Enter");
    const dialog = page.getByRole("dialog", { name: "What was it?" });
    await dialog.waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("type")), "radio", "the choice has the focus");
    for (let n = 0; n < 4 && !(await dialog.locator("input[value=malicious]").isChecked()); n += 1) await press(n ? "ArrowDown" : "Space");
    await tabTo("#verdict-note");
    await page.keyboard.type("Asked by phone: it was not them");
    await tabTo("Close the finding");
    await press("Enter");
    await page.getByText("made it malicious").waitFor();
    const { finding, history } = await one(page, attack);
    assert.deepEqual([finding.status, finding.verdict], ["closed", "malicious"]);
    assert.equal(history.at(-1).note, "Asked by phone: it was not them");

    // Nobody has touched the other tab.
    await row(other).waitFor({ state: "detached" });
    assert.equal(number(await tab(other, "Open").innerText()), open - 1);
    await tab(other, "Malicious").click();
    await row(other).waitFor();
    assert.deepEqual(page.wrong, []);
    await page.context().close();
  });

  test("what was judged can be opened again, and waits again", async () => {
    const page = await scene.as(cookies);
    await page.goto(`${scene.url}/findings/${attack}`);
    await page.locator(".title summary[aria-label='More']").click();
    await page.getByRole("button", { name: "Open again" }).click();
    await page.getByRole("button", { name: "Acknowledge" }).waitFor();
    assert.deepEqual([(await one(page, attack)).finding.status, (await one(page, attack)).finding.verdict], ["new", null]);
    await page.goto(`${scene.url}/findings`);
    await page.locator(`tbody input[value="${attack}"]`).waitFor();
    await page.context().close();
  });

  test("nothing moves for whoever asked for less motion", async () => {
    const running = (page) =>
      page.evaluate(() => document.getAnimations().filter((one) => one.playState === "running" && one.effect.getComputedTiming().endTime > 0).length);
    /** What moves while the drawer, the palette and a popover open. */
    const moves = async (reducedMotion) => {
      const page = await scene.as(cookies, { reducedMotion });
      await page.addInitScript(() => {
        globalThis.moved = [];
        for (const kind of ["animationstart", "transitionrun"]) {
          addEventListener(kind, (event) => {
            // By its style: on a busy machine it is over when this is heard of.
            const style = getComputedStyle(event.target);
            const durations = event.animationName ? style.animationDuration : style.transitionDuration;
            const lasts = durations.split(",").some((duration) => Number.parseFloat(duration) > 0);
            if (lasts) globalThis.moved.push(event.animationName ?? event.propertyName);
          }, true);
        }
      });
      await page.goto(`${scene.url}/events`);
      await page.locator("a[data-drawer]").first().click();
      await page.locator("dialog.drawer[open] h1").waitFor();
      // What is closed before it was drawn never moved.
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      const now = await running(page);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.locator("dialog.palette").getByRole("option").first().waitFor();
      await page.keyboard.press("Escape");
      await page.locator(".facets summary").first().click();
      await page.locator(".rail li a").first().hover();
      await page.waitForTimeout(300);
      const moved = await page.evaluate(() => globalThis.moved);
      await page.context().close();
      return { now, moved };
    };
    assert.deepEqual(await moves("reduce"), { now: 0, moved: [] });
    assert.ok((await moves("no-preference")).moved.includes("slide"), "otherwise the drawer slides in: the test sees motion");
  });

  test("a finding on paper is the finding alone, in black on white, and whole", async () => {
    const page = await scene.as(cookies, { colorScheme: "dark" });
    await page.goto(`${scene.url}/findings/${grown}`);
    await page.evaluate(() => (globalThis.print = () => (globalThis.printed = true)));
    await page.locator(".title summary[aria-label='More']").click();
    await page.getByRole("button", { name: "Print a report" }).click();
    assert.equal(await page.evaluate(() => globalThis.printed), true);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const gone of [".rail", ".bar", ".title .do", ".skip", "#verdict", "#except"]) {
      assert.ok(!(await page.locator(gone).isVisible()), `${gone} is printed`);
    }
    const { finding, evidence, history } = await one(page, grown);
    assert.ok(await page.locator(".reason").isVisible());
    assert.equal(await page.locator(".reason").innerText(), finding.reason);
    assert.equal(await page.locator(".facts-of tbody tr").count(), evidence.length, "each event is on paper");
    for (const name of ["Evidence", "What is unusual", "What to do", "Events", "History"]) {
      assert.ok(await page.getByRole("heading", { name, exact: true }).isVisible(), name);
    }
    assert.ok((await page.locator("main").innerText()).includes(finding.id), "it says which finding it is");
    assert.ok(history.length > 0 && (await page.locator("section", { hasText: "History" }).last().locator("li").count()) >= 1);
    const [ink, paper] = await page.evaluate(() => {
      const light = (colour) => Number(colour.match(/oklch\(([\d.]+)/)?.[1] ?? (/rgb\(255|rgba\(0, 0, 0, 0\)/.test(colour) ? 1 : 0));
      return [light(getComputedStyle(document.body).color), light(getComputedStyle(document.documentElement).backgroundColor)];
    });
    assert.ok(ink < 0.4 && paper > 0.9, `dark words on white, also for whoever reads in the dark: ${ink} on ${paper}`);
    await shot(page, "finding.print", { fullPage: true });
    const pdf = await page.pdf({ format: "A4" });
    assert.ok(pdf.length > 10_000);
    await page.context().close();
  });
});
