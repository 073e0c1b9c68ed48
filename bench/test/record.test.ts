/** What a full run writes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { medianRow } from "../src/connections.js";
import type { Machine } from "../src/machine.js";
import { caveats, markdown, type Record, writeRecord } from "../src/record.js";
import type { Summary } from "../src/report.js";
import { workloads } from "../src/workloads.js";

const machine: Machine = {
  processor: "Processor | one",
  cores: 8,
  memoryGiB: 16,
  system: "Linux 6",
  files: 20_000,
  loadBefore: 0.1,
  loadAfter: 1.5,
  date: "2026-01-02T03:04:05.678Z",
  commit: "abc1234",
  versions: { "Node.js": "v20" },
};

function summary(title: string, contender: string, median: number): Summary {
  const found = workloads.find((workload) => workload.title === title);
  const ours = contender.startsWith("sprocket");
  const curve = [
    [0.5, median],
    [0.99, median * 3],
  ] as const;
  const shared = { contender, ours, unit: found?.unit ?? "", rounds: 5, median, min: median, max: median };
  return {
    workload: found?.name ?? "",
    title,
    ...shared,
    ratios: {},
    ...(found?.unit === "us" && { curve, p99: 3 * median }),
  };
}

const row = {
  contender: "sprocket",
  connections: 10,
  milliseconds: 5,
  listenerRss: 10_240,
  listenerHeap: 1,
  dialerRss: 1,
  dialerHeap: 1,
};

const record: Record = {
  machine,
  seconds: 600,
  rounds: 5,
  workloads: [
    summary("pair, tcp, 64 B", "sprocket try", 3e6),
    summary("pair, tcp, 1 MiB", "sprocket try", 2e3),
    summary("pair, tcp, 64 B", "zeromq.js", 2e5),
    summary("request and reply in turn, tcp, 64 B", "sprocket", 50),
    summary("1 publisher, 10 subscribers, tcp, 64 B", "sprocket try", 1e6),
    summary("1 subscriber with 100 topics, tcp, 64 B", "sprocket try", 1e6),
  ],
  connections: [row, { ...row, connections: 100 }],
  goals: [
    { title: "one", text: "a / b", wanted: "at least 2x", measured: "3x", reached: true },
    { title: "two", text: "a / c", wanted: "at least 2x", measured: "1x", reached: false },
  ],
};

test("numbers, tables and charts are written, and charts hold every point", () => {
  const folder = mkdtempSync(join(tmpdir(), "sprocket-record-"));
  try {
    writeRecord(join(folder, "new"), record, workloads);
    expect(readdirSync(join(folder, "new")).sort()).toEqual([
      "connections.svg",
      "fan-out.svg",
      "latency.svg",
      "results.json",
      "results.md",
      "throughput.svg",
    ]);
    const read = (name: string): string => readFileSync(join(folder, "new", name), "utf8");
    expect(JSON.parse(read("results.json"))).toEqual(record);
    const dots = (name: string): number => [...read(name).matchAll(/<circle/g)].length;
    expect(["throughput.svg", "latency.svg", "connections.svg", "fan-out.svg"].map(dots)).toEqual([
      3, 2, 4, 2,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the tables tell machine, goals and every workload that was measured", () => {
  const text = markdown(record, workloads);
  expect(text).toContain("1 of 2 reached");
  expect(text).toContain("| two | a / c | at least 2x | 1x | **missed** |");
  expect(text).toContain("Processor \\| one, 8 cores");
  expect(text).toContain("2026-01-02 03:04 UTC, 5 rounds, 10 minutes");
  expect(text).toContain("### Pair, tcp, 64 B");
  expect(text).not.toContain("### Pair, tcp, 16 KiB");
  expect(text).toContain("| sprocket | 5.00 | 10.0 |");
});

test("a busy machine, few cores and few rounds are said", () => {
  expect(caveats(record)).toEqual([]);
  expect(caveats({ machine: { ...machine, loadBefore: 4 }, rounds: 5 })[0]).toContain("busy");
  expect(caveats({ machine: { ...machine, cores: 2 }, rounds: 5 })[0]).toContain("2 cores");
  expect(caveats({ machine, rounds: 1 })).toEqual(["Only 1 round: look at the ranges."]);
});

test("a row of connections is the median of each number", () => {
  const measured = [
    row,
    { ...row, milliseconds: 9, listenerRss: 1 },
    { ...row, milliseconds: 7, listenerRss: 30 },
  ];
  expect(medianRow(measured)).toMatchObject({
    contender: "sprocket",
    connections: 10,
    milliseconds: 7,
    listenerRss: 30,
  });
  expect(medianRow(measured)).not.toHaveProperty("p99");
  expect(medianRow([{ ...row, p50: 1, p99: 4 }])).toMatchObject({ p50: 1, p99: 4 });
  expect(() => medianRow([])).toThrow();
});
