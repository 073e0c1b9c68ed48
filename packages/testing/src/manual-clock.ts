/**
 * Time that moves only when a test says so. Give it to a socket as `clock`: timeouts, back-off and resends then happen
 * at exact moments, and a test of a minute takes a millisecond.
 */
import type { Clock, Timer } from "@sprocket/core/plugin";
import { SeededRandom } from "./random.js";

export interface ManualClockOptions {
  /** Where time begins, in ms. Default 0. */
  readonly now?: number;
  /** Seed of `random()`. Default 1. */
  readonly seed?: number;
  /** Values that `random()` gives instead, in turn and then from the start again; each in [0, 1). */
  readonly random?: readonly number[];
}

/** More timers than any honest test fires at once. */
const ENDLESS = 10_000;

interface PendingTimer {
  readonly due: number;
  /** Timers due at the same moment fire in the order in which they were set. */
  readonly sequence: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  /** Earliest first. */
  readonly #timers: PendingTimer[] = [];
  readonly #random: SeededRandom;
  #script: readonly number[];
  #scriptAt = 0;
  #now: number;
  #sequence = 0;

  constructor(options: ManualClockOptions = {}) {
    this.#now = options.now ?? 0;
    this.#random = new SeededRandom(options.seed ?? 1);
    this.#script = options.random ?? [];
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    if (this.#script.length === 0) return this.#random.float();
    const value = this.#script[this.#scriptAt % this.#script.length] as number;
    this.#scriptAt++;
    return value;
  }

  /** Replaces what `random()` gives; an empty list goes back to the seed. */
  scriptRandom(values: readonly number[]): void {
    this.#script = values;
    this.#scriptAt = 0;
  }

  setTimer(delay: number, callback: () => void): Timer {
    if (Number.isNaN(delay)) throw new RangeError("a timer needs a delay in ms, not NaN");
    if (delay === Number.POSITIVE_INFINITY) return { cancel: () => undefined };
    const timer: PendingTimer = { due: this.#now + Math.max(0, delay), sequence: this.#sequence++, callback };
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle] as PendingTimer).due <= timer.due) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    return {
      cancel: () => {
        const at = this.#timers.indexOf(timer);
        if (at >= 0) this.#timers.splice(at, 1);
      },
    };
  }

  /** Timers that are set and have not fired. Those with an infinite delay never count. */
  get pending(): number {
    return this.#timers.length;
  }

  /** How long each pending timer still has to run, in ms, shortest first. */
  get delays(): number[] {
    return this.#timers.map((timer) => timer.due - this.#now);
  }

  /**
   * Moves time on by `ms` and fires what falls due, in order, each at its own moment. Promises that the callbacks
   * settle run only after the caller's turn: use `advanceAsync` when a later timer depends on them.
   */
  advance(ms: number): void {
    const target = this.#target(ms);
    for (let fired = 0; this.#fireNext(target); fired++) {
      // Each call fires one timer; those that it sets may still fall due.
      if (fired === ENDLESS)
        throw new Error(`${ENDLESS} timers fired within ${ms} ms: one sets itself again without delay`);
    }
    this.#now = target;
  }

  /** As `advance`, but lets the event loop turn before the first timer and after each one. */
  async advanceAsync(ms: number): Promise<void> {
    const target = this.#target(ms);
    await turn();
    for (let fired = 0; this.#fireNext(target); fired++) {
      if (fired === ENDLESS)
        throw new Error(`${ENDLESS} timers fired within ${ms} ms: one sets itself again without delay`);
      await turn();
    }
    this.#now = target;
    await turn();
  }

  #target(ms: number): number {
    if (!(ms >= 0) || ms === Number.POSITIVE_INFINITY)
      throw new RangeError(`time moves forward, by a finite number of ms: ${ms}`);
    return this.#now + ms;
  }

  #fireNext(target: number): boolean {
    const next = this.#timers[0];
    if (next === undefined || next.due > target) return false;
    this.#timers.shift();
    this.#now = Math.max(this.#now, next.due);
    next.callback();
    return true;
  }
}

/** Lets promises, immediates and what they set off happen. */
async function turn(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}
