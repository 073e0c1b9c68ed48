/** Charts: every point where its number says, names that do not cover each other, text that cannot break the file. */
import { expect, test } from "vitest";
import { type Chart, logTicks, renderChart, spread } from "../src/chart.js";

const chart: Chart = {
  title: "Fast & <small>",
  note: "a note",
  panels: [
    {
      title: "panel",
      x: {
        label: "size",
        scale: "log",
        ticks: [
          [1, "one"],
          [100, "hundred"],
        ],
      },
      y: {
        label: "rate",
        scale: "log",
        ticks: [
          [10, "10"],
          [100, "100"],
          [1e9, "far away"],
        ],
      },
      series: [
        {
          name: "sprocket try",
          points: [
            [1, 10],
            [10, 100],
            [100, 10],
          ],
        },
        {
          name: "zeromq.js",
          points: [
            [1, 20],
            [100, 10],
          ],
        },
        { name: "nobody", points: [] },
      ],
    },
  ],
};

function numbers(text: string, pattern: RegExp): number[][] {
  return [...text.matchAll(pattern)].map((match) => match.slice(1).map(Number));
}

test("each point has its mark, and higher numbers lie higher", () => {
  const svg = renderChart(chart);
  const ours = svg.slice(svg.lastIndexOf('<g class="s2"'));
  const dots = numbers(ours.slice(0, ours.indexOf("</g>")), /cx="([\d.]+)" cy="([\d.]+)"/g);
  expect(dots.length).toBe(3);
  const [first, second, third] = dots as [number[], number[], number[]];
  // Logarithmic: 10 lies half way between 1 and 100.
  expect(second[0]).toBeCloseTo(((first[0] as number) + (third[0] as number)) / 2, 0);
  expect(second[1]).toBeLessThan(first[1] as number);
  expect(third[1]).toBe(first[1]);
});

test("marks outside of what is drawn are left out, and so are contenders without a number", () => {
  const svg = renderChart(chart);
  expect(svg).toContain(">hundred<");
  expect(svg).not.toContain("far away");
  expect(svg).not.toContain("nobody");
});

test("text is escaped, and the chart has a name and a description for those who cannot see it", () => {
  const svg = renderChart(chart);
  expect(svg).toContain("<title>Fast &amp; &lt;small&gt;</title>");
  expect(svg).toContain("<desc>a note</desc>");
  expect(svg).not.toContain("NaN");
  expect(svg).toContain("prefers-color-scheme:dark");
});

test("a single point is drawn", () => {
  const [panel] = chart.panels;
  const series = [{ name: "sprocket", points: [[5, 5]] as const }];
  expect(renderChart({ ...chart, panels: [{ ...(panel as Chart["panels"][0]), series }] })).not.toContain(
    "NaN",
  );
});

test("names keep their distance and their order, and stay inside", () => {
  expect(spread([50, 10, 52], 10, 0, 100)).toEqual([50, 10, 60]);
  expect(spread([99, 98, 97], 10, 0, 100)).toEqual([100, 90, 80]);
  expect(spread([-5, 1], 10, 0, 100)).toEqual([0, 10]);
  expect(spread([], 10, 0, 100)).toEqual([]);
});

test("the wider a logarithmic axis spreads, the fewer marks it has for each power of ten", () => {
  const values = (...given: number[]) => logTicks(given, String).map(([value]) => value);
  expect(values(10, 90)).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]);
  expect(values(0.3, 90)).toEqual([0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000]);
  expect(values(10, 1e6)).toEqual([1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7]);
});
