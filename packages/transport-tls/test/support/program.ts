/** A program of the system as a peer: its output, its end, and nothing left of it when the test is over. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { until, within } from "@sprocket/testing";
import type { World } from "./world.js";

const PATIENCE = 10_000;

export class Program {
  output = Buffer.alloc(0);
  errors = "";
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(world: World, file: string, parameters: readonly string[]) {
    const child = spawn(file, parameters);
    this.#child = child;
    child.stdin.on("error", () => undefined);
    child.stdout.on("data", (chunk: Buffer) => {
      this.output = Buffer.concat([this.output, chunk]);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.errors += chunk.toString();
    });
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    this.ended.catch(() => undefined);
    world.defer(() => this.kill());
  }

  write(bytes: Uint8Array | string): void {
    this.#child.stdin.write(bytes);
  }

  /** Resolves once the output has it. */
  async printed(text: string): Promise<void> {
    await until(
      () => this.output.includes(text, 0, "latin1"),
      `${JSON.stringify(text)} of the program`,
      PATIENCE,
    );
  }

  /** Its exit code. */
  exit(): Promise<number | null> {
    return within(PATIENCE, this.ended, "the end of the program");
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended.catch(() => undefined);
  }
}

export function isThere(file: string, parameter: string): boolean {
  try {
    execFileSync(file, [parameter], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
