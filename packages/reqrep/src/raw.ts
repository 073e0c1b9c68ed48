/**
 * Raw REQ and REP (reference 4.5, 4.6): headers in the application's hands, no state machine. Devices are made of them.
 *
 *     RawReq0: header = [hop]…[1|id], sent and received as it is
 *     RawRep0: header = [pipe id] [hop]…[1|id]; the pipe id is put in front on receive and routes the reply on send
 */
import { type Message, ProtocolError, type SocketOptions } from "@sprocket/core";
import {
  backtraceLength,
  headerOfWords,
  Inbox,
  MAX_HEADER_WORDS,
  MessageQueue,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  ReadyPipes,
  ReceivingMessages,
  Sending,
  Socket,
} from "@sprocket/core/plugin";
import { acceptBacktrace, type Rep0Options, ttlOption } from "./rep.js";

/** Replies that wait for one busy requester of a raw REP. */
const REPLY_QUEUE = 64;

class RawReqProtocol implements Protocol, Operations {
  readonly #host: ProtocolHost;
  readonly #ready = new ReadyPipes<unknown>();
  readonly #inbox = new Inbox(0);

  constructor(host: ProtocolHost) {
    this.#host = host;
  }

  get canSend(): boolean {
    return this.#ready.next() !== undefined;
  }

  get canReceive(): boolean {
    return this.#inbox.length > 0;
  }

  attach(pipe: ProtocolPipe): void {
    this.writable(pipe);
  }

  detach(pipe: ProtocolPipe): void {
    this.#ready.remove(pipe);
    this.#inbox.remove(pipe, this.#host);
  }

  writable(pipe: ProtocolPipe): void {
    this.#ready.add(pipe);
    this.#host.sendable(this);
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    // No hop limit here: replies have passed it as requests. Only what fits into a header is taken.
    const words = backtraceLength(message, MAX_HEADER_WORDS);
    if (words < 0) {
      this.#host.drop("malformed", message.length, pipe);
      pipe.close(
        new ProtocolError("The peer sent a reply whose backtrace has no end.", { reason: "malformed" }),
      );
      return;
    }
    message.moveToHeader(words * 4);
    this.#inbox.put(pipe, message);
    this.#host.receivable(this);
  }

  trySend(message: Message): boolean {
    const pipe = this.#ready.next();
    if (pipe === undefined) return false;
    this.#ready.sent(pipe.send(message));
    return true;
  }

  tryReceive(): Message | undefined {
    return this.#inbox.take();
  }

  close(): void {
    this.#inbox.clear();
    this.#ready.clear();
  }
}

class RawRepProtocol implements Protocol<MessageQueue>, Operations {
  readonly #host: ProtocolHost;
  readonly #pipes = new Map<number, ProtocolPipe<MessageQueue>>();
  readonly #inbox = new Inbox(0);

  constructor(host: ProtocolHost) {
    this.#host = host;
  }

  /** A reply without a place to go is dropped, so sending never waits. */
  readonly canSend = true;

  get canReceive(): boolean {
    return this.#inbox.length > 0;
  }

  get queued(): number {
    let messages = 0;
    for (const pipe of this.#pipes.values()) messages += pipe.state.length;
    return messages;
  }

  attach(pipe: ProtocolPipe<MessageQueue>): void {
    pipe.state = new MessageQueue(REPLY_QUEUE);
    this.#pipes.set(pipe.id, pipe);
  }

  detach(pipe: ProtocolPipe<MessageQueue>): void {
    this.#pipes.delete(pipe.id);
    this.#inbox.remove(pipe, this.#host);
    for (let message = pipe.state.shift(); message !== undefined; message = pipe.state.shift()) {
      this.#host.drop("peer-gone", message.length, pipe);
    }
  }

  writable(pipe: ProtocolPipe<MessageQueue>): void {
    while (pipe.writable) {
      const message = pipe.state.shift();
      if (message === undefined) return;
      pipe.send(message);
    }
  }

  receive(pipe: ProtocolPipe<MessageQueue>, message: Message): void {
    if (!acceptBacktrace(this.#host, pipe, message)) return;
    const words = backtraceLength(message, MAX_HEADER_WORDS);
    const stack = [pipe.id];
    for (let at = 0; at < words; at++) stack.push(message.word(at * 4));
    message.trim(words * 4);
    const routed = message.withHeader(headerOfWords(stack));
    routed.pipe = message.pipe;
    this.#inbox.put(pipe, routed);
    this.#host.receivable(this);
  }

  trySend(message: Message): boolean {
    const { header } = message;
    const pipe = header.length < 4 ? undefined : this.#pipes.get(firstWord(header));
    if (pipe === undefined) {
      this.#host.drop(header.length < 4 ? "malformed" : "peer-gone", message.length);
      return true;
    }
    const reply = message.withHeader(header.subarray(4));
    if (pipe.writable && pipe.state.length === 0) pipe.send(reply);
    else if (!pipe.state.push(reply)) this.#host.drop("queue-full", message.length, pipe);
    return true;
  }

  tryReceive(): Message | undefined {
    return this.#inbox.take();
  }

  close(): void {
    this.#inbox.clear();
    for (const pipe of this.#pipes.values()) pipe.state.clear();
  }
}

function firstWord(header: Uint8Array): number {
  return new DataView(header.buffer, header.byteOffset, 4).getUint32(0);
}

const rawReq0: ProtocolDefinition = {
  info: {
    id: 0x30,
    name: "req",
    peerId: 0x31,
    peerName: "rep",
    className: "RawReq0",
    peerClassName: "Rep0",
    raw: true,
  },
  options: {},
  create(host) {
    const protocol = new RawReqProtocol(host);
    return { protocol, operations: protocol };
  },
};

const rawRep0: ProtocolDefinition = {
  info: {
    id: 0x31,
    name: "rep",
    peerId: 0x30,
    peerName: "req",
    className: "RawRep0",
    peerClassName: "Req0",
    raw: true,
  },
  options: ttlOption,
  create(host) {
    const protocol = new RawRepProtocol(host);
    return { protocol: protocol as Protocol, operations: protocol };
  },
};

/** `Req0` without its state machine: whole messages, whose header ends with a word with the high bit. */
export class RawReq0 extends Sending(ReceivingMessages(Socket)) {
  constructor(options?: SocketOptions) {
    super(rawReq0, options);
  }
}

/** `Rep0` without its state machine: whole messages; the first header word is the id of the pipe. */
export class RawRep0 extends Sending(ReceivingMessages(Socket)) {
  constructor(options?: Rep0Options) {
    super(rawRep0, options);
  }

  /** Words, the request id included. */
  get ttlMax(): number {
    return this.getOption("ttlMax") as number;
  }

  set ttlMax(value: number) {
    this.setOption("ttlMax", value);
  }
}
