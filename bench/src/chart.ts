/**
 * Line charts as SVG, readable in light and dark viewers: one or two panels side by side, each line named at its end. A
 * chart paints its own background, so that it fits whatever page it is on.
 */
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";

export interface Axis {
  readonly label: string;
  /** Values that get a mark, and how they read. */
  readonly ticks: readonly (readonly [value: number, label: string])[];
  readonly scale: "log" | "linear";
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Chart {
  readonly title: string;
  /** What to know to read it: one line. */
  readonly note: string;
  readonly panels: readonly Panel[];
}

/** Colours by what runs: light and dark viewers, and whether the line is broken (a second way to use the same). */
interface Look {
  readonly light: string;
  readonly dark: string;
  readonly dashed?: boolean;
  readonly strong?: boolean;
}

const looks: readonly (readonly [start: string, look: Look])[] = [
  ["sprocket await", { light: "#0969da", dark: "#58a6ff", dashed: true, strong: true }],
  ["sprocket request", { light: "#0969da", dark: "#58a6ff", dashed: true, strong: true }],
  ["sprocket", { light: "#0969da", dark: "#58a6ff", strong: true }],
  ["zeromq.js", { light: "#bc4c00", dark: "#f0883e" }],
  ["nng", { light: "#1a7f37", dark: "#3fb950" }],
  ["nanomsg", { light: "#8250df", dark: "#bc8cff" }],
  ["libzmq", { light: "#cf222e", dark: "#ff7b72" }],
  ["pyzmq", { light: "#9a6700", dark: "#d29922" }],
  ["", { light: "#6e7781", dark: "#9198a1" }],
];

const width = 960;
const plotHeight = 320;
const left = 62;
const labels = 128;
const top = 96;
const bottom = 58;
const labelGap = 15;

export function renderChart(chart: Chart): string {
  const height = top + plotHeight + bottom;
  const panelWidth = width / chart.panels.length;
  const panels = chart.panels.map((panel, at) => renderPanel(panel, at * panelWidth, panelWidth));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(chart.title)}</title>`,
    `<desc>${escaped(chart.note)}</desc>`,
    `<style>${styles()}</style>`,
    `<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<text class="title" x="20" y="32">${escaped(chart.title)}</text>`,
    `<text class="note" x="20" y="54">${escaped(chart.note)}</text>`,
    ...panels,
    "</svg>",
  ].join("\n")}\n`;
}

function renderPanel(panel: Panel, offset: number, panelWidth: number): string {
  const x = scaleOf(panel.x, [offset + left, offset + panelWidth - labels], xs(panel));
  const y = scaleOf(panel.y, [top + plotHeight, top], ys(panel));
  const [from, to] = x.range() as [number, number];
  const inside = ([value]: readonly [number, string], scale: typeof x): boolean => {
    const [low, high] = scale.domain() as [number, number];
    return value >= low * 0.999 && value <= high * 1.001;
  };
  const grid = panel.y.ticks
    .filter((tick) => inside(tick, y))
    .map(([value, label]) => {
      const at = round(y(value));
      return `<line class="grid" x1="${from}" x2="${to}" y1="${at}" y2="${at}"/><text class="tick" x="${from - 8}" y="${at + 4}" text-anchor="end">${escaped(label)}</text>`;
    });
  const marks = panel.x.ticks
    .filter((tick) => inside(tick, x))
    .map(([value, label]) => {
      const at = round(x(value));
      return `<line class="axis" x1="${at}" x2="${at}" y1="${top + plotHeight}" y2="${top + plotHeight + 5}"/><text class="tick" x="${at}" y="${top + plotHeight + 20}" text-anchor="middle">${escaped(label)}</text>`;
    });
  const drawn = panel.series.filter(({ points }) => points.length > 0);
  const path = line<readonly [number, number]>()
    .x(([value]) => round(x(value)))
    .y(([, value]) => round(y(value)));
  // Ours last, so that it lies above the others.
  const paths = [...drawn]
    .sort((a, b) => Number(lookOf(a.name).strong ?? false) - Number(lookOf(b.name).strong ?? false))
    .map(({ name, points }) => {
      const dots = points
        .map(([px, py]) => `<circle cx="${round(x(px))}" cy="${round(y(py))}" r="3"/>`)
        .join("");
      return `<g class="${classOf(name)}"><path d="${path(points) ?? ""}"/>${dots}</g>`;
    });
  const ends = drawn.map(({ points }) => y((points.at(-1) as readonly [number, number])[1]));
  const names = spread(ends, labelGap, top + 4, top + plotHeight).map((at, index) => {
    const { name, points } = drawn[index] as Series;
    const [endX, endY] = points.at(-1) as readonly [number, number];
    return (
      `<line class="leader" x1="${round(x(endX)) + 5}" y1="${round(y(endY))}" x2="${to + 10}" y2="${round(at)}"/>` +
      `<text class="name ${classOf(name)}" x="${to + 13}" y="${round(at) + 4}">${escaped(name)}</text>`
    );
  });
  return [
    `<text class="panel" x="${offset + 20}" y="${top - 18}">${escaped(panel.title)}</text>`,
    ...grid,
    `<line class="axis" x1="${from}" x2="${to}" y1="${top + plotHeight}" y2="${top + plotHeight}"/>`,
    ...marks,
    `<text class="tick" x="${(from + to) / 2}" y="${top + plotHeight + 42}" text-anchor="middle">${escaped(panel.x.label)}</text>`,
    ...paths,
    ...names,
  ].join("\n");
}

/** Keeps values at least `gap` apart and between the bounds, as near to where they were as that allows. */
export function spread(values: readonly number[], gap: number, low: number, high: number): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const placed: number[] = [];
  for (const { value } of order)
    placed.push(Math.max(value, low, (placed.at(-1) ?? Number.NEGATIVE_INFINITY) + gap));
  let limit = high;
  for (let at = placed.length - 1; at >= 0; at--) {
    placed[at] = Math.min(placed[at] as number, limit);
    limit = (placed[at] as number) - gap;
  }
  const result = new Array<number>(values.length);
  order.forEach(({ index }, at) => {
    result[index] = placed[at] as number;
  });
  return result;
}

function scaleOf(
  axis: Axis,
  range: readonly [number, number],
  values: readonly number[],
): ScaleContinuousNumeric<number, number> {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const scale = axis.scale === "log" ? scaleLog() : scaleLinear();
  return scale.domain([low, high === low ? low * 2 : high]).range(range);
}

function xs({ series }: Panel): number[] {
  return series.flatMap(({ points }) => points.map(([x]) => x));
}

/** With room above and below, down to the next mark where that is near. */
function ys({ series, y }: Panel): number[] {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  if (y.scale === "linear") return [0, Math.max(...values) * 1.05];
  return [Math.min(...values) / 1.4, Math.max(...values) * 1.4];
}

/** Marks of a logarithmic axis around the values: the wider they spread, the fewer for each power of ten. */
export function logTicks(
  values: readonly number[],
  label: (value: number) => string,
): (readonly [number, string])[] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const decades = Math.log10(high / low);
  const steps = decades <= 2 ? [1, 2, 5] : decades <= 3.5 ? [1, 3] : [1];
  const ticks: (readonly [number, string])[] = [];
  for (let power = Math.floor(Math.log10(low / 2)); power <= Math.ceil(Math.log10(high * 2)); power++) {
    for (const step of steps) {
      // Not 3 * 0.1, which is no round number any more.
      const value = Number(`${step}e${power}`);
      ticks.push([value, label(value)]);
    }
  }
  return ticks;
}

function lookOf(name: string): Look {
  return (looks.find(([start]) => name.startsWith(start)) as (typeof looks)[number])[1];
}

function classOf(name: string): string {
  return `s${looks.findIndex(([start]) => name.startsWith(start))}`;
}

function styles(): string {
  const colours = (mode: "light" | "dark"): string =>
    looks
      .map(
        ([, look], at) => `.s${at} path{stroke:${look[mode]}}.s${at} circle,text.s${at}{fill:${look[mode]}}`,
      )
      .join("");
  const shapes = looks
    .map(([, { dashed, strong }], at) => {
      const dash = dashed === true ? ";stroke-dasharray:6 4" : "";
      return `.s${at} path{stroke-width:${strong === true ? 2.6 : 1.6}${dash}}`;
    })
    .join("");
  return (
    "text{font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Helvetica,Arial,sans-serif;font-size:12px}" +
    ".title{font-size:18px;font-weight:600}.panel{font-size:13px;font-weight:600}.name{font-weight:600}" +
    "path{fill:none;stroke-linejoin:round}" +
    shapes +
    ".paper{fill:#ffffff;stroke:#d1d9e0}.grid{stroke:#e6eaef}.axis{stroke:#818b98}.leader{stroke:#d1d9e0}" +
    ".title,.panel{fill:#1f2328}.note,.tick{fill:#59636e}" +
    colours("light") +
    "@media (prefers-color-scheme:dark){" +
    ".paper{fill:#0d1117;stroke:#3d444d}.grid{stroke:#21262d}.axis{stroke:#656c76}.leader{stroke:#3d444d}" +
    ".title,.panel{fill:#f0f6fc}.note,.tick{fill:#9198a1}" +
    colours("dark") +
    "}"
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
