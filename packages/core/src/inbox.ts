/**
 * Received messages until the application takes them: a queue of `capacity` messages, and behind it one message parked
 * for each pipe, which is then not read any further (back-pressure). Pipes are served in the order their messages came
 * (reference 4.0).
 */
import { Fifo } from "./fifo.js";
import type { Message } from "./message.js";
import type { Operations, ProtocolHost, ProtocolPipe } from "./protocol.js";
import { MessageQueue } from "./queue.js";
import type { MessageRun } from "./transport.js";

/** The reason by which an inbox pauses a pipe; protocols use the bits 2, 4 and 8 for reasons of their own. */
const PARKED = 1;

/** Received messages, with back-pressure: nothing is dropped while a connection lives. */
export class Inbox {
  readonly #queue: MessageQueue;
  /** The parked messages, each of another pipe. */
  readonly #parked = new Fifo<Message>();
  readonly #unwrap: ((pipe: ProtocolPipe, message: Message) => boolean) | undefined;

  /**
   * @param unwrap Takes the protocol's header off a message. False: it was bad, and has been dealt with. With it, the next
   *   message of a parked pipe is fetched from what has arrived, which costs less than to stop and start the pipe.
   */
  constructor(capacity: number, unwrap?: (pipe: ProtocolPipe, message: Message) => boolean) {
    this.#queue = new MessageQueue(capacity);
    this.#unwrap = unwrap;
  }

  /** Messages that wait. */
  get length(): number {
    return this.#queue.length + this.#parked.length;
  }

  /** A message that `pipe` delivered goes to whoever waits for it in a receive of `operations`, or else in here. */
  pass(pipe: ProtocolPipe, message: Message, host: ProtocolHost, operations: Operations): void {
    if (this.length === 0 && host.awaited(operations)) {
      host.deliver(operations, message);
      return;
    }
    this.put(pipe, message);
    host.receivable(operations);
  }

  /** For `Protocol.run`. */
  run(host: ProtocolHost, operations: Operations): MessageRun | undefined {
    return this.length === 0 ? host.run(operations) : undefined;
  }

  /** Puts a message that `pipe` delivered; pauses the pipe when the queue has no room for more. */
  put(pipe: ProtocolPipe, message: Message): void {
    if (this.#parked.length === 0 && this.#queue.push(message)) return;
    this.#parked.push(message);
    pipe.pause(PARKED);
  }

  /**
   * The oldest message; a pipe whose message moves up is read again.
   *
   * @param filling a batch is being filled, to which a pipe that is read again can deliver straight
   */
  take(filling = false): Message | undefined {
    const queued = this.#queue.shift();
    const parked = this.#unpark(filling);
    if (queued === undefined) return parked;
    if (parked !== undefined) this.#queue.push(parked);
    return queued;
  }

  /** The pipe's connection broke: its parked message is lost. Queued ones stay. */
  remove(pipe: ProtocolPipe, host: ProtocolHost): void {
    if (this.#parked.length === 0) return;
    for (let count = this.#parked.length; count > 0; count--) {
      const message = this.#parked.shift() as Message;
      if (originOf(message) === pipe) host.drop("reset", message.length, pipe);
      else this.#parked.push(message);
    }
  }

  /** Sets another capacity; the newest messages that no longer fit are dropped. */
  resize(capacity: number, host: ProtocolHost): void {
    for (const message of this.#queue.resize(capacity)) host.drop("queue-full", message.length);
    while (this.#parked.length > 0 && !this.#queue.full) this.#queue.push(this.#unpark(false) as Message);
  }

  /** The socket closes: what nobody has read is lost, and counted. */
  close(host: ProtocolHost): void {
    const count = this.length;
    let { bytes } = this.#queue;
    for (let message = this.#parked.shift(); message !== undefined; message = this.#parked.shift()) {
      bytes += message.size;
    }
    this.#queue.clear();
    if (count > 0) host.drop("closed", bytes, undefined, count);
  }

  #unpark(filling: boolean): Message | undefined {
    const message = this.#parked.shift();
    if (message === undefined) return undefined;
    const pipe = originOf(message);
    const next = filling ? undefined : this.#fetch(pipe);
    // Behind those of the other pipes.
    if (next !== undefined) this.#parked.push(next);
    else pipe.resume(PARKED);
    return message;
  }

  /** What has arrived behind the parked message of a pipe, which so stays paused. */
  #fetch(pipe: ProtocolPipe): Message | undefined {
    if (this.#unwrap === undefined) return undefined;
    for (let message = pipe.fetch(); message !== undefined; message = pipe.fetch()) {
      if (this.#unwrap(pipe, message)) return message;
    }
    return undefined;
  }
}

/** Received messages know where they came from: core gives nothing but its own pipes to a protocol. */
function originOf(message: Message): ProtocolPipe {
  return message.pipe as unknown as ProtocolPipe;
}
