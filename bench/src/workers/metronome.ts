/** A timer of 5 ms, and how late it was each time: what a busy socket leaves of the event loop. */
import { reportTimes, type Task } from "./worker.js";

const period = 5;

export class Metronome {
  readonly #warmUp: number;
  readonly #late: Float64Array;
  #ticks = 0;

  /** `warmUp` and `count` are ticks. */
  constructor({ warmUp, count }: Task) {
    this.#warmUp = warmUp;
    this.#late = new Float64Array(count);
  }

  start(): void {
    let due = performance.now() + period;
    const tick = (): void => {
      const now = performance.now();
      const at = this.#ticks++ - this.#warmUp;
      if (at >= 0) this.#late[at] = Math.max(0, now - due) * 1_000;
      if (at === this.#late.length - 1) {
        reportTimes(this.#late);
        return;
      }
      due = now + period;
      setTimeout(tick, period);
    };
    setTimeout(tick, period);
  }
}
