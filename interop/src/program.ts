/**
 * A real process of a test: started with a deadline, read line by line, ended by its own pid.
 *
 * A peer that hangs must fail the test that started it and nothing else, so every wait here has an end, and the text of
 * the failure shows what the process had printed.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

/** How long one answer may take; a slow loaded machine needs a tenth of it. */
const answerDeadline = 20_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A waiting `line()` call. */
interface Reader {
  resolve(line: string): void;
  reject(error: Error): void;
}

export class Program {
  readonly exited: Promise<Exit>;
  /** Its file and its parameters. */
  readonly name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #output: Buffer[] = [];
  readonly #lines: string[] = [];
  readonly #readers: Reader[] = [];
  #unfinished = "";
  #errors = "";
  #exit: Exit | undefined;

  constructor(file: string, parameters: readonly string[]) {
    this.name = [file.split("/").pop(), ...parameters].join(" ");
    this.#child = spawn(file, parameters, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin.on("error", () => {});
    this.#child.stdout.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        this.#exit = { code, signal };
        for (const reader of this.#readers.splice(0)) reader.reject(this.failure("ended before it answered"));
        resolve(this.#exit);
      });
    });
    this.exited.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#exit === undefined;
  }

  /** Everything printed so far. */
  get output(): Buffer {
    return Buffer.concat(this.#output);
  }

  /** The next line that was not taken yet. */
  line(deadline = answerDeadline): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#exit) return Promise.reject(this.failure("ended"));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#readers.splice(this.#readers.indexOf(reader), 1);
        reject(this.failure(`printed nothing for ${deadline} ms`));
      }, deadline);
      const reader: Reader = {
        resolve(taken) {
          clearTimeout(timer);
          resolve(taken);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#readers.push(reader);
    });
  }

  /** Resolves once `done` likes what was printed so far. */
  async printed(done: (output: Buffer) => boolean, deadline = answerDeadline): Promise<Buffer> {
    const signal = AbortSignal.timeout(deadline);
    while (!done(this.output)) {
      if (this.#exit) throw this.failure("ended too early");
      try {
        await Promise.race([once(this.#child.stdout, "data", { signal }), this.exited]);
      } catch {
        throw this.failure(`did not print what was expected within ${deadline} ms`);
      }
    }
    return this.output;
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Resolves when the process has gone by itself. */
  async exit(deadline = answerDeadline): Promise<Exit> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.failure(`still runs after ${deadline} ms`)), deadline);
    });
    try {
      return await Promise.race([this.exited, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** As a crash: nothing is flushed, no file is removed. */
  async kill(): Promise<void> {
    if (!this.#exit) this.#child.kill("SIGKILL");
    await this.exited.catch(() => {});
  }

  /** Closes its standard input, and kills it when that is not enough. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.exit(answerDeadline / 2).catch(() => this.kill());
  }

  failure(what: string): Error {
    const seen = [...this.#lines, this.#unfinished].join("\n").slice(-500);
    const { signal, code } = this.#exit ?? {};
    const end = this.#exit && ` (${signal ? `signal ${signal}` : `code ${code}`})`;
    return new Error(
      `${this.name} ${what}${end ?? ""}. It printed: ${seen || "nothing"} ${this.#errors.slice(-500)}`,
    );
  }

  #read(chunk: Buffer): void {
    this.#output.push(chunk);
    const lines = (this.#unfinished + chunk.toString("latin1")).split("\n");
    this.#unfinished = lines.pop() ?? "";
    for (const line of lines) {
      const reader = this.#readers.shift();
      if (reader) reader.resolve(line);
      else this.#lines.push(line);
    }
  }
}
