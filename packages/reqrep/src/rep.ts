/**
 * REP (reference 4.6): takes a question, gives one answer, to the pipe that it came from.
 *
 *     Rep0 ◄──[0|hop]…[1|id] payload── Req0
 *     Rep0 ──[0|hop]…[1|id] payload──► Req0
 *
 * Each context holds at most one request: a receive forgets the one before, a send uses it up. A send never waits: while
 * a requester does not read its replies, no further request of it is read. One request is parked for each pipe.
 */
import {
  BadStateError,
  type ContextOptions,
  type Message,
  ProtocolError,
  type ServeHandle,
  type ServeHandler,
  type ServeOptions,
  type SocketOptions,
} from "@sprocket/core";
import {
  backtraceLength,
  Context,
  count,
  headerOf,
  headerOfWords,
  Inbox,
  MAX_HEADER_WORDS,
  NO_END,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  Receiving,
  Sending,
  Socket,
  serve,
  TOO_MANY_HOPS,
} from "@sprocket/core/plugin";

export interface Rep0Options extends SocketOptions {
  /** Words of a backtrace, the request id included, above which a request is dropped: 1 to 15, default 8. (nng `ttl-max`) */
  readonly ttlMax?: number | undefined;
}

/** Why REP itself pauses a pipe: its requester does not read the replies. */
const CHOKED = 2;

export const ttlOption = { ttlMax: count({ default: 8, min: 1, max: 15, writable: true }) };

class RepProtocol implements Protocol {
  readonly host: ProtocolHost;
  readonly inbox = new Inbox(0);
  readonly pipes = new Map<number, ProtocolPipe>();
  /** Contexts that asked for a request and got none, in order. */
  readonly waiting = new Set<RepOperations>();

  constructor(host: ProtocolHost) {
    this.host = host;
  }

  attach(pipe: ProtocolPipe): void {
    this.pipes.set(pipe.id, pipe);
  }

  detach(pipe: ProtocolPipe): void {
    this.pipes.delete(pipe.id);
    this.inbox.remove(pipe, this.host);
  }

  writable(pipe: ProtocolPipe): void {
    pipe.resume(CHOKED);
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    if (!acceptBacktrace(this.host, pipe, message)) return;
    this.inbox.put(pipe, message);
    for (const operations of this.waiting) {
      this.waiting.delete(operations);
      if (this.host.receivable(operations)) return;
    }
  }

  close(): void {
    this.inbox.clear();
    this.waiting.clear();
  }
}

/** Checks the hop stack in front of a request. False: dropped, or the pipe closed. */
export function acceptBacktrace(host: ProtocolHost, pipe: ProtocolPipe, message: Message): boolean {
  const words = backtraceLength(message, host.options.ttlMax as number);
  if (words === TOO_MANY_HOPS) {
    host.drop("ttl", message.length, pipe);
    return false;
  }
  if (words === NO_END) {
    host.drop("malformed", message.length, pipe);
    pipe.close(
      new ProtocolError("The peer sent a request whose backtrace has no end.", { reason: "malformed" }),
    );
    return false;
  }
  return true;
}

class RepOperations implements Operations {
  readonly exclusiveReceive = true;
  readonly #protocol: RepProtocol;
  /** Where the reply goes; 0: there is no request. */
  #origin = 0;
  /** The words that the reply begins with: one is the rule, more come through devices. */
  #word = 0;
  #words: Uint8Array | undefined;

  constructor(protocol: RepProtocol) {
    this.#protocol = protocol;
  }

  get canSend(): boolean {
    return this.#origin !== 0;
  }

  get canReceive(): boolean {
    return this.#protocol.inbox.length > 0;
  }

  tryReceive(): Message | undefined {
    this.#origin = 0;
    const request = this.#protocol.inbox.take();
    if (request === undefined) {
      this.#protocol.waiting.add(this);
      return undefined;
    }
    this.#protocol.waiting.delete(this);
    this.#remember(request);
    return request;
  }

  trySend(message: Message): boolean {
    if (this.#origin === 0) {
      throw new BadStateError("There is no request to reply to: receive() first, then send() once.");
    }
    const pipe = this.#protocol.pipes.get(this.#origin);
    this.#origin = 0;
    if (pipe === undefined) {
      this.#protocol.host.drop("peer-gone", message.length);
      return true;
    }
    if (!pipe.send(message.withHeader(this.#words ?? headerOf(this.#word)))) pipe.pause(CHOKED);
    return true;
  }

  receiveAbandoned(): void {
    this.#protocol.waiting.delete(this);
  }

  close(): void {
    this.#origin = 0;
    this.#protocol.waiting.delete(this);
  }

  #remember(request: Message): void {
    this.#origin = request.pipe?.id ?? 0;
    this.#word = request.word(0);
    const words = this.#word >= 0x8000_0000 ? 1 : backtraceLength(request, MAX_HEADER_WORDS);
    if (words === 1) {
      this.#words = undefined;
      request.trim(4);
      return;
    }
    const stack: number[] = [];
    for (let at = 0; at < words; at++) stack.push(request.word(at * 4));
    this.#words = headerOfWords(stack);
    request.trim(words * 4);
  }
}

const rep0: ProtocolDefinition = {
  info: {
    id: 0x31,
    name: "rep",
    peerId: 0x30,
    peerName: "req",
    className: "Rep0",
    peerClassName: "Req0",
    raw: false,
  },
  options: ttlOption,
  create(host) {
    const protocol = new RepProtocol(host);
    return {
      protocol,
      operations: new RepOperations(protocol),
      openContext: () => new RepOperations(protocol),
    };
  },
};

/** One request at a time, beside those of other contexts. */
export class RepContext extends Sending(Receiving(Context)) {
  /** By `rep.context()`. */
  constructor(socket: Rep0, options?: ContextOptions) {
    super(socket, options);
  }
}

/**
 * Answers `Req0`, nng req and nanomsg req.
 *
 * @example
 * const rep = new Rep0({ transports: [tcp()] });
 * const { url } = await rep.listen("tcp://127.0.0.1:0");
 * rep.serve(async (request) => `you said ${request.text()}`, { concurrency: 16 });
 */
export class Rep0 extends Sending(Receiving(Socket)) {
  constructor(options?: Rep0Options) {
    super(rep0, options);
  }

  /**
   * Answers requests with a handler until the socket closes. May run beside `receive` and other `serve` calls; each
   * request goes to one of them.
   *
   * @param handler A failure becomes a `handlererror` event, and `onError` may supply the reply; without it the requester
   *   gets none.
   * @throws BadTypeError, InvalidOperationError, ClosedError
   */
  serve(handler: ServeHandler, options?: ServeOptions): ServeHandle {
    return serve(this, () => this.context(), handler, options);
  }

  /** A place for one more request that is being worked on. @throws ClosedError, and what option rules throw */
  context(options?: ContextOptions): RepContext {
    return new RepContext(this, options);
  }

  /** Words, the request id included. */
  get ttlMax(): number {
    return this.getOption("ttlMax") as number;
  }

  set ttlMax(value: number) {
    this.setOption("ttlMax", value);
  }
}
