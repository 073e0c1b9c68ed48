/**
 * Any number of waiters on one AbortSignal behind a single listener: adding one per call costs more than the rest of the
 * call, and Node warns of a leak from the eleventh on.
 *
 * The rule it guards: the listener goes when the last watcher leaves, so that a long-lived signal holds nothing of us.
 */
import { reportUncaught } from "./report-error.js";

/** What is told when a signal aborts. */
export interface AbortTarget {
  aborted(reason: unknown): void;
}

/** Ends a watch. */
export interface Unwatch {
  /** Idempotent; harmless after the signal aborted. */
  cancel(): void;
}

const over: Unwatch = Object.freeze({ cancel() {} });
const watched = new WeakMap<AbortSignal, SignalWatchers>();

/**
 * Calls `target.aborted` once when the signal aborts. When it has aborted already, this happens before the call
 * returns: test `signal.aborted` first where that matters.
 */
export function watchAbort(signal: AbortSignal, target: AbortTarget): Unwatch {
  if (signal.aborted) {
    tell(target, signal.reason);
    return over;
  }
  let watchers = watched.get(signal);
  if (watchers === undefined) {
    watchers = new SignalWatchers(signal);
    watched.set(signal, watchers);
  }
  return watchers.add(target);
}

/** The watchers of one signal, in the order in which they came. */
class SignalWatchers {
  readonly #signal: AbortSignal;
  #first: Watcher | undefined;
  #last: Watcher | undefined;
  readonly #onAbort = (): void => this.#abort();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(target: AbortTarget): Unwatch {
    const watcher = new Watcher(this, target, this.#last);
    if (this.#last === undefined) {
      this.#first = watcher;
      this.#signal.addEventListener("abort", this.#onAbort);
    } else {
      this.#last.next = watcher;
    }
    this.#last = watcher;
    return watcher;
  }

  remove(watcher: Watcher): void {
    if (watcher.previous === undefined) this.#first = watcher.next;
    else watcher.previous.next = watcher.next;
    if (watcher.next === undefined) this.#last = watcher.previous;
    else watcher.next.previous = watcher.previous;
    watcher.watchers = undefined;
    watcher.previous = undefined;
    watcher.next = undefined;
    if (this.#first === undefined) this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #abort(): void {
    // Those who are told may end other watches: always take the first that is left.
    for (let watcher = this.#first; watcher !== undefined; watcher = this.#first) {
      this.remove(watcher);
      tell(watcher.target, this.#signal.reason);
    }
  }
}

function tell(target: AbortTarget, reason: unknown): void {
  try {
    target.aborted(reason);
  } catch (error) {
    reportUncaught(error);
  }
}

class Watcher implements Unwatch {
  /** undefined: over. */
  watchers: SignalWatchers | undefined;
  readonly target: AbortTarget;
  previous: Watcher | undefined;
  next: Watcher | undefined;

  constructor(watchers: SignalWatchers, target: AbortTarget, previous: Watcher | undefined) {
    this.watchers = watchers;
    this.target = target;
    this.previous = previous;
    this.next = undefined;
  }

  cancel(): void {
    this.watchers?.remove(this);
  }
}
