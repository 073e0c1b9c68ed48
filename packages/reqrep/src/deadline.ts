/**
 * A deadline that is set and cleared with every request, over a timer that is not: most requests are answered long before
 * they would be sent again, so the timer of the first serves those that follow and looks, when it fires, what is due.
 */
import type { ProtocolHost } from "@sprocket/core/plugin";

const NEVER = Number.POSITIVE_INFINITY;

export class Deadline {
  readonly #host: ProtocolHost;
  readonly #reached: () => void;
  readonly #fired = (): void => this.#look();
  #due = NEVER;
  #timer: { cancel(): void } | undefined;
  #timerDue = NEVER;

  /** @param reached called when the deadline passes, as a call of the state machine */
  constructor(host: ProtocolHost, reached: () => void) {
    this.#host = host;
    this.#reached = reached;
  }

  /** In `delay` ms from now, instead of what was set before; `Infinity`: never. */
  set(delay: number): void {
    if (delay === NEVER) {
      this.clear();
      return;
    }
    this.#due = this.#host.now() + delay;
    if (this.#timer === undefined) {
      this.#arm(delay);
    } else if (this.#timerDue > this.#due) {
      this.#timer.cancel();
      this.#arm(delay);
    }
  }

  clear(): void {
    this.#due = NEVER;
  }

  /** Lets the timer go, too. */
  stop(): void {
    this.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    this.#timerDue = this.#due;
    this.#timer = this.#host.setTimer(delay, this.#fired);
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#due === NEVER) return;
    const left = this.#due - this.#host.now();
    if (left > 0) {
      this.#arm(left);
    } else {
      this.#due = NEVER;
      this.#reached();
    }
  }
}
