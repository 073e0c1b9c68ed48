/**
 * One message to every peer, never waiting (PUB, BUS, SURVEYOR): what a pipe cannot take at once waits in a short queue of
 * its own, and when that is full a message is dropped, the oldest or the newest as the protocol says (reference 4.0).
 */
import type { Message } from "./message.js";
import type { ProtocolHost, ProtocolPipe } from "./protocol.js";
import { MessageQueue } from "./queue.js";

/** Which message goes when a queue is full. */
export type Overflow = "drop-oldest" | "drop-newest";

/** A short queue for each pipe, and one send to all of them. Never waits. */
export class FanOut {
  readonly #host: ProtocolHost;
  readonly #overflow: Overflow;
  readonly #pipes = new Map<ProtocolPipe, MessageQueue>();
  #capacity: number;

  constructor(host: ProtocolHost, capacity: number, overflow: Overflow) {
    this.#host = host;
    this.#capacity = capacity;
    this.#overflow = overflow;
  }

  /** Messages that wait for room in a pipe. */
  get queued(): number {
    let messages = 0;
    for (const queue of this.#pipes.values()) messages += queue.length;
    return messages;
  }

  add(pipe: ProtocolPipe): void {
    this.#pipes.set(pipe, new MessageQueue(this.#capacity));
  }

  remove(pipe: ProtocolPipe): void {
    const queue = this.#pipes.get(pipe);
    this.#pipes.delete(pipe);
    for (let message = queue?.shift(); message !== undefined; message = queue?.shift()) {
      this.#host.drop("peer-gone", message.length, pipe);
    }
  }

  /** To every pipe but `except`. The bytes are encoded once for all pipes that share a wire format. */
  send(message: Message, except?: ProtocolPipe): void {
    if (this.#pipes.size > 1) message.share();
    for (const [pipe, queue] of this.#pipes) {
      if (pipe === except) continue;
      if (pipe.writable && queue.length === 0) pipe.send(message);
      else this.#enqueue(pipe, queue, message);
    }
  }

  /** By the protocol, when a pipe has room again. */
  writable(pipe: ProtocolPipe): void {
    const queue = this.#pipes.get(pipe);
    while (queue !== undefined && pipe.writable) {
      const message = queue.shift();
      if (message === undefined) return;
      pipe.send(message);
    }
  }

  /** Also the queues that are there follow a new capacity. */
  resize(capacity: number): void {
    this.#capacity = capacity;
    for (const [pipe, queue] of this.#pipes) {
      for (const message of queue.resize(capacity)) this.#host.drop("queue-full", message.length, pipe);
    }
  }

  clear(): void {
    for (const queue of this.#pipes.values()) queue.clear();
  }

  #enqueue(pipe: ProtocolPipe, queue: MessageQueue, message: Message): void {
    if (queue.push(message)) return;
    if (this.#overflow === "drop-oldest") {
      const oldest = queue.shift();
      if (oldest !== undefined) this.#host.drop("queue-full", oldest.length, pipe);
      queue.push(message);
    } else {
      this.#host.drop("queue-full", message.length, pipe);
    }
  }
}
