/** What the tests of this package stand on: what core would tell a transport, and what a listener saw. */
import type { ConnectionOptions, TlsOptions as NodeTlsOptions } from "node:tls";
import {
  type EndpointContext,
  type ListenContext,
  parseUrl,
  systemClock,
  type Transport,
  type TransportListener,
  type TransportPipe,
} from "@sprocket/core/plugin";
import { RawListener, RawPeer, until, within } from "@sprocket/testing";
import { type WsOptions, ws } from "../../src/index.js";
import { RawWs } from "./raw-ws.js";

const pair = {
  id: 0x10,
  name: "pair",
  peerId: 0x10,
  peerName: "pair",
  className: "Pair0",
  peerClassName: "Pair0",
  raw: false,
};

const ANY = "ws://127.0.0.1:0/x";

/** A transport, or what to make one with. */
type Made = Transport | WsOptions;

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

  async listen(made: Made, overrides: Partial<ListenContext> = {}, url = ANY): Promise<Listening> {
    const { listen } = transportOf(made);
    if (listen === undefined) throw new Error("the transport cannot listen");
    const listening = new Listening(this.context(), overrides);
    listening.listener = await listen(parseUrl(url), listening.context);
    this.defer(() => listening.close());
    return listening;
  }

  async dial(url: string, made: Made, overrides: Partial<EndpointContext> = {}): Promise<TransportPipe> {
    const pipe = await transportOf(made).dial(parseUrl(url), this.context(overrides));
    this.defer(() => pipe.close(new Error("the test is over")));
    return pipe;
  }

  /** A peer that says only what the test has it say; nothing is sent yet. */
  async raw(url: string, tls?: ConnectionOptions): Promise<RawWs> {
    const peer = await RawPeer.connect(
      url.replace(/^ws(s?):..([^/]*).*$/, (_, s, at) => `${s ? "tls+" : ""}tcp://${at}`),
      tls,
    );
    this.defer(() => peer.close());
    return new RawWs(peer, url);
  }

  /** The same once it is a WebSocket. */
  async rawWs(url: string, subprotocol?: string, tls?: ConnectionOptions): Promise<RawWs> {
    const peer = await this.raw(url, tls);
    await peer.upgrade(subprotocol);
    return peer;
  }

  /** A listener that says only what the test has it say; at `ws://` and its address. */
  async rawListener(tls?: NodeTlsOptions): Promise<{ url: string; accept(): Promise<RawWs> }> {
    const listener = await RawListener.listen(`${tls ? "tls+" : ""}tcp://127.0.0.1:0`, tls);
    this.defer(() => listener.close());
    const url = `ws${tls ? "s" : ""}://${listener.url.slice(listener.url.indexOf("//") + 2)}/x`;
    return { url, accept: async () => new RawWs(await listener.accept(), url) };
  }

  defer(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
    this.#abort.abort(new Error("the test is over"));
  }
}

function transportOf(made: Made): Transport {
  return "dial" in made ? made : ws(made);
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
    return Number(/:(\d+)/.exec(this.url)?.[1]);
  }

  /** Pipe number `at`, from 0, once it has come. */
  async pipe(at = 0): Promise<TransportPipe> {
    await until(() => this.pipes.length > at, "an incoming pipe");
    return this.pipes[at] as TransportPipe;
  }

  /** Rejection number `at`, from 0, once it has come. */
  async reject(at = 0): Promise<Error> {
    await until(() => this.rejects.length > at, "a rejected connection");
    return this.rejects[at] as Error;
  }

  async close(): Promise<void> {
    for (const pipe of this.pipes) pipe.close(new Error("the test is over"));
    await within(5_000, this.listener.close(), "listener.close()");
  }
}
