/** The real `nngcat` of a test: it listens, prints what it hears, and ends with the test. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { freePort } from "../../scripts/free-port.js";
import { nngcat } from "./requirements.js";
import { patience } from "./suite.js";

export class NngCat {
  readonly url: string;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exited: Promise<unknown>;
  #output = Buffer.alloc(0);
  #errors = "";

  private constructor(port: number, parameters: readonly string[]) {
    this.url = `ws://127.0.0.1:${port}/x`;
    this.#child = spawn(nngcat ?? "nngcat", [...parameters, "--listen", this.url], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout.on("data", (chunk: Buffer) => {
      this.#output = Buffer.concat([this.#output, chunk]);
    });
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    this.#exited = once(this.#child, "close");
    onTestFinished(() => this.kill());
  }

  /** nng 1.5 does not tell the port that it got for 0: somebody else may take ours before it does. */
  static async listen(...parameters: string[]): Promise<NngCat> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const cat = new NngCat(port, parameters);
      if (await cat.#accepts(port)) return cat;
      if (attempt === 5) throw new Error(`nngcat does not listen: ${cat.#errors}`);
    }
  }

  /** Resolves once it has printed so much. */
  async printed(length: number): Promise<string> {
    const signal = AbortSignal.timeout(patience);
    while (this.#output.length < length) {
      await once(this.#child.stdout, "data", { signal }).catch(() => {
        throw new Error(`nngcat printed ${this.#output.length} of ${length} bytes. ${this.#errors}`);
      });
    }
    return this.#output.toString();
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** False: it ended before it accepted anybody. */
  async #accepts(port: number): Promise<boolean> {
    for (;;) {
      const probe = connect(port, "127.0.0.1");
      const connected = once(probe, "connect").then(
        () => true,
        () => false,
      );
      if (await connected) {
        probe.destroy();
        return true;
      }
      if (this.#child.exitCode !== null) return false;
    }
  }
}
