/**
 * The answers of one `survey()`: an iteration that ends with the survey, instead of failing as a bare `receive` would.
 *
 * It owns a context, which goes when the survey is over, however it ends: also when nobody ever asks for an answer.
 */
import { BadStateError, ClosedError, type Data, type Message, TimeoutError } from "@sprocket/core";
import { type Unwatch, watchAbort } from "@sprocket/core/plugin";
import type { SurveyorContext, SurveyorOperations } from "./surveyor.js";

const DONE = { done: true, value: undefined } as const;
const WHOLE_SURVEY = { timeout: Number.POSITIVE_INFINITY };

export class SurveyAnswers implements AsyncIterableIterator<Message> {
  readonly #context: SurveyorContext;
  readonly #unwatch: Unwatch | undefined;
  /** Set when the signal has aborted. */
  #failure: { readonly reason: unknown } | undefined;

  /** By `surveyor.survey()`. */
  constructor(context: SurveyorContext, question: Data, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#unwatch =
      signal === undefined
        ? undefined
        : watchAbort(signal, {
            aborted: (reason) => {
              this.#failure = { reason };
              this.#end();
            },
          });
    (context.operationQueue.operations as SurveyorOperations).onOver = () => this.#end();
    try {
      context.trySend(question);
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async next(): Promise<IteratorResult<Message>> {
    try {
      if (!this.#context.closed)
        return { done: false, value: await this.#context.receiveMessage(WHOLE_SURVEY) };
    } catch (error) {
      this.#end();
      // Its time is over, or the loop was left, or the socket closed.
      const over =
        error instanceof TimeoutError || error instanceof BadStateError || error instanceof ClosedError;
      if (!over) throw error;
    }
    if (this.#failure !== undefined) throw this.#failure.reason;
    return DONE;
  }

  /** Ends the survey. */
  return(): Promise<IteratorResult<Message>> {
    this.#end();
    return Promise.resolve(DONE);
  }

  /** All answers, once the survey is over. Rejects with `signal.reason`. */
  async toArray(): Promise<Message[]> {
    const answers: Message[] = [];
    for await (const answer of this) answers.push(answer);
    return answers;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    this.#unwatch?.cancel();
    this.#context.close();
  }
}
