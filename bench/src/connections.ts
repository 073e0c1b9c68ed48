/** What many connections between two processes cost: time, memory, and one request over each of them at the same time. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freePort } from "../../scripts/free-port.js";
import { cProgram } from "./c-programs.js";
import { contenders, type Program } from "./contenders.js";
import { atMost, judge, type RatioGoal, type Verdict } from "./goals.js";
import type { Result } from "./measure.js";
import { digits, median, short, table } from "./numbers.js";
import { deadline, end, Output } from "./output.js";

/** Medians over the rounds. */
export interface ConnectionRow {
  readonly contender: string;
  readonly connections: number;
  /** Milliseconds from the first dial until the listener has everybody. */
  readonly milliseconds: number;
  /** Bytes for each connection, in the whole process and in the JavaScript heap with its external memory. */
  readonly listenerRss: number;
  readonly listenerHeap: number;
  readonly dialerRss: number;
  readonly dialerHeap: number;
  /** Microseconds of one request over each connection, all at the same time. */
  readonly p50?: number;
  readonly p99?: number;
}

interface Competitor {
  readonly name: string;
  readonly mode: string;
  readonly program: Program;
  readonly fixedPort: boolean;
  /** Also sends the requests. */
  readonly asks: boolean;
}

interface Memory {
  readonly rss: number;
  readonly heap: number;
}

/** Besides connections a process needs files of its own. */
const spare = 200;

function competitors(): Competitor[] {
  const worker: Program = { command: workerCommand(), install: "" };
  const zeromq = contenders().w1.find(({ name }) => name === "zeromq.js")?.program as Program;
  const c = (library: "nng" | "nanomsg" | "zmq"): Program => cProgram(library, `${library}-connections`);
  return [
    { name: "sprocket", mode: "sprocket", program: worker, fixedPort: false, asks: true },
    { name: "node:net", mode: "net", program: worker, fixedPort: false, asks: true },
    {
      name: "zeromq.js",
      mode: "zeromq",
      program: zeromq.command === undefined ? zeromq : worker,
      fixedPort: false,
      asks: false,
    },
    { name: "nng C", mode: "-", program: c("nng"), fixedPort: false, asks: false },
    { name: "nanomsg C", mode: "-", program: c("nanomsg"), fixedPort: true, asks: false },
    { name: "libzmq C", mode: "-", program: c("zmq"), fixedPort: true, asks: false },
  ];
}

function workerCommand(): readonly [string, ...string[]] {
  const file = fileURLToPath(new URL("workers/connections.js", import.meta.url));
  return [process.execPath, "--expose-gc", file];
}

/** The most files that a process may open: Node raises its own limit that far, and so do we for the others. */
export function fileLimit(): number {
  try {
    const limit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
    return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return 1_024;
  }
}

/** @param until on the clock of `performance`: no further number of connections is begun later */
export async function measureConnections(
  sizes: readonly number[],
  { rounds, until }: { readonly rounds: number; readonly until: number },
  progress: (text: string) => void,
  attempt: <Value>(action: () => Promise<Value>) => Promise<Value | undefined>,
): Promise<ConnectionRow[]> {
  const limit = fileLimit();
  const rows: ConnectionRow[] = [];
  for (const connections of sizes) {
    if (connections + spare > limit) {
      console.log(
        `Left out: ${connections} connections. A process may open ${limit} files here (ulimit -Hn).`,
      );
      continue;
    }
    if (performance.now() > until) {
      console.log(`Out of time: ${connections} connections.`);
      continue;
    }
    const there = competitors().filter(({ program }) => program.command !== undefined);
    const runs = there.map((competitor) => ({ competitor, measured: [] as ConnectionRow[] }));
    // The largest takes longest, and as many ports as there are connections.
    for (let round = 0; round < (connections >= 10_000 ? Math.min(rounds, 2) : rounds); round++) {
      const from = round % runs.length;
      for (const run of [...runs.slice(from), ...runs.slice(0, from)]) {
        progress(`${connections} connections: round ${round + 1} of ${rounds}, ${run.competitor.name}`);
        const row = await attempt(() => measureOnce(run.competitor, connections));
        if (row !== undefined) run.measured.push(row);
      }
    }
    rows.push(
      ...runs.filter(({ measured }) => measured.length > 0).map(({ measured }) => medianRow(measured)),
    );
  }
  return rows;
}

export function medianRow(measured: readonly ConnectionRow[]): ConnectionRow {
  const [first] = measured;
  if (first === undefined) throw new Error("nothing was measured");
  const of = (key: keyof ConnectionRow): number => median(measured.map((row) => row[key] as number));
  return {
    contender: first.contender,
    connections: first.connections,
    milliseconds: of("milliseconds"),
    listenerRss: of("listenerRss"),
    listenerHeap: of("listenerHeap"),
    dialerRss: of("dialerRss"),
    dialerHeap: of("dialerHeap"),
    ...(first.p50 !== undefined && { p50: of("p50"), p99: of("p99") }),
  };
}

async function measureOnce(competitor: Competitor, connections: number): Promise<ConnectionRow> {
  const { name, mode, program, fixedPort, asks } = competitor;
  const [file, ...parameters] = program.command as readonly string[];
  const signal = AbortSignal.timeout(deadline);
  const children: ChildProcess[] = [];
  const start = (role: string, url: string): { output: Output; child: ChildProcess } => {
    const task = [mode, role, url, "64", "0", "1", String(connections)];
    // A shell raises the limit of programs that do not do it themselves.
    const child = spawn(
      "sh",
      ["-c", 'ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh", file as string, ...parameters, ...task],
      {
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    children.push(child);
    return { output: new Output(child, `${connections} connections of ${name}, ${role}`, signal), child };
  };
  const read = async ({ output }: { output: Output }): Promise<Memory> =>
    JSON.parse(await output.line("memory ")) as Memory;
  try {
    const server = start("server", `tcp://127.0.0.1:${fixedPort ? await freePort() : 0}`);
    const serverBefore = await read(server);
    const client = start("client", await server.output.line("listening "));
    const clientBefore = await read(client);
    const started = performance.now();
    client.child.stdin?.write("go\n");
    await server.output.line("all");
    const milliseconds = performance.now() - started;
    const [serverAfter, clientAfter] = await Promise.all([read(server), read(client)]);
    let times: { p50: number; p99: number } | undefined;
    if (asks) {
      client.child.stdin?.write("go\n");
      const result = JSON.parse(await client.output.line("result ")) as Extract<Result, { p50: number }>;
      times = { p50: result.p50, p99: result.p99 };
    }
    return {
      contender: name,
      connections,
      milliseconds,
      listenerRss: (serverAfter.rss - serverBefore.rss) / connections,
      listenerHeap: (serverAfter.heap - serverBefore.heap) / connections,
      dialerRss: (clientAfter.rss - clientBefore.rss) / connections,
      dialerHeap: (clientAfter.heap - clientBefore.heap) / connections,
      ...times,
    };
  } finally {
    await Promise.all(children.map(end));
  }
}

/** Goals for the row of 1,000 connections. */
const goals: Readonly<Record<"time" | "memory", readonly RatioGoal[]>> = {
  time: atMost("sprocket", { "zeromq.js": 1, "libzmq C": 1, "node:net": 2 }),
  memory: atMost("sprocket", { "zeromq.js": 0.5, "nng C": 4, "libzmq C": 0.5, "node:net": 1.2 }),
};

export function judgeConnections(rows: readonly ConnectionRow[]): Verdict[] {
  const thousand = rows.filter(({ connections }) => connections === 1_000);
  const of = (key: "milliseconds" | "listenerRss", unit: string) =>
    thousand.map((row) => ({ contender: row.contender, unit, median: row[key] }));
  return [
    ...goals.time.flatMap((goal) => named("time, ", judge(goal, of("milliseconds", "ms")))),
    ...goals.memory.flatMap((goal) => named("listener's RSS, ", judge(goal, of("listenerRss", "B")))),
  ];
}

function named(what: string, verdict: Verdict | undefined): Verdict[] {
  return verdict === undefined ? [] : [{ ...verdict, text: what + verdict.text }];
}

export const connectionHead = [
  "",
  "connect ms",
  "listener RSS kB",
  "heap kB",
  "dialer RSS kB",
  "heap kB",
  "p50 us",
  "p99 us",
];

export function connectionCells(row: ConnectionRow): string[] {
  const kB = (bytes: number): string => (bytes > 0 ? digits(bytes / 1_024) : "-");
  return [
    row.contender,
    digits(row.milliseconds),
    kB(row.listenerRss),
    kB(row.listenerHeap),
    kB(row.dialerRss),
    kB(row.dialerHeap),
    row.p50 === undefined ? "-" : short(row.p50),
    row.p99 === undefined ? "-" : short(row.p99),
  ];
}

export function renderConnections(rows: readonly ConnectionRow[]): string {
  const sizes = [...new Set(rows.map(({ connections }) => connections))];
  return sizes
    .map((size) => {
      const cells = rows.filter(({ connections }) => connections === size).map(connectionCells);
      return `W5 ${size} connections, tcp (memory for each; lower is better)\n${table([connectionHead, ...cells])}`;
    })
    .join("\n\n");
}
