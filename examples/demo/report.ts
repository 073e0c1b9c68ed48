/**
 * What the demo shows: a line of progress, and a small table at the end.
 */
import { SingleBar } from "cli-progress";
import Table from "cli-table3";

export interface Results {
  readonly requests: number;
  readonly bytes: number;
  readonly byWorker: ReadonlyMap<string, { requests: number; bytes: number }>;
  readonly resent: number;
  readonly killed: string | undefined;
  readonly wrong: readonly string[];
  readonly latencies: readonly number[];
  readonly milliseconds: number;
}

/** A bar on a terminal; nothing elsewhere. */
export function progressBar(total: number): { advance(): void; stop(): void } {
  const bar = new SingleBar({
    format: "  {bar} {percentage} %  {value} of {total} files",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    fps: 20,
  });
  if (process.stdout.isTTY) bar.start(total, 0);
  return { advance: () => bar.increment(), stop: () => bar.stop() };
}

export function table(results: Results): string {
  const sorted = [...results.latencies].sort((one, other) => one - other);
  const seconds = results.milliseconds / 1_000;
  const rows = new Table({
    colAligns: ["left", "right"],
    chars: WITHOUT_LINES,
    style: { head: [], border: [] },
  });
  rows.push(["requests", String(results.requests)], ["bytes", size(results.bytes)]);
  for (const [worker, { requests, bytes }] of [...results.byWorker].sort()) {
    const fate = worker === results.killed ? " (killed half way)" : "";
    rows.push([`  ${worker} worker${fate}`, `${requests} requests, ${size(bytes)}`]);
  }
  rows.push(
    ["resent after the kill", String(results.resent)],
    ["wrong or lost", String(results.wrong.length)],
    ["p50 / p99", `${percentile(sorted, 0.5)} / ${percentile(sorted, 0.99)} ms`],
    [
      "throughput",
      `${Math.round(results.requests / seconds)} requests/s, ${size(results.bytes / seconds)}/s`,
    ],
  );
  return rows.toString();
}

/** No lines between the rows. */
const WITHOUT_LINES = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

function percentile(sorted: readonly number[], part: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
