/** An example as a process of its own, which no test outlives. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** For a process that loads packages from disk on a busy machine. */
const PATIENCE = 30_000;

export interface Ended {
  /** Exit code, or the name of the signal that ended it. */
  readonly ended: number | string | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

export class Program {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #end: Promise<Ended>;
  readonly #overdue: NodeJS.Timeout;
  #stdout = "";
  #stderr = "";
  #over = false;
  /** Called whenever there is something new to look at. */
  #look: (() => void) | undefined;

  /** @param name of the file below `examples/dist`, without its ending */
  constructor(name: string, ...args: readonly string[]) {
    const script = fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
    this.#process = spawn(process.execPath, ["--unhandled-rejections=strict", script, ...args], {
      env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
    });
    this.#overdue = setTimeout(() => this.kill(), PATIENCE);
    this.#process.stdin.on("error", () => undefined);
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#look?.();
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#end = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", (code, signal) => {
        clearTimeout(this.#overdue);
        this.#over = true;
        this.#look?.();
        resolve({ ended: code ?? signal, lines: this.#lines, stderr: this.#stderr });
      });
    });
  }

  get #lines(): string[] {
    return this.#stdout.split(/\r?\n/).slice(0, -1);
  }

  /** The first match in a line that it has printed, as soon as there is one. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        const found = this.#lines.map((line) => pattern.exec(line)).find((match) => match !== null);
        if (found) resolve(found);
        else if (this.#over)
          reject(new Error(`it never printed ${pattern}:\n${this.#stdout}${this.#stderr}`));
      };
      this.#look();
    });
  }

  /** Types a line. */
  type(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Ends its input, as Ctrl-D does. */
  endInput(): void {
    this.#process.stdin.end();
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    if (!this.#over) this.#process.kill(signal);
  }

  /** Waits for its end. */
  end(): Promise<Ended> {
    return this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#end;
  }
}
