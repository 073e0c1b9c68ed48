/**
 * The rule that a state machine is never called while it runs. Whatever comes up meanwhile waits here: first the calls of
 * the machine itself, then, once it is at rest, everything that may run other people's code (events, handlers, reading
 * on). One per socket.
 */
import { Fifo } from "./fifo.js";
import { reportUncaught } from "./report-error.js";

/** Something that waits for the state machine to come to rest. Long-lived objects, so that waiting allocates nothing. */
export interface Task {
  run(): void;
}

export class Turn {
  /** The state machine is running. */
  busy = false;
  readonly #inside = new Fifo<Task>();
  readonly #after = new Fifo<Task>();
  #draining = false;

  /** Begin a call of the state machine; only when `busy` is false. */
  enter(): void {
    this.busy = true;
  }

  /** The call has returned. */
  exit(): void {
    if (this.#inside.length > 0) this.#runInside();
    this.busy = false;
    if (this.#after.length > 0 && !this.#draining) this.#runAfter();
  }

  /** Runs a call of the state machine now, or as soon as it is at rest. */
  call(task: Task): void {
    if (this.busy) {
      this.#inside.push(task);
      return;
    }
    this.enter();
    try {
      task.run();
    } finally {
      this.exit();
    }
  }

  /** Runs something once the state machine is at rest: at once, if it is. */
  after(task: Task): void {
    this.#after.push(task);
    if (!this.busy && !this.#draining) this.#runAfter();
  }

  #runInside(): void {
    for (let task = this.#inside.shift(); task !== undefined; task = this.#inside.shift()) {
      try {
        task.run();
      } catch (error) {
        reportUncaught(error);
      }
    }
  }

  #runAfter(): void {
    this.#draining = true;
    for (let task = this.#after.shift(); task !== undefined; task = this.#after.shift()) {
      try {
        task.run();
      } catch (error) {
        reportUncaught(error);
      }
    }
    this.#draining = false;
  }
}
