/** What a full run leaves: every number as JSON, tables as Markdown, charts as SVG. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderChart } from "./chart.js";
import { charts } from "./charts.js";
import { type ConnectionRow, connectionCells, connectionHead } from "./connections.js";
import type { Verdict } from "./goals.js";
import type { Machine } from "./machine.js";
import { cells, type Summary } from "./report.js";
import type { Workload } from "./workloads.js";

export interface Record {
  readonly machine: Machine;
  /** The whole run. */
  readonly seconds: number;
  readonly rounds: number;
  readonly workloads: readonly Summary[];
  readonly connections: readonly ConnectionRow[];
  readonly goals: readonly (Verdict & { readonly title: string })[];
}

export function writeRecord(folder: string, record: Record, workloads: readonly Workload[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "results.json"), `${JSON.stringify(record, null, 2)}\n`);
  writeFileSync(join(folder, "results.md"), markdown(record, workloads));
  for (const [name, chart] of charts(record, workloads))
    writeFileSync(join(folder, name), renderChart(chart));
}

const sections: readonly (readonly [names: readonly string[], title: string, text: string])[] = [
  [["w1"], "W1: throughput of a pair", "One PAIR pushes messages of one size to another."],
  [["push"], "PUSH: from PUSH to PULL", "The same, from PUSH to PULL."],
  [["w2"], "W2: request and reply in turn", "One request, its reply, the next request."],
  [["w2b"], "W2b: 64 requests in flight", "Replies a second."],
  [
    ["w3"],
    "W3: one publisher, 50 subscribers",
    "Deliveries a second of all subscribers together; what was lost does not count.",
  ],
  [["survey"], "SURVEY: 50 respondents", "From the survey to the last of its answers."],
  [
    ["w4", "w4-latency"],
    "W4: inside one process",
    "Ours and zeromq.js stay in one thread; the C programs use two or more.",
  ],
  [
    ["w6"],
    "W6: WebSocket",
    "`ws` is the npm package alone. What a dialer sends is masked, as the standard wants.",
  ],
  [["tls"], "TLS", "`node:tls` is the yardstick: the frames of `node:net`, over TLS."],
  [["subscribers"], "Cost of subscribers", "As W3, for other numbers of subscribers."],
  [["topics"], "Cost of topics", "One subscriber with many topics; each message has the next one."],
  [
    ["loop"],
    "A timer beside a flood",
    "How late a timer of 5 ms is at most, in a process that sends and receives at full speed.",
  ],
];

export function markdown(record: Record, workloads: readonly Workload[]): string {
  const parts = [
    "# Results",
    `Written by \`pnpm bench --full\`; [how to read it](README.md). All numbers: [results.json](results.json).`,
    machineTable(record),
    ...caveats(record),
    ...[...charts(record, workloads)].map(([name, { title, note }]) => `![${title}. ${note}](${name})`),
    "## Goals",
    `${record.goals.filter(({ reached }) => reached).length} of ${record.goals.length} reached. A goal is a ratio of medians, or a number of ours alone.`,
    table([
      ["what", "which", "wanted", "measured", ""],
      ...record.goals.map(({ title, text, wanted, measured, reached }) => [
        title,
        text,
        wanted,
        measured,
        reached ? "reached" : "**missed**",
      ]),
    ]),
  ];
  for (const [names, title, text] of sections) {
    const tables = workloads
      .filter(({ name }) => names.includes(name))
      .flatMap((workload) => {
        const summaries = record.workloads.filter((summary) => summary.title === workload.title);
        return summaries.length === 0
          ? []
          : [`### ${capital(workload.title)}`, table(cells(workload, summaries))];
      });
    if (tables.length > 0) parts.push(`## ${title}`, text, ...tables);
  }
  const sizes = [...new Set(record.connections.map(({ connections }) => connections))];
  if (sizes.length > 0) {
    parts.push(
      "## W5: connections",
      "Memory is what the process grew by, for each connection; time is that of all. The last two columns are one request over each connection, all at the same time.",
    );
    for (const size of sizes) {
      const rows = record.connections.filter(({ connections }) => connections === size).map(connectionCells);
      parts.push(
        `### ${size.toLocaleString("en")} connection${size === 1 ? "" : "s"}`,
        table([connectionHead, ...rows]),
      );
    }
  }
  return `${parts.join("\n\n")}\n`;
}

function machineTable({ machine, rounds, seconds }: Record): string {
  return table([
    ["", ""],
    ["machine", `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB`],
    ["system", `${machine.system}, ${machine.files} open files`],
    ["load before and after", `${machine.loadBefore} and ${machine.loadAfter}`],
    [
      "measured",
      `${machine.date.slice(0, 16).replace("T", " ")} UTC, ${rounds} rounds, ${Math.round(seconds / 60)} minutes`,
    ],
    ["commit", machine.commit],
    ...Object.entries(machine.versions).map(([name, version]) => [name, version]),
  ]);
}

/** What makes numbers weaker than they look. */
export function caveats({ machine, rounds }: Pick<Record, "machine" | "rounds">): string[] {
  const found: string[] = [];
  if (machine.loadBefore > machine.cores / 4) {
    found.push(
      `**The machine was busy**: ${machine.loadBefore} processes wanted its ${machine.cores} cores before the first measurement. Single numbers are too low and too high by factors, ratios less so.`,
    );
  }
  if (machine.cores < 4) {
    found.push(
      `With ${machine.cores} cores the two processes of a measurement leave nothing for anybody else, and C libraries with threads of their own share those cores.`,
    );
  }
  if (rounds < 5) found.push(`Only ${rounds} round${rounds === 1 ? "" : "s"}: look at the ranges.`);
  return found;
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  // The first column is a name, numbers are aligned to the right where all columns but the first are numbers.
  const rule = `|${head.map((cell, at) => (at > 0 && cell !== "" && cell !== "which" && cell !== "wanted" ? "---:" : "---")).join("|")}|`;
  return [line(head), rule, ...body.map(line)].join("\n");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
