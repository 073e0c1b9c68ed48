/**
 * What a test left behind: handles of the system that were opened and not closed, and memory that outlives its owner.
 *
 * Sprocket unrefs its sockets and servers and holds the process through one timer, and Node's
 * `getActiveResourcesInfo()` does not list what is unref'd. So handles are counted where they are made and destroyed,
 * by async hooks.
 */
import { createHook } from "node:async_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Handles that stand for something of the system. Timers are told apart by `timers: true`. */
const HANDLES = [
  "TCPWRAP",
  "TCPSERVERWRAP",
  "PIPEWRAP",
  "PIPESERVERWRAP",
  "TLSWRAP",
  "UDPWRAP",
  "PROCESSWRAP",
  "FSEVENTWRAP",
] as const;

export interface HandleWatchOptions {
  /** Count `setTimeout` and `setInterval` too. Default false. */
  readonly timers?: boolean;
}

/** Counts handles that are opened from now on and are still open. Costs a little on every async call: stop it. */
export class HandleWatch {
  readonly #open = new Map<number, string>();
  readonly #hook;

  constructor(options: HandleWatchOptions = {}) {
    const types = new Set<string>(options.timers === true ? [...HANDLES, "Timeout"] : HANDLES);
    this.#hook = createHook({
      init: (id, type) => {
        if (types.has(type)) this.#open.set(id, type);
      },
      destroy: (id) => {
        this.#open.delete(id);
      },
    });
    this.#hook.enable();
  }

  /** How many are open, by kind, e.g. `{ TCPWRAP: 2 }`. */
  get open(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const type of this.#open.values()) counts[type] = (counts[type] ?? 0) + 1;
    return counts;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Resolves when no more than `most` are open; rejects after `patience` ms with a list of what is. */
  async settled(patience = 10_000, most = 0): Promise<void> {
    const end = performance.now() + patience;
    while (this.#open.size > most) {
      if (performance.now() > end) {
        throw new Error(`handles left open after ${patience} ms: ${JSON.stringify(this.open)}`);
      }
      await new Promise<void>((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Forgets what is open: the next test starts from nothing. */
  reset(): void {
    this.#open.clear();
  }

  stop(): void {
    this.#hook.disable();
  }
}

let gc: (() => void) | undefined;

/** Three forced collections with turns of the loop between them: finalizers and weak references get their chance. */
export async function collectGarbage(): Promise<void> {
  if (gc === undefined) {
    // Works without a command line flag, also in a worker.
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as () => void;
  }
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Bytes held by live objects and buffers, after collection. */
export async function heldBytes(): Promise<number> {
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** True when nothing keeps the object alive any more. */
export async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  for (let round = 0; round < 5; round++) {
    await collectGarbage();
    if (reference.deref() === undefined) return true;
  }
  return false;
}
