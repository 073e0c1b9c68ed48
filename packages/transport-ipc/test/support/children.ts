/**
 * Processes of their own that use the built package, told what to do by messages.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { within } from "@sprocket/testing";

export interface Answer {
  readonly ok?: unknown;
  readonly error?: string;
}

export interface ChildOptions {
  /** Another Node than the one that runs the tests. */
  readonly node?: string;
  readonly umask?: number;
}

export class Child {
  readonly process: ChildProcess;

  constructor(options: ChildOptions = {}) {
    if (!existsSync(fileURLToPath(new URL("../../dist/index.js", import.meta.url)))) {
      throw new Error("child processes use the built package: run `pnpm build` first");
    }
    this.process = fork(new URL("./child.js", import.meta.url), {
      execPath: options.node ?? process.execPath,
      execArgv: [],
      env: { ...process.env, TEST_UMASK: String(options.umask ?? 0o022) },
    });
  }

  /** Calls a function of `child.js` and gives what it returned, or the code of what it threw. */
  async ask(name: string, ...args: readonly unknown[]): Promise<Answer> {
    const abort = new AbortController();
    const answer = once(this.process, "message", { signal: abort.signal });
    const death = once(this.process, "exit", { signal: abort.signal }).then(([code]) => {
      throw new Error(`a child process ended with ${code} instead of an answer to ${name}`);
    });
    this.process.send({ name, args });
    try {
      const [message] = await within(10_000, Promise.race([answer, death]), `a child's answer to ${name}`);
      return message as Answer;
    } finally {
      answer.catch(() => undefined);
      death.catch(() => undefined);
      abort.abort();
    }
  }

  /** Ends it, without a chance to clean up with `SIGKILL`. */
  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, "exit");
    this.process.kill(signal);
    await within(10_000, gone, "the end of a child process");
  }
}
