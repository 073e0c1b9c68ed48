/** From measurements to numbers, and to a table of one workload. */
import type { Contender } from "./contenders.js";
import { type Judged, judge, type Verdict } from "./goals.js";
import type { Curve, Measurement } from "./measure.js";
import { digits, median, percent, short, table } from "./numbers.js";
import type { Workload } from "./workloads.js";

export interface Row {
  readonly contender: Contender;
  readonly measurements: Measurement[];
}

/** One contender's numbers in one workload. */
export interface Summary extends Judged {
  readonly workload: string;
  readonly title: string;
  readonly ours: boolean;
  readonly rounds: number;
  readonly min: number;
  readonly max: number;
  readonly p99?: number;
  /** Medians over the rounds, point by point. */
  readonly curve?: Curve;
  /** Median and largest of the lost parts, 0 to 1, where losing is allowed. */
  readonly lost?: number;
  readonly lostMost?: number;
  /** Ours divided by this one, for each of ours. */
  readonly ratios: Readonly<Record<string, number>>;
}

export function summarize(workload: Workload, rows: readonly Row[]): Summary[] {
  const middle = ({ measurements }: Row): number => median(measurements.map(({ value }) => value));
  const ours = rows.filter(({ contender }) => contender.ours);
  return rows.map((row) => {
    const { contender, measurements } = row;
    const values = measurements.map(({ value }) => value);
    const p99s = measurements.flatMap(({ p99 }) => (p99 === undefined ? [] : [p99]));
    const curves = measurements.flatMap(({ curve }) => (curve === undefined ? [] : [curve]));
    const losses = measurements.flatMap(({ lost }) => (lost === undefined ? [] : [lost]));
    return {
      workload: workload.name,
      title: workload.title,
      contender: contender.name,
      ours: contender.ours,
      unit: workload.unit,
      rounds: values.length,
      median: median(values),
      min: Math.min(...values),
      max: Math.max(...values),
      ...(p99s.length > 0 && { p99: median(p99s) }),
      ...(curves.length > 0 && { curve: medianCurve(curves) }),
      ...(losses.length > 0 && { lost: median(losses), lostMost: Math.max(...losses) }),
      ratios: Object.fromEntries(ours.map((our) => [our.contender.name, middle(our) / median(values)])),
    };
  });
}

export function medianCurve(curves: readonly Curve[]): Curve {
  return (curves[0] ?? []).map(([part], at) => [part, median(curves.map((curve) => curve[at]?.[1] ?? 0))]);
}

export function verdicts(workload: Workload, summaries: readonly Summary[]): Verdict[] {
  return workload.goals.flatMap((goal) => judge(goal, summaries) ?? []);
}

/** The cells of a table: medians, ranges, and ours divided by each. */
export function cells(workload: Workload, summaries: readonly Summary[]): string[][] {
  const ours = summaries.filter((summary) => summary.ours).map(({ contender }) => contender);
  const latency = workload.unit === "us";
  const lossy = summaries.some(({ lost }) => lost !== undefined);
  const figure = workload.figure === "max" ? "latest us" : "p50 us";
  return [
    [
      "",
      latency ? figure : "msg/s",
      "min-max",
      ...(latency ? ["p99 us"] : []),
      ...(lossy ? ["lost"] : []),
      ...ours.map((name) => `${name} /`),
    ],
    ...summaries.map((summary) => [
      summary.contender,
      short(summary.median),
      `${short(summary.min)}-${short(summary.max)}`,
      ...(latency ? [short(summary.p99 ?? 0)] : []),
      ...(lossy ? [percent(summary.lost ?? 0)] : []),
      ...ours.map((name) => (summary.contender === name ? "-" : ratio(summary.ratios[name]))),
    ]),
  ];
}

function ratio(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "-" : `${digits(value)}x`;
}

function heading(workload: Workload): string {
  const better = workload.unit === "us" ? "lower" : "higher";
  return `${workload.name.toUpperCase()} ${workload.title} (${better} is better)`;
}

/** As text, with the goals below as far as both sides were measured. */
export function render(workload: Workload, summaries: readonly Summary[]): string {
  return [
    heading(workload),
    table(cells(workload, summaries)),
    ...verdicts(workload, summaries).map(goalLine),
  ].join("\n");
}

export function goalLine({ text, wanted, measured, reached }: Verdict): string {
  return `  goal: ${text} ${wanted}: ${measured}, ${reached ? "reached" : "MISSED"}`;
}
