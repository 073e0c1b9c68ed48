/**
 * A plain first-in, first-out list for core's own use: a ring that grows, so that both ends cost the same at any length.
 *
 * It has no bound. What a peer can fill belongs into a `MessageQueue`.
 */

const SMALLEST = 8;
/** A ring larger than this is let go when it runs empty, so that one burst does not hold memory for ever. */
const KEPT = 1024;

/** First in, first out, without a bound: never for what a peer can fill. */
export class Fifo<T> {
  /** Length 0 or a power of two; the items are `#head .. #head + #length`, modulo its length. */
  #ring: (T | undefined)[] = [];
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = item;
    this.#length++;
  }

  /** Takes the oldest item out. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const ring = this.#ring;
    const item = ring[this.#head];
    ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (ring.length - 1);
    this.#length--;
    if (this.#length === 0 && ring.length > KEPT) this.clear();
    return item;
  }

  /** The oldest item, which stays. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head];
  }

  clear(): void {
    this.#ring = [];
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#ring;
    const mask = old.length - 1;
    const ring = new Array<T | undefined>(Math.max(SMALLEST, old.length * 2));
    for (let at = 0; at < this.#length; at++) ring[at] = old[(this.#head + at) & mask];
    this.#ring = ring;
    this.#head = 0;
  }
}
