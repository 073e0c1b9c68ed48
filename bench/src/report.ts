/** From measurements to a table of one workload. */
import type { Contender } from "./contenders.js";
import type { Measurement } from "./measure.js";
import { digits, median, short, table } from "./numbers.js";
import type { Goal, Workload } from "./workloads.js";

export interface Row {
  readonly contender: Contender;
  readonly measurements: Measurement[];
}

export interface Summary {
  readonly workload: string;
  readonly contender: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly p99?: number;
  /** Ours divided by this one, for each of ours. */
  readonly ratios: Readonly<Record<string, number>>;
}

export function summarize(workload: Workload, rows: readonly Row[]): Summary[] {
  const ours = rows.filter(({ contender }) => contender.ours);
  return rows.map(({ contender, measurements }) => {
    const values = measurements.map(({ value }) => value);
    const p99s = measurements.flatMap(({ p99 }) => (p99 === undefined ? [] : [p99]));
    return {
      workload: workload.title,
      contender: contender.name,
      unit: workload.unit,
      median: median(values),
      min: Math.min(...values),
      max: Math.max(...values),
      ...(p99s.length > 0 && { p99: median(p99s) }),
      ratios: Object.fromEntries(
        ours.map((our) => [
          our.contender.name,
          median(our.measurements.map(({ value }) => value)) / median(values),
        ]),
      ),
    };
  });
}

/** Medians, ranges, and ours divided by each; below them the goals, as far as both sides were measured. */
export function render(workload: Workload, rows: readonly Row[]): string {
  const summaries = summarize(workload, rows);
  const ours = rows.filter(({ contender }) => contender.ours).map(({ contender }) => contender.name);
  const latency = workload.unit === "us";
  const head = ["", latency ? "p50 us" : "msg/s", "min-max", ...(latency ? ["p99 us"] : [])];
  const lines = summaries.map((summary) => [
    summary.contender,
    short(summary.median),
    `${short(summary.min)}-${short(summary.max)}`,
    ...(latency ? [short(summary.p99 ?? 0)] : []),
    ...ours.map((name) => (summary.contender === name ? "-" : `${digits(summary.ratios[name] as number)}x`)),
  ]);
  return [
    `${workload.name.toUpperCase()} ${workload.title} (${workload.count} messages, ${latency ? "lower" : "higher"} is better)`,
    table([[...head, ...ours.map((name) => `${name} /`)], ...lines]),
    ...workload.goals.flatMap((goal) => goalLine(goal, summaries)),
  ].join("\n");
}

function goalLine(goal: Goal, summaries: readonly Summary[]): string[] {
  const ratio = summaries.find(({ contender }) => contender === goal.peer)?.ratios[goal.ours];
  if (ratio === undefined) return [];
  const least = goal.bound === "at least";
  const reached = least ? ratio >= goal.ratio : ratio <= goal.ratio;
  const wanted = `${goal.ours} / ${goal.peer} ${goal.bound} ${goal.ratio}x`;
  return [`  goal: ${wanted}: ${digits(ratio)}x, ${reached ? "reached" : "MISSED"}`];
}
