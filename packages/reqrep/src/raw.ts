/**
 * Raw REQ and REP (reference 4.5, 4.6): headers in the application's hands, no state machine. Devices are made of them.
 *
 *     RawReq0: header = [hop]…[1|id], sent and received as it is
 *     RawRep0: header = [pipe id] [hop]…[1|id]; the pipe id is put in front on receive and routes the reply on send
 */
import type { Message, SocketOptions } from "@sprocket/core";
import {
  Inbox,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  RawReplier,
  ReadyPipes,
  ReceivingMessages,
  Sending,
  Socket,
  ttlOption,
  unwrapAnswer,
} from "@sprocket/core/plugin";
import type { Rep0Options } from "./rep.js";

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
    if (!unwrapAnswer(this.#host, pipe, message)) return;
    this.#inbox.pass(pipe, message, this.#host, this);
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
    this.#inbox.close(this.#host);
    this.#ready.clear();
  }
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
    const protocol = new RawReplier(host, REPLY_QUEUE);
    return { protocol: protocol as Protocol, operations: protocol };
  },
};

/**
 * `Req0` without its state machine: whole messages, whose header ends with a word with the high bit. A message is sent as it
 * is, to the next replier; one without such a header makes repliers close the connection. Nothing is sent again.
 */
export class RawReq0 extends Sending(ReceivingMessages(Socket)) {
  constructor(options?: SocketOptions) {
    super(rawReq0, options);
  }
}

/**
 * `Rep0` without its state machine: whole messages; the first header word is the id of the pipe, which routes the reply.
 * Sending never waits: a reply whose pipe has gone or has 64 waiting is dropped and counted.
 *
 * @example
 * const front = new RawRep0();
 * const request = await front.receive();
 * await front.send(new Message("the reply", { header: request.header }));
 */
export class RawRep0 extends Sending(ReceivingMessages(Socket)) {
  constructor(options?: Rep0Options) {
    super(rawRep0, options);
  }

  /** Words of a backtrace, the request id included, 1 to 15. */
  get ttlMax(): number {
    return this.getOption("ttlMax") as number;
  }

  set ttlMax(value: number) {
    this.setOption("ttlMax", value);
  }
}
