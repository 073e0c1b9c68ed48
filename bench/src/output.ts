/** The lines of a benchmark process, with an end to waiting. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const deadline = 60_000;

export class Output {
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;
  readonly #late: Promise<never>;

  constructor(child: ChildProcess, name: string, signal: AbortSignal) {
    this.#name = name;
    this.#lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    this.#late = new Promise((_, reject) => {
      const late = (): void => reject(new Error(`${name}: no result within ${deadline} ms`));
      signal.addEventListener("abort", late, { once: true });
    });
    this.#late.catch(() => {});
  }

  /** What follows `start` in the next line that begins with it. */
  async line(start: string): Promise<string> {
    for (;;) {
      const next = await Promise.race([this.#lines.next(), this.#late]);
      if (next.done === true) throw new Error(`${this.#name}: ended without "${start}"`);
      if (next.value.startsWith(start)) return next.value.slice(start.length);
    }
  }
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
