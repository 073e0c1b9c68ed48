/**
 * Costs that are counted, not timed: the same on every machine, however busy. Each counter sits on a door of the runtime
 * that product code must pass, so that nothing in the product knows of it.
 */
import { createHook } from "node:async_hooks";
import { Socket as NetSocket } from "node:net";
import { Pair0, type PairOptions } from "@sprocket/pair";
import { defer, keep, transports, turns } from "./world.js";

/** What `counted` saw. */
export interface Costs {
  /** Batches handed to the system, of all sockets of this process; a batch that its buffers take is one system call. */
  writes: number;
  promises: number;
  /** `Uint8Array` objects, views included. */
  arrays: number;
  /** Bytes moved from one array to another. */
  copied: number;
  /** Native timers. */
  timers: number;
  /** Turns of the event loop that were asked for (`setImmediate`). */
  macrotasks: number;
}

type Method = (this: unknown, ...parameters: unknown[]) => unknown;

/** Puts `watch` in front of a method until the returned function is called. */
function inFront(
  target: object,
  name: string,
  watch: (self: unknown, parameters: unknown[]) => void,
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name) as PropertyDescriptor;
  const original = descriptor.value as Method;
  const replacement = function (this: unknown, ...parameters: unknown[]): unknown {
    watch(this, parameters);
    return original.apply(this, parameters);
  };
  // `setTimeout` and its kin carry properties, e.g. for `promisify`.
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(target, name, { ...descriptor, value: replacement });
  return () => Object.defineProperty(target, name, descriptor);
}

/** Runs `action` and counts what it costs, and what else the process does meanwhile. */
export async function counted(action: () => unknown): Promise<Costs> {
  const costs: Costs = { writes: 0, promises: 0, arrays: 0, copied: 0, timers: 0, macrotasks: 0 };
  const bytesOf = (source: unknown): number =>
    ArrayBuffer.isView(source)
      ? source.byteLength
      : ((source as { length?: number } | undefined)?.length ?? 0);
  const array = new Proxy(Uint8Array, {
    construct(target, parameters) {
      costs.arrays++;
      if (ArrayBuffer.isView(parameters[0])) costs.copied += bytesOf(parameters[0]);
      return Reflect.construct(target, parameters);
    },
  });
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
  const undo = [
    inFront(NetSocket.prototype, "_write", () => costs.writes++),
    inFront(NetSocket.prototype, "_writev", () => costs.writes++),
    inFront(typedArray, "set", (_, [source]) => {
      costs.copied += bytesOf(source);
    }),
    inFront(typedArray, "slice", (self, [from = 0, to = bytesOf(self)]) => {
      costs.arrays++;
      costs.copied += (to as number) - (from as number);
    }),
    inFront(typedArray, "subarray", () => costs.arrays++),
    inFront(globalThis, "setTimeout", () => costs.timers++),
    inFront(globalThis, "setImmediate", () => costs.macrotasks++),
    inFront(globalThis, "Uint8Array", () => undefined),
  ];
  globalThis.Uint8Array = array;
  const hook = createHook({
    init(_id, type) {
      if (type === "PROMISE") costs.promises++;
    },
  }).enable();
  const stop = (): void => {
    hook.disable();
    for (const each of undo.splice(0).reverse()) each();
  };
  defer(stop);
  try {
    const pending = action();
    if (pending instanceof Promise) await pending;
  } finally {
    stop();
  }
  return costs;
}

/** Two connected pairs over `url`; the one that listens takes what the other one sends. */
export async function pairs(
  url: string,
  options: PairOptions = {},
): Promise<{ readonly sender: Pair0; readonly receiver: Pair0 }> {
  const receiver = keep(new Pair0({ transports, receiveBufferSize: 8_192, receiveMaxSize: 0, ...options }));
  const sender = keep(new Pair0({ transports, ...options }));
  const bound = await receiver.listen(url);
  await sender.dial(bound.url);
  await receiver.waitForPipes(1);
  // What connecting leaves to be done later does not belong to the costs of a message.
  await turns(5);
  return { sender, receiver };
}

/** Until `receiver` has received `count` messages, in turns of the event loop. */
export async function arrived(receiver: Pair0, count: number): Promise<void> {
  while (receiver.stats().receivedMessages < count) await turns(1);
}
