/**
 * The verbs. A socket or context class extends its base with those that its protocol is entitled to, so that what cannot
 * be done does not compile: `class Pub0 extends Sending(Socket)`.
 */
import { bodyOf } from "./batch.js";
import type { Data, Message } from "./message.js";
import type { OperationQueue } from "./operation-queue.js";
import type { WaitOptions } from "./waiters.js";

/** Anything that messages can be sent with. */
export interface Sender {
  /**
   * Resolves once a peer's pipe or a queue has taken the message, which says nothing about its arrival. Plain bytes are
   * the caller's again then; a `Message` is given away.
   *
   * Rejects with TimeoutError, ClosedError, BadStateError, CanceledError, BadTypeError or `signal.reason`.
   */
  send(data: Data, options?: WaitOptions): Promise<void>;
  /**
   * The same at once or not at all: false when there is no room. The fastest way to send.
   * @throws ClosedError, BadStateError, BadTypeError
   */
  trySend(data: Data): boolean;
  /** `trySend` would take a message now. A hint. */
  readonly writable: boolean;
}

/** Anything that messages can be received from: payloads, or whole messages on raw sockets. */
export interface Receiver<Payload = Uint8Array> {
  /**
   * The next message; its bytes may share a larger buffer. A receive that gave up has taken no message.
   *
   * Rejects with TimeoutError, ClosedError, BadStateError, CanceledError, ConnectionResetError or `signal.reason`.
   */
  receive(options?: WaitOptions): Promise<Payload>;
  /** The next message with its pipe. Rejects as `receive`. */
  receiveMessage(options?: WaitOptions): Promise<Message>;
  /**
   * Between one and `max` messages: waits for the first, then takes what is there. The fastest way to receive. Where only
   * one receive may be under way (REQ, REP) it gives one. Rejects as `receive`, and with InvalidOperationError.
   *
   * @example
   * for (const bytes of await socket.receiveBatch(256)) handle(bytes);
   */
  receiveBatch(max: number, options?: WaitOptions): Promise<Payload[]>;
  /** At once, or undefined. @throws ClosedError, BadStateError */
  tryReceive(): Payload | undefined;
  /** The same with its pipe. */
  tryReceiveMessage(): Message | undefined;
  /** `tryReceive` would give a message now. A hint. */
  readonly readable: boolean;
  /**
   * Messages with their pipes, until the socket closes. Leaving the loop closes nothing. The options count for each message:
   * when one does not come in time the loop throws TimeoutError.
   *
   * @example
   * for await (const message of socket.messages()) console.log(message.text(), message.pipe?.remoteAddress);
   */
  messages(options?: WaitOptions): AsyncIterableIterator<Message>;
  /**
   * Payloads, until the socket closes. Leaving the loop closes nothing.
   *
   * @example
   * for await (const bytes of socket) handle(bytes);
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Payload>;
}

/** What the verbs work on. */
interface Operated {
  readonly operationQueue: OperationQueue;
}

// biome-ignore lint/suspicious/noExplicitAny: the only shape that TypeScript accepts for the constructor of a mixin
type Constructor<Instance> = abstract new (...args: any[]) => Instance;

const itself = (message: Message): Message => message;

/** Adds the verbs of a `Sender`. */
export function Sending<Base extends Constructor<Operated>>(base: Base): Base & Constructor<Sender> {
  abstract class WithSend extends base implements Sender {
    send(data: Data, options?: WaitOptions): Promise<void> {
      return this.operationQueue.send(data, options);
    }

    trySend(data: Data): boolean {
      return this.operationQueue.trySend(data);
    }

    get writable(): boolean {
      return this.operationQueue.writable;
    }
  }
  return WithSend;
}

/** Adds the verbs of a `Receiver` of payloads. */
export function Receiving<Base extends Constructor<Operated>>(base: Base): Base & Constructor<Receiver> {
  return receiving(base, bodyOf);
}

/** Adds the verbs of a `Receiver` of whole messages, header words included: for raw sockets. */
export function ReceivingMessages<Base extends Constructor<Operated>>(
  base: Base,
): Base & Constructor<Receiver<Message>> {
  return receiving(base, itself);
}

function receiving<Base extends Constructor<Operated>, Payload>(
  base: Base,
  make: (message: Message) => Payload,
): Base & Constructor<Receiver<Payload>> {
  abstract class WithReceive extends base implements Receiver<Payload> {
    receive(options?: WaitOptions): Promise<Payload> {
      return this.operationQueue.receive(options, make);
    }

    receiveMessage(options?: WaitOptions): Promise<Message> {
      return this.operationQueue.receive(options, itself);
    }

    receiveBatch(max: number, options?: WaitOptions): Promise<Payload[]> {
      return this.operationQueue.receiveBatch(max, options, make);
    }

    tryReceive(): Payload | undefined {
      const message = this.operationQueue.tryReceive();
      return message === undefined ? undefined : make(message);
    }

    tryReceiveMessage(): Message | undefined {
      return this.operationQueue.tryReceive();
    }

    get readable(): boolean {
      return this.operationQueue.readable;
    }

    messages(options?: WaitOptions): AsyncIterableIterator<Message> {
      return new Messages(this.operationQueue, itself, options);
    }

    [Symbol.asyncIterator](): AsyncIterableIterator<Payload> {
      return new Messages(this.operationQueue, make, undefined);
    }
  }
  return WithReceive;
}

/** Written by hand: an async generator costs three times as much per message. */
class Messages<Value> implements AsyncIterableIterator<Value> {
  readonly #queue: OperationQueue;
  readonly #make: (message: Message) => IteratorResult<Value>;
  readonly #options: WaitOptions | undefined;
  #left = false;

  constructor(queue: OperationQueue, make: (message: Message) => Value, options: WaitOptions | undefined) {
    this.#queue = queue;
    this.#make = (message) => ({ done: false, value: make(message) });
    this.#options = options;
  }

  next(): Promise<IteratorResult<Value>> {
    if (this.#left || this.#queue.closed) return Promise.resolve({ done: true, value: undefined });
    return this.#queue.receive(this.#options, this.#make, END);
  }

  return(): Promise<IteratorResult<Value>> {
    this.#left = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Value> {
    return this;
  }
}

/** What a receive that waits resolves with when the socket closes, instead of failing. */
const END: IteratorResult<never> = { done: true, value: undefined };
