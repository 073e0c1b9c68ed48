/** The command line. */
import { expect, test } from "vitest";
import { readOptions } from "../src/options.js";
import { workloads } from "../src/workloads.js";

const read = (...given: string[]) => {
  const options = readOptions(given, "/docs/performance");
  if (options === undefined) throw new Error("no options");
  return options;
};

test("without a word: the telling workloads, halved, 3 rounds in 4 minutes, 1,000 connections, nothing written", () => {
  const options = read();
  expect(options).toMatchObject({
    rounds: 3,
    budget: 240_000,
    connections: [1_000],
    everybody: false,
    folder: undefined,
  });
  expect(options.workloads.map(({ title }) => title)).toEqual(
    workloads.filter(({ quick }) => quick).map(({ title }) => title),
  );
  const [first] = options.workloads;
  expect(first?.count).toBe((workloads.find(({ title }) => title === first?.title)?.count as number) / 2);
});

test("--full: everything, 5 rounds in 35 minutes, written to the documents or where it is told", () => {
  expect(read("--full")).toMatchObject({
    rounds: 5,
    budget: 2_100_000,
    everybody: true,
    folder: "/docs/performance",
  });
  expect(read("--full").workloads).toEqual(workloads);
  expect(read("--full").connections).toEqual([1, 10, 100, 1_000, 10_000]);
  expect(read("--full", "--out", "/elsewhere", "--budget", "3", "--rounds", "1")).toMatchObject({
    rounds: 1,
    budget: 180_000,
    folder: "/elsewhere",
  });
});

test("--only: what has every word, whole, without an end to time", () => {
  const options = read("--only", "w1,tcp,64");
  expect(options.workloads.map(({ title }) => title)).toEqual(["pair, tcp, 64 B"]);
  expect(options).toMatchObject({ budget: Number.POSITIVE_INFINITY, connections: [], everybody: true });
  expect(read("--only", "w4").workloads.map(({ name }) => name)).toEqual(["w4", "w4-latency"]);
  expect(read("--only", "w5")).toMatchObject({ workloads: [], connections: [1, 10, 100, 1_000, 10_000] });
});

test("what makes no sense is refused", () => {
  expect(() => read("--only", "w1,17")).toThrow("leaves nothing to run");
  for (const rounds of ["0", "1.5", "many"]) expect(() => read("--rounds", rounds)).toThrow("--rounds");
  for (const budget of ["-1", "long"]) expect(() => read(`--budget=${budget}`)).toThrow("--budget");
  expect(() => read("--fast")).toThrow();
  expect(readOptions(["--help"], "")).toBeUndefined();
});

test("no two workloads have the same title, by which results find them", () => {
  const titles = workloads.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});
