/**
 * PAIR v1 (reference 4.2): as PAIR v0, with a hop count in front of each payload.
 *
 *     Pair1 ──00 00 00 hh──payload──► Pair1      hh = 1 from an originator, +1 from each device
 *
 * A count above `ttlMax` drops the message; a count above 255 or a missing one closes the pipe. Polyamorous (deprecated in
 * nng): many peers, each send goes to the pipe of its message or to the oldest, and what that pipe cannot take is dropped.
 */
import { type Message, type Pipe, ProtocolError } from "@sprocket/core";
import {
  count,
  flag,
  Inbox,
  MessageQueue,
  type MessageRun,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  Receiving,
  ReceivingMessages,
  readWord,
  Sending,
} from "@sprocket/core/plugin";
import { bufferOptions, type PairOptions, PairProtocol, PairSocket, pairInfo } from "./pair.js";

/** Options of `Pair1`. */
export interface Pair1Options extends PairOptions {
  /** Hops after which a message is dropped, 1 to 15, default 8. (nng `ttl-max`) */
  readonly ttlMax?: number | undefined;
  /** Many peers instead of one; fixed from the start. @deprecated as in nng: use bus, or one pair for each peer */
  readonly polyamorous?: boolean | undefined;
}

/** The count that an originator sends. */
const FIRST_HOP = 1;
/** Counts above cannot come from a correct peer. */
const HIGHEST_HOP = 255;
/** Messages that wait for one busy peer of a polyamorous pair. */
const POLY_QUEUE = 2;

const ttlOption = { ttlMax: count({ default: 8, min: 1, max: 15, writable: true }) };

/** For what comes in a run: takes the hop count off. What does not pass goes the usual way. */
class HopsRun implements MessageRun {
  readonly #host: ProtocolHost;
  #batch: MessageRun | undefined;

  constructor(host: ProtocolHost) {
    this.#host = host;
  }

  /** Itself, in front of a batch, if there is one. */
  before(batch: MessageRun | undefined): MessageRun | undefined {
    this.#batch = batch;
    return batch === undefined ? undefined : this;
  }

  get bodies(): boolean {
    return (this.#batch as MessageRun).bodies;
  }

  get room(): number {
    return (this.#batch as MessageRun).room;
  }

  take(message: Message): boolean {
    const hops = message.word(0);
    if (hops < 0 || hops > (this.#host.options.ttlMax as number)) return false;
    message.moveToHeader(4);
    return (this.#batch as MessageRun).take(message);
  }

  takeBytes(bytes: Uint8Array, buffer: ArrayBufferLike, start: number, end: number): boolean {
    const body = start + 4;
    const hops = body > end ? -1 : readWord(bytes, start);
    if (hops < 0 || hops > (this.#host.options.ttlMax as number)) return false;
    return (this.#batch as MessageRun).takeBytes(bytes, buffer, body, end);
  }
}

/** Takes the hop count off, into the header. False: dropped, or the pipe closed. */
function unwrapHops(host: ProtocolHost, pipe: ProtocolPipe, message: Message): boolean {
  const hops = message.word(0);
  if (hops < 0 || hops > HIGHEST_HOP) {
    host.drop("malformed", message.length, pipe);
    pipe.close(
      new ProtocolError("The peer sent a PAIR1 message without a valid hop count.", { reason: "malformed" }),
    );
    return false;
  }
  if (hops > (host.options.ttlMax as number)) {
    host.drop("ttl", message.length, pipe);
    return false;
  }
  message.moveToHeader(4);
  return true;
}

/** What both monogamous ones share. */
abstract class HopsProtocol extends PairProtocol {
  readonly #run = new HopsRun(this.host);

  override run(): MessageRun | undefined {
    return this.#run.before(super.run());
  }

  protected override unwrap(pipe: ProtocolPipe, message: Message): boolean {
    return unwrapHops(this.host, pipe, message);
  }
}

class Pair1Protocol extends HopsProtocol {
  protected override wrap(message: Message): Message {
    return message.withHeaderWord(FIRST_HOP);
  }
}

class RawPair1Protocol extends HopsProtocol {
  protected override wrap(message: Message): Message {
    const { header } = message;
    const hops =
      header.length === 4
        ? ((header[0] as number) << 24) |
          ((header[1] as number) << 16) |
          ((header[2] as number) << 8) |
          (header[3] as number)
        : -1;
    if (hops < 0 || hops >= HIGHEST_HOP) {
      throw new ProtocolError(
        "A message for RawPair1 needs a header of one 32-bit hop count from 0 to 254, e.g. the one it was received with.",
        { reason: "malformed" },
      );
    }
    return message.withHeaderWord(hops + 1);
  }
}

/** Many peers: each pipe has a short queue of its own. */
class PolyProtocol implements Protocol<MessageQueue>, Operations {
  readonly #host: ProtocolHost;
  readonly #inbox: Inbox;
  readonly #run: HopsRun;
  /** Oldest first; a `Set` keeps the order of arrival. */
  readonly #peers = new Set<ProtocolPipe<MessageQueue>>();

  constructor(host: ProtocolHost) {
    this.#host = host;
    this.#inbox = new Inbox(host.options.receiveBufferSize as number, (pipe, message) =>
      unwrapHops(host, pipe, message),
    );
    this.#run = new HopsRun(host);
  }

  get queued(): number {
    let messages = 0;
    for (const pipe of this.#peers) messages += pipe.state.length;
    return messages;
  }

  get canSend(): boolean {
    return this.#peers.size > 0;
  }

  get canReceive(): boolean {
    return this.#inbox.length > 0;
  }

  attach(pipe: ProtocolPipe<MessageQueue>): void {
    pipe.state = new MessageQueue(POLY_QUEUE + (this.#host.options.sendBufferSize as number));
    this.#peers.add(pipe);
    this.#host.sendable(this);
  }

  detach(pipe: ProtocolPipe<MessageQueue>): void {
    this.#peers.delete(pipe);
    for (let message = pipe.state.shift(); message !== undefined; message = pipe.state.shift()) {
      this.#host.drop("peer-gone", message.length, pipe);
    }
    this.#inbox.remove(pipe, this.#host);
  }

  receive(pipe: ProtocolPipe<MessageQueue>, message: Message): void {
    if (!unwrapHops(this.#host, pipe, message)) return;
    this.#inbox.pass(pipe, message, this.#host, this);
  }

  run(): MessageRun | undefined {
    return this.#run.before(this.#inbox.run(this.#host, this));
  }

  writable(pipe: ProtocolPipe<MessageQueue>): void {
    while (pipe.writable) {
      const message = pipe.state.shift();
      if (message === undefined) return;
      pipe.send(message);
    }
  }

  trySend(message: Message): boolean {
    const chosen = message.pipe;
    if (chosen === undefined) {
      const [oldest] = this.#peers;
      // Before the first peer comes, a send waits.
      if (oldest === undefined) return false;
      this.sendTo(oldest, message);
      return true;
    }
    const peer = this.#find(chosen);
    if (peer === undefined) this.#host.drop("peer-gone", message.length);
    else this.sendTo(peer, message);
    return true;
  }

  sendTo(pipe: ProtocolPipe<MessageQueue>, message: Message): boolean {
    const wrapped = message.withHeaderWord(FIRST_HOP);
    if (pipe.writable && pipe.state.length === 0) {
      pipe.send(wrapped);
      return true;
    }
    if (pipe.state.push(wrapped)) return true;
    this.#host.drop("queue-full", message.length, pipe);
    return false;
  }

  tryReceive(): Message | undefined {
    return this.#inbox.take(this.#host.run(this) !== undefined);
  }

  optionChanged(): void {
    this.#inbox.resize(this.#host.options.receiveBufferSize as number, this.#host);
    for (const pipe of this.#peers) {
      for (const message of pipe.state.resize(POLY_QUEUE + (this.#host.options.sendBufferSize as number))) {
        this.#host.drop("queue-full", message.length, pipe);
      }
    }
  }

  close(): void {
    this.#inbox.close(this.#host);
    for (const pipe of this.#peers) pipe.state.clear();
  }

  #find(chosen: Pipe): ProtocolPipe<MessageQueue> | undefined {
    for (const pipe of this.#peers) {
      if (pipe.id === chosen.id) return pipe;
    }
    return undefined;
  }
}

const pair1: ProtocolDefinition = {
  info: pairInfo(0x11, "pair1", "Pair1", false),
  options: { ...bufferOptions, ...ttlOption, polyamorous: flag(false) },
  create(host) {
    const protocol = host.options.polyamorous === true ? new PolyProtocol(host) : new Pair1Protocol(host);
    return { protocol: protocol as Protocol, operations: protocol };
  },
};

const rawPair1: ProtocolDefinition = {
  info: pairInfo(0x11, "pair1", "RawPair1", true),
  options: { ...bufferOptions, ...ttlOption },
  create(host) {
    const protocol = new RawPair1Protocol(host);
    return { protocol, operations: protocol };
  },
};

abstract class Pair1Socket extends PairSocket {
  /** Hops, 1 to 15. */
  get ttlMax(): number {
    return this.getOption("ttlMax") as number;
  }

  set ttlMax(value: number) {
    this.setOption("ttlMax", value);
  }
}

/**
 * A pair, version 1: talks to one other `Pair1` or nng pair1, or to many with `polyamorous`.
 *
 * @example
 * const hub = new Pair1({ polyamorous: true });
 * for await (const message of hub.messages()) message.pipe?.send(`you said ${message.text()}`);
 */
export class Pair1 extends Sending(Receiving(Pair1Socket)) {
  constructor(options?: Pair1Options) {
    super(pair1, options);
  }

  /** Many peers instead of one. */
  get polyamorous(): boolean {
    return this.getOption("polyamorous") as boolean;
  }
}

/**
 * `Pair1` for devices: messages carry their hop count in the header; it is raised by one when they are sent. A send without
 * such a header rejects with ProtocolError.
 */
export class RawPair1 extends Sending(ReceivingMessages(Pair1Socket)) {
  constructor(options?: Omit<Pair1Options, "polyamorous">) {
    super(rawPair1, options);
  }
}
