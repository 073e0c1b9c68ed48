/** One measurement: a server and a client, each a process of its own, until one of them prints a result. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contender } from "./contenders.js";
import { deadline, end, Output } from "./output.js";
import type { Workload } from "./workloads.js";

/** Messages per second, or the 50th and 99th percentile in microseconds. */
export interface Measurement {
  readonly value: number;
  readonly p99?: number;
}

type Result =
  | { readonly messages: number; readonly seconds: number }
  | { readonly p50: number; readonly p99: number };

export async function measure(workload: Workload, contender: Contender): Promise<Measurement> {
  const command = contender.program.command;
  if (command === undefined) throw new Error(`${contender.name} is not here`);
  const folder = mkdtempSync(join(tmpdir(), "sprocket-bench-"));
  const processes: ChildProcess[] = [];
  const signal = AbortSignal.timeout(deadline);
  try {
    const start = (role: string, url: string): Output => {
      const { mode } = contender;
      const task = [mode, role, url, workload.size, workload.warmUp, workload.count].map(String);
      const child = spawn(command[0], [...command.slice(1), ...task], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      processes.push(child);
      return new Output(child, `${contender.name}, ${workload.title}, ${role}`, signal);
    };
    const url = workload.route === "ipc" ? `ipc://${folder}/s` : `tcp://127.0.0.1:${await port(contender)}`;
    const server = start("server", url);
    const client = start("client", await server.line("listening "));
    const text = await Promise.race([server.line("result "), client.line("result ")]);
    const result = JSON.parse(text) as Result;
    return "p50" in result
      ? { value: result.p50, p99: result.p99 }
      : { value: result.messages / result.seconds };
  } finally {
    await Promise.all(processes.map(end));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function port(contender: Contender): Promise<number> {
  if (!contender.fixedPort) return 0;
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
