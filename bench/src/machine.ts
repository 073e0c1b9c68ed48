/** Where numbers come from: machine, system, versions, and how busy it was. */
import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { fileLimit } from "./connections.js";
import { versions } from "./contenders.js";

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly files: number | "unlimited";
  /** Processes that wanted a core, on average over the minute before the first and after the last measurement. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  /** ISO 8601, when it began. */
  readonly date: string;
  /** Of this repository; with a star: and changes. */
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Call it before the first measurement; what it returns completes the facts after the last. */
export function lookAround(): () => Machine {
  const loadBefore = oneMinuteLoad();
  const date = new Date().toISOString();
  const limit = fileLimit();
  return () => ({
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    files: Number.isFinite(limit) ? limit : "unlimited",
    loadBefore,
    loadAfter: oneMinuteLoad(),
    date,
    commit: commit(),
    versions: versions(),
  });
}

function oneMinuteLoad(): number {
  return Math.round((loadavg()[0] as number) * 100) / 100;
}

function commit(): string {
  try {
    const run = (...parameters: string[]): string =>
      execFileSync("git", parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const changed = run("status", "--porcelain", "--untracked-files=no") === "" ? "" : "*";
    return run("rev-parse", "--short", "HEAD") + changed;
  } catch {
    return "unknown";
  }
}
