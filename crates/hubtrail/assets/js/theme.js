// The switch between light, dark and whatever the system has. The choice is a cookie, so that the server
// draws the page right the first time.

const CHOICES = /** @type {const} */ ([
  ["", "screen", "As the system"],
  ["light", "sun", "Light"],
  ["dark", "moon", "Dark"],
]);

/** The address of the icons of this build. */
export const icons = new URL("../icons.svg", import.meta.url).pathname;

/**
 * @param {string} name
 * @param {string} [kind]
 */
export function icon(name, kind = "icon") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", kind);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
}

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    const buttons = CHOICES.map(([theme, name, word]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(icon(name), word);
      button.addEventListener("click", () => this.choose(theme));
      button.dataset.theme = theme;
      return button;
    });
    this.replaceChildren(...buttons);
    this.mark();
  }

  /** @param {string} theme */
  choose(theme) {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    document.cookie = `hubtrail_theme=${theme}; path=/; max-age=${theme ? 31536000 : 0}; samesite=strict`;
    this.mark();
  }

  mark() {
    const current = document.documentElement.dataset.theme ?? "";
    for (const button of this.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === current));
    }
  }
}

customElements.define("theme-switch", ThemeSwitch);
