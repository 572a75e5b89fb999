// What a person does, in the words of the page.
const assert = require("node:assert/strict");
const { PERSON, Scene, TOKEN } = require("./scene.cjs");

async function choosePassword(page, link) {
  await page.goto(link);
  await page.getByLabel("Your name").fill(PERSON.name);
  await page.getByLabel("Password", { exact: true }).fill(PERSON.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Connect a HubSpot account" }).waitFor();
}

async function fillConnector(page, scene, token) {
  await page.getByLabel("Name", { exact: true }).fill("Acme");
  await page.getByLabel("Access token").fill(token);
  await page.getByText("Advanced").click();
  await page.getByLabel("Base URL").fill(scene.hubspot);
  await page.getByLabel("Poll every").fill("1s");
  await page.getByLabel("Share of the API allowance").fill("off");
}

/** From the form to events: the short way, for tests of what comes after. */
async function connect(page, scene) {
  await choosePassword(page, await scene.setupLink());
  await addAccount(page, scene);
}

async function addAccount(page, scene) {
  await fillConnector(page, scene, TOKEN);
  await page.getByRole("button", { name: "Save and test" }).click();
  await page.getByText("Connection successful", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Start collecting" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

/** An account that is collected, and a page of somebody who is signed in; it ends with the test. */
async function begun(t, options) {
  const scene = await Scene.open(options);
  t.after(() => scene.close());
  const page = await scene.page();
  await connect(page, scene);
  await untilActive(page, scene);
  return { scene, page };
}

/** New lines come into the table by themselves. */
async function eventsArrive(page, scene) {
  await page.goto(`${scene.url}/events`);
  await page.locator("tr[data-position]").first().waitFor();
  const newest = () => page.locator("tr[data-position]").first().getAttribute("data-position");
  const before = Number(await newest());
  await page.waitForFunction(
    (before) => Number(document.querySelector("tr[data-position]")?.getAttribute("data-position")) > before,
    before,
  );
  assert.ok(Number(await newest()) > before);
}

async function untilActive(page, scene) {
  await page.goto(`${scene.url}/status`);
  await page.locator(".rows .badge", { hasText: "Active" }).waitFor({ timeout: 30_000 });
}

/** The finding of the attack once it has grown: of the same kind of page again and again. */
async function attackNamed(page, scene) {
  for (let tries = 0; tries < 120; tries += 1) {
    const { findings } = await scene.api(page, "/findings?limit=50");
    const found = findings.find(({ events, reason }) => events >= 5 && /unpublish|offline/i.test(reason) && /\d/.test(reason));
    if (found) return found.id;
    await page.waitForTimeout(500);
  }
  return assert.fail("the attack was not named");
}

/** What waits in the queue under this title, once it does. */
async function waits(page, scene, title) {
  for (let tries = 0; tries < 120; tries += 1) {
    const { findings } = await scene.api(page, "/findings?status=new&watch=false&hidden=false");
    const found = findings.find((one) => one.title === title);
    if (found) return found.id;
    await page.waitForTimeout(500);
  }
  return assert.fail(`“${title}” was not found`);
}

/** A number as pages write it. */
const number = (text) => Number(text.replaceAll(",", "").match(/\d+/)?.[0] ?? Number.NaN);

module.exports = { addAccount, attackNamed, begun, choosePassword, connect, eventsArrive, fillConnector, number, untilActive, waits };
