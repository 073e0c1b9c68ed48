/**
 * A `receiveBatch` while it is filled: what a pipe delivers meanwhile goes straight into the array that the caller gets,
 * without a queue in between.
 */
import type { Message } from "./message.js";

export class Batch<Value> {
  readonly items: Value[] = [];
  /** Messages that pipes may deliver into it now. */
  room = 0;
  readonly #max: number;
  readonly #make: (message: Message) => Value;

  constructor(max: number, make: (message: Message) => Value) {
    this.#max = max;
    this.#make = make;
  }

  get full(): boolean {
    return this.items.length >= this.#max;
  }

  /** Opens it for what pipes deliver. */
  open(): void {
    this.room = this.#max - this.items.length;
  }

  close(): void {
    this.room = 0;
  }

  add(message: Message): void {
    this.room--;
    this.items.push(this.#make(message));
  }
}
