/**
 * Which of several sockets can go on? For code that serves many sockets in one place; most of the time a `for await` on
 * each is simpler.
 */
import { BadTypeError, InvalidOperationError } from "./errors.js";
import type { OperationQueue } from "./operation-queue.js";
import { type Unwatch, watchAbort } from "./signals.js";
import type { Timer } from "./transport.js";
import type { WaitOptions } from "./waiters.js";

/** A socket or a context. */
export interface Pollable {
  readonly operationQueue: OperationQueue;
}

/** What to wait for. */
export interface PollItem<Target extends Pollable = Pollable> {
  readonly socket: Target;
  /** A message can be received. */
  readonly receive?: boolean | undefined;
  /** A message can be sent. */
  readonly send?: boolean | undefined;
}

/** One that is ready, for what was asked. */
export interface PollResult<Target extends Pollable = Pollable> {
  readonly socket: Target;
  readonly receive: boolean;
  readonly send: boolean;
  /** It is closed: whatever is tried will fail at once. */
  readonly closed: boolean;
}

/**
 * Resolves with those that are ready, as soon as there is one; with nothing when `timeout` (ms, default never, 0 to look
 * only) is over. Being ready is a hint: use `tryReceive` and `trySend`.
 *
 * Rejects with `signal.reason`, BadTypeError or InvalidOperationError.
 *
 * @example
 * for (const { socket } of await poll([{ socket: a, receive: true }, { socket: b, receive: true }])) socket.tryReceive();
 */
export function poll<Target extends Pollable>(
  items: readonly PollItem<Target>[],
  options: WaitOptions = {},
): Promise<PollResult<Target>[]> {
  return new Promise((resolve, reject) => {
    const { timeout = Number.POSITIVE_INFINITY, signal } = options;
    check(items, timeout);
    if (signal?.aborted) throw signal.reason;
    const ready = look(items);
    if (ready.length > 0 || timeout === 0 || items.length === 0) {
      resolve(ready);
      return;
    }
    const watches: Unwatch[] = [];
    let timer: Timer | undefined;
    const settle = (finish: () => void): void => {
      for (const watch of watches) watch.cancel();
      timer?.cancel();
      finish();
    };
    for (const { socket } of items) {
      const watch = (): void => {
        const found = look(items);
        if (found.length > 0) settle(() => resolve(found));
      };
      watches.push(socket.operationQueue.watch(watch));
    }
    if (timeout !== Number.POSITIVE_INFINITY) {
      const { clock } = (items[0] as PollItem<Target>).socket.operationQueue.core;
      timer = clock.setTimer(timeout, () => settle(() => resolve([])));
    }
    if (signal !== undefined)
      watches.push(watchAbort(signal, { aborted: (reason) => settle(() => reject(reason)) }));
  });
}

function look<Target extends Pollable>(items: readonly PollItem<Target>[]): PollResult<Target>[] {
  return items
    .map(({ socket, receive, send }) => ({
      socket,
      receive: receive === true && socket.operationQueue.readable,
      send: send === true && socket.operationQueue.writable,
      closed: socket.operationQueue.closed,
    }))
    .filter((result) => result.receive || result.send || result.closed);
}

function check(items: unknown, timeout: unknown): void {
  if (!Array.isArray(items)) throw new BadTypeError("poll() takes an array of { socket, receive, send }.");
  for (const item of items as (PollItem | null)[]) {
    if (typeof item?.socket?.operationQueue?.watch !== "function") {
      throw new BadTypeError("poll(): `socket` must be a Sprocket socket or context.");
    }
  }
  if (typeof timeout !== "number" || !(timeout >= 0)) {
    throw new InvalidOperationError(
      `timeout must be 0 or more milliseconds, or Infinity; got ${String(timeout)}.`,
    );
  }
}
