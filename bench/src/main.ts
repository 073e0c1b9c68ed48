/** Runs the workloads in interleaved rounds and prints a table of each. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type Contender, contenders } from "./contenders.js";
import { measure } from "./measure.js";
import { measureMemory } from "./memory.js";
import { readOptions, usage } from "./options.js";
import { type Row, render, type Summary, summarize } from "./report.js";
import type { Workload } from "./workloads.js";

const options = readOptions(process.argv.slice(2));
if (options === undefined) console.log(usage);
else await run(options);

async function run({ rounds, workloads, memory, json }: NonNullable<typeof options>): Promise<void> {
  const all = contenders();
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores, loopback, ${rounds} interleaved rounds.`,
  );
  console.log("Ratios are ours / theirs, of medians; compare nothing across tables.\n");
  reportMissing(Object.values(all).flat());

  const summaries: Summary[] = [];
  for (const workload of workloads) {
    const rows = await measureWorkload(workload, all[workload.name], rounds * (workload.roundsFactor ?? 1));
    console.log(`${render(workload, rows)}\n`);
    summaries.push(...summarize(workload, rows));
  }
  const memories = memory ? await measureMemory() : [];
  if (json !== undefined) {
    const machine = { node: process.version, cores: availableParallelism(), rounds };
    writeFileSync(json, `${JSON.stringify({ machine, workloads: summaries, memory: memories }, null, 2)}\n`);
  }
}

/** Each round runs everybody once; who goes first changes from round to round. */
async function measureWorkload(
  workload: Workload,
  among: readonly Contender[],
  rounds: number,
): Promise<Row[]> {
  const rows: Row[] = among
    .filter(({ program }) => program.command !== undefined)
    .map((contender) => ({ contender, measurements: [] }));
  for (let round = 0; round < rounds; round++) {
    const from = round % rows.length;
    for (const row of [...rows.slice(from), ...rows.slice(0, from)]) {
      progress(`${workload.title}: round ${round + 1} of ${rounds}, ${row.contender.name}`);
      row.measurements.push(await measure(workload, row.contender));
    }
  }
  progress("");
  return rows;
}

function reportMissing(all: readonly Contender[]): void {
  const missing = new Map<string, string[]>();
  for (const { name, program } of all) {
    if (program.command !== undefined) continue;
    missing.set(program.install, [...(missing.get(program.install) ?? []), name]);
  }
  for (const [install, names] of missing) {
    console.log(`Left out: ${[...new Set(names)].join(", ")}. To have it: ${install}`);
  }
}

/** One line that is overwritten, on terminals only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
