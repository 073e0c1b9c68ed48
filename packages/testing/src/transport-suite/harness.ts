/**
 * What every case of the transport suite stands on: contexts as core would make them, sinks that record what a pipe
 * reports and check the order of it, and the promise that a case leaves nothing open.
 */
import assert from "node:assert/strict";
import type { ConnectionOptions, TlsOptions } from "node:tls";
import { Message } from "@sprocket/core";
import {
  type EndpointContext,
  type ListenContext,
  type MessageRun,
  type PipeSink,
  type ProtocolInfo,
  parseUrl,
  type SpUrl,
  systemClock,
  type Transport,
  type TransportListener,
  type TransportPipe,
} from "@sprocket/core/plugin";
import { within } from "../deadline.js";
import { RawPeer } from "../raw-peer.js";

/** How a runner registers a test: `test` of vitest, node:test, jest, mocha, Deno, Bun. */
export type TestFunction = (title: string, body: () => Promise<void>) => unknown;

/** What the transport at hand can do. Everything not named is taken as true, except `raw` and `reset`. */
export interface TransportSupports {
  /** Peers speak the 8-byte SP handshake on tcp, tls or ipc, so that the kit's raw peers can play them. Default false. */
  readonly raw?: boolean;
  /** A listener keeps the receive limit. inproc has none. */
  readonly receiveMaxSize?: boolean;
  /** A listener counts its connections and refuses those above the limit. */
  readonly maxConnections?: boolean;
  /** `url` asks the system for a free port or name, and the listener's URL then carries it. */
  readonly chosenAddress?: boolean;
  /** The other side can tell a close with an error from an end in good order. Default false. */
  readonly reset?: boolean;
  /** A close with an error discards what is pending, where a browser's WebSocket sends it all the same. Default true. */
  readonly discards?: boolean;
  /** What a peer does not read is pending at the sender, and makes `send` answer false. With inproc it waits at the receiver. */
  readonly backPressure?: boolean;
}

export interface TransportSuiteOptions {
  readonly test: TestFunction;
  readonly transport: Transport;
  /** A fresh address to listen on, e.g. with port 0 or in a fresh temporary folder. */
  readonly url: () => string | Promise<string>;
  readonly supports?: TransportSupports;
  /** For raw peers of a tls transport: what `tls.connect` and `tls.createServer` need to talk to it. */
  readonly tls?: { readonly connect: ConnectionOptions; readonly listen: TlsOptions };
}

/** Long enough for a loaded machine: only a broken transport waits as long. */
export const PATIENCE = 10_000;

/** A protocol that says nothing by itself, as a context describes it. */
export const pairInfo: ProtocolInfo = {
  id: 0x10,
  name: "pair",
  peerId: 0x10,
  peerName: "pair",
  className: "Pair0",
  peerClassName: "Pair0",
  raw: false,
};

export const reqInfo: ProtocolInfo = {
  id: 0x30,
  name: "req",
  peerId: 0x31,
  peerName: "rep",
  className: "Req0",
  peerClassName: "Rep0",
  raw: false,
};

export const repInfo: ProtocolInfo = {
  id: 0x31,
  name: "rep",
  peerId: 0x30,
  peerName: "req",
  className: "Rep0",
  peerClassName: "Req0",
  raw: false,
};

/** Records what a pipe reports, and holds it to the rule: messages and drains, then one close, then nothing. */
export class RecordingSink implements PipeSink {
  readonly messages: Uint8Array[] = [];
  drains = 0;
  closes = 0;
  closeError: Error | undefined;
  /** Called for each message, with its place from 1. */
  onEach: ((count: number) => void) | undefined;
  /** Keep count of the messages but not their bytes. */
  countOnly = false;
  /** Copy the messages, or keep the bodies as they came. */
  copies = true;
  count = 0;
  /** Offered to the transport after each message. */
  run: MessageRun | undefined;
  /** Broken rules, in words. */
  readonly faults: string[] = [];
  readonly #wakes = new Set<() => void>();

  onMessage(message: Message): void {
    this.add(message);
    this.onEach?.(this.count);
  }

  /** A message that came by another way than `onMessage`. */
  add(message: Message): void {
    if (this.closes > 0) this.faults.push("a message came after onClose");
    this.count++;
    if (!this.countOnly) this.messages.push(this.copies ? message.copy() : message.body);
    this.#wake();
  }

  onDrain(): void {
    if (this.closes > 0) this.faults.push("onDrain came after onClose");
    this.drains++;
    this.#wake();
  }

  onClose(error?: Error): void {
    if (this.closes > 0) this.faults.push("onClose came twice");
    this.closes++;
    this.closeError = error;
    this.#wake();
  }

  /** Resolves once `count` messages are there; rejects when the pipe closes before. */
  async received(count: number): Promise<void> {
    await this.#when(() => this.count >= count || this.closes > 0, `message ${count} (${this.count} came)`);
    if (this.count < count) {
      throw new Error(`the pipe closed after ${this.count} of ${count} messages`, { cause: this.closeError });
    }
  }

  closed(): Promise<void> {
    return this.#when(() => this.closes > 0, "onClose");
  }

  drained(after: number): Promise<void> {
    return this.#when(() => this.drains > after || this.closes > 0, "onDrain");
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
  }

  #when(condition: () => boolean, what: string): Promise<void> {
    let check!: () => void;
    const reached = new Promise<void>((resolve) => {
      check = (): void => {
        if (condition()) resolve();
      };
    });
    this.#wakes.add(check);
    check();
    return within(PATIENCE, reached, what).finally(() => this.#wakes.delete(check));
  }
}

/** One end of a connection: the pipe and what it reported. */
export interface End {
  readonly pipe: TransportPipe;
  readonly sink: RecordingSink;
}

/** What a listening side has seen. */
export class Listening {
  readonly context: ListenContext;
  readonly rejects: Error[] = [];
  readonly errors: Error[] = [];
  listener!: TransportListener;
  /** Pipes that came, started or not. */
  readonly pipes: TransportPipe[] = [];
  readonly #waiting: ((pipe: TransportPipe) => void)[] = [];
  readonly #wakes = new Set<() => void>();
  #taken = 0;

  constructor(base: EndpointContext, overrides: Partial<ListenContext>) {
    this.context = {
      ...base,
      maxPendingHandshakes: 128,
      maxConnections: 10_000,
      onPipe: (pipe) => {
        this.pipes.push(pipe);
        this.#waiting.shift()?.(pipe);
      },
      onReject: (error) => {
        this.rejects.push(error);
        for (const wake of this.#wakes) wake();
      },
      onError: (error) => {
        this.errors.push(error);
      },
      ...overrides,
    };
  }

  get url(): string {
    return this.listener.url.href;
  }

  /** The next pipe, in order of arrival. Nobody has started it. */
  next(): Promise<TransportPipe> {
    const at = this.#taken++;
    const there = this.pipes[at];
    if (there !== undefined) return Promise.resolve(there);
    return within(
      PATIENCE,
      new Promise<TransportPipe>((resolve) => this.#waiting.push(resolve)),
      "an incoming pipe",
    );
  }

  async rejected(count: number): Promise<void> {
    let check!: () => void;
    const reached = new Promise<void>((resolve) => {
      check = (): void => {
        if (this.rejects.length >= count) resolve();
      };
    });
    this.#wakes.add(check);
    check();
    await within(PATIENCE, reached, `${count} rejected connections (${this.rejects.length} came)`);
    this.#wakes.delete(check);
  }
}

/** One case's world. */
export class Harness {
  readonly transport: Transport;
  readonly tls: TransportSuiteOptions["tls"];
  readonly #url: () => string | Promise<string>;
  readonly #aborts: AbortController[] = [];
  readonly #listening: Listening[] = [];
  readonly #ends: End[] = [];
  readonly #cleanups: (() => unknown)[] = [];

  constructor(options: TransportSuiteOptions) {
    this.transport = options.transport;
    this.tls = options.tls;
    this.#url = options.url;
  }

  /** What core would say to a dialing endpoint. */
  context(overrides: Partial<EndpointContext> = {}): EndpointContext {
    // One for each endpoint, as in core.
    const abort = new AbortController();
    this.#aborts.push(abort);
    return {
      protocol: pairInfo,
      receiveMaxSize: 4 * 1_048_576,
      handshakeTimeout: 10_000,
      highWaterBytes: 1_048_576,
      signal: abort.signal,
      clock: systemClock,
      ...overrides,
    };
  }

  /** A fresh address. */
  async address(): Promise<SpUrl> {
    return parseUrl(await this.#url());
  }

  async listen(overrides: Partial<ListenContext> = {}, url?: SpUrl): Promise<Listening> {
    const { transport } = this;
    if (transport.listen === undefined)
      throw new Error(`${transport.name} cannot listen, and the suite needs it`);
    const listening = new Listening(this.context(), overrides);
    listening.listener = await transport.listen(url ?? (await this.address()), listening.context);
    this.#listening.push(listening);
    return listening;
  }

  /** One attempt; the pipe is not started. */
  async dial(url: string, overrides: Partial<EndpointContext> = {}): Promise<TransportPipe> {
    const pipe = await within(
      PATIENCE,
      this.transport.dial(parseUrl(url), this.context(overrides)),
      `dialing ${url}`,
    );
    this.defer(() => pipe.close(new Error("the case is over")));
    return pipe;
  }

  /** Starts a pipe with a recording sink. */
  start(pipe: TransportPipe, sink = new RecordingSink()): End {
    const end = { pipe, sink };
    this.#ends.push(end);
    pipe.start(sink);
    return end;
  }

  /** Both ends of a fresh connection, started. */
  async connect(
    options: { dial?: Partial<EndpointContext>; listen?: Partial<ListenContext> } = {},
  ): Promise<{ dialed: End; accepted: End; listening: Listening }> {
    const listening = await this.listen(options.listen);
    const dialed = this.start(await this.dial(listening.url, options.dial));
    const accepted = this.start(await listening.next());
    return { dialed, accepted, listening };
  }

  /** A raw peer that has connected to a listening transport and said nothing yet. */
  async raw(url: string): Promise<RawPeer> {
    const peer = await RawPeer.connect(url, this.tls?.connect);
    this.defer(() => peer.close());
    return peer;
  }

  defer(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  /** Frees everything, then checks what the sinks saw. */
  async finish(failed: boolean): Promise<void> {
    for (const { pipe } of this.#ends) pipe.close(new Error("the case is over"));
    for (const listening of this.#listening) {
      for (const pipe of listening.pipes) pipe.close(new Error("the case is over"));
      await within(PATIENCE, listening.listener.close(), "listener.close()");
    }
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
    for (const abort of this.#aborts) abort.abort(new Error("the case is over"));
    if (failed) return;
    for (const { sink } of this.#ends) {
      await sink.closed();
      assert.deepEqual(sink.faults, [], "a pipe broke the order of its reports");
    }
    for (const listening of this.#listening)
      assert.deepEqual(listening.errors, [], "the listener reported its death");
  }
}

/** Sends all of them, waiting whenever the pipe says so. */
export async function sendAll(end: End, bodies: Iterable<Uint8Array>): Promise<void> {
  for (const body of bodies) {
    const { drains } = end.sink;
    if (!end.pipe.send(new Message(body))) await end.sink.drained(drains);
    if (end.sink.closes > 0) throw new Error("the pipe closed while sending", { cause: end.sink.closeError });
  }
}

/** A body whose every byte depends on its place and on `salt`. */
export function pattern(length: number, salt = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + (at >>> 8) * 7 + salt) & 0xff;
  return bytes;
}

/** Equal bytes, without a listing of megabytes when they are not. */
export function assertBytes(actual: Uint8Array | undefined, expected: Uint8Array, what: string): void {
  assert.ok(actual !== undefined, `${what}: nothing came`);
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let at = 0; at < expected.length; at++) {
    if (actual[at] !== expected[at]) assert.fail(`${what}: byte ${at} is ${actual[at]}, not ${expected[at]}`);
  }
}

/** The next turn of the event loop, several times: for what must not happen. */
export async function turns(count = 10): Promise<void> {
  for (let round = 0; round < count; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A case: registered by title, run in a world of its own. */
export type Case = (title: string, body: (harness: Harness) => Promise<void>) => void;

export function makeCase(options: TransportSuiteOptions): Case {
  return (title, body) => {
    options.test(title, async () => {
      const harness = new Harness(options);
      try {
        await body(harness);
      } catch (error) {
        await harness.finish(true).catch(() => undefined);
        throw error;
      }
      await harness.finish(false);
    });
  };
}
