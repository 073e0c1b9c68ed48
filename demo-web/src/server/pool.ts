/**
 * The workers behind `/ask`: threads with a Rep0 each, which dial the back of a device. Requesters know one address and
 * nobody knows how many workers there are.
 *
 *     Req0 of a tab ──ws──► RawRep0 ─ device ─ RawReq0 ◄──ipc── Rep0 of a worker
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { device } from "@sprocket/core";
import { RawRep0, RawReq0 } from "@sprocket/reqrep";
import { ipc } from "@sprocket/transport-ipc";
import { PATHS } from "../shared/paths.js";
import type { Ground } from "./ground.js";

const WORKERS = ["ada", "bob", "cleo"];

export class Pool {
  readonly #front: RawRep0;
  readonly #back: RawReq0;
  readonly #folder: string;
  readonly #workers = new Map<string, Worker>();
  #url = "";
  #closing = false;
  #forwarding: Promise<void> = Promise.resolve();

  private constructor(ground: Ground, folder: string) {
    this.#folder = folder;
    this.#front = ground.keep(new RawRep0({ ...ground.options("ask, front"), receiveMaxSize: 256 * 1024 }));
    this.#back = ground.keep(new RawReq0({ name: "ask, back", transports: [ipc()] }));
  }

  static async open(ground: Ground): Promise<Pool> {
    const folder = await mkdtemp(join(tmpdir(), "sprocket-demo-web-"));
    const pool = new Pool(ground, folder);
    try {
      const { url } = await pool.#back.listen(
        process.platform === "win32"
          ? `ipc://sprocket-demo-web-${process.pid}`
          : `ipc://${join(folder, "workers")}`,
      );
      pool.#url = url;
      for (const name of WORKERS) pool.#hire(name);
      await pool.#back.waitForPipes(WORKERS.length, { timeout: 20_000 });
      pool.#forwarding = device(pool.#front, pool.#back);
      await ground.listen(pool.#front, PATHS.ask);
      return pool;
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  /** Before the sockets are closed: workers must not be taken for crashed. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#workers.values()].map((worker) => worker.terminate()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Resolves when the sockets have been closed. */
  ended(): Promise<void> {
    return this.#forwarding;
  }

  #hire(name: string): void {
    const worker = new Worker(new URL("./pool-worker.js", import.meta.url), {
      workerData: { name, url: this.#url },
    });
    this.#workers.set(name, worker);
    worker.on("error", (error) => console.error(`Worker ${name} failed: ${error.message}`));
    worker.on("exit", () => {
      if (!this.#closing) this.#hire(name);
    });
  }
}
