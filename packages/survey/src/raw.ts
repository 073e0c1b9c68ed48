/**
 * Raw SURVEYOR and RESPONDENT (reference 4.7, 4.8): headers in the application's hands, no state machine. Devices are
 * made of them.
 *
 *     RawSurveyor0:   header = [hop]…[1|id], sent to every pipe and received as it is
 *     RawRespondent0: header = [pipe id] [hop]…[1|id]; the pipe id is put in front on receive and routes the answer
 */
import type { Message, SocketOptions } from "@sprocket/core";
import {
  FanOut,
  Inbox,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  RawReplier,
  ReceivingMessages,
  Sending,
  Socket,
  ttlOption,
  unwrapAnswer,
} from "@sprocket/core/plugin";
import type { Respondent0Options } from "./respondent.js";

/** Surveys that wait for one busy respondent of a raw surveyor. */
const SURVEY_QUEUE = 16;
/** Answers that wait for one busy surveyor of a raw respondent. */
const ANSWER_QUEUE = 2;

class RawSurveyorProtocol implements Protocol, Operations {
  readonly canSend = true;
  readonly #host: ProtocolHost;
  readonly #fanOut: FanOut;
  readonly #inbox = new Inbox(0);

  constructor(host: ProtocolHost) {
    this.#host = host;
    this.#fanOut = new FanOut(host, SURVEY_QUEUE, "drop-newest");
  }

  get canReceive(): boolean {
    return this.#inbox.length > 0;
  }

  get congested(): boolean {
    return this.#fanOut.congested;
  }

  get queued(): number {
    return this.#fanOut.queued;
  }

  attach(pipe: ProtocolPipe): void {
    this.#fanOut.add(pipe);
  }

  detach(pipe: ProtocolPipe): void {
    this.#fanOut.remove(pipe);
    this.#inbox.remove(pipe, this.#host);
  }

  writable(pipe: ProtocolPipe): void {
    this.#fanOut.writable(pipe);
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    if (!unwrapAnswer(this.#host, pipe, message)) return;
    this.#inbox.pass(pipe, message, this.#host, this);
  }

  trySend(message: Message): boolean {
    this.#fanOut.send(message);
    return true;
  }

  tryReceive(): Message | undefined {
    return this.#inbox.take();
  }

  close(): void {
    this.#fanOut.clear();
    this.#inbox.close(this.#host);
  }
}

const rawSurveyor0: ProtocolDefinition = {
  info: {
    id: 0x62,
    name: "surveyor",
    peerId: 0x63,
    peerName: "respondent",
    className: "RawSurveyor0",
    peerClassName: "Respondent0",
    raw: true,
  },
  options: {},
  create(host) {
    const protocol = new RawSurveyorProtocol(host);
    return { protocol, operations: protocol };
  },
};

const rawRespondent0: ProtocolDefinition = {
  info: {
    id: 0x63,
    name: "respondent",
    peerId: 0x62,
    peerName: "surveyor",
    className: "RawRespondent0",
    peerClassName: "Surveyor0",
    raw: true,
  },
  options: ttlOption,
  create(host) {
    const protocol = new RawReplier(host, ANSWER_QUEUE);
    return { protocol: protocol as Protocol, operations: protocol };
  },
};

/** `Surveyor0` without its state machine: whole messages, whose header ends with a word with the high bit. */
export class RawSurveyor0 extends Sending(ReceivingMessages(Socket)) {
  constructor(options?: SocketOptions) {
    super(rawSurveyor0, options);
  }
}

/** `Respondent0` without its state machine: whole messages; the first header word is the id of the pipe. */
export class RawRespondent0 extends Sending(ReceivingMessages(Socket)) {
  constructor(options?: Respondent0Options) {
    super(rawRespondent0, options);
  }

  /** Words, the survey id included. */
  get ttlMax(): number {
    return this.getOption("ttlMax") as number;
  }

  set ttlMax(value: number) {
    this.setOption("ttlMax", value);
  }
}
