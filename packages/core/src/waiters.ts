/**
 * Callers that wait for a send or a receive: parked in order, settled exactly once, removable from the middle at no cost
 * when their time is up or their signal aborts.
 */
import { TimeoutError } from "./errors.js";
import { type Unwatch, watchAbort } from "./signals.js";
import type { Clock, Timer } from "./transport.js";

/** How long to wait, and what may end the wait. */
export interface WaitOptions {
  /** Milliseconds. 0: only if it is possible at once; `undefined`: the socket's own; `Infinity`: for ever. */
  readonly timeout?: number | undefined;
  /** Rejects with `signal.reason` when it aborts before the operation has happened. */
  readonly signal?: AbortSignal | undefined;
}

/** One parked caller. `Value` is what it is settled with. */
export class Waiter<Value> {
  next: Waiter<Value> | undefined;
  previous: Waiter<Value> | undefined;
  list: WaiterList<Value> | undefined;
  timer: Timer | undefined;
  unwatch: Unwatch | undefined;

  constructor(
    readonly resolve: (value: Value) => void,
    readonly reject: (error: unknown) => void,
    /** What it waits with: the message of a send, the most messages of a batch. */
    readonly subject: unknown,
  ) {}

  /** Called by the signal. */
  aborted(reason: unknown): void {
    this.list?.giveUp(this, reason);
  }
}

/** What a list tells its owner. */
export interface WaiterListOwner {
  /** The first waiter came (true), or the last one left (false). */
  waiting(some: boolean): void;
  /** A waiter left unserved, because of its timeout or signal. */
  gaveUp(): void;
  readonly clock: Clock;
  /** The text of a timeout. */
  timeoutText(delay: number): string;
}

export class WaiterList<Value> {
  head: Waiter<Value> | undefined;
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
        if (waiter.list === this) this.giveUp(waiter, new TimeoutError(this.#owner.timeoutText(timeout)));
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
