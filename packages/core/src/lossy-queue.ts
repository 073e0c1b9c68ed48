/**
 * Received messages of a protocol that drops rather than slows its peers (SUB, BUS, SURVEYOR): a bounded queue with a
 * policy, and one chance for the reader.
 *
 * A chunk of the network may hold a thousand small messages, which arrive in one go, before the reader of the queue can
 * run at all. That is no reason to drop: when the queue is full, the pipe waits for one turn of the event loop. A reader
 * that keeps up loses nothing; one that did not use its chance gets no other before it has read again.
 *
 * What is read within the turn in which it came needs no bytes of its own; what waits longer gets them, so that it does
 * not pin the chunk that it came in.
 */
import type { DropReason } from "./events.js";
import type { Overflow } from "./fan-out.js";
import type { Message } from "./message.js";
import type { Operations, ProtocolHost, ProtocolPipe } from "./protocol.js";
import { MessageQueue } from "./queue.js";
import type { MessageRun } from "./transport.js";

/** The reason by which it pauses a pipe. Two queues may pause the same pipe: see `PipeHolds`. */
const BURST = 8;

/** Pipes that wait for readers, of all the queues of one socket. */
export class PipeHolds {
  readonly #held = new Set<ProtocolPipe>();
  readonly #queues = new Set<LossyQueue>();
  /** With messages that have come in this turn. */
  readonly #fresh: LossyQueue[] = [];
  readonly #host: ProtocolHost;
  #scheduled = false;

  constructor(host: ProtocolHost) {
    this.#host = host;
  }

  hold(pipe: ProtocolPipe, queue: LossyQueue): void {
    pipe.pause(BURST);
    this.#held.add(pipe);
    this.#queues.add(queue);
    this.#schedule();
  }

  /** The queue is told of the end of this turn. */
  keepAfter(queue: LossyQueue): void {
    this.#fresh.push(queue);
    this.#schedule();
  }

  /** A queue has room again; when the others have, too, the pipes go on. */
  roomIn(queue: LossyQueue): void {
    if (!this.#queues.delete(queue) || this.#queues.size > 0) return;
    this.#release();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#host.nextTurn(this.#turned);
  }

  readonly #turned = (): void => {
    this.#scheduled = false;
    for (const queue of this.#fresh) queue.keep();
    this.#fresh.length = 0;
    for (const queue of this.#queues) queue.endOfChance();
    this.#queues.clear();
    this.#release();
  };

  #release(): void {
    for (const pipe of this.#held) pipe.resume(BURST);
    this.#held.clear();
  }
}

/** Received messages of one reader; what does not fit is dropped and counted, after one chance for the reader. */
export class LossyQueue {
  readonly #host: ProtocolHost;
  readonly #holds: PipeHolds;
  /** Its own bound is never met: at most one message for each pipe is above `#capacity`, and not for long. */
  readonly #queue = new MessageQueue(Number.POSITIVE_INFINITY);
  #capacity: number;
  #overflow: Overflow;
  /** The reader had its chance and has not read since. */
  #missed = false;
  /** So many messages have come in this turn, at most, and share their bytes with the chunk that they came in. */
  #fresh = 0;

  constructor(host: ProtocolHost, holds: PipeHolds, capacity: number, overflow: Overflow) {
    this.#host = host;
    this.#holds = holds;
    this.#capacity = capacity;
    this.#overflow = overflow;
  }

  get length(): number {
    return this.#queue.length;
  }

  /** Takes a message for the reader of `operations`, or drops one. */
  put(message: Message, pipe: ProtocolPipe, operations: Operations): void {
    if (this.#queue.length === 0 && this.#host.awaited(operations)) {
      this.#missed = false;
      this.#host.deliver(operations, message);
      return;
    }
    if (this.#queue.length < this.#capacity) {
      this.#push(message);
      // Its reader has just got all that it asked for, and comes again: what it finds then goes to it without this detour.
      if (this.#host.run(operations) !== undefined) this.#holds.hold(pipe, this);
    } else if (!this.#missed) {
      this.#push(message);
      this.#holds.hold(pipe, this);
    } else if (this.#overflow === "drop-oldest") {
      this.#dropOldest();
      this.#push(message);
    } else {
      this.#drop(message);
    }
    this.#host.receivable(operations);
  }

  /** For `Protocol.run`: a batch of the reader of `operations`, which keeps up. */
  run(operations: Operations): MessageRun | undefined {
    return this.#queue.length === 0 ? this.#host.run(operations) : undefined;
  }

  take(): Message | undefined {
    const message = this.#queue.shift();
    if (message === undefined) return undefined;
    this.#missed = false;
    // Not for each place that becomes free: to stop and start a pipe costs more than a message.
    if (this.#queue.length === 0) this.#holds.roomIn(this);
    return message;
  }

  /** By the holds: the turn is over, and what still waits may wait for long. */
  keep(): void {
    this.#queue.retainNewest(this.#fresh);
    this.#fresh = 0;
  }

  /** By the holds: the turn is over. */
  endOfChance(): void {
    if (this.#queue.length < this.#capacity) return;
    this.#missed = true;
    this.#trim();
  }

  configure(capacity: number, overflow: Overflow): void {
    this.#capacity = capacity;
    this.#overflow = overflow;
    this.#trim();
  }

  /** Drops what no longer passes. */
  purge(keep: (message: Message) => boolean): void {
    this.#queue.filter(keep);
    if (this.#queue.length < this.#capacity) this.#holds.roomIn(this);
  }

  /** Forgets what nobody has read, and counts it. */
  clear(reason: DropReason): void {
    for (let message = this.take(); message !== undefined; message = this.take()) this.#drop(message, reason);
    this.#missed = false;
  }

  #push(message: Message): void {
    this.#queue.pushView(message);
    if (this.#fresh++ === 0) this.#holds.keepAfter(this);
  }

  #trim(): void {
    while (this.#queue.length > this.#capacity) {
      if (this.#overflow === "drop-oldest") this.#dropOldest();
      else this.#drop(this.#queue.popNewest());
    }
  }

  #dropOldest(): void {
    this.#drop(this.#queue.shift());
  }

  #drop(message: Message | undefined, reason: DropReason = "queue-full"): void {
    if (message === undefined) return;
    // Received messages know where they came from: core gives nothing but its own pipes to a protocol.
    this.#host.drop(reason, message.length, message.pipe as unknown as ProtocolPipe | undefined);
  }
}
