/**
 * `req.request()`: one question, one answer, each a conversation of its own, so that any number may be under way.
 * Conversations are kept and used again, so that a request costs one promise and no new state machine.
 */
import { type Data, Message, type WaitOptions } from "@sprocket/core";
import { coreOf, type OperationQueue, type SocketCore } from "@sprocket/core/plugin";
import type { Req0, ReqOperations } from "./req.js";

/** Idle conversations that are kept. */
const KEPT = 1024;
const bodyOf = (message: Message): Uint8Array => message.body;

export class Conversations {
  readonly #core: SocketCore;
  readonly #idle: OperationQueue[] = [];

  constructor(socket: Req0) {
    this.#core = coreOf(socket);
  }

  request(data: Data, options: WaitOptions | undefined): Promise<Uint8Array> {
    try {
      // Everything that can be wrong with the call comes first: a conversation that is taken has begun.
      if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
      this.#core.operations.check(options);
      const message = Message.from(data);
      const queue = this.#take();
      if (queue.trySend(message)) return queue.receive(options, bodyOf);
      return this.#wait(queue, message, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** No peer can take it now: one budget for waiting and for the answer. */
  async #wait(
    queue: OperationQueue,
    message: Message,
    options: WaitOptions | undefined,
  ): Promise<Uint8Array> {
    const { clock } = this.#core;
    const { receiveTimeout, sendTimeout } = this.#core.options as {
      receiveTimeout: number;
      sendTimeout: number;
    };
    const budget = options?.timeout ?? receiveTimeout;
    const began = clock.now();
    await queue.send(message, { ...options, timeout: options?.timeout ?? Math.min(budget, sendTimeout) });
    return queue.receive({ ...options, timeout: Math.max(0, budget - (clock.now() - began)) }, bodyOf);
  }

  /** An idle conversation; it comes back by itself when it is over. */
  #take(): OperationQueue {
    const kept = this.#idle.pop();
    if (kept !== undefined) return kept;
    const queue = this.#core.openConversation();
    (queue.operations as ReqOperations).onIdle = () => {
      if (this.#idle.length < KEPT) this.#idle.push(queue);
      else this.#core.closeConversation(queue);
    };
    return queue;
  }
}
