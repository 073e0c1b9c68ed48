/**
 * REP (reference 4.6): takes a question, gives one answer, to the pipe that it came from.
 *
 *     Rep0 ◄──[0|hop]…[1|id] payload── Req0
 *     Rep0 ──[0|hop]…[1|id] payload──► Req0
 *
 * RESPONDENT answers in the same way, so the state machine is core's `replier.ts`.
 */
import type { ContextOptions, ServeHandle, ServeHandler, ServeOptions, SocketOptions } from "@sprocket/core";
import {
  Context,
  createReplier,
  type ProtocolDefinition,
  Receiving,
  Sending,
  Socket,
  serve,
  ttlOption,
} from "@sprocket/core/plugin";

/** Options of `Rep0` and `RawRep0`. */
export interface Rep0Options extends SocketOptions {
  /** Words of a backtrace, the request id included, above which a request is dropped: 1 to 15, default 8. (nng `ttl-max`) */
  readonly ttlMax?: number | undefined;
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
  create: createReplier,
};

/**
 * One request at a time, beside those of other contexts.
 *
 * @example
 * const context = rep.context();
 * for await (const request of context.messages()) await context.send(request.body);
 */
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

  /** Words of a backtrace, the request id included, 1 to 15. */
  get ttlMax(): number {
    return this.getOption("ttlMax") as number;
  }

  set ttlMax(value: number) {
    this.setOption("ttlMax", value);
  }
}
