/**
 * How long a dialer waits before its next attempt: nng's back-off with full jitter. Pure: no timer, no clock.
 *
 * Every delay is uniform in [0, current). The current limit starts at the minimum and doubles up to the maximum, if
 * there is one. So the clients of a listener that comes back do not all come at once.
 */

/** Beyond this a delay means never, and doubling would soon leave the numbers. */
const LONGEST = 2 ** 31 - 1;

/** The delays of one dialer, in ms. */
export class Backoff {
  #minimum: number;
  #maximum: number;
  #current: number;
  readonly #random: () => number;

  /**
   * @param minimum The first limit in ms; 0: always at once.
   * @param maximum The last limit in ms; 0: no growth.
   * @param random Uniform in [0, 1).
   */
  constructor(minimum: number, maximum: number, random: () => number) {
    this.#minimum = minimum;
    this.#maximum = maximum;
    this.#current = minimum;
    this.#random = random;
  }

  /** The delay before the next attempt: whole ms, from 0 up to the limit, which it raises. */
  next(): number {
    const limit = Math.min(this.#current, LONGEST);
    // A maximum below the minimum counts from the second delay on, as in nng.
    if (this.#maximum > 0) this.#current = Math.min(this.#current * 2, this.#maximum);
    return Math.floor(this.#random() * limit);
  }

  /** Begin again at the minimum. */
  reset(): void {
    this.#current = this.#minimum;
  }

  /** Sets new limits. A new minimum begins again. */
  configure(minimum: number, maximum: number): void {
    if (minimum !== this.#minimum) this.#current = minimum;
    this.#minimum = minimum;
    this.#maximum = maximum;
  }
}
