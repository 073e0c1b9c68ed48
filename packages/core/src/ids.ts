/**
 * Ids of pipes, requests and surveys: a random start, so that a restarted process does not take old answers for its
 * own, then counting up, so that an id comes back as late as possible.
 */

/** 31 bits on the wire; the top bit of the word says "end of the backtrace". */
const RANGE = 2 ** 31;

/** Ids from a random start, counting up, never 0. */
export class IdSequence {
  readonly #offset: number;
  #next: number;

  /**
   * @param random Uniform in [0, 1).
   * @param options `highBit`: ids 0x80000000 to 0xffffffff, as requests and surveys carry them. Otherwise 1 to 0x7fffffff.
   */
  constructor(random: () => number, options: { readonly highBit?: boolean } = {}) {
    this.#offset = options.highBit === true ? RANGE : 0;
    this.#next = Math.floor(random() * RANGE);
  }

  /** The next id, never 0. Ids for which `inUse` is true are passed over. */
  next(inUse?: (id: number) => boolean): number {
    for (;;) {
      const id = this.#offset + this.#next;
      this.#next = (this.#next + 1) % RANGE;
      if (id !== 0 && (inUse === undefined || !inUse(id))) return id;
    }
  }
}
