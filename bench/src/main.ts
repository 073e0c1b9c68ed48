/** Runs the workloads in interleaved rounds and prints a table of each. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { makeCertificates } from "./certificates.js";
import { judgeConnections, measureConnections, renderConnections } from "./connections.js";
import { type Contender, contenders } from "./contenders.js";
import { lookAround } from "./machine.js";
import { measure } from "./measure.js";
import { type BenchOptions, readOptions, usage } from "./options.js";
import { writeRecord } from "./record.js";
import { goalLine, type Row, render, summarize, verdicts } from "./report.js";
import type { Workload } from "./workloads.js";

const options = readOptions(
  process.argv.slice(2),
  fileURLToPath(new URL("../../docs/performance", import.meta.url)),
);
if (options === undefined) console.log(usage);
else await run(options);

async function run(options: BenchOptions): Promise<void> {
  const began = performance.now();
  const machine = lookAround();
  const all = contenders();
  const blocks = options.workloads.map(
    (workload): Block => ({
      workload,
      rows: all[workload.name]
        .filter(({ program, quick, reverse }) => {
          const asked = options.everybody || quick;
          return asked && program.command !== undefined && (!reverse || workload.back === true);
        })
        .map((contender) => ({ contender, measurements: [] })),
    }),
  );
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores, loopback, up to ${options.rounds} interleaved rounds.`,
  );
  console.log("Ratios are ours / theirs, of medians; compare nothing across tables.");
  reportMissing(options.workloads.flatMap(({ name }) => all[name]));
  if (blocks.some(({ workload }) => workload.route === "tls")) provideCertificates(blocks);

  const rounds = await runRounds(blocks, options, began);
  console.log(`${rounds} rounds.\n`);
  const summaries = blocks.flatMap(({ workload, rows }) => {
    const ofThis = summarize(
      workload,
      rows.filter(({ measurements }) => measurements.length > 0),
    );
    if (ofThis.length > 0) console.log(`${render(workload, ofThis)}\n`);
    return ofThis;
  });
  const connections = await measureConnections(
    options.connections,
    { rounds: Math.min(3, rounds), until: began + options.budget * 2 },
    progress,
    attempt,
  );
  progress("");
  const judged = [
    ...blocks.flatMap(({ workload }) => {
      const ofThis = summaries.filter(({ title }) => title === workload.title);
      return verdicts(workload, ofThis).map((verdict) => ({ title: workload.title, ...verdict }));
    }),
    ...judgeConnections(connections).map((verdict) => ({ title: "1,000 connections, tcp", ...verdict })),
  ];
  if (connections.length > 0) {
    console.log(renderConnections(connections));
    for (const verdict of judgeConnections(connections)) console.log(goalLine(verdict));
    console.log("");
  }
  const missed = judged.filter(({ reached }) => !reached);
  console.log(`Goals: ${judged.length - missed.length} of ${judged.length} reached.`);
  for (const verdict of missed) console.log(`  ${verdict.title}\n  ${goalLine(verdict)}`);

  const record = {
    machine: machine(),
    seconds: Math.round((performance.now() - began) / 1_000),
    rounds,
    workloads: summaries,
    connections,
    goals: judged,
  };
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(record, null, 2)}\n`);
  if (options.folder !== undefined) writeRecord(options.folder, record, options.workloads);
}

interface Block {
  readonly workload: Workload;
  readonly rows: Row[];
}

/** Each round runs every workload, and in each everybody once; who goes first changes from round to round. */
async function runRounds(
  blocks: readonly Block[],
  { rounds, budget }: BenchOptions,
  began: number,
): Promise<number> {
  if (blocks.length === 0) return rounds;
  let longest = 0;
  for (let round = 0; round < rounds; round++) {
    const roundBegan = performance.now();
    // A round that would end long after the time is not begun. The first one goes on for half as long again.
    if (round > 0 && roundBegan + longest - began > budget) return round;
    for (const { workload, rows } of blocks) {
      if (performance.now() - began > budget * 1.5) {
        console.log(`Out of time: ${workload.title} and what follows has ${round} rounds.`);
        return Math.max(1, round);
      }
      const from = round % Math.max(1, rows.length);
      for (const row of [...rows.slice(from), ...rows.slice(0, from)]) {
        progress(`round ${round + 1} of ${rounds}, ${workload.title}, ${row.contender.name}`);
        for (let repeat = 0; repeat < (workload.repeats ?? 1); repeat++) {
          const measurement = await attempt(() => measure(workload, row.contender));
          if (measurement !== undefined) row.measurements.push(measurement);
        }
      }
    }
    longest = Math.max(longest, performance.now() - roundBegan);
    progress("");
  }
  return rounds;
}

/** One failure must not cost the numbers of all the others: it is told, and the process fails at its end. */
async function attempt<Value>(action: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await action();
  } catch (error) {
    progress("");
    console.log(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    return undefined;
  }
}

function provideCertificates(blocks: readonly Block[]): void {
  const folder = makeCertificates();
  if (folder !== undefined) {
    process.env.SPROCKET_BENCH_CERTIFICATES = folder;
    return;
  }
  console.log("Left out: tls. To have it: apt-get install openssl");
  for (const { workload, rows } of blocks) if (workload.route === "tls") rows.length = 0;
}

function reportMissing(all: readonly Contender[]): void {
  const missing = new Map<string, Set<string>>();
  for (const { name, program } of all) {
    if (program.command !== undefined) continue;
    missing.set(program.install, (missing.get(program.install) ?? new Set()).add(name));
  }
  for (const [install, names] of missing) {
    console.log(`Left out: ${[...names].join(", ")}. To have it: ${install}`);
  }
}

/** One line that is overwritten, on terminals only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
