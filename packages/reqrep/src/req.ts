/**
 * REQ (reference 4.5): asks, and waits for the one answer to its question.
 *
 *     Req0 ──[1|id] payload──► Rep0
 *     Req0 ◄──[1|id] payload── Rep0
 *
 * The states of a context, of which the socket itself is one:
 *
 *     idle ──send──► sending ──a pipe takes it──► waiting ──answer──► answered ──receive──► idle
 *      ▲                                            │  ▲
 *      └── receive gave up, or a newer send ◄───────┘  └── resent: its pipe went, or resendTime is over
 *
 * A request is resent at once when its pipe goes. From the second pipe on that it loses, it waits with the back-off of a
 * dialer: a request that is too large for its peers must not become a hot loop.
 */

import type { WaitOptions } from "@sprocket/core";
import {
  BadStateError,
  CanceledError,
  ConnectionResetError,
  type ContextOptions,
  type Data,
  type Message,
  ProtocolError,
  type SocketOptions,
} from "@sprocket/core";
import {
  Backoff,
  Context,
  duration,
  Fifo,
  IdSequence,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  ReadyPipes,
  Receiving,
  Sending,
  Socket,
} from "@sprocket/core/plugin";
import { Deadline } from "./deadline.js";
import { Outstanding } from "./outstanding.js";
import { Conversations } from "./request.js";

/** Options that each context of a `Req0` may have for itself. */
export interface ReqContextOptions extends ContextOptions {
  /**
   * After this long without an answer, in ms, the request is sent again. Default 60,000. 0 or `Infinity`: never, also not when
   * its connection is lost; the request then fails with ConnectionResetError. (nng `req:resend-time`)
   */
  readonly resendTime?: number | undefined;
}

/** Options of `Req0`. */
export interface Req0Options extends SocketOptions, ReqContextOptions {}

type State = "idle" | "sending" | "waiting" | "answered" | "lost";

class ReqProtocol implements Protocol {
  readonly host: ProtocolHost;
  readonly ready = new ReadyPipes<unknown>();
  readonly outstanding = new Outstanding<ReqOperations>();
  readonly counters = { requests: 0, replies: 0, resent: 0 };
  /** Contexts whose request must go out and found no pipe that could take it, in order. */
  readonly #hungry = new Fifo<ReqOperations>();
  readonly #ids: IdSequence;
  readonly #contexts = new Set<ReqOperations>();
  readonly #inUse = (id: number): boolean => this.outstanding.taken(id);

  constructor(host: ProtocolHost) {
    this.host = host;
    this.#ids = new IdSequence(() => host.random(), { highBit: true });
  }

  open(options: Readonly<Record<string, unknown>>): ReqOperations {
    const operations = new ReqOperations(this, options);
    this.#contexts.add(operations);
    return operations;
  }

  gone(operations: ReqOperations): void {
    this.#contexts.delete(operations);
  }

  nextId(): number {
    return this.#ids.next(this.#inUse);
  }

  attach(pipe: ProtocolPipe): void {
    this.ready.add(pipe);
    this.#feed();
  }

  detach(pipe: ProtocolPipe): void {
    this.ready.remove(pipe);
    for (const operations of this.outstanding.all()) operations.pipeGone(pipe);
  }

  writable(pipe: ProtocolPipe): void {
    this.ready.add(pipe);
    this.#feed();
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    const id = message.word(0);
    if (id < 0) {
      this.host.drop("malformed", message.length, pipe);
      pipe.close(new ProtocolError("The peer sent a reply without a request id.", { reason: "malformed" }));
      return;
    }
    const operations = this.outstanding.get(id);
    // A reply counts only from a pipe that its request went to: ids can be guessed.
    if (operations === undefined || !operations.askedOf(pipe)) {
      this.host.drop("unknown-id", message.length, pipe);
      return;
    }
    message.trim(4);
    this.counters.replies++;
    operations.answer(message);
  }

  /** A pipe can take messages: those who wait for one try again. */
  #feed(): void {
    for (const operations of this.#contexts) operations.mayWrite();
    for (let count = this.#hungry.length; count > 0 && this.ready.next() !== undefined; count--) {
      const operations = this.#hungry.shift() as ReqOperations;
      operations.hungry = false;
      operations.feed();
    }
  }

  /** Tell it when a pipe can take a message. */
  wait(operations: ReqOperations): void {
    if (operations.hungry) return;
    operations.hungry = true;
    this.#hungry.push(operations);
  }

  /** The contexts of `request()` follow the options of the socket. */
  optionChanged(name: string): void {
    for (const operations of this.#contexts) {
      if (operations.options === this.host.options) operations.optionChanged(name);
    }
  }

  /** An unanswered request need not be flushed. */
  closing(): void {
    for (const operations of this.#contexts) operations.close();
  }

  close(): void {
    this.closing();
    this.ready.clear();
    this.#hungry.clear();
  }
}

export class ReqOperations implements Operations {
  readonly exclusiveReceive = true;
  readonly replacingSend = true;
  /** In the line of those that wait for a pipe. */
  hungry = false;
  /** Called when a conversation is over and the context can be used for another one. */
  onIdle: (() => void) | undefined;
  readonly #protocol: ReqProtocol;
  readonly options: Readonly<Record<string, unknown>>;
  /** Of the request that is outstanding; 0: none is. */
  id = 0;
  #state: State = "idle";
  #request: Message | undefined;
  #reply: Message | undefined;
  /** The pipe that the request went to, while it lives. */
  #asked: ProtocolPipe | undefined;
  /** Further ones, after resends. */
  #askedToo: Set<ProtocolPipe> | undefined;
  /** When the request is sent again. */
  readonly #resend: Deadline;
  /** The request must be sent again as soon as a pipe can take it. */
  #mustResend = false;
  /** Pipes that this request has lost. */
  #losses = 0;
  #backoff: Backoff | undefined;

  constructor(protocol: ReqProtocol, options: Readonly<Record<string, unknown>>) {
    this.#protocol = protocol;
    this.options = options;
    this.#resend = new Deadline(protocol.host, () => this.#resendNow());
  }

  get canSend(): boolean {
    return this.#protocol.ready.next() !== undefined;
  }

  get canReceive(): boolean {
    return this.#state === "answered";
  }

  trySend(message: Message): boolean {
    if (this.#state !== "idle" && this.#state !== "sending") this.#abandon();
    const pipe = this.#protocol.ready.next();
    if (pipe === undefined) {
      this.#state = "sending";
      this.#protocol.wait(this);
      return false;
    }
    const id = this.#protocol.nextId();
    const request = message.withHeaderWord(id);
    request.mayRepeat();
    // First of all it goes out: what follows is done while it travels. No answer can come before this call has ended.
    this.#protocol.ready.sent(pipe.send(request));
    request.retain();
    this.#request = request;
    this.#asked = pipe;
    this.#state = "waiting";
    this.id = id;
    this.#protocol.outstanding.add(this);
    this.#protocol.counters.requests++;
    this.#losses = 0;
    this.#backoff = undefined;
    this.#armResend();
    return true;
  }

  tryReceive(): Message | undefined {
    switch (this.#state) {
      case "sending":
      case "waiting":
        return undefined;
      case "answered": {
        const reply = this.#reply;
        this.#reset();
        return reply;
      }
      case "lost":
        this.#reset();
        throw lost();
      default:
        throw new BadStateError("There is no request to receive a reply for: send() first, then receive().");
    }
  }

  receiveAbandoned(): void {
    if (this.#state === "waiting" || this.#state === "answered") this.#reset();
  }

  sendAbandoned(): void {
    if (this.#state !== "sending") return;
    this.#reset();
    this.#protocol.host.failReceives(
      this,
      new CanceledError("The request was given up before a peer could take it."),
    );
  }

  optionChanged(name: string): void {
    if (name === "resendTime" && this.#state === "waiting" && !this.#mustResend) this.#armResend();
  }

  close(): void {
    this.#reset();
    this.#resend.stop();
    this.onIdle = undefined;
    this.#protocol.gone(this);
  }

  askedOf(pipe: ProtocolPipe): boolean {
    return this.#asked === pipe || this.#askedToo?.has(pipe) === true;
  }

  answer(message: Message): void {
    const { host } = this.#protocol;
    if (host.awaited(this)) {
      this.#reset();
      host.deliver(this, message);
      return;
    }
    this.#forget();
    this.#reply = message;
    this.#state = "answered";
    host.receivable(this);
  }

  /** By the protocol: for those who only look whether they could send. */
  mayWrite(): void {
    if (this.#state === "idle") this.#protocol.host.sendable(this);
  }

  /** By the protocol: a pipe can take a message. */
  feed(): void {
    if (this.#state === "sending") {
      this.#protocol.host.sendable(this);
    } else if (this.#mustResend) {
      const pipe = this.#protocol.ready.next();
      if (pipe === undefined) this.#protocol.wait(this);
      else this.#retransmit(pipe);
    }
  }

  pipeGone(pipe: ProtocolPipe): void {
    if (!this.askedOf(pipe)) return;
    if (this.#asked === pipe) this.#asked = undefined;
    else this.#askedToo?.delete(pipe);
    // Another pipe may still bring the answer.
    if (this.#asked !== undefined || (this.#askedToo?.size ?? 0) > 0) return;
    if (this.#resendTime() === Number.POSITIVE_INFINITY) {
      this.#forget();
      // Told once: to whoever waits for the reply, or else to the next receive.
      if (this.#protocol.host.failReceives(this, lost())) this.#reset();
      else this.#state = "lost";
      return;
    }
    if (++this.#losses === 1) {
      this.#resendNow();
      return;
    }
    this.#backoff ??= new Backoff(
      (this.options.reconnectTimeMin ?? this.#protocol.host.options.reconnectTimeMin) as number,
      (this.options.reconnectTimeMax ?? this.#protocol.host.options.reconnectTimeMax) as number,
      () => this.#protocol.host.random(),
    );
    const delay = this.#backoff.next();
    this.#protocol.host.notice(
      `A request has lost ${this.#losses} connections in a row; it is sent again in ${delay} ms. ` +
        "Is it larger than the receiveMaxSize of the repliers?",
      pipe,
    );
    this.#resend.set(delay);
  }

  #resendNow(): void {
    const pipe = this.#protocol.ready.next();
    if (pipe === undefined) {
      this.#mustResend = true;
      this.#resend.clear();
      this.#protocol.wait(this);
    } else {
      this.#retransmit(pipe);
    }
  }

  #retransmit(pipe: ProtocolPipe): void {
    this.#protocol.counters.resent++;
    this.#transmit(pipe);
  }

  #transmit(pipe: ProtocolPipe): void {
    this.#mustResend = false;
    if (this.#asked === undefined || this.#asked === pipe) {
      this.#asked = pipe;
    } else {
      this.#askedToo ??= new Set();
      this.#askedToo.add(pipe);
    }
    this.#protocol.ready.sent(pipe.send(this.#request as Message));
    this.#armResend();
  }

  /** The deadline is renewed with each resend. */
  #armResend(): void {
    this.#resend.set(this.#resendTime());
  }

  /** ms; `Infinity`: never. */
  #resendTime(): number {
    const time = this.options.resendTime as number;
    return time === 0 ? Number.POSITIVE_INFINITY : time;
  }

  /** A newer request takes the place of this one. */
  #abandon(): void {
    if (this.#reply !== undefined) this.#protocol.host.drop("replaced", this.#reply.length);
    this.#forget();
    this.#reply = undefined;
    this.#protocol.host.failReceives(
      this,
      new CanceledError("The request was replaced by a newer one on the same context."),
    );
  }

  /** The conversation is over. */
  #reset(): void {
    this.#forget();
    this.#reply = undefined;
    this.#state = "idle";
    this.onIdle?.();
  }

  /** No answer is awaited any more. */
  #forget(): void {
    if (this.id !== 0) this.#protocol.outstanding.remove(this);
    this.id = 0;
    this.#request = undefined;
    this.#asked = undefined;
    this.#askedToo = undefined;
    this.#mustResend = false;
    this.#resend.clear();
  }
}

function lost(): ConnectionResetError {
  return new ConnectionResetError("The replier went away, and resendTime forbids to ask again.");
}

const req0: ProtocolDefinition = {
  info: {
    id: 0x30,
    name: "req",
    peerId: 0x31,
    peerName: "rep",
    className: "Req0",
    peerClassName: "Rep0",
    raw: false,
  },
  options: { resendTime: duration({ default: 60_000, writable: true, context: true }) },
  create(host) {
    const protocol = new ReqProtocol(host);
    return {
      protocol,
      operations: protocol.open(host.options),
      openContext: (options) => protocol.open(options),
    };
  },
};

/** One conversation of a `Req0`: its own request, reply and timeouts. */
export class ReqContext extends Sending(Receiving(Context)) {
  /** By `req.context()`. */
  constructor(socket: Req0, options?: ReqContextOptions) {
    super(socket, options);
  }

  /** ms; 0 or `Infinity`: never. */
  get resendTime(): number {
    return this.getOption("resendTime") as number;
  }

  set resendTime(value: number | undefined) {
    this.setOption("resendTime", value);
  }
}

/**
 * Asks a `Rep0`, nng rep or nanomsg rep, and any number of them: requests go round robin and are sent again when a
 * replier goes away, so a replier may see one twice.
 *
 * @example
 * const req = new Req0({ transports: [tcp()] });
 * await req.dial("tcp://127.0.0.1:5555");
 * const [a, b] = await Promise.all([req.request("a"), req.request("b", { timeout: 1_000 })]);
 */
export class Req0 extends Sending(Receiving(Socket)) {
  readonly #conversations: Conversations;

  constructor(options?: Req0Options) {
    super(req0, options);
    this.#conversations = new Conversations(this);
  }

  /**
   * Asks and resolves with the payload of the reply, on a context of its own: any number may be under way.
   *
   * Rejects with TimeoutError, ClosedError, ConnectionResetError (only without `resendTime`), BadTypeError or
   * `signal.reason`; the request is then abandoned.
   *
   * @param options `timeout` (ms) counts for finding a replier and for the answer together. Default: the
   *   socket's `receiveTimeout`, and for the first part `sendTimeout` if that is shorter: for ever, unless they are set.
   *
   * @example
   * const reply = await req.request("what time is it?", { timeout: 1_000 });
   */
  request(data: Data, options?: WaitOptions): Promise<Uint8Array> {
    return this.#conversations.request(data, options);
  }

  /** A conversation of its own beside that of the socket. @throws ClosedError, and what option rules throw */
  context(options?: ReqContextOptions): ReqContext {
    return new ReqContext(this, options);
  }

  /** ms; 0 or `Infinity`: never. */
  get resendTime(): number {
    return this.getOption("resendTime") as number;
  }

  set resendTime(value: number | undefined) {
    this.setOption("resendTime", value);
  }
}
