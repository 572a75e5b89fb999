// Zooming into a chart: a click on a bar, or a drag over several.

class LiveChart extends HTMLElement {
  connectedCallback() {
    this.addEventListener("pointerdown", (event) => this.start(event));
  }

  /** @param {PointerEvent} event */
  start(event) {
    const svg = /** @type {SVGSVGElement | null} */ (this.querySelector("svg.chart"));
    if (!svg || event.button !== 0 || !svg.contains(/** @type {Node} */ (event.target))) return;
    const from = bar(svg, event);
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    mark.setAttribute("class", "drag");
    mark.setAttribute("y", "0");
    mark.setAttribute("height", "88");
    svg.append(mark);
    const draw = (/** @type {PointerEvent} */ moved) => {
      const [first, last] = order(from, bar(svg, moved));
      const width = 100 / Number(svg.dataset.bars);
      mark.setAttribute("x", `${first * width}%`);
      mark.setAttribute("width", `${(last - first + 1) * width}%`);
    };
    draw(event);
    const away = new AbortController();
    addEventListener("pointermove", draw, { signal: away.signal });
    addEventListener("pointerup", (up) => {
      away.abort();
      mark.remove();
      this.zoom(svg, ...order(from, bar(svg, up)));
    }, { signal: away.signal });
    addEventListener("pointercancel", () => (away.abort(), mark.remove()), { signal: away.signal });
  }

  /**
   * @param {SVGSVGElement} svg
   * @param {number} first
   * @param {number} last
   */
  zoom(svg, first, last) {
    const [start, step] = [Number(svg.dataset.from), Number(svg.dataset.step)];
    const time = (/** @type {number} */ at) => new Date(start + at * step).toISOString().replace(".000Z", "Z");
    const href = this.dataset.href ?? "";
    location.assign(href.replace("FROM", encodeURIComponent(time(first))).replace("TO", encodeURIComponent(time(last + 1))));
  }
}

/**
 * @param {SVGSVGElement} svg
 * @param {PointerEvent} event
 */
function bar(svg, event) {
  const box = svg.getBoundingClientRect();
  const bars = Number(svg.dataset.bars);
  return Math.min(Math.max(Math.floor(((event.clientX - box.left) / box.width) * bars), 0), bars - 1);
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {[number, number]}
 */
function order(a, b) {
  return a < b ? [a, b] : [b, a];
}

customElements.define("live-chart", LiveChart);
