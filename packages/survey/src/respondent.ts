/**
 * RESPONDENT (reference 4.8): hears a survey and may answer once.
 *
 *     Respondent0 ◄──[0|hop]…[1|id] payload── Surveyor0
 *     Respondent0 ──[0|hop]…[1|id] payload──► Surveyor0
 *
 * REP answers in the same way, so the state machine is core's `replier.ts`.
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

export interface Respondent0Options extends SocketOptions {
  /** Words of a backtrace, the survey id included, above which a survey is dropped: 1 to 15, default 8. (nng `ttl-max`) */
  readonly ttlMax?: number | undefined;
}

const respondent0: ProtocolDefinition = {
  info: {
    id: 0x63,
    name: "respondent",
    peerId: 0x62,
    peerName: "surveyor",
    className: "Respondent0",
    peerClassName: "Surveyor0",
    raw: false,
  },
  options: ttlOption,
  create: createReplier,
};

/** One survey at a time, beside those of other contexts. */
export class RespondentContext extends Sending(Receiving(Context)) {
  /** By `respondent.context()`. */
  constructor(socket: Respondent0, options?: ContextOptions) {
    super(socket, options);
  }
}

/**
 * Answers `Surveyor0`, nng surveyor and nanomsg surveyor.
 *
 * @example
 * const respondent = new Respondent0({ transports: [tcp()] });
 * await respondent.dial("tcp://127.0.0.1:5558");
 * respondent.serve((survey) => `I heard ${survey.text()}`);
 */
export class Respondent0 extends Sending(Receiving(Socket)) {
  constructor(options?: Respondent0Options) {
    super(respondent0, options);
  }

  /**
   * Answers surveys with a handler until the socket closes. An answer that comes too late is the surveyor's to discard.
   *
   * @throws BadTypeError, InvalidOperationError, ClosedError
   */
  serve(handler: ServeHandler, options?: ServeOptions): ServeHandle {
    return serve(this, () => this.context(), handler, options);
  }

  /** A place for one more survey that is being worked on. @throws ClosedError, and what option rules throw */
  context(options?: ContextOptions): RespondentContext {
    return new RespondentContext(this, options);
  }

  /** Words, the survey id included. */
  get ttlMax(): number {
    return this.getOption("ttlMax") as number;
  }

  set ttlMax(value: number) {
    this.setOption("ttlMax", value);
  }
}
