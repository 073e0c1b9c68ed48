/**
 * Callers that wait for a send or a receive: parked in order, settled exactly once, removable from the middle at no cost
 * when their time is up or their signal aborts.
 */
import { InvalidOperationError, type TimeoutError } from "./errors.js";
import { type Unwatch, watchAbort } from "./signals.js";
import type { Clock, Timer } from "./transport.js";

/** How long to wait, and what may end the wait. */
export interface WaitOptions {
  /**
   * Milliseconds, 0 or more. 0: only if it is possible at once; `Infinity`: for ever; `undefined`: what the socket or context
   * says (`sendTimeout`, `receiveTimeout`), and for ever where no option applies.
   */
  readonly timeout?: number | undefined;
  /** Rejects with `signal.reason`, whatever that is, when it aborts before the operation has happened. */
  readonly signal?: AbortSignal | undefined;
}

/** How long to wait, in ms; `usual` when the caller did not say. @throws InvalidOperationError */
export function waitTime(options: WaitOptions | undefined, usual: number): number {
  const timeout = options?.timeout;
  if (timeout === undefined) return usual;
  if (typeof timeout !== "number" || !(timeout >= 0)) {
    throw new InvalidOperationError(
      `timeout must be 0 or more milliseconds, or Infinity to wait for ever; got ${String(timeout)}.`,
    );
  }
  return timeout;
}

/** One parked caller. `Value` is what it waits for. */
export abstract class Waiter<Value> {
  next: Waiter<Value> | undefined = undefined;
  previous: Waiter<Value> | undefined = undefined;
  list: WaiterList<Value> | undefined = undefined;
  timer: Timer | undefined = undefined;
  unwatch: Unwatch | undefined = undefined;

  abstract resolve(value: Value): void;
  abstract reject(error: unknown): void;

  /** Called by the signal. */
  aborted(reason: unknown): void {
    this.list?.giveUp(this, reason);
  }
}

/** A caller with a promise. */
export class PromiseWaiter<Value> extends Waiter<Value> {
  /** What it waits with: the message of a send, a number of pipes. */
  readonly subject: unknown;
  readonly #resolve: (value: Value) => void;
  readonly #reject: (error: unknown) => void;

  constructor(resolve: (value: Value) => void, reject: (error: unknown) => void, subject?: unknown) {
    super();
    this.#resolve = resolve;
    this.#reject = reject;
    this.subject = subject;
  }

  resolve(value: Value): void {
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.#reject(error);
  }
}

/** What a list tells its owner. */
export interface WaiterListOwner {
  /** The first waiter came (true), or the last one left (false). */
  waiting(some: boolean): void;
  /** A waiter left unserved, because of its timeout or signal. */
  gaveUp(): void;
  readonly clock: Clock;
  /** What a waiter whose time is up rejects with. */
  timeoutError(delay: number): TimeoutError;
}

export class WaiterList<Value> {
  head: Waiter<Value> | undefined;
  /** Waiters that have left, for whatever reason: a count to compare. */
  settled = 0;
  #tail: Waiter<Value> | undefined;
  readonly #owner: WaiterListOwner;

  constructor(owner: WaiterListOwner) {
    this.#owner = owner;
  }

  add(waiter: Waiter<Value>, timeout: number, signal: AbortSignal | undefined): void {
    const first = this.head === undefined;
    waiter.list = this;
    waiter.previous = this.#tail;
    if (this.#tail === undefined) this.head = waiter;
    else this.#tail.next = waiter;
    this.#tail = waiter;
    if (timeout !== Number.POSITIVE_INFINITY) {
      waiter.timer = this.#owner.clock.setTimer(timeout, () => {
        if (waiter.list === this) this.giveUp(waiter, this.#owner.timeoutError(timeout));
      });
    }
    if (signal !== undefined) waiter.unwatch = watchAbort(signal, waiter);
    if (first) this.#owner.waiting(true);
  }

  /** Takes it out, so that whoever called can settle it. */
  remove(waiter: Waiter<Value>): void {
    if (waiter.previous === undefined) this.head = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#tail = waiter.previous;
    else waiter.next.previous = waiter.previous;
    this.settled++;
    waiter.list = undefined;
    waiter.next = undefined;
    waiter.previous = undefined;
    waiter.timer?.cancel();
    waiter.unwatch?.cancel();
    waiter.unwatch = undefined;
    if (this.head === undefined) this.#owner.waiting(false);
  }

  giveUp(waiter: Waiter<Value>, reason: unknown): void {
    this.remove(waiter);
    waiter.reject(reason);
    this.#owner.gaveUp();
  }

  failAll(error: unknown): void {
    while (this.head !== undefined) {
      const waiter = this.head;
      this.remove(waiter);
      waiter.reject(error);
    }
  }
}
