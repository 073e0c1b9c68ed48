/** The demo's server as a process of its own, with a hand at its keyboard. No test outlives it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { findProgram, required } from "./system.js";

/** Undefined: it is not here. Where it must be, its name alone makes the test fail. */
export const nngcat = findProgram("nngcat") ?? (required ? "nngcat" : undefined);

/** ms; for a process that loads packages from disk on a busy machine. */
const PATIENCE = 30_000;
const SCRIPT = fileURLToPath(new URL("../../dist/server/main.js", import.meta.url));

export class Server {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #looks = new Set<() => void>();
  readonly #end: Promise<{ ended: number | string | null; stderr: string }>;
  #stdout = "";
  #stderr = "";
  #over = false;

  constructor(...args: readonly string[]) {
    this.#process = spawn(process.execPath, ["--unhandled-rejections=strict", SCRIPT, ...args], {
      env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
    });
    this.#process.stdin.on("error", () => undefined);
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#look();
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#end = once(this.#process, "close").then(([code, signal]) => {
      this.#over = true;
      this.#look();
      return { ended: (code ?? signal) as number | string | null, stderr: this.#stderr };
    });
  }

  /** Starts one and waits for its address. */
  static async start(...args: readonly string[]): Promise<{ server: Server; url: string }> {
    const server = new Server(...(args.length > 0 ? args : ["--port", "0"]));
    const [, url = ""] = await server.printed(/(http:\/\/127\.0\.0\.1:\d+\/)/);
    // The last thing that is printed before it listens to what is typed.
    await server.printed(/\/quit/);
    return { server, url };
  }

  get output(): string {
    return this.#stdout;
  }

  /** The first match in what it prints, as soon as there is one. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(overdue);
        this.#looks.delete(look);
        finish();
      };
      const fail = (): void =>
        settle(() =>
          reject(new Error(`The server never printed ${pattern}:\n${this.#stdout}${this.#stderr}`)),
        );
      const look = (): void => {
        const found = pattern.exec(this.#stdout);
        if (found !== null) settle(() => resolve(found));
        else if (this.#over) fail();
      };
      const overdue = setTimeout(fail, PATIENCE);
      this.#looks.add(look);
      look();
    });
  }

  /** Types a line. */
  type(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#over) this.#process.kill(signal);
  }

  end(): Promise<{ ended: number | string | null; stderr: string }> {
    return this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.#end;
  }

  #look(): void {
    for (const look of [...this.#looks]) look();
  }
}
