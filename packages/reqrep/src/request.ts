/**
 * `req.request()`: one question, one answer, each on a context of its own, so that any number may be under way. Contexts
 * are kept and used again: a request then costs two promises and no state machine.
 */
import type { Data, WaitOptions } from "@sprocket/core";
import { coreOf } from "@sprocket/core/plugin";
import type { Req0, ReqContext } from "./req.js";

/** Idle contexts that are kept. */
const KEPT = 1024;

export class Conversations {
  readonly #socket: Req0;
  readonly #idle: ReqContext[] = [];

  constructor(socket: Req0) {
    this.#socket = socket;
  }

  request(data: Data, options?: WaitOptions): Promise<Uint8Array> {
    let context: ReqContext;
    try {
      context = this.#idle.pop() ?? this.#socket.context();
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#exchange(context, data, options);
  }

  async #exchange(context: ReqContext, data: Data, options: WaitOptions | undefined): Promise<Uint8Array> {
    try {
      if (options?.timeout === undefined) {
        await context.send(data, options);
        return await context.receive(options);
      }
      // One budget for both steps.
      const { clock } = coreOf(this.#socket);
      const deadline = clock.now() + options.timeout;
      await context.send(data, options);
      const left = options.timeout === 0 ? 0 : Math.max(1, deadline - clock.now());
      return await context.receive({ ...options, timeout: left });
    } finally {
      if (this.#idle.length < KEPT && !context.closed) this.#idle.push(context);
      else context.close();
    }
  }
}
