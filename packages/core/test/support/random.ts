/** Chance that is the same in each run: xorshift32. Core cannot use that of the testing package, which is built on core. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 0x9e37_79b9 || 1;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return Math.floor(((x >>> 0) / 2 ** 32) * limit);
  }

  chance(probability: number): boolean {
    return this.below(1_000) < probability * 1_000;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
