// How a page looks, and whether everybody can read it: in light and dark, wide and narrow. The pictures are for people to look at.
const assert = require("node:assert/strict");
const { mkdirSync, readFileSync } = require("node:fs");
const path = require("node:path");

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = path.join(__dirname, "..", "target", "screenshots");
const THEMES = ["light", "dark"];
const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
/** What axe judges by colours: all that may differ in the other theme. */
const COLOURS = ["color-contrast", "link-in-text-block"];
/** A context in which axe may run, and no colour is caught on its way to another. */
const STILL = { bypassCSP: true, reducedMotion: "reduce" };

mkdirSync(SHOTS, { recursive: true });

/** The name of a page's picture. */
const named = (where) => where.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "overview";

const shot = (page, name, options = {}) => page.screenshot({ path: `${SHOTS}/${name}.png`, ...options });

/** In the first theme all is judged, in the other one the colours: the markup is the same. */
async function violations(page, where, theme = THEMES[0]) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (rules) => globalThis.axe.run(document, { resultTypes: ["violations"], ...(rules ? { runOnly: rules } : {}) }),
    theme === THEMES[0] ? undefined : COLOURS,
  );
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join("\n")}`);
  assert.deepEqual(told, [], `on ${where}, ${theme}`);
}

/** What reaches beyond the page where that makes the page scroll sideways. */
function tooWide() {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const clipped = (node) => node && (getComputedStyle(node).overflowX !== "visible" || clipped(node.parentElement));
  const beyond = (node) => node.getBoundingClientRect().right > innerWidth + 0.5 && !clipped(node.parentElement);
  const named = (node) => `${node.tagName}.${node.className}#${node.id} ${Math.round(node.getBoundingClientRect().right)}`;
  return [`${document.documentElement.scrollWidth} of ${innerWidth}`, ...[...document.querySelectorAll("body *")].filter(beyond).map(named)];
}

/** Buttons on which there is nothing to see. */
function blank() {
  const seen = (button) => button.innerText.trim() || [...button.querySelectorAll("svg")].some((icon) => icon.checkVisibility());
  const all = [...document.querySelectorAll("button, .button")].filter((button) => button.checkVisibility());
  return all.filter((button) => !seen(button)).map((button) => button.outerHTML.slice(0, 160));
}

/** The page as it stands, drawn in both sizes and themes. Markup is judged in each size, colours in each theme. */
async function look(page, name) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      if (colorScheme === THEMES[0] || size === "wide") await violations(page, `${name}, ${size}`, colorScheme);
      await shot(page, `${name}.${colorScheme}.${size}`);
    }
    assert.deepEqual(await page.evaluate(tooWide), [], `${name} is too wide, ${size}`);
    assert.deepEqual(await page.evaluate(blank), [], `${name}, ${size}`);
  }
  await page.setViewportSize(SIZES.wide);
}

/** What is open over a page that was looked at: judged in both themes, and drawn where it has least room, too. */
async function lookOver(page, name) {
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    await violations(page, name, colorScheme);
    await shot(page, `${name}.${colorScheme}.wide`);
  }
  await page.setViewportSize(SIZES.narrow);
  await shot(page, `${name}.${THEMES[1]}.narrow`);
  assert.deepEqual(await page.evaluate(tooWide), [], `${name} is too wide`);
  await page.setViewportSize(SIZES.wide);
}

module.exports = { SIZES, STILL, THEMES, look, lookOver, named, shot, tooWide, violations };
