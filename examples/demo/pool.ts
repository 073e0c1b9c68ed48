/**
 * The workers of the demo: one process that is reached over ipc, one that is reached over tcp, and one in this process
 * over inproc. They all run the same handler.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Rep0 } from "@sprocket/reqrep";
import { answer } from "./task.js";

export interface Worker {
  readonly name: string;
  readonly url: string;
  /** Absent: it lives in this process. */
  readonly process?: ChildProcess;
}

export class Pool {
  readonly workers: Worker[] = [];
  readonly #inside: Rep0;
  readonly #folder: string;

  private constructor(folder: string, inside: Rep0) {
    this.#folder = folder;
    this.#inside = inside;
  }

  static async start(receiveMaxSize: number): Promise<Pool> {
    const folder = await mkdtemp(join(tmpdir(), "sprocket-demo-"));
    const inside = new Rep0({ name: "inside", receiveMaxSize });
    const pool = new Pool(folder, inside);
    const { url } = await inside.listen("inproc://demo");
    inside.serve((request) => answer("inproc", request.body));
    const ipcUrl =
      process.platform === "win32" ? `ipc://sprocket-demo-${process.pid}` : `ipc://${folder}/worker`;
    pool.workers.push(
      ...(await Promise.all([
        startProcess("ipc", ipcUrl, receiveMaxSize),
        startProcess("tcp", "tcp://127.0.0.1:0", receiveMaxSize),
      ])),
      { name: "inproc", url },
    );
    return pool;
  }

  /** Ends what is left, and leaves nothing behind. */
  async stop(): Promise<void> {
    await this.#inside.close();
    for (const { process: child } of this.workers) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function startProcess(name: string, url: string, receiveMaxSize: number): Promise<Worker> {
  const script = fileURLToPath(new URL("./worker.js", import.meta.url));
  const child = fork(script, [name, url, String(receiveMaxSize)]);
  const [message] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`The ${name} worker ended early (${code}).`)),
    ),
  ])) as [{ url: string }];
  return { name, url: message.url, process: child };
}
