/**
 * `req.request()`: one question, one answer, each on a context of its own, so that any number may be under way. Contexts
 * are kept and used again, so that a request costs one promise and no new state machine.
 */
import { type Data, Message, type WaitOptions } from "@sprocket/core";
import { coreOf } from "@sprocket/core/plugin";
import { type Req0, ReqContext, type ReqOperations } from "./req.js";

/** Idle contexts that are kept. */
const KEPT = 1024;
const bodyOf = (message: Message): Uint8Array => message.body;

export class Conversations {
  readonly #socket: Req0;
  readonly #idle: ReqContext[] = [];

  constructor(socket: Req0) {
    this.#socket = socket;
  }

  request(data: Data, options: WaitOptions | undefined): Promise<Uint8Array> {
    try {
      // Everything that can be wrong with the call comes first: a context that is taken is at work.
      if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
      this.#socket.operationQueue.check(options);
      const message = Message.from(data);
      const queue = this.#take().operationQueue;
      if (queue.trySend(message)) return queue.receive(options, bodyOf);
      return this.#wait(queue, message, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** No peer can take it now: one budget for waiting and for the answer. */
  async #wait(
    queue: ReqContext["operationQueue"],
    message: Message,
    options: WaitOptions | undefined,
  ): Promise<Uint8Array> {
    const { clock } = coreOf(this.#socket);
    const began = clock.now();
    await queue.send(message, options);
    if (options?.timeout === undefined) return queue.receive(options, bodyOf);
    return queue.receive(
      { ...options, timeout: Math.max(0, options.timeout - (clock.now() - began)) },
      bodyOf,
    );
  }

  /** An idle context; it comes back by itself when its conversation is over. */
  #take(): ReqContext {
    const kept = this.#idle.pop();
    if (kept !== undefined) return kept;
    const context = new ReqContext(this.#socket);
    (context.operationQueue.operations as ReqOperations).onIdle = () => {
      if (this.#idle.length < KEPT) this.#idle.push(context);
      else context.close();
    };
    return context;
  }
}
