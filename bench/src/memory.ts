/** What an idle connection costs in memory: 1,000 of them between two processes, ours and `node:net`. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { digits, table } from "./numbers.js";
import { deadline, end, Output } from "./output.js";

const connections = 1_000;

interface Memory {
  readonly rss: number;
  readonly heap: number;
}

export interface MemoryRow {
  readonly contender: string;
  readonly role: string;
  /** Bytes for each connection. */
  readonly rss: number;
  readonly heap: number;
}

/** Prints the table and returns its rows. */
export async function measureMemory(): Promise<MemoryRow[]> {
  const rows = [...(await measureKind("sprocket")), ...(await measureKind("net"))];
  const cells = rows.map(({ contender, role, rss, heap }) => {
    const raw = rows.find((row) => row.contender === "node:net" && row.role === role);
    const ratio = raw === undefined || contender === "node:net" ? "-" : `${digits(rss / raw.rss)}x`;
    return [`${contender}, ${role}`, digits(rss / 1_024), digits(heap / 1_024), ratio];
  });
  console.log(
    `MEMORY of an idle tcp connection (${connections} connections; the listener is one REP socket,`,
  );
  console.log("the dialer one REQ socket; heap counts external memory too)");
  console.log(`${table([["", "RSS kB", "heap kB", "RSS / node:net"], ...cells])}\n`);
  return rows;
}

async function measureKind(kind: "sprocket" | "net"): Promise<MemoryRow[]> {
  const signal = AbortSignal.timeout(deadline);
  const file = fileURLToPath(new URL("workers/memory.js", import.meta.url));
  const children: ChildProcess[] = [];
  const start = (role: string, url: string): Output => {
    const parameters = ["--expose-gc", file, kind, role, url, String(connections)];
    const child = spawn(process.execPath, parameters, { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    return new Output(child, `memory of ${kind}, ${role}`, signal);
  };
  const read = async (output: Output): Promise<Memory> => JSON.parse(await output.line("memory ")) as Memory;
  try {
    const server = start("server", "tcp://127.0.0.1:0");
    const serverBefore = await read(server);
    const client = start("client", await server.line("listening "));
    const clientBefore = await read(client);
    const [serverAfter, clientAfter] = [await read(server), await read(client)];
    const row = (role: string, before: Memory, after: Memory): MemoryRow => ({
      contender: kind === "net" ? "node:net" : kind,
      role,
      rss: (after.rss - before.rss) / connections,
      heap: (after.heap - before.heap) / connections,
    });
    return [row("listener", serverBefore, serverAfter), row("dialer", clientBefore, clientAfter)];
  } finally {
    await Promise.all(children.map(end));
  }
}
