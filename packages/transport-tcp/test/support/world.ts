/** What the tests of this package stand on: what core would tell a transport, and what a listener saw. */
import {
  type EndpointContext,
  type ListenContext,
  parseUrl,
  systemClock,
  type TransportListener,
  type TransportPipe,
} from "@sprocket/core/plugin";
import { until, within } from "@sprocket/testing";
import { type TcpOptions, tcp } from "../../src/index.js";

const pair = {
  id: 0x10,
  name: "pair",
  peerId: 0x10,
  peerName: "pair",
  className: "Pair0",
  peerClassName: "Pair0",
  raw: false,
};

/** Everything that one test opens; `close` frees it all. */
export class World {
  readonly #abort = new AbortController();
  readonly #cleanups: (() => unknown)[] = [];

  context(overrides: Partial<EndpointContext> = {}): EndpointContext {
    return {
      protocol: pair,
      receiveMaxSize: 1_048_576,
      handshakeTimeout: 10_000,
      highWaterBytes: 1_048_576,
      signal: this.#abort.signal,
      clock: systemClock,
      ...overrides,
    };
  }

  async listen(
    url: string,
    options?: TcpOptions,
    overrides: Partial<ListenContext> = {},
  ): Promise<Listening> {
    const listening = new Listening(this.context(), overrides);
    const { listen } = tcp(options);
    if (listen === undefined) throw new Error("the transport cannot listen");
    listening.listener = await listen(parseUrl(url), listening.context);
    this.defer(() => listening.close());
    return listening;
  }

  async dial(
    url: string,
    options?: TcpOptions,
    overrides: Partial<EndpointContext> = {},
  ): Promise<TransportPipe> {
    const pipe = await tcp(options).dial(parseUrl(url), this.context(overrides));
    this.defer(() => pipe.close(new Error("the test is over")));
    return pipe;
  }

  defer(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
    this.#abort.abort(new Error("the test is over"));
  }
}

/** A listener and what came to it. */
export class Listening {
  readonly context: ListenContext;
  readonly pipes: TransportPipe[] = [];
  readonly rejects: Error[] = [];
  readonly errors: Error[] = [];
  listener!: TransportListener;

  constructor(base: EndpointContext, overrides: Partial<ListenContext>) {
    this.context = {
      ...base,
      maxPendingHandshakes: 128,
      maxConnections: 10_000,
      onPipe: (pipe) => this.pipes.push(pipe),
      onReject: (error) => this.rejects.push(error),
      onError: (error) => this.errors.push(error),
      ...overrides,
    };
  }

  get url(): string {
    return this.listener.url.href;
  }

  get port(): number {
    return Number(/\d+$/.exec(this.url)?.[0]);
  }

  /** The first pipe that came. */
  async pipe(): Promise<TransportPipe> {
    await until(() => this.pipes.length > 0, "an incoming pipe");
    return this.pipes[0] as TransportPipe;
  }

  async close(): Promise<void> {
    for (const pipe of this.pipes) pipe.close(new Error("the test is over"));
    await within(5_000, this.listener.close(), "listener.close()");
  }
}
