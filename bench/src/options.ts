/** The command line of `pnpm bench`. */
import { parseArgs } from "node:util";
import { type Workload, workloads } from "./workloads.js";

export interface BenchOptions {
  /** Most rounds. */
  readonly rounds: number;
  /** Milliseconds after which no further round begins. */
  readonly budget: number;
  readonly workloads: readonly Workload[];
  /** How many connections at a time; empty: none. */
  readonly connections: readonly number[];
  /** All contenders, not only the telling ones. */
  readonly everybody: boolean;
  /** Write JSON, tables and charts into this folder. */
  readonly folder: string | undefined;
  readonly json: string | undefined;
}

export const usage = `pnpm bench [options]
  --full              everything; numbers, tables and charts go to docs/performance (about half an hour)
  --out <folder>      where --full writes instead
  --only <words>      what has every word, by comma: w1, push, w2, w2b, w3, survey, w4, w5, w6, tls, subscribers,
                      topics, loop, tcp, ipc, ws, inproc, a size in bytes
  --rounds <n>        rounds of each workload at most: 5 when not given, 3 of the short form
  --budget <minutes>  begin no round after so long: 4 when not given, 35 with --full, none with --only
  --json <file>       also write every number to a file

Without --full or --only: the most telling workloads, in under 5 minutes.`;

/** @param defaultFolder where `--full` writes */
export function readOptions(given: readonly string[], defaultFolder: string): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...given],
    options: {
      full: { type: "boolean", default: false },
      out: { type: "string" },
      rounds: { type: "string" },
      budget: { type: "string" },
      only: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const words = values.only?.toLowerCase().split(",") ?? [];
  const short = words.length === 0 && !values.full;
  const rounds = Number(values.rounds ?? (short ? 3 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number from 1.");
  const unlimited = words.length > 0 && !values.full;
  const budget = Number(values.budget ?? (unlimited ? Number.POSITIVE_INFINITY : short ? 4 : 35)) * 60_000;
  if (!(budget >= 0)) throw new Error("--budget takes minutes.");
  const wanted = workloads.filter(
    (workload) =>
      (!short || workload.quick) &&
      words.every((word) => [...names(workload), workload.route, String(workload.size)].includes(word)),
  );
  const connections = words.every((word) => ["w5", "tcp"].includes(word)) && !words.includes("tcp");
  if (wanted.length === 0 && !connections) throw new Error(`--only ${values.only} leaves nothing to run.`);
  return {
    rounds,
    budget,
    workloads: short ? wanted.map(halved) : wanted,
    connections: !connections ? [] : short ? [1_000] : [1, 10, 100, 1_000, 10_000],
    everybody: !short,
    folder: values.full ? (values.out ?? defaultFolder) : undefined,
    json: values.json,
  };
}

/** `w4-latency` is part of `w4`. */
function names({ name }: Workload): string[] {
  return [name, name.split("-")[0] as string];
}

function halved(workload: Workload): Workload {
  // A timer must tick often enough.
  if (workload.figure === "max") return workload;
  return { ...workload, warmUp: workload.warmUp / 2, count: workload.count / 2 };
}
