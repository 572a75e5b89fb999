// Pages of ours, fetched to take parts of them.

/** Several parts may learn of it at once, and one leads there. */
let leaving = false;

/**
 * Fetches a page. Whoever is no longer signed in is shown where to.
 * @param {string} href
 */
export async function fetchPage(href) {
  // Nobody looks anew at a page that is asked for to follow what happens.
  const headers = { accept: "text/html", "x-hubtrail-part": "1" };
  const response = await fetch(href, { headers, credentials: "same-origin" });
  if (response.redirected && new URL(response.url).pathname === "/sign-in") {
    if (!leaving) location.reload();
    leaving = true;
  }
  if (!response.ok) throw new Error(`${href}: ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}
