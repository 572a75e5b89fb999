// Keeps "4 min ago" true while the page is open, and tells the server the browser's time zone.

const UNITS = /** @type {const} */ ([
  [90_000, 1_000, "s"],
  [5_400_000, 60_000, "min"],
  [172_800_000, 3_600_000, "h"],
  [Infinity, 86_400_000, "d"],
]);

/**
 * A length of time as the server writes it.
 * @param {number} ms
 */
export function spoken(ms) {
  for (const [most, unit, word] of UNITS) {
    if (ms < most) return `${unit === 1_000 ? Math.floor(ms / unit) : Math.round(ms / unit)} ${word}`;
  }
  return "";
}

/** @param {number} at */
export function told(at, now = Date.now()) {
  const ago = now - at;
  if (ago < -1_000) return `in ${spoken(-ago)}`;
  return ago < 1_000 ? "just now" : `${spoken(ago)} ago`;
}

export function tell(/** @type {ParentNode} */ within = document) {
  for (const time of within.querySelectorAll("time[data-ago]")) {
    const at = Date.parse(/** @type {HTMLTimeElement} */ (time).dateTime);
    const text = told(at);
    if (!Number.isNaN(at) && time.textContent !== text) time.textContent = text;
  }
}

setInterval(() => document.hidden || tell(), 1_000);
document.addEventListener("visibilitychange", () => tell());

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `hubtrail_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=strict`;
