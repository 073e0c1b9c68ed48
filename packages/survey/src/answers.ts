/**
 * The answers of one `survey()`: an iteration that ends with the survey, instead of failing as a bare `receive` would.
 */
import { BadStateError, ClosedError, type Data, type Message, TimeoutError } from "@sprocket/core";
import type { SurveyorContext } from "./surveyor.js";

const DONE = { done: true, value: undefined } as const;

export class SurveyAnswers implements AsyncIterableIterator<Message> {
  readonly #context: SurveyorContext;
  readonly #signal: AbortSignal | undefined;

  /** By `surveyor.survey()`. */
  constructor(context: SurveyorContext, question: Data, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#signal = signal;
    try {
      context.trySend(question);
    } catch (error) {
      context.close();
      throw error;
    }
  }

  async next(): Promise<IteratorResult<Message>> {
    if (this.#context.closed) return DONE;
    try {
      const value = await this.#context.receiveMessage({
        timeout: Number.POSITIVE_INFINITY,
        signal: this.#signal,
      });
      return { done: false, value };
    } catch (error) {
      this.#context.close();
      // Its time is over, now or since the last answer; or the loop was left, or the socket closed.
      if (error instanceof TimeoutError || error instanceof BadStateError || error instanceof ClosedError)
        return DONE;
      throw error;
    }
  }

  /** Ends the survey. */
  return(): Promise<IteratorResult<Message>> {
    this.#context.close();
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
}
