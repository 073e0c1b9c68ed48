/**
 * One line of one measurement over the last minute. SVG, so that colours follow the style sheet in light and dark; the
 * curve glides from one measurement to the next, unless the viewer wants less motion.
 */
import { MEASURE_EVERY, REMEMBERED, type Sample } from "../shared/metrics.js";
import { isCalm, makeSvg } from "./dom.js";

/** Two measurements further apart than this are not joined: in between nothing was received. */
const GAP = MEASURE_EVERY * 3;
/** Room for the line's own width at the top and at the bottom. */
const EDGE = 2;

export class Chart {
  readonly svg: SVGSVGElement;
  readonly #curve = makeSvg("g");
  readonly #line = makeSvg("path", { class: "chart-line" });
  readonly #area = makeSvg("path", { class: "chart-area" });
  readonly #grid = makeSvg("path", { class: "chart-grid" });
  readonly #cursor = makeSvg("path", { class: "chart-cursor" });
  readonly #least: number;
  #samples: Sample[] = [];
  #width = 0;
  #height = 0;
  #end = Date.now();
  #most: number;

  /** @param least The scale shows at least so much. */
  constructor(least: number) {
    this.#least = least;
    this.#most = least;
    this.#curve.append(this.#area, this.#line);
    this.svg = makeSvg(
      "svg",
      { class: "chart", role: "img", focusable: "false" },
      this.#grid,
      this.#curve,
      this.#cursor,
    );
    new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      this.#width = entry.contentRect.width;
      this.#height = entry.contentRect.height;
      this.draw(this.#end);
    }).observe(this.svg);
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** The top of the scale. */
  get most(): number {
    return this.#most;
  }

  replace(samples: readonly Sample[], end: number): void {
    this.#samples = [...samples];
    this.draw(end);
  }

  add(sample: Sample): void {
    this.#samples.push(sample);
  }

  /** Draws up to a moment, and glides there. */
  draw(end: number): void {
    const before = this.#end;
    this.#end = end;
    const oldest = end - REMEMBERED - GAP;
    while ((this.#samples[0]?.at ?? end) < oldest) this.#samples.shift();
    this.#most = niceAbove(Math.max(this.#least, ...this.#samples.map(({ value }) => value)));
    if (this.#width === 0) return;
    const middle = this.#y(this.#most / 2).toFixed(1);
    this.#grid.setAttribute("d", `M0 ${EDGE}H${this.#width}M0 ${middle}H${this.#width}`);
    const { line, area } = this.#paths();
    this.#line.setAttribute("d", line);
    this.#area.setAttribute("d", area);
    const moved = ((end - before) / REMEMBERED) * this.#width;
    if (moved > 0 && moved < 40 && !isCalm() && !document.hidden) {
      for (const running of this.#curve.getAnimations()) running.cancel();
      this.#curve.animate([{ transform: `translateX(${moved}px)` }, { transform: "none" }], {
        duration: Math.min(1_000, end - before),
        easing: "linear",
      });
    }
  }

  /** The sample nearest to a place, from 0 (a minute ago) to 1 (now), and a line there; undefined takes the line away. */
  point(part: number | undefined): Sample | undefined {
    if (part === undefined) {
      this.#cursor.removeAttribute("d");
      return undefined;
    }
    const at = this.#end - (1 - part) * REMEMBERED;
    let nearest: Sample | undefined;
    for (const sample of this.#samples) {
      if (nearest === undefined || Math.abs(sample.at - at) < Math.abs(nearest.at - at)) nearest = sample;
    }
    this.#cursor.setAttribute("d", `M${(part * this.#width).toFixed(1)} 0V${this.#height}`);
    return nearest !== undefined && Math.abs(nearest.at - at) < GAP ? nearest : undefined;
  }

  #x(at: number): number {
    return this.#width - ((this.#end - at) / REMEMBERED) * this.#width;
  }

  #y(value: number): number {
    return this.#height - EDGE - (value / this.#most) * (this.#height - 2 * EDGE);
  }

  #paths(): { line: string; area: string } {
    let line = "";
    let area = "";
    let first: string | undefined;
    let last = "";
    let then = Number.NEGATIVE_INFINITY;
    const close = (): void => {
      if (first !== undefined) area += `L${last} ${this.#height}L${first} ${this.#height}Z`;
    };
    for (const { at, value } of this.#samples) {
      const x = this.#x(at).toFixed(1);
      const point = `${x} ${this.#y(value).toFixed(1)}`;
      if (at - then > GAP) {
        close();
        first = x;
        line += `M${point}`;
        area += `M${point}`;
      } else {
        line += `L${point}`;
        area += `L${point}`;
      }
      last = x;
      then = at;
    }
    close();
    return { line, area };
  }
}

/** A round number that is not far above. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value - 1e-9) ?? 10) * power;
}
