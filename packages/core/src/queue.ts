/**
 * Messages that wait: a bounded ring with a limit in messages and a limit in bytes.
 *
 * The rule it guards is that nothing grows without a bound: `push` answers false when the queue is full, and the owner
 * decides whether to wait, to drop the oldest (`shift`) or to drop the newest (`popNewest`). Memory is taken as
 * messages come, not for the capacity.
 */
import type { Message } from "./message.js";

const SMALLEST = 8;
/** A ring larger than this is let go when it runs empty. */
const KEPT = 1024;

/** A bounded queue of messages, in messages and in bytes; what does not fit is its owner's decision. */
export class MessageQueue {
  /** Length 0 or a power of two; the messages are `#head .. #head + #length`, modulo its length, oldest first. */
  #ring: (Message | undefined)[] = [];
  #head = 0;
  #length = 0;
  #bytes = 0;
  #capacity: number;
  #maxBytes: number;

  /**
   * @param capacity Most messages; 0: every `push` is refused.
   * @param maxBytes A message is taken while fewer bytes than this wait. One message may so pass the limit: were it
   *   otherwise, a message larger than the limit could never be sent.
   */
  constructor(capacity: number, maxBytes = Number.POSITIVE_INFINITY) {
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
  }

  /** Messages that wait. */
  get length(): number {
    return this.#length;
  }

  /** Their bytes, headers included. */
  get bytes(): number {
    return this.#bytes;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** `push` would refuse. */
  get full(): boolean {
    return this.#length >= this.#capacity || this.#bytes >= this.#maxBytes;
  }

  /** Puts a message behind the others and makes its bytes safe to keep. False: full, not taken. */
  push(message: Message): boolean {
    if (this.#length >= this.#capacity || this.#bytes >= this.#maxBytes) return false;
    message.retain();
    this.#put(message);
    return true;
  }

  /** The same for a message that shares its bytes with others. Call `retainNewest` before that lasts. */
  pushView(message: Message): boolean {
    if (this.full) return false;
    this.#put(message);
    return true;
  }

  /** Makes the bytes of the newest messages safe to keep; of all, if there are fewer. */
  retainNewest(count: number): void {
    const mask = this.#ring.length - 1;
    for (let at = Math.max(0, this.#length - count); at < this.#length; at++) {
      (this.#ring[(this.#head + at) & mask] as Message).retain();
    }
  }

  /** Takes the oldest message out. */
  shift(): Message | undefined {
    if (this.#length === 0) return undefined;
    const ring = this.#ring;
    const message = ring[this.#head] as Message;
    ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (ring.length - 1);
    this.#took(message);
    return message;
  }

  /** The oldest message, which stays. */
  peek(): Message | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head];
  }

  /** Takes the newest message out. */
  popNewest(): Message | undefined {
    if (this.#length === 0) return undefined;
    const ring = this.#ring;
    const at = (this.#head + this.#length - 1) & (ring.length - 1);
    const message = ring[at] as Message;
    ring[at] = undefined;
    this.#took(message);
    return message;
  }

  /** Forgets every message; says how many there were. */
  clear(): number {
    const count = this.#length;
    this.#ring = [];
    this.#head = 0;
    this.#length = 0;
    this.#bytes = 0;
    return count;
  }

  /** Sets another capacity. The newest messages that no longer fit are returned, oldest of them first, as nng drops them. */
  resize(capacity: number): Message[] {
    this.#capacity = capacity;
    const excess: Message[] = [];
    while (this.#length > capacity) excess.push(this.popNewest() as Message);
    return excess.reverse();
  }

  /** Removes and returns the messages for which `keep` is false. The order stays. */
  filter(keep: (message: Message) => boolean): Message[] {
    const removed: Message[] = [];
    const kept: Message[] = [];
    const mask = this.#ring.length - 1;
    for (let at = 0; at < this.#length; at++) {
      const message = this.#ring[(this.#head + at) & mask] as Message;
      (keep(message) ? kept : removed).push(message);
    }
    if (removed.length === 0) return removed;
    this.clear();
    for (const message of kept) this.#put(message);
    return removed;
  }

  #put(message: Message): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = message;
    this.#length++;
    this.#bytes += message.size;
  }

  #took(message: Message): void {
    this.#length--;
    if (this.#length > 0) {
      this.#bytes -= message.size;
      return;
    }
    this.#bytes = 0;
    if (this.#ring.length > KEPT) this.clear();
  }

  #grow(): void {
    const old = this.#ring;
    const mask = old.length - 1;
    const ring = new Array<Message | undefined>(Math.max(SMALLEST, old.length * 2));
    for (let at = 0; at < this.#length; at++) ring[at] = old[(this.#head + at) & mask];
    this.#ring = ring;
    this.#head = 0;
  }
}
