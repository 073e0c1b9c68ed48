/**
 * SURVEYOR (reference 4.7): asks everybody, and takes the answers that come in time.
 *
 *     Surveyor0 ──[1|id] payload──► Respondent0, Respondent0, …
 *     Surveyor0 ◄──[1|id] payload── each that has something to say
 *
 * The states of a context, of which the socket itself is one:
 *
 *     idle ──send──► running ──surveyTime is over, or a receive gave up──► idle
 *                     └──send: a newer survey takes its place──► running
 *
 * A send never waits: what a slow respondent cannot take waits in a short queue, and beyond it the newest is dropped.
 */
import {
  BadStateError,
  CanceledError,
  type ContextOptions,
  type Data,
  type Message,
  ProtocolError,
  type SocketOptions,
  TimeoutError,
  type WaitOptions,
} from "@sprocket/core";
import {
  Context,
  duration,
  FanOut,
  IdSequence,
  LossyQueue,
  type Operations,
  PipeHolds,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  Receiving,
  Sending,
  Socket,
} from "@sprocket/core/plugin";
import { SurveyAnswers } from "./answers.js";

/** Options that each context of a `Surveyor0` may have for itself. */
export interface SurveyorContextOptions extends ContextOptions {
  /** How long a survey takes answers, in ms from its send. Default 1,000; 0: it is over at once. (nng `surveyor:survey-time`) */
  readonly surveyTime?: number | undefined;
}

export interface Surveyor0Options extends SocketOptions, SurveyorContextOptions {}

/** Surveys that wait for one busy respondent. */
const SURVEY_QUEUE = 8;
/** Answers of one survey that wait for the application. */
const ANSWER_QUEUE = 128;

class SurveyorProtocol implements Protocol<number> {
  readonly host: ProtocolHost;
  readonly fanOut: FanOut;
  readonly holds: PipeHolds;
  readonly running = new Map<number, SurveyorOperations>();
  readonly contexts = new Set<SurveyorOperations>();
  /** Pipes that ever came. Each has its number in `state`, so that a survey knows those that it went to. */
  arrivals = 0;
  readonly #ids: IdSequence;

  constructor(host: ProtocolHost) {
    this.host = host;
    this.fanOut = new FanOut(host, SURVEY_QUEUE, "drop-newest");
    this.holds = new PipeHolds(host);
    this.#ids = new IdSequence(() => host.random(), { highBit: true });
  }

  get queued(): number {
    return this.fanOut.queued;
  }

  open(options: Readonly<Record<string, unknown>>): SurveyorOperations {
    const operations = new SurveyorOperations(this, options);
    this.contexts.add(operations);
    return operations;
  }

  nextId(): number {
    return this.#ids.next((id) => this.running.has(id));
  }

  attach(pipe: ProtocolPipe<number>): void {
    pipe.state = ++this.arrivals;
    this.fanOut.add(pipe);
  }

  detach(pipe: ProtocolPipe): void {
    this.fanOut.remove(pipe);
  }

  writable(pipe: ProtocolPipe): void {
    this.fanOut.writable(pipe);
  }

  receive(pipe: ProtocolPipe<number>, message: Message): void {
    const id = message.word(0);
    if (id < 0) {
      this.host.drop("malformed", message.length, pipe);
      pipe.close(new ProtocolError("The peer sent an answer without a survey id.", { reason: "malformed" }));
      return;
    }
    const operations = this.running.get(id);
    if (operations === undefined) {
      // Most likely too late for a survey of ours; it may as well be foreign.
      this.host.drop("late", message.length, pipe);
      return;
    }
    // An answer counts only from a pipe that its survey went to: ids can be guessed.
    if (!operations.askedOf(pipe)) {
      this.host.drop("unknown-id", message.length, pipe);
      return;
    }
    message.trim(4);
    operations.answer(message, pipe);
  }

  close(): void {
    for (const operations of this.contexts) operations.close();
    this.fanOut.clear();
  }
}

export class SurveyorOperations implements Operations {
  readonly canSend = true;
  readonly #protocol: SurveyorProtocol;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #answers: LossyQueue;
  /** Called when a survey has run its time, once those who wait for answers know. */
  onOver: (() => void) | undefined;
  /** 0: no survey is running. */
  #id = 0;
  /** The number of the last pipe that the survey went to. */
  #asked = 0;
  #deadline: { cancel(): void } | undefined;

  constructor(protocol: SurveyorProtocol, options: Readonly<Record<string, unknown>>) {
    this.#protocol = protocol;
    this.#options = options;
    this.#answers = new LossyQueue(protocol.host, protocol.holds, ANSWER_QUEUE, "drop-newest");
  }

  get canReceive(): boolean {
    return this.#answers.length > 0;
  }

  get congested(): boolean {
    return this.#protocol.fanOut.congested;
  }

  trySend(message: Message): boolean {
    const { host } = this.#protocol;
    if (this.#id !== 0) {
      this.#end("replaced");
      host.failReceives(
        this,
        new CanceledError("The survey was replaced by a newer one on the same context."),
      );
    }
    this.#id = this.#protocol.nextId();
    this.#asked = this.#protocol.arrivals;
    this.#protocol.running.set(this.#id, this);
    this.#protocol.fanOut.send(message.withHeaderWord(this.#id));
    const time = this.#options.surveyTime as number;
    if (time === 0) this.#expire();
    else if (time !== Number.POSITIVE_INFINITY) this.#deadline = host.setTimer(time, () => this.#expire());
    return true;
  }

  tryReceive(): Message | undefined {
    const answer = this.#answers.take();
    if (answer === undefined && this.#id === 0) {
      throw new BadStateError(
        "No survey is running: send() one, then receive() answers until surveyTime is over.",
      );
    }
    return answer;
  }

  /** Who gives up ends the survey, also for those who wait beside him. */
  receiveAbandoned(): void {
    if (this.#id === 0) return;
    this.#end("late");
    this.#protocol.host.failReceives(
      this,
      new TimeoutError("The survey is over: another receive() on the same context gave up."),
    );
  }

  askedOf(pipe: ProtocolPipe<number>): boolean {
    return pipe.state <= this.#asked;
  }

  answer(message: Message, pipe: ProtocolPipe): void {
    this.#answers.put(message, pipe, this);
  }

  close(): void {
    this.#end("closed");
    this.#protocol.contexts.delete(this);
  }

  #expire(): void {
    this.#end("late");
    this.#protocol.host.failReceives(this, new TimeoutError("The survey is over: surveyTime has passed."));
    this.onOver?.();
  }

  /** Answers that nobody has taken go with their survey. */
  #end(reason: "late" | "replaced" | "closed"): void {
    this.#deadline?.cancel();
    this.#deadline = undefined;
    if (this.#id !== 0) this.#protocol.running.delete(this.#id);
    this.#id = 0;
    this.#answers.clear(reason);
  }
}

const surveyor0: ProtocolDefinition = {
  info: {
    id: 0x62,
    name: "surveyor",
    peerId: 0x63,
    peerName: "respondent",
    className: "Surveyor0",
    peerClassName: "Respondent0",
    raw: false,
  },
  options: { surveyTime: duration({ default: 1_000, writable: true, context: true }) },
  create(host) {
    const protocol = new SurveyorProtocol(host);
    return {
      protocol: protocol as Protocol,
      operations: protocol.open(host.options),
      openContext: (options) => protocol.open(options),
    };
  },
};

/** One survey at a time, beside those of other contexts. */
export class SurveyorContext extends Sending(Receiving(Context)) {
  /** By `surveyor.context()`. */
  constructor(socket: Surveyor0, options?: SurveyorContextOptions) {
    super(socket, options);
  }

  /** ms. */
  get surveyTime(): number {
    return this.getOption("surveyTime") as number;
  }

  set surveyTime(value: number | undefined) {
    this.setOption("surveyTime", value);
  }
}

/** What `survey` takes. */
export interface SurveyOptions {
  /** How long this survey takes answers, in ms. Default: the socket's `surveyTime`. */
  readonly timeout?: number | undefined;
  /** Ends the survey early; the iteration then rejects with `signal.reason`. */
  readonly signal?: WaitOptions["signal"];
}

/**
 * Asks every `Respondent0`, nng respondent and nanomsg respondent that it is connected with.
 *
 * @example
 * const surveyor = new Surveyor0({ transports: [tcp()] });
 * await surveyor.listen("tcp://127.0.0.1:5558");
 * await surveyor.waitForPipes(3);
 * for await (const answer of surveyor.survey("who is there?", { timeout: 500 })) console.log(answer.text());
 */
export class Surveyor0 extends Sending(Receiving(Socket)) {
  constructor(options?: Surveyor0Options) {
    super(surveyor0, options);
  }

  /**
   * Asks, on a context of its own, and gives the answers as they come; ends when its time is over. Leaving the loop ends
   * the survey.
   *
   * @throws ClosedError, BadTypeError, InvalidOperationError
   */
  survey(question: Data, options?: SurveyOptions): SurveyAnswers {
    options?.signal?.throwIfAborted();
    const context = this.context(options?.timeout === undefined ? {} : { surveyTime: options.timeout });
    return new SurveyAnswers(context, question, options?.signal);
  }

  /** A place for one more survey at the same time. @throws ClosedError, and what option rules throw */
  context(options?: SurveyorContextOptions): SurveyorContext {
    return new SurveyorContext(this, options);
  }

  /** ms. */
  get surveyTime(): number {
    return this.getOption("surveyTime") as number;
  }

  set surveyTime(value: number | undefined) {
    this.setOption("surveyTime", value);
  }
}
