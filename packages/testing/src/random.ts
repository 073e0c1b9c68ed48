/**
 * Chance that can be repeated: xorshift32 from one 32-bit seed. Tests take every random decision from here, so that a
 * failure is repeated by its seed alone.
 */

/** A seeded source of random numbers. */
export class SeededRandom {
  readonly seed: number;
  #state: number;

  /** Any 32-bit number. 0 would be a fixed point of xorshift and stands for another constant. */
  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.#state = this.seed === 0 ? 0x9e3779b9 : this.seed;
    // Small seeds share their high bits: a few rounds spread them.
    for (let round = 0; round < 8; round++) this.uint32();
  }

  /** Uniform in [1, 2^32). */
  uint32(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }

  /** Uniform in [0, 1). */
  float(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.float() * limit);
  }

  /** An integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("pick needs at least one item");
    return items[this.below(items.length)] as T;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at++) bytes[at] = this.uint32() >>> 13;
    return bytes;
  }
}
