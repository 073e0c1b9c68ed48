/**
 * A transport whose network is the test: attempts wait until the test answers them, pipes end in the test's hands. For
 * core and protocols, where a real connection would bring only chance. URLs are `mock://` and any name.
 */

import { AddressInUseError, ConnectionRefusedError, Message } from "@sprocket/core";
import type {
  EndpointContext,
  ListenContext,
  PipeSink,
  SpUrl,
  Transport,
  TransportListener,
  TransportPipe,
} from "@sprocket/core/plugin";
import { concat } from "./bytes.js";
import { within } from "./deadline.js";

const PATIENCE = 10_000;

/** What an attempt comes to when the test has said so beforehand. */
export type DialOutcome = "accept" | "refuse" | Error;

export interface MockTransportOptions {
  /** What every attempt comes to. Default: it waits for `nextDial()` and the test's answer. */
  readonly dials?: DialOutcome;
}

/** What a mock pipe says about itself. */
export interface MockPipeDetails {
  /** Default: the number that the other side expects. */
  readonly peerProtocol?: number;
  readonly localAddress?: string;
  readonly remoteAddress?: string;
  readonly properties?: ReadonlyMap<string, unknown>;
}

export class MockTransport implements Transport {
  readonly name = "mock";
  readonly schemes = ["mock"];
  /** Every attempt so far, oldest first. */
  readonly attempts: MockDial[] = [];
  /** Every listener that is bound. */
  readonly listeners = new Map<string, MockListener>();
  /** What the next attempts come to, used up one by one before `dials` counts. */
  readonly script: DialOutcome[] = [];
  /** The error that the next `listen` fails with. */
  listenError: Error | undefined;
  readonly #default: DialOutcome | undefined;
  readonly #unseen: MockDial[] = [];
  readonly #waiting: ((dial: MockDial) => void)[] = [];

  constructor(options: MockTransportOptions = {}) {
    this.#default = options.dials;
  }

  dial(url: SpUrl, context: EndpointContext): Promise<TransportPipe> {
    const outcome = this.script.shift() ?? this.#default;
    const dial = new MockDial(url, context);
    this.attempts.push(dial);
    if (outcome === "accept") dial.accept();
    else if (outcome !== undefined) dial.refuse(outcome === "refuse" ? undefined : outcome);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#unseen.push(dial);
    else waiting(dial);
    return dial.result;
  }

  listen(url: SpUrl, context: ListenContext): Promise<TransportListener> {
    const error = this.listenError;
    this.listenError = undefined;
    if (error !== undefined) return Promise.reject(error);
    if (this.listeners.has(url.rest)) {
      return Promise.reject(
        new AddressInUseError(`${url} is taken in this mock transport`, { url: url.href }),
      );
    }
    const listener = new MockListener(url, context, () => this.listeners.delete(url.rest));
    this.listeners.set(url.rest, listener);
    return Promise.resolve(listener);
  }

  /** The next attempt that this method has not given yet; waits for one. */
  nextDial(patience = PATIENCE): Promise<MockDial> {
    const dial = this.#unseen.shift();
    if (dial !== undefined) return Promise.resolve(dial);
    return within(
      patience,
      new Promise<MockDial>((resolve) => this.#waiting.push(resolve)),
      "an attempt to dial",
    );
  }

  /** The listener at `mock://<name>`. */
  listener(name: string): MockListener {
    const listener = this.listeners.get(name);
    if (listener === undefined) throw new Error(`nothing listens on mock://${name}`);
    return listener;
  }
}

/** One attempt to connect, to be answered once. An attempt that is given up answers itself. */
export class MockDial {
  readonly url: SpUrl;
  readonly context: EndpointContext;
  /** For the transport. */
  readonly result: Promise<TransportPipe>;
  #settled = false;
  #resolve!: (pipe: TransportPipe) => void;
  #reject!: (error: Error) => void;
  readonly #abandon = (): void => this.#fail(asError(this.context.signal.reason));

  constructor(url: SpUrl, context: EndpointContext) {
    this.url = url;
    this.context = context;
    this.result = new Promise<TransportPipe>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (context.signal.aborted) this.#abandon();
    else context.signal.addEventListener("abort", this.#abandon, { once: true });
  }

  /** Answered, or given up. */
  get settled(): boolean {
    return this.#settled;
  }

  /** The connection is there: gives the test's end of it. */
  accept(details: MockPipeDetails = {}): MockPipe {
    const pipe = new MockPipe(this.context, this.url, details);
    if (this.#settled) pipe.close();
    else {
      this.#settle();
      this.#resolve(pipe);
    }
    return pipe;
  }

  /** Default: refused, as by a host where nobody listens. */
  refuse(error?: Error): void {
    this.#fail(error ?? new ConnectionRefusedError(`nobody listens on ${this.url}`, { url: this.url.href }));
  }

  #fail(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.#settled = true;
    this.context.signal.removeEventListener("abort", this.#abandon);
  }
}

/** A bound mock address; the test plays the peers that come. */
export class MockListener implements TransportListener {
  readonly url: SpUrl;
  readonly address: string;
  readonly context: ListenContext;
  closed = false;
  readonly #release: () => void;

  constructor(url: SpUrl, context: ListenContext, release: () => void) {
    this.url = url;
    this.address = url.href;
    this.context = context;
    this.#release = release;
  }

  /** A peer connects: gives the test's end. */
  connect(details: MockPipeDetails = {}): MockPipe {
    if (this.closed) throw new Error(`${this.url} does not listen any more`);
    const pipe = new MockPipe(this.context, this.url, details);
    this.context.onPipe(pipe);
    return pipe;
  }

  /** A connection fails before it is a pipe. */
  reject(error: Error): void {
    this.context.onReject(error);
  }

  /** The listener itself dies. */
  fail(error: Error): void {
    this.context.onError(error);
  }

  close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      this.#release();
    }
    return Promise.resolve();
  }
}

/** Both ends of a pipe: core's, and (everything that `TransportPipe` does not have) the test's. */
export class MockPipe implements TransportPipe {
  readonly peerProtocol: number;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly properties: ReadonlyMap<string, unknown>;
  /** What was sent, header in front of the body, oldest first. */
  readonly sent: Uint8Array<ArrayBuffer>[] = [];
  /** How often core asked to pause and to resume. */
  pauses = 0;
  resumes = 0;
  /** Core does not want to hear of messages now. */
  paused = false;
  started = false;
  /** Core closed it, with this error. */
  closing = false;
  closeError: Error | undefined;
  /** `onClose` was reported (or will be when the pipe starts). */
  closed = false;
  readonly #highWater: number;
  readonly #inbound: Message[] = [];
  #sink: PipeSink | undefined;
  #endError: Error | undefined;
  #ending = false;
  #stalled = false;
  #pending: number[] = [];
  #pendingBytes = 0;
  #mustDrain = false;
  readonly #flushed: (() => void)[] = [];
  #delivering = false;
  #wake: (() => void) | undefined;

  constructor(context: EndpointContext, url: SpUrl, details: MockPipeDetails) {
    this.peerProtocol = details.peerProtocol ?? context.protocol.peerId;
    this.localAddress = details.localAddress ?? `${url.href}#local`;
    this.remoteAddress = details.remoteAddress ?? url.href;
    this.properties = details.properties ?? new Map();
    this.#highWater = context.highWaterBytes;
  }

  // Core's end.

  get pendingMessages(): number {
    return this.#pending.length;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  start(sink: PipeSink): void {
    if (this.started) throw new Error("a pipe is started once");
    this.started = true;
    this.#sink = sink;
    if (this.closed) sink.onClose(this.closeError);
    else this.#pump();
  }

  send(message: Message): boolean {
    if (this.closing || this.closed) return true;
    const bytes = concat(message.header, message.body);
    this.sent.push(bytes);
    this.#wake?.();
    if (!this.#stalled) return true;
    this.#pending.push(bytes.length);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes < this.#highWater) return true;
    this.#mustDrain = true;
    return false;
  }

  pause(): void {
    this.pauses++;
    this.paused = true;
  }

  resume(): void {
    this.resumes++;
    this.paused = false;
    this.#pump();
  }

  close(error?: Error): void {
    // A close with an error overtakes one that still waits for what is pending.
    if (this.closed || (this.closing && error === undefined)) return;
    this.closing = true;
    this.closeError ??= error;
    if (error !== undefined) this.#dropPending();
    // A real connection reports its end in a later turn, and without an error only when everything is out.
    if (this.#pending.length === 0) queueMicrotask(() => this.#finish(error));
  }

  whenFlushed(callback: () => void): void {
    this.#flushed.push(callback);
    if (this.#pending.length === 0) queueMicrotask(() => this.#reportFlushed());
  }

  // The test's end.

  /** A message arrives: payload, protocol header in front. It waits while core has not started or has paused. */
  deliver(...parts: readonly (Uint8Array | string)[]): void {
    if (this.#ending || this.closed) throw new Error("the peer of this pipe has gone");
    const bytes = concat(...parts);
    this.#inbound.push(Message.received(bytes, 0, bytes.length));
    this.#pump();
  }

  /** Messages that arrived and core has not taken. */
  get undelivered(): number {
    return this.#inbound.length;
  }

  /** The peer goes: in good order, or by `error`. What arrived before is delivered first when it goes in good order. */
  end(error?: Error): void {
    if (this.#ending || this.closed) return;
    this.#ending = true;
    this.#endError = error;
    if (error !== undefined) this.#inbound.length = 0;
    this.#pump();
  }

  /** From now on nothing leaves: what is sent waits in the pipe, and `send` is false from the high-water mark on. */
  stall(): void {
    this.#stalled = true;
  }

  /** Everything that waits leaves, and goes on leaving. */
  drain(): void {
    this.#stalled = false;
    this.#dropPending();
    if (this.closing) {
      this.#finish(this.closeError);
      return;
    }
    if (!this.#mustDrain) return;
    this.#mustDrain = false;
    this.#sink?.onDrain();
  }

  /** The `count`-th message sent (from 1), as soon as there are so many. */
  async nthSent(count: number, patience = PATIENCE): Promise<Uint8Array<ArrayBuffer>> {
    const there = new Promise<void>((resolve) => {
      const check = (): void => {
        if (this.sent.length >= count) resolve();
      };
      this.#wake = check;
      check();
    });
    await within(patience, there, `message ${count} on a mock pipe (${this.sent.length} sent)`);
    return this.sent[count - 1] as Uint8Array<ArrayBuffer>;
  }

  #pump(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    while (this.#sink !== undefined && !this.paused && !this.closing && !this.closed) {
      const message = this.#inbound.shift();
      if (message === undefined) break;
      this.#sink.onMessage(message);
    }
    this.#delivering = false;
    // As with a real connection: whoever does not read does not hear of an end in good order.
    const read = this.#inbound.length === 0 && (!this.paused || this.#endError !== undefined);
    if (this.#ending && read && this.#sink !== undefined) this.#finish(this.#endError);
  }

  #dropPending(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    queueMicrotask(() => this.#reportFlushed());
  }

  #reportFlushed(): void {
    for (const callback of this.#flushed.splice(0)) callback();
  }

  #finish(error?: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.#inbound.length = 0;
    // What is pending now is what the close loses.
    this.#sink?.onClose(error);
    this.#dropPending();
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
