/**
 * `inproc://name`: sockets of one process, without a wire (reference 2.7). Always there, so that it needs no plug.
 *
 * The name is everything behind `inproc://`, compared as it is; the empty name is legal. `receiveMaxSize` does not apply.
 */
import {
  AddressInUseError,
  BusyError,
  ClosedError,
  ConnectionRefusedError,
  TimeoutError,
} from "../errors.js";
import type {
  EndpointContext,
  ListenContext,
  Transport,
  TransportListener,
  TransportPipe,
} from "../transport.js";
import type { SpUrl } from "../url.js";
import { InprocPipe } from "./inproc-pipe.js";
import { type InprocEnd, type InprocListenerEntry, names } from "./registry.js";

export const inproc: Transport = Object.freeze<Transport>({
  name: "inproc",
  schemes: ["inproc"],
  dial,
  listen,
});

function dial(url: SpUrl, context: EndpointContext): Promise<TransportPipe> {
  if (context.signal.aborted) return Promise.reject(context.signal.reason);
  const listener = names().get(url.rest);
  if (listener === undefined) {
    return Promise.reject(
      new ConnectionRefusedError(
        `Nobody listens on ${url.href} in this process. Listen first, or dial in the background.`,
        {
          url: url.href,
          operation: "dial",
        },
      ),
    );
  }
  const pipe = new InprocPipe(url.href, context);
  try {
    pipe.link(listener.connect(pipe));
  } catch (error) {
    return Promise.reject(error);
  }
  return Promise.resolve(pipe);
}

function listen(url: SpUrl, context: ListenContext): Promise<TransportListener> {
  if (names().has(url.rest)) {
    return Promise.reject(
      new AddressInUseError(`${url.href} is taken by another listener of this process.`, {
        url: url.href,
        operation: "listen",
      }),
    );
  }
  return Promise.resolve(new InprocListener(url, context));
}

class InprocListener implements TransportListener, InprocListenerEntry {
  readonly url: SpUrl;
  readonly address: string;
  readonly #context: ListenContext;
  /** Connected, but not yet taken by core: it may be asking the application. Oldest first. */
  readonly #pending = new Set<InprocPipe>();
  #live = 0;

  constructor(url: SpUrl, context: ListenContext) {
    this.url = url;
    this.address = url.href;
    this.#context = context;
    names().set(url.rest, this);
  }

  connect(end: InprocEnd): InprocEnd {
    const { maxConnections, maxPendingHandshakes } = this.#context;
    if (this.#live >= maxConnections) {
      const error = new BusyError(
        `A connection to ${this.address} was refused: ${maxConnections} are open (maxConnections).`,
      );
      this.#context.onReject(error);
      throw new ConnectionRefusedError(error.message, { cause: error });
    }
    if (this.#pending.size >= maxPendingHandshakes) {
      for (const oldest of this.#pending) {
        oldest.close(
          new TimeoutError(`Dropped as the oldest of ${maxPendingHandshakes} waiting connections.`),
        );
        break;
      }
    }
    const pipe: InprocPipe = new InprocPipe(this.address, this.#context, (over) => {
      this.#pending.delete(pipe);
      if (over) this.#live--;
    });
    pipe.link(end);
    this.#live++;
    this.#pending.add(pipe);
    // The dialer's end is linked when this returns; until then nothing may reach it.
    queueMicrotask(() => {
      if (names().get(this.url.rest) === this) this.#context.onPipe(pipe);
      else pipe.close(new ClosedError("The listener is closed."));
    });
    return pipe;
  }

  close(): Promise<void> {
    if (names().get(this.url.rest) === this) names().delete(this.url.rest);
    for (const pipe of this.#pending) pipe.close(new ClosedError("The listener is closed."));
    this.#pending.clear();
    return Promise.resolve();
  }
}
