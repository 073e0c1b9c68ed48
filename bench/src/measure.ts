/** One measurement: a server and a client, each a process of its own, until one of them prints a result. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/free-port.js";
import type { Contender } from "./contenders.js";
import { deadline, end, Output } from "./output.js";
import type { Workload } from "./workloads.js";

export interface Measurement {
  /** Messages per second, or microseconds. */
  readonly value: number;
  readonly p99?: number;
  /** How single times are distributed: parts of all, and the microseconds that they took at most. */
  readonly curve?: Curve;
  /** The part of what was sent that never arrived. */
  readonly lost?: number;
}

export type Curve = readonly (readonly [part: number, microseconds: number])[];

export type Result =
  | { readonly messages: number; readonly seconds: number; readonly sent?: number }
  | { readonly p50: number; readonly p99: number; readonly curve: Curve };

export async function measure(workload: Workload, contender: Contender): Promise<Measurement> {
  const command = contender.program.command;
  if (command === undefined) throw new Error(`${contender.name} is not here`);
  const folder = mkdtempSync(join(tmpdir(), "sprocket-bench-"));
  const processes: ChildProcess[] = [];
  const signal = AbortSignal.timeout(deadline);
  try {
    const mode = workload.back === true && !contender.reverse ? "pair-back" : contender.mode;
    const { warmUp, count } = counts(workload, contender);
    const start = (role: string, url: string): Output => {
      const task = [mode, role, url, workload.size, warmUp, count, workload.peers ?? 1].map(String);
      const child = spawn(command[0], [...command.slice(1), ...task], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      processes.push(child);
      return new Output(child, `${contender.name}, ${workload.title}, ${role}`, signal);
    };
    const server = start("server", await address(workload, contender, folder));
    const url = await server.line("listening ");
    const sides = workload.route === "inproc" ? [server] : [server, start("client", url)];
    for (let times = workload.go ?? 0; times > 0; times--) {
      await sides[1]?.line("ready");
      processes[0]?.stdin?.write("go\n");
    }
    const text = await Promise.race(sides.map((side) => side.line("result ")));
    return toMeasurement(JSON.parse(text) as Result, workload.figure);
  } finally {
    await Promise.all(processes.map(end));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many messages this contender sends. */
export function counts(
  { size, unit, warmUp, count }: Workload,
  { share }: Pick<Contender, "share">,
): { warmUp: number; count: number } {
  // Only small messages are so quick that the slower ones would keep everybody waiting.
  const part = unit === "us" || size > 1_024 ? 1 : share;
  return { warmUp: Math.max(1, Math.round(warmUp * part)), count: Math.max(1, Math.round(count * part)) };
}

export function toMeasurement(result: Result, figure: "p50" | "max" = "p50"): Measurement {
  if ("p50" in result) {
    const { p50, p99, curve } = result;
    return { value: figure === "max" ? (curve.at(-1)?.[1] ?? p99) : p50, p99, curve };
  }
  const { messages, seconds, sent } = result;
  // Nothing at all may arrive of what may be lost.
  const value = messages === 0 ? 0 : messages / seconds;
  return sent === undefined ? { value } : { value, lost: 1 - messages / sent };
}

async function address({ route }: Workload, contender: Contender, folder: string): Promise<string> {
  if (route === "ipc") return `ipc://${folder}/s`;
  if (route === "inproc") return "inproc://bench";
  const scheme = route === "tls" ? "tls+tcp" : route;
  return `${scheme}://127.0.0.1:${contender.fixedPort ? await freePort() : 0}${route === "ws" ? "/" : ""}`;
}
