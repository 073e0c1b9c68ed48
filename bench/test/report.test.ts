/** From measurements to a table. */
import { expect, test } from "vitest";
import type { Contender } from "../src/contenders.js";
import { counts, toMeasurement } from "../src/measure.js";
import { cells, medianCurve, render, summarize, verdicts } from "../src/report.js";
import type { Workload } from "../src/workloads.js";

const workload: Workload = {
  name: "w3",
  title: "a title",
  route: "tcp",
  size: 64,
  warmUp: 10,
  count: 100,
  unit: "msg/s",
  quick: true,
  goals: [
    { ours: "ours", peer: "theirs", bound: "at least", ratio: 2 },
    { ours: "ours", of: "lost", atMost: 0 },
  ],
};

function contender(name: string, ours = false): Contender {
  const program = { command: undefined, install: "" };
  return { name, mode: "-", ours, fixedPort: false, share: 1, quick: true, reverse: false, program };
}

const rows = [
  {
    contender: contender("ours", true),
    measurements: [
      { value: 30, lost: 0 },
      { value: 10, lost: 0.5 },
      { value: 20, lost: 0 },
    ],
  },
  {
    contender: contender("theirs"),
    measurements: [
      { value: 8, lost: 1 },
      { value: 12, lost: 0 },
      { value: 10, lost: 0.25 },
    ],
  },
];

test("a summary has median, range, the loss in the middle and the largest, and what ours is divided by it", () => {
  const [ours, theirs] = summarize(workload, rows);
  expect(ours).toMatchObject({
    median: 20,
    min: 10,
    max: 30,
    rounds: 3,
    lost: 0,
    lostMost: 0.5,
    ratios: { ours: 1 },
  });
  expect(theirs).toMatchObject({ median: 10, min: 8, max: 12, lost: 0.25, lostMost: 1, ratios: { ours: 2 } });
});

test("the table shows them, and ratios to everybody but oneself", () => {
  expect(cells(workload, summarize(workload, rows))).toEqual([
    ["", "msg/s", "min-max", "lost", "ours /"],
    ["ours", "20.0", "10.0-30.0", "0 %", "-"],
    ["theirs", "10.0", "8.00-12.0", "25.0 %", "2.00x"],
  ]);
});

test("goals stand below: one lossy round misses the goal of no loss", () => {
  const summaries = summarize(workload, rows);
  expect(verdicts(workload, summaries).map(({ reached }) => reached)).toEqual([true, false]);
  expect(render(workload, summaries).split("\n").slice(-2)).toEqual([
    "  goal: ours / theirs at least 2x: 2.00x, reached",
    "  goal: ours at most 0 % lost: 50.0 % lost, MISSED",
  ]);
});

test("curves are put together point by point", () => {
  const curve = (...times: number[]) => times.map((time, at) => [at / 10, time] as const);
  expect(medianCurve([curve(1, 9), curve(3, 7), curve(2, 8)])).toEqual([
    [0, 2],
    [0.1, 8],
  ]);
});

test("what a program reports becomes a rate with its loss, a median, or the largest time", () => {
  expect(toMeasurement({ messages: 50, seconds: 0.5, sent: 200 })).toEqual({ value: 100, lost: 0.75 });
  expect(toMeasurement({ messages: 50, seconds: 0.5 })).toEqual({ value: 100 });
  expect(toMeasurement({ messages: 0, seconds: 0, sent: 200 })).toEqual({ value: 0, lost: 1 });
  const times = {
    p50: 5,
    p99: 9,
    curve: [
      [0.5, 5],
      [1, 70],
    ] as const,
  };
  expect(toMeasurement(times)).toEqual({ value: 5, p99: 9, curve: times.curve });
  expect(toMeasurement(times, "max").value).toBe(70);
});

test("who is slow sends a part of the small messages, and all of the large ones and of the requests", () => {
  const slow = { share: 1 / 10 };
  expect(counts(workload, slow)).toEqual({ warmUp: 1, count: 10 });
  expect(counts({ ...workload, size: 65_536 }, slow)).toEqual({ warmUp: 10, count: 100 });
  expect(counts({ ...workload, unit: "us" }, slow)).toEqual({ warmUp: 10, count: 100 });
});
