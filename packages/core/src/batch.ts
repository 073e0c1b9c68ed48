/**
 * A `receiveBatch` while it is filled: what a pipe delivers meanwhile goes straight into the array that the caller gets,
 * without a queue in between.
 */
import type { Message } from "./message.js";
import type { MessageRun } from "./transport.js";

/** What most callers want made of a message. */
export const bodyOf = (message: Message): Uint8Array => message.body;

export class Batch<Value> implements MessageRun {
  items: Value[] = [];
  /** Messages that pipes may deliver into it now. */
  room = 0;
  readonly bodies: boolean;
  readonly #max: number;
  readonly #make: (message: Message) => Value;

  constructor(max: number, make: (message: Message) => Value) {
    this.#max = max;
    this.#make = make;
    this.bodies = make === (bodyOf as unknown);
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

  /** It is the caller's: nothing of it is kept here, by whatever still knows this object. */
  end(): void {
    this.room = 0;
    this.items = [];
  }

  take(message: Message): boolean {
    this.room--;
    this.items.push(this.#make(message));
    return true;
  }

  takeBytes(bytes: Uint8Array, buffer: ArrayBufferLike, start: number, end: number): boolean {
    this.room--;
    const body = new Uint8Array(buffer, bytes.byteOffset + start, end - start);
    this.items.push(body as Value);
    return true;
  }
}
