/**
 * `serve`: a handler that answers what comes in, on as many contexts as may work at once (REP and RESPONDENT).
 *
 * There is always one context that waits, as long as there is room for another handler; the rest are kept for the next
 * burst. A handler that fails harms nobody: the error is an event, its peer gets what `onError` supplies, or nothing.
 */
import { BadTypeError, ClosedError, InvalidOperationError } from "./errors.js";
import type { Data, Message } from "./message.js";
import type { MessageTaker, OperationQueue } from "./operation-queue.js";
import { reportUncaught } from "./report-error.js";
import { coreOf, type Socket } from "./socket.js";

/**
 * Answers one request with what it returns. The signal aborts when the socket begins to close: a reply would be dropped.
 *
 * @example
 * rep.serve(async (request, { signal }) => (await fetch(request.text(), { signal })).arrayBuffer());
 */
export type ServeHandler = (
  request: Message,
  facts: { readonly signal: AbortSignal },
) => Data | Promise<Data>;

/** How many handlers may run, and what becomes of one that fails. */
export interface ServeOptions {
  /** Handlers that may run at once, 1 or more, `Infinity` for no limit. Default 16. Further requests wait at the peers. */
  readonly concurrency?: number | undefined;
  /** Called when a handler fails, beside the event `handlererror`. What it returns is the reply; nothing, and none is sent. */
  readonly onError?:
    | ((error: unknown, request: Message) => Data | undefined | Promise<Data | undefined>)
    | undefined;
}

/**
 * A running `serve`. For a shutdown that loses no reply, stop before the socket closes.
 *
 * @example
 * const handle = rep.serve((request) => request.body);
 * await handle.stop();
 * await rep.close();
 */
export interface ServeHandle {
  /** Takes no more requests; resolves when the handlers that run have finished. Idempotent. */
  stop(): Promise<void>;
}

/** What a worker needs of a context. */
interface Worked {
  readonly operationQueue: OperationQueue;
  close(): void;
}

const DEFAULT_CONCURRENCY = 16;
/** Idle contexts that are kept for the next burst. */
const KEPT = 64;

/** For protocols: begins to serve. `open` makes a context. @throws BadTypeError, InvalidOperationError, ClosedError */
export function serve(
  socket: Socket,
  open: () => Worked,
  handler: ServeHandler,
  options: ServeOptions = {},
): ServeHandle {
  if (typeof handler !== "function") throw new BadTypeError("serve() takes a handler: (request) => reply.");
  const { concurrency = DEFAULT_CONCURRENCY, onError } = options;
  if (!(concurrency >= 1) || (Number.isFinite(concurrency) && !Number.isInteger(concurrency))) {
    throw new InvalidOperationError(
      `concurrency must be a whole number from 1, or Infinity; got ${String(concurrency)}.`,
    );
  }
  if (onError !== undefined && typeof onError !== "function")
    throw new BadTypeError("onError must be a function.");
  if (socket.closed)
    throw new ClosedError(`${coreOf(socket).label} is closed.`, { socket: socket.name, operation: "serve" });
  return new Server(socket, open, handler, concurrency, onError);
}

class Server implements ServeHandle {
  readonly socket: Socket;
  readonly handler: ServeHandler;
  readonly onError: ServeOptions["onError"];
  readonly facts: { readonly signal: AbortSignal };
  readonly #open: () => Worked;
  readonly #concurrency: number;
  readonly #idle: Worker[] = [];
  #waiting: Worker | undefined;
  #running = 0;
  #stopped = false;
  #whenDone: (() => void)[] = [];

  constructor(
    socket: Socket,
    open: () => Worked,
    handler: ServeHandler,
    concurrency: number,
    onError: ServeOptions["onError"],
  ) {
    this.socket = socket;
    this.handler = handler;
    this.onError = onError;
    this.facts = { signal: coreOf(socket).closingSignal };
    this.#open = open;
    this.#concurrency = concurrency;
    this.#next();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting?.context.close();
    this.#waiting = undefined;
    for (const worker of this.#idle) worker.context.close();
    this.#idle.length = 0;
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenDone.push(resolve));
  }

  /** By the worker that waited: it has a request. */
  begun(worker: Worker): void {
    this.#running++;
    if (this.#waiting === worker) this.#waiting = undefined;
  }

  /** By a worker whose handler takes its time: another one may wait for the next request meanwhile. */
  busy(): void {
    this.#next();
  }

  /** By a worker: its request is dealt with. */
  done(worker: Worker): void {
    this.#running--;
    if (this.#stopped || this.socket.closed) {
      worker.context.close();
      if (this.#running === 0) for (const resolve of this.#whenDone.splice(0)) resolve();
      return;
    }
    if (this.#waiting === undefined) this.#wait(worker);
    else if (this.#idle.length < KEPT) this.#idle.push(worker);
    else worker.context.close();
  }

  /** By the worker that waited: no more requests will come. */
  ended(worker: Worker, error: unknown): void {
    if (this.#waiting === worker) this.#waiting = undefined;
    if (!(error instanceof ClosedError)) reportUncaught(error);
  }

  #next(): void {
    if (
      this.#stopped ||
      this.socket.closed ||
      this.#waiting !== undefined ||
      this.#running >= this.#concurrency
    )
      return;
    this.#wait(this.#idle.pop() ?? new Worker(this, this.#open()));
  }

  #wait(worker: Worker): void {
    this.#waiting = worker;
    worker.context.operationQueue.takeNext(worker);
  }
}

/** One context and the request that it works on. */
class Worker implements MessageTaker {
  readonly context: Worked;
  readonly #server: Server;
  #request: Message | undefined;

  constructor(server: Server, context: Worked) {
    this.#server = server;
    this.context = context;
  }

  offer(request: Message): void {
    this.#request = request;
  }

  run(): void {
    const { handler, facts } = this.#server;
    const request = this.#request as Message;
    this.#request = undefined;
    this.#server.begun(this);
    try {
      const reply = handler(request, facts);
      if (isPromise(reply)) {
        reply.then(
          (value) => this.#reply(value, request),
          (error: unknown) => this.#failed(error, request),
        );
        this.#server.busy();
      } else {
        this.#reply(reply, request);
      }
    } catch (error) {
      this.#failed(error, request);
    }
  }

  refuse(error: unknown): void {
    this.#server.ended(this, error);
  }

  #reply(reply: Data, request: Message): void {
    try {
      this.#send(reply);
    } catch (error) {
      this.#failed(error, request);
      return;
    }
    this.#server.done(this);
  }

  #send(reply: Data): void {
    const queue = this.context.operationQueue;
    if (queue.closed) {
      queue.core.drop("closed", typeof reply === "string" ? reply.length : 0);
      return;
    }
    // REP and RESPONDENT always take a reply: what its pipe has no room for slows down the reading of requests.
    queue.trySend(reply);
  }

  #failed(error: unknown, request: Message): void {
    coreOf(this.#server.socket).emit("handlererror", { error, request });
    const { onError } = this.#server;
    if (onError === undefined) {
      this.#server.done(this);
      return;
    }
    // A reply for a failed request must not fail again and again.
    const finish = (reply: Data | undefined): void => {
      try {
        if (reply !== undefined) this.#send(reply);
      } catch (again) {
        coreOf(this.#server.socket).emit("handlererror", { error: again, request });
      }
      this.#server.done(this);
    };
    const giveUp = (again: unknown): void => {
      coreOf(this.#server.socket).emit("handlererror", { error: again, request });
      this.#server.done(this);
    };
    try {
      const reply = onError(error, request);
      if (isPromise(reply)) {
        reply.then(finish, giveUp);
        this.#server.busy();
      } else {
        finish(reply);
      }
    } catch (again) {
      giveUp(again);
    }
  }
}

function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof (value as Promise<Value> | undefined)?.then === "function";
}
