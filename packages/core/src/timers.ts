/**
 * Timeouts by the thousand for the price of a few native timers.
 *
 * Timers of one delay expire in the order in which they were set, so each distinct delay needs one list and one native
 * timer, and setting and cancelling are O(1). The rules it guards: a timer is never early; no timer keeps the process
 * alive (whoever waits for one holds it, see `keepalive.ts`); a callback that throws stops no other timer.
 */
import { reportUncaught } from "./report-error.js";
import type { Clock, Timer } from "./transport.js";

/** The longest delay that native timers understand (a larger one fires at once). */
const LONGEST = 2 ** 31 - 1;

/** This many empty lists keep their native timer for the next user; more are let go at once. */
const IDLE_LISTS = 64;

/** What Node and Bun return from `setTimeout`; a number elsewhere. */
interface NativeTimer {
  unref?(): unknown;
}

const never: Timer = Object.freeze({ cancel() {} });

/** Lists of timers, one per delay. Applications use `systemClock`; tests may make their own. */
export class TimerWheel {
  readonly #lists = new Map<number, TimerList>();
  #idle = 0;

  /**
   * Calls back once, never before `delay` ms have passed, and never before this call has returned. Delays count in
   * whole milliseconds, rounded up, so that there are few distinct ones; `Infinity` never fires.
   */
  setTimer(delay: number, callback: () => void): Timer {
    // Also for NaN and negative delays. At least 1, so that a timer set by a callback waits for the next round.
    const whole = delay > 1 ? Math.ceil(delay) : 1;
    if (whole === Number.POSITIVE_INFINITY) return never;
    let list = this.#lists.get(whole);
    if (list === undefined) {
      list = new TimerList(whole, this);
      this.#lists.set(whole, list);
    }
    return list.add(callback);
  }

  /** For lists: it ran empty. True: it may keep its native timer for the next user. */
  idle(): boolean {
    if (this.#idle >= IDLE_LISTS) return false;
    this.#idle++;
    return true;
  }

  /** For lists: an idle one is in use again, or gone. */
  notIdle(): void {
    this.#idle--;
  }

  /** For lists: neither timers nor a native timer are left. */
  drop(delay: number): void {
    this.#lists.delete(delay);
  }
}

/** The timers of one delay, soonest first, and the native timer that waits for the first of them. */
class TimerList {
  readonly #delay: number;
  readonly #wheel: TimerWheel;
  #first: ListedTimer | undefined;
  #last: ListedTimer | undefined;
  /** Armed for the first timer, or for an earlier one that was cancelled. */
  #native: NativeTimer | undefined;
  /** Empty, while the native timer still runs. */
  #idle = false;
  /** Callbacks are being called: they may set and cancel timers of this very list. */
  #firing = false;
  readonly #onNative = (): void => this.#fire();

  constructor(delay: number, wheel: TimerWheel) {
    this.#delay = delay;
    this.#wheel = wheel;
  }

  add(callback: () => void): Timer {
    const timer = new ListedTimer(this, performance.now() + this.#delay, callback, this.#last);
    if (this.#last === undefined) this.#first = timer;
    else this.#last.next = timer;
    this.#last = timer;
    if (this.#idle) {
      this.#idle = false;
      this.#wheel.notIdle();
    } else if (this.#native === undefined && !this.#firing) {
      this.#arm(this.#delay);
    }
    return timer;
  }

  remove(timer: ListedTimer): void {
    this.#unlink(timer);
    if (this.#first !== undefined || this.#firing) return;
    // Without `unref` (browsers, Deno) a native timer could hold a process, or wake a page, for nothing.
    if (this.#native?.unref !== undefined && this.#wheel.idle()) {
      this.#idle = true;
      return;
    }
    clearTimeout(this.#native);
    this.#native = undefined;
    this.#wheel.drop(this.#delay);
  }

  #fire(): void {
    this.#native = undefined;
    if (this.#idle) {
      this.#idle = false;
      this.#wheel.notIdle();
    }
    this.#firing = true;
    const now = performance.now();
    for (let timer = this.#first; timer !== undefined && timer.deadline <= now; timer = this.#first) {
      this.#unlink(timer);
      try {
        timer.callback();
      } catch (error) {
        reportUncaught(error);
      }
    }
    this.#firing = false;
    if (this.#first === undefined) this.#wheel.drop(this.#delay);
    else this.#arm(this.#first.deadline - performance.now());
  }

  /** Native timers cut fractions off and may come up to 1 ms early; `#fire` then arms again for the rest. */
  #arm(delay: number): void {
    const whole = Math.min(Math.max(Math.ceil(delay), 1), LONGEST);
    const native = setTimeout(this.#onNative, whole) as NativeTimer;
    native.unref?.();
    this.#native = native;
  }

  #unlink(timer: ListedTimer): void {
    if (timer.previous === undefined) this.#first = timer.next;
    else timer.previous.next = timer.next;
    if (timer.next === undefined) this.#last = timer.previous;
    else timer.next.previous = timer.previous;
    timer.list = undefined;
    timer.previous = undefined;
    timer.next = undefined;
  }
}

class ListedTimer implements Timer {
  /** undefined: fired or cancelled. */
  list: TimerList | undefined;
  readonly deadline: number;
  readonly callback: () => void;
  previous: ListedTimer | undefined;
  next: ListedTimer | undefined;

  constructor(list: TimerList, deadline: number, callback: () => void, previous: ListedTimer | undefined) {
    this.list = list;
    this.deadline = deadline;
    this.callback = callback;
    this.previous = previous;
    this.next = undefined;
  }

  cancel(): void {
    this.list?.remove(this);
  }
}

const wheel = new TimerWheel();
const word = new Uint32Array(1);

/** The time of the system. One wheel serves all sockets of the realm. */
export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  setTimer: (delay: number, callback: () => void) => wheel.setTimer(delay, callback),
  // Not `Math.random`: ids that peers could guess start from here. It is asked rarely.
  random: () => (crypto.getRandomValues(word)[0] as number) / 2 ** 32,
});
