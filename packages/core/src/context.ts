/**
 * A conversation of its own on a shared socket: own state, own timeouts, same peers. Protocols that have contexts (REQ,
 * REP, SUB, SURVEYOR, RESPONDENT) extend it with the verbs that theirs has.
 */
import { ClosedError } from "./errors.js";
import { missingVerbs } from "./missing-verbs.js";
import { OperationQueue } from "./operation-queue.js";
import type { Operations } from "./protocol.js";
import { coreOf, type Socket } from "./socket.js";
import type { SocketCore } from "./socket-core.js";

/** Options that each context of a socket may have for itself; the rest comes from the socket when it opens. */
export interface ContextOptions {
  /** How long `receive` of this context waits, in ms, where a call does not say. Default: the socket's. (nng `recv-timeout`) */
  readonly receiveTimeout?: number | undefined;
  /** How long `send` of this context waits, in ms, where a call does not say. Default: the socket's. (nng `send-timeout`) */
  readonly sendTimeout?: number | undefined;
}

/**
 * One conversation on a socket that may have many. Made by `req.context()` or `rep.context()`; closes with its socket.
 *
 * @example
 * const context = req.context({ receiveTimeout: 1_000 });
 * await context.send("what time is it?");
 * const bytes = await context.receive();
 */
export abstract class Context {
  /** For the verbs in `mixins.ts`. */
  readonly operationQueue: OperationQueue;
  /** Whose conversation it is. */
  readonly socket: Socket;
  readonly #core: SocketCore;
  readonly #options: Record<string, unknown>;

  /** @throws ClosedError, and what option rules throw */
  constructor(socket: Socket, options: ContextOptions | undefined) {
    const core = coreOf(socket);
    const { values, operations } = core.openContext(options);
    this.socket = socket;
    this.#core = core;
    this.#options = values;
    this.operationQueue = new OperationQueue(
      core,
      operations,
      values as { sendTimeout: number; receiveTimeout: number },
    );
    core.contexts.set(operations, this.operationQueue);
  }

  /** True from `close()` of the context or of its socket on. */
  get closed(): boolean {
    return this.operationQueue.closed;
  }

  /** ms; `Infinity`: never. */
  get receiveTimeout(): number {
    return this.#options.receiveTimeout as number;
  }

  set receiveTimeout(value: number | undefined) {
    this.setOption("receiveTimeout", value);
  }

  /** ms; `Infinity`: never. */
  get sendTimeout(): number {
    return this.#options.sendTimeout as number;
  }

  set sendTimeout(value: number | undefined) {
    this.setOption("sendTimeout", value);
  }

  /** For subclasses: the value of an option of this context. */
  protected getOption(name: string): unknown {
    return this.#options[name];
  }

  protected setOption(name: string, value: unknown): void {
    this.#options[name] = this.#core.parseOption(name, value);
    this.#core.turn.call({ run: () => this.#operations.optionChanged?.(name) });
  }

  /** Forgets its conversation; pending calls reject with `ClosedError`. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.#core.contexts.delete(this.#operations);
    this.#core.turn.call({ run: () => this.#operations.close() });
    this.operationQueue.close(new ClosedError("The context is closed.", { socket: this.#core.name }));
  }

  get #operations(): Operations {
    return this.operationQueue.operations;
  }
}

export interface Context extends Disposable {}

missingVerbs(Context.prototype, (context: Context) => coreOf(context.socket).info);

// Browsers without the symbol simply have no such method.
if (typeof Symbol.dispose === "symbol") {
  Object.defineProperty(Context.prototype, Symbol.dispose, {
    value(this: Context) {
      this.close();
    },
    configurable: true,
    writable: true,
  });
}
