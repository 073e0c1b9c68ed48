/** The charts of a full run, from its numbers. */
import { type Axis, type Chart, logTicks, type Panel, type Series } from "./chart.js";
import { short } from "./numbers.js";
import type { Record } from "./record.js";
import type { Summary } from "./report.js";
import { sizeName, subscriberCounts, topicCounts, type Workload } from "./workloads.js";

/** By file name, those for which there are numbers. */
export function charts(record: Record, workloads: readonly Workload[]): Map<string, Chart> {
  const all: [string, Chart | undefined][] = [
    ["throughput.svg", throughput(record, workloads)],
    ["latency.svg", latency(record)],
    ["connections.svg", connections(record)],
    ["fan-out.svg", fanOut(record, workloads)],
  ];
  return new Map(
    all.filter((entry): entry is [string, Chart] => entry[1] !== undefined && !isEmpty(entry[1])),
  );
}

function isEmpty({ panels }: Chart): boolean {
  return panels.length === 0;
}

/** A point for each workload, a line for each contender; what was not measured is not drawn. */
function lines(
  record: Record,
  workloads: readonly Workload[],
  x: (workload: Workload) => number,
  y: (summary: Summary) => number,
): Series[] {
  const found = new Map<string, [number, number][]>();
  for (const workload of workloads) {
    for (const summary of record.workloads.filter(({ title }) => title === workload.title)) {
      const points = found.get(summary.contender) ?? [];
      const value = y(summary);
      if (value > 0 && Number.isFinite(value)) points.push([x(workload), value]);
      found.set(summary.contender, points);
    }
  }
  return [...found].map(([name, points]) => ({ name, points })).filter(({ points }) => points.length > 0);
}

function logAxis(label: string, series: readonly Series[]): Axis {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  return { label, scale: "log", ticks: logTicks(values, plain) };
}

/** 1M rather than 1.00M: a mark of an axis is exact. */
function plain(value: number): string {
  return short(value).replace(/^[\d.]+/, (number) => String(Number(number)));
}

function panel(title: string, x: Axis, label: string, series: readonly Series[]): Panel[] {
  return series.length === 0 ? [] : [{ title, x, y: logAxis(label, series), series }];
}

function throughput(record: Record, workloads: readonly Workload[]): Chart {
  const panels = (["tcp", "ipc"] as const).flatMap((route) => {
    const sizes = workloads.filter((workload) => workload.name === "w1" && workload.route === route);
    const series = lines(
      record,
      sizes,
      (workload) => sizes.indexOf(workload),
      ({ median }) => median,
    );
    const ticks = sizes.map(({ size }, at) => [at, sizeName(size)] as const);
    return panel(
      `Messages a second, ${route}`,
      { label: "size of a message", scale: "linear", ticks },
      "messages a second",
      series,
    );
  });
  return {
    title: "Throughput by size",
    note: "PAIR to PAIR, two processes on one machine, medians. Higher is better; the axis of messages is logarithmic.",
    panels,
  };
}

function latency(record: Record): Chart {
  const times = (workload: string): Series[] =>
    record.workloads
      .filter((summary) => summary.workload === workload && summary.curve !== undefined)
      .map(({ contender, curve = [] }) => ({
        name: contender,
        points: curve
          .filter(([part, time]) => part > 0 && part <= 0.999 && time > 0)
          .map(([part, time]) => [nines(part), time] as const),
      }));
  const x: Axis = {
    label: "part of all round trips",
    scale: "linear",
    ticks: [0.5, 0.9, 0.99, 0.999].map((part) => [nines(part), `${Number((part * 100).toFixed(1))} %`]),
  };
  return {
    title: "Latency: how long a round trip takes at most",
    note: "64 bytes, one request at a time, microseconds on a logarithmic axis. Lower is better; to the right come the rare, slow ones.",
    panels: [
      ...panel("Microseconds, request and reply, tcp", x, "microseconds", times("w2")),
      ...panel("Microseconds, inside one process", x, "microseconds", times("w4-latency")),
    ],
  };
}

/** So that each further nine takes the same room. */
function nines(part: number): number {
  return -Math.log10(1 - part);
}

function connections(record: Record): Chart {
  const sizes = [...new Set(record.connections.map(({ connections }) => connections))].filter(
    (size) => size >= 10,
  );
  const of = (value: (row: Record["connections"][number]) => number | undefined): Series[] =>
    [...new Set(record.connections.map(({ contender }) => contender))]
      .map((name) => ({
        name,
        points: record.connections
          .filter((row) => row.contender === name && sizes.includes(row.connections))
          .map((row) => [row.connections, value(row) ?? 0] as const)
          .filter(([, y]) => y > 0),
      }))
      .filter(({ points }) => points.length > 0);
  const x: Axis = {
    label: "connections",
    scale: "log",
    ticks: sizes.map((size) => [size, size.toLocaleString("en")] as const),
  };
  return {
    title: "Cost of a connection",
    note: "Two processes, one listening, one dialing all connections, tcp, medians. Lower is better; both axes are logarithmic.",
    panels: [
      ...panel(
        "kB for each, at the listener",
        x,
        "kB",
        of(({ listenerRss }) => listenerRss / 1_024),
      ),
      ...panel(
        "Microseconds to connect, for each",
        x,
        "us",
        of(({ milliseconds, connections }) => (milliseconds / connections) * 1_000),
      ),
    ],
  };
}

function fanOut(record: Record, workloads: readonly Workload[]): Chart {
  const series = (name: "subscribers" | "topics"): Series[] =>
    lines(
      record,
      workloads.filter((workload) => workload.name === name),
      ({ peers = 1 }) => peers,
      ({ median }) => 1e9 / median,
    );
  const x = (label: string, counts: readonly number[]): Axis => ({
    label,
    scale: "log",
    ticks: counts.map((count) => [count, count.toLocaleString("en")] as const),
  });
  return {
    title: "Cost of subscribers and of topics",
    note: "One publisher, 64 bytes, tcp, nanoseconds for each message that arrived. Lower is better; both axes are logarithmic.",
    panels: [
      ...panel("ns for each delivery", x("subscribers", subscriberCounts), "ns", series("subscribers")),
      ...panel("ns for each message, one subscriber", x("topics", topicCounts), "ns", series("topics")),
    ],
  };
}
