// Pages of ours, fetched to take parts of them.

/**
 * Fetches a page. Whoever is no longer signed in is shown where to.
 * @param {string} href
 */
export async function fetchPage(href) {
  const response = await fetch(href, { headers: { accept: "text/html" }, credentials: "same-origin" });
  if (response.redirected && new URL(response.url).pathname === "/sign-in") location.reload();
  if (!response.ok) throw new Error(`${href}: ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}
