/**
 * PAIR v0 (reference 4.1): two sockets, both directions, no header.
 *
 *     Pair0 ──payload──► Pair0
 *     Pair0 ◄──payload── Pair0
 *
 * The first peer wins; every later one is refused while it lives. Messages wait in the pipe, then in `sendBufferSize`,
 * then in the caller; nothing is dropped.
 */
import { BusyError, type Message, type SocketOptions } from "@sprocket/core";
import {
  count,
  Inbox,
  MessageQueue,
  type MessageRun,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolInfo,
  type ProtocolPipe,
  Receiving,
  ReceivingMessages,
  Sending,
  Socket,
} from "@sprocket/core/plugin";

/** Options of the pair sockets. */
export interface PairOptions extends SocketOptions {
  /** Messages that wait for the application, beside one, 0 to 8,192, default 0; then the peer is not read. (nng `recv-buffer`) */
  readonly receiveBufferSize?: number | undefined;
  /** Messages that wait for a peer or for room in its pipe, 0 to 8,192, default 0. (nng `send-buffer`) */
  readonly sendBufferSize?: number | undefined;
}

export const bufferOptions = {
  receiveBufferSize: count({ default: 0, min: 0, max: 8192, writable: true }),
  sendBufferSize: count({ default: 0, min: 0, max: 8192, writable: true }),
};

/** One peer at a time: what PAIR0 and monogamous PAIR1 share. A subclass adds the header of its version. */
export class PairProtocol implements Protocol, Operations {
  protected readonly host: ProtocolHost;
  protected readonly inbox: Inbox;
  readonly #outbox: MessageQueue;
  #peer: ProtocolPipe | undefined;

  constructor(host: ProtocolHost) {
    this.host = host;
    this.inbox = new Inbox(host.options.receiveBufferSize as number, (pipe, message) =>
      this.unwrap(pipe, message),
    );
    this.#outbox = new MessageQueue(host.options.sendBufferSize as number);
  }

  get queued(): number {
    return this.#outbox.length;
  }

  get canSend(): boolean {
    return this.#peer?.writable === true || !this.#outbox.full;
  }

  get canReceive(): boolean {
    return this.inbox.length > 0;
  }

  attach(pipe: ProtocolPipe): void {
    if (this.#peer !== undefined) {
      const { className } = this.host.info;
      throw new BusyError(`This ${className} has a peer already, and a pair takes one at a time.`);
    }
    this.#peer = pipe;
    this.writable(pipe);
  }

  detach(pipe: ProtocolPipe): void {
    this.#peer = undefined;
    this.inbox.remove(pipe, this.host);
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    if (!this.unwrap(pipe, message)) return;
    this.inbox.pass(pipe, message, this.host, this);
  }

  run(): MessageRun | undefined {
    return this.inbox.run(this.host, this);
  }

  writable(pipe: ProtocolPipe): void {
    while (pipe.writable) {
      const message = this.#outbox.shift();
      if (message === undefined) break;
      pipe.send(message);
    }
    this.host.sendable(this);
  }

  trySend(message: Message): boolean {
    const wrapped = this.wrap(message);
    // What waits goes first.
    if (this.#peer?.writable && this.#outbox.length === 0) {
      this.#peer.send(wrapped);
      return true;
    }
    return this.#outbox.push(wrapped);
  }

  tryReceive(): Message | undefined {
    return this.inbox.take(this.host.run(this) !== undefined);
  }

  optionChanged(): void {
    this.inbox.resize(this.host.options.receiveBufferSize as number, this.host);
    for (const message of this.#outbox.resize(this.host.options.sendBufferSize as number)) {
      this.host.drop("queue-full", message.length);
    }
    this.host.sendable(this);
  }

  close(): void {
    this.inbox.close(this.host);
    this.#outbox.clear();
  }

  /** The message as it goes on the wire. */
  protected wrap(message: Message): Message {
    return message;
  }

  /** Takes the header off. False: the message was bad, and has been dealt with. */
  protected unwrap(_pipe: ProtocolPipe, _message: Message): boolean {
    return true;
  }
}

/** The numbers of a pair protocol, which is its own peer. */
export function pairInfo(id: number, name: string, className: string, raw: boolean): ProtocolInfo {
  return {
    id,
    name,
    peerId: id,
    peerName: name,
    className,
    peerClassName: className.replace("Raw", ""),
    raw,
  };
}

function definition(className: string, raw: boolean): ProtocolDefinition {
  return {
    info: pairInfo(0x10, "pair", className, raw),
    options: bufferOptions,
    create(host) {
      const protocol = new PairProtocol(host);
      return { protocol, operations: protocol };
    },
  };
}

const pair0 = definition("Pair0", false);
const rawPair0 = definition("RawPair0", true);

/** The options that all pair sockets share, as properties. */
export abstract class PairSocket extends Socket {
  /** Messages, 0 to 8,192. A lower value drops the newest that no longer fit, as `queue-full`. */
  get receiveBufferSize(): number {
    return this.getOption("receiveBufferSize") as number;
  }

  set receiveBufferSize(value: number) {
    this.setOption("receiveBufferSize", value);
  }

  /** Messages, 0 to 8,192. A lower value drops the newest that no longer fit, as `queue-full`. */
  get sendBufferSize(): number {
    return this.getOption("sendBufferSize") as number;
  }

  set sendBufferSize(value: number) {
    this.setOption("sendBufferSize", value);
  }
}

/**
 * A pair, version 0: talks to one other `Pair0`, nng pair0 or nanomsg pair, both ways. While the connection lives nothing
 * is lost, doubled or out of order; `send` waits for a peer and for room.
 *
 * @example
 * const left = new Pair0();
 * const right = new Pair0();
 * await left.listen("inproc://table");
 * await right.dial("inproc://table");
 * await left.send("ping");
 * const bytes = await right.receive();
 */
export class Pair0 extends Sending(Receiving(PairSocket)) {
  constructor(options?: PairOptions) {
    super(pair0, options);
  }
}

/** `Pair0` for devices: gives and takes whole messages. PAIR0 has no header, so they look the same. */
export class RawPair0 extends Sending(ReceivingMessages(PairSocket)) {
  constructor(options?: PairOptions) {
    super(rawPair0, options);
  }
}
