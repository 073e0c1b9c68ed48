/** Processes of their own: started by a test, ended by it at the latest. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { within } from "@sprocket/testing";
import { defer } from "./world.js";

/** A process that loads packages from disk on a loaded machine. */
const STARTUP = 20_000;

export class Child {
  readonly process: ChildProcess;
  /** Code and signal. */
  readonly exited: Promise<readonly [number | null, NodeJS.Signals | null]>;
  readonly #lines: string[] = [];
  readonly #waiting: ((line: string) => void)[] = [];

  /** Runs `test/fixtures/<name>.js` against the built packages. */
  constructor(name: string, ...args: readonly string[]) {
    const script = fileURLToPath(new URL(`../fixtures/${name}.js`, import.meta.url));
    this.process = spawn(
      process.execPath,
      ["--unhandled-rejections=strict", "--expose-gc", script, ...args],
      {
        stdio: ["pipe", "pipe", "inherit"],
        env: { ...process.env, NODE_OPTIONS: "" },
      },
    );
    this.exited = new Promise((resolve) => {
      this.process.once("exit", (code, signal) => resolve([code, signal]));
    });
    const lines = createInterface({ input: this.process.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#lines.push(line);
      else waiting(line);
    });
    defer(() => this.kill());
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** The next line that it prints. */
  line(patience = STARTUP): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    const next = new Promise<string>((resolve) => this.#waiting.push(resolve));
    const died = this.exited.then(([code, signal]) => {
      throw new Error(`the process ended (${code ?? signal}) before it printed a line`);
    });
    return within(patience, Promise.race([next, died]), "a line of the process");
  }

  /** Says something on its standard input. */
  say(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    if (this.running) this.process.kill("SIGKILL");
    await this.exited;
    if (this.process.stdout?.closed === false) {
      this.process.stdout.destroy();
      await once(this.process.stdout, "close").catch(() => undefined);
    }
    this.process.stdin?.destroy();
  }
}
