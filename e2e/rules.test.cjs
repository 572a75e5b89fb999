// A rule from its first draft to the list: what is wrong with it is told at its line, and what it would have raised is what the API says.
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { begun, number } = require("./steps.cjs");

const ID = "7b1c2a54-0d3c-4d0e-9a49-0a3d5c6f7b83";
const RIGHT = `title: A page was unpublished
id: ${ID}
status: experimental
description: Somebody took a landing page or a website page offline.
logsource:
  product: hubspot
  service: cms_audit
detection:
  selection:
    objectType:
      - LANDING_PAGE
      - WEBSITE_PAGE
    event: UNPUBLISHED
  condition: selection
level: medium
`;
const WRONG = RIGHT.replace("condition: selection", "condition: election");
const LINE = WRONG.split("\n").findIndex((line) => line.includes("condition: election")) + 1;

test("a rule is mended at its line, tried on the past, saved, and switched off and on in the list", async (t) => {
  const { scene, page } = await begun(t, { live: 0 });
  await scene.collected(page);
  const editor = page.getByLabel("The rule");
  await page.goto(`${scene.url}/rules`);
  await page.getByRole("link", { name: "Write a rule" }).click();

  await editor.fill(WRONG);
  const fault = page.locator("#checked .note.act");
  await fault.getByText(`Line ${LINE}:`).waitFor();
  const { faults } = await scene.send(page, "/rules/check", { text: WRONG });
  assert.deepEqual(faults.map(({ line }) => line), [LINE]);
  assert.ok((await fault.innerText()).includes(faults[0].fix), "with what to do");
  await page.getByRole("button", { name: "Save and switch on" }).click();
  await fault.getByText(`Line ${LINE}:`).waitFor();
  assert.equal(await editor.inputValue(), WRONG.trim(), "what was written is kept");
  assert.equal(await page.locator("#trial").count(), 0);

  await editor.fill(RIGHT);
  await page.locator("#checked .note.good").waitFor();
  await page.getByRole("button", { name: "Try on 90 days" }).click();
  const draft = await tried(page);
  assert.ok(draft.raised > 0, "a rule that never speaks shows nothing");
  assert.equal((await page.request.get(`${scene.url}/api/v1/rules/${ID}`)).status(), 404, "a trial writes nothing");

  await page.getByRole("button", { name: "Save and switch on" }).click();
  await page.getByText("The rule is in force.").waitFor();
  const report = await scene.send(page, `/rules/${ID}/test`, {});
  const said = {
    raised: report.raised, rate: report.per30Days.toFixed(1), entries: report.entries,
    reasons: report.findings.slice(0, draft.reasons.length).map(({ reason }) => reason),
  };
  assert.ok(report.complete);
  assert.deepEqual({ ...draft, reasons: draft.reasons.toSorted() }, { ...said, reasons: said.reasons.toSorted() });
  await page.getByRole("button", { name: "Try on 90 days" }).click();
  assert.deepEqual(await tried(page), draft, "saved, it says the same");

  const line = page.getByRole("row", { name: /A page was unpublished/ });
  const inForce = async (enabled) => {
    await page.goto(`${scene.url}/rules?part=own`);
    assert.match(await line.innerText(), enabled ? /\bon\b/ : /\boff\b/);
    assert.match(await line.innerText(), /your own/);
    const { rule } = await scene.api(page, `/rules/${ID}`);
    assert.deepEqual([rule.enabled, rule.from, rule.switchedBy], [enabled, "own", "Dana Okafor"]);
    await line.getByRole("link").click();
  };
  await inForce(true);
  await page.getByRole("button", { name: "Switch off" }).click();
  await page.getByText("The rule is off.").waitFor();
  await inForce(false);
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByRole("button", { name: "Switch off" }).waitFor();
  await inForce(true);

  await page.getByRole("link", { name: "Edit" }).click();
  assert.equal(await editor.inputValue(), RIGHT.trim());
  await page.goBack();
  await page.getByRole("button", { name: "Remove…" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.waitForURL(/\/rules\?/);
  await page.goto(`${scene.url}/rules?search=page+was+unpublished`);
  assert.equal(await line.count(), 0);
  assert.deepEqual(page.wrong, []);
});

/** What the page says about the trial. */
async function tried(page) {
  const trial = page.locator("#trial");
  await trial.waitFor();
  const told = await trial.locator("p").first().innerText();
  const words = /raised ([\d,]+) findings? in the last 90 days: ([\d.]+) in 30 days\. ([\d,]+) events were looked at\. Nothing was written/;
  const [, raised, rate, entries] = told.match(words) ?? assert.fail(told);
  const reasons = await trial.locator(".found-list li .found-line span > .muted:last-child").allInnerTexts();
  return { raised: number(raised), rate, entries: number(entries), reasons };
}
