// A child process with everything it says, events instead of sleeps, a deadline on each wait, and an end in any case.

import { type ChildProcess, spawn } from "node:child_process";
import type { Tool } from "./tools.js";

/** Generous: the machine may be busy with other tests. It only ends what would never end. */
const deadline = 20_000;

const children = new Set<ChildProcess>();

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export class Child {
  readonly #process: ChildProcess;
  readonly #title: string;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #changed = new Set<() => void>();
  readonly #ended: Promise<Ended>;

  constructor(command: readonly string[], input?: Uint8Array) {
    const [file, ...args] = command as [string, ...string[]];
    this.#title = [file, ...args].join(" ");
    this.#process = spawn(file, args, { stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
    children.add(this.#process);
    this.#process.stdout?.on("data", (chunk: Buffer) => this.#heard(this.#stdout, chunk));
    this.#process.stderr?.on("data", (chunk: Buffer) => this.#heard(this.#stderr, chunk));
    // A child that does not want its input is not an error of the test.
    this.#process.stdin?.on("error", () => {}).end(input);
    this.#ended = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", (code, signal) => {
        children.delete(this.#process);
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    // Awaited later, perhaps after another failure of the same test.
    this.#ended.catch(() => {});
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr).toString();
  }

  /** Resolves once standard output holds the text. */
  async heard(text: string): Promise<void> {
    let listener = () => {};
    const heard = new Promise<void>((resolve) => {
      listener = () => {
        if (this.stdout.includes(text)) {
          resolve();
        }
      };
      this.#changed.add(listener);
      listener();
    });
    const tooSoon = this.#ended.then(() => {
      if (!this.stdout.includes(text)) {
        throw new Error(`${this.#title} ended without ${JSON.stringify(text)}: ${this.#account()}`);
      }
    });
    await this.#within(Promise.race([heard, tooSoon]), JSON.stringify(text));
    this.#changed.delete(listener);
  }

  /** Resolves once it has ended by itself and its output is complete. */
  ended(): Promise<Ended> {
    return this.#within(this.#ended, "its end");
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Stops reading standard output, as `head -1` does when it has what it wants. */
  hangUp(): void {
    this.#process.stdout?.destroy();
  }

  #heard(chunks: Buffer[], chunk: Buffer): void {
    chunks.push(chunk);
    for (const listener of [...this.#changed]) {
      listener();
    }
  }

  async #within<T>(promise: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${this.#title}: no ${what} within ${deadline} ms: ${this.#account()}`)),
        deadline,
      );
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #account(): string {
    return `stdout ${JSON.stringify(this.stdout.toString("latin1").slice(0, 500))}, stderr ${JSON.stringify(this.stderr)}`;
  }
}

export function start(tool: Tool, args: readonly string[], input?: Uint8Array): Child {
  return new Child([...tool.command, ...args], input);
}

/** For `afterEach`: whatever a test left running. */
export async function killAll(): Promise<void> {
  await Promise.all(
    [...children].map(
      (child) =>
        new Promise<void>((resolve) => {
          child.once("close", () => resolve());
          child.kill("SIGKILL");
        }),
    ),
  );
}
