/** When a goal is reached, missed, or cannot be judged. */
import { expect, test } from "vitest";
import { contenders } from "../src/contenders.js";
import { atLeast, atMost, judge } from "../src/goals.js";
import { workloads } from "../src/workloads.js";

const measured = [
  { contender: "ours", unit: "msg/s", median: 300, lostMost: 0.01 },
  { contender: "theirs", unit: "msg/s", median: 100 },
  { contender: "nothing", unit: "msg/s", median: 0 },
];

test("a ratio is ours divided by the peer's; to meet the bound is to reach it", () => {
  const [least] = atLeast("ours", { theirs: 3 });
  expect(judge(least as never, measured)).toEqual({
    text: "ours / theirs",
    wanted: "at least 3x",
    measured: "3.00x",
    reached: true,
  });
  expect(judge(atLeast("ours", { theirs: 3.01 })[0] as never, measured)?.reached).toBe(false);
  expect(judge(atMost("ours", { theirs: 3 })[0] as never, measured)?.reached).toBe(true);
  expect(judge(atMost("ours", { theirs: 2.99 })[0] as never, measured)?.reached).toBe(false);
});

test("a goal of ours alone is a number, or the largest loss of all rounds", () => {
  expect(judge({ ours: "ours", of: "median", atMost: 300 }, measured)).toEqual({
    text: "ours",
    wanted: "at most 300 msg/s",
    measured: "300 msg/s",
    reached: true,
  });
  expect(judge({ ours: "ours", of: "median", atMost: 299 }, measured)?.reached).toBe(false);
  expect(judge({ ours: "ours", of: "lost", atMost: 0 }, measured)).toMatchObject({
    wanted: "at most 0 % lost",
    measured: "1.00 % lost",
    reached: false,
  });
});

test("what was not measured is not judged", () => {
  expect(judge(atLeast("ours", { absent: 2 })[0] as never, measured)).toBeUndefined();
  expect(judge(atLeast("absent", { theirs: 2 })[0] as never, measured)).toBeUndefined();
  expect(judge(atLeast("ours", { nothing: 2 })[0] as never, measured)).toBeUndefined();
  expect(judge({ ours: "theirs", of: "lost", atMost: 0 }, measured)).toBeUndefined();
});

test("every goal names contenders that its workload has", () => {
  const program = { command: undefined, install: "" };
  const find = () => program;
  const all = contenders({ here: find, zeromq: find, fromC: find, python: find });
  for (const { name, title, goals } of workloads) {
    const names = all[name].map((contender) => contender.name);
    for (const goal of goals) {
      expect(names, title).toContain(goal.ours);
      expect(all[name].find((contender) => contender.name === goal.ours)?.ours, title).toBe(true);
      if ("peer" in goal) expect(names, title).toContain(goal.peer);
    }
  }
});
