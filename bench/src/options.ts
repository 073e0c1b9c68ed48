/** The command line of `pnpm bench`. */
import { parseArgs } from "node:util";
import { type Workload, workloads } from "./workloads.js";

export interface BenchOptions {
  readonly rounds: number;
  readonly workloads: readonly Workload[];
  readonly memory: boolean;
  readonly json: string | undefined;
}

export const usage = `pnpm bench [options]
  --quick         3 rounds of the most telling sizes, half the messages, under 5 minutes
  --rounds <n>    rounds of each workload, 5 when not given
  --only <words>  what has every word, by comma: w1, w2, w2b, memory, tcp, ipc, or a size in bytes
  --json <file>   also write every number to a file`;

export function readOptions(given: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...given],
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const words = values.only?.toLowerCase().split(",") ?? [];
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number from 1");
  const wanted = workloads.filter(
    (workload) =>
      (words.length > 0 || !values.quick || workload.quick) &&
      words.every((word) => [workload.name, workload.route, String(workload.size)].includes(word)),
  );
  const memory = words.length === 0 || words.includes("memory");
  if (wanted.length === 0 && !memory) throw new Error(`--only ${values.only} leaves nothing to run`);
  const sized = values.quick ? wanted.map(halved) : wanted;
  return { rounds, workloads: sized, memory, json: values.json };
}

function halved(workload: Workload): Workload {
  return { ...workload, warmUp: workload.warmUp / 2, count: workload.count / 2 };
}
