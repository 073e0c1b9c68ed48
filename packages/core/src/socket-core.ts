/**
 * The inside of a socket: owns endpoints, pipes and contexts, feeds the protocol, closes everything once. The public face
 * is `socket.ts`.
 */
import { commonOptions, type SocketOptions } from "./common-options.js";
import { Dialer, type DialOptions } from "./dialer.js";
import {
  BadTypeError,
  ClosedError,
  NotSupportedError,
  PermissionDeniedError,
  ProtocolError,
  TimeoutError,
} from "./errors.js";
import {
  type DropReason,
  Events,
  type SocketEvent,
  type SocketEventMap,
  type SocketEventType,
} from "./events.js";
import { IdSequence } from "./ids.js";
import { inproc } from "./inproc/inproc.js";
import { hold, release } from "./keepalive.js";
import { Listener, type ListenOptions } from "./listener.js";
import { macrotask } from "./macrotask.js";
import type { Message } from "./message.js";
import { OperationQueue, type OperationTimeouts } from "./operation-queue.js";
import { type OptionRule, type OptionSchema, readOptions } from "./options.js";
import { CorePipe } from "./pipe.js";
import type {
  Operations,
  Protocol,
  ProtocolDefinition,
  ProtocolHost,
  ProtocolInfo,
  ProtocolInstance,
  ProtocolPipe,
} from "./protocol.js";
import type { Socket } from "./socket.js";
import { type SocketStats, Traffic } from "./statistics.js";
import { systemClock } from "./timers.js";
import type { Clock, MessageRun, Timer, Transport, TransportPipe } from "./transport.js";
import { Turn } from "./turn.js";
import { packageFor, parseUrl, type SpUrl } from "./url.js";
import { PromiseWaiter, WaiterList, type WaiterListOwner, type WaitOptions, waitTime } from "./waiters.js";

/** What `close` resolves with. */
export interface CloseResult {
  /** Messages that `send` had accepted and that no peer's connection took in time. */
  readonly undelivered: number;
}

/** One sequence for the whole realm, so that two hops of a backtrace never share an id by accident. */
const pipeIds = new IdSequence(systemClock.random);
const livePipeIds = new Set<number>();
let sockets = 0;

/** The inside of one socket: `coreOf(socket)`. For plug-ins; applications have no use for it. */
export class SocketCore implements ProtocolHost {
  readonly socket: Socket;
  readonly info: ProtocolInfo;
  readonly options: Record<string, unknown>;
  readonly clock: Clock;
  readonly turn = new Turn();
  readonly events = new Events();
  readonly protocol: Protocol;
  readonly operations: OperationQueue;
  readonly pipes = new Set<CorePipe>();
  readonly dialers = new Set<Dialer>();
  readonly listeners = new Set<Listener>();
  readonly contexts = new Map<Operations, OperationQueue>();
  /** `close` or `destroy` has begun: nothing new is taken. */
  closing = false;
  readonly #closing = new AbortController();
  closed = false;

  readonly #schema: OptionSchema;
  /** Options that an endpoint may have for itself. */
  readonly #endpointNames: readonly string[];
  readonly #openContext: ((options: Readonly<Record<string, unknown>>) => Operations) | undefined;
  readonly #transports = new Map<string, Transport>();
  readonly #traffic = new Traffic();
  readonly #drops: Partial<Record<DropReason, number>> = {};
  readonly #pipeWaiters: WaiterList<void>;
  /** Pipes that wait for the answer of `acceptPipe`. */
  readonly #guests = new Set<CorePipe>();
  #rejects = 0;
  #opened = 0;
  /** Pending calls and endpoints and pipes: while there are any, the process lives. */
  #holds = 0;
  #holding = false;
  #refed = true;
  #closeResult: Promise<CloseResult> | undefined;
  /** What `destroy` lost. */
  #lost: number | undefined;
  /** While `close` waits: looks again whether everything is flushed, or gone. */
  #progress: (() => void) | undefined;
  #protocolClosed = false;

  constructor(socket: Socket, definition: ProtocolDefinition, options: SocketOptions | undefined) {
    this.socket = socket;
    this.info = definition.info;
    this.#schema = { ...commonOptions, ...definition.options, transports: OBJECT, clock: OBJECT };
    this.#endpointNames = Object.keys(this.#schema).filter((name) => this.#schema[name]?.endpoint);
    this.options = readOptions(this.#schema, options, this.info.className, "socket");
    this.options.name ||= `${this.info.className}#${++sockets}`;
    this.clock = (this.options.clock as Clock | undefined) ?? systemClock;
    this.#plug([inproc]);
    this.#plug(readTransports(this.options.transports, this.info.className));
    const owner: WaiterListOwner = {
      clock: this.clock,
      waiting: (some) => this.pending(some),
      gaveUp: () => undefined,
      timeoutError: (delay) =>
        new TimeoutError(
          `${this.label} did not have enough pipes within ${delay} ms; it has ${this.pipes.size}.`,
          {
            socket: this.name,
            operation: "waitForPipes",
          },
        ),
    };
    this.#pipeWaiters = new WaiterList(owner);
    const instance = definition.create(this);
    this.protocol = instance.protocol;
    this.#openContext = instance.openContext;
    this.operations = new OperationQueue(
      this,
      instance.operations,
      this.options as unknown as OperationTimeouts,
    );
    this.contexts.set(instance.operations, this.operations);
  }

  get name(): string {
    return this.options.name as string;
  }

  /** How error texts call it. */
  get label(): string {
    return `${this.info.className} "${this.name}"`;
  }

  get closeTimeout(): number {
    return this.options.closeTimeout as number;
  }

  /** Aborts as soon as the socket begins to close. */
  get closingSignal(): AbortSignal {
    return this.#closing.signal;
  }

  nextPipeId(): number {
    const id = pipeIds.next((candidate) => livePipeIds.has(candidate));
    livePipeIds.add(id);
    return id;
  }

  // Options

  /** Checks a value that is set afterwards; for a time, `undefined` is never. @throws what the option's rule throws */
  parseOption(name: string, value: unknown): unknown {
    return (this.#schema[name] as OptionRule).parse(value, name);
  }

  /** Options of an endpoint: what it was given, else the socket's. */
  endpointOptions(given: object | undefined): Record<string, unknown> {
    const values = readOptions(this.#schema, given, this.info.className, "endpoint");
    for (const name of this.#endpointNames) {
      if (!(name in values)) values[name] = this.options[name];
    }
    return values;
  }

  setOption(name: string, value: unknown): void {
    this.#mustBeOpen("set an option");
    this.options[name] = this.parseOption(name, value);
    this.turn.call({
      run: () => {
        this.protocol.optionChanged?.(name);
        // The socket's own conversation is a context too, where it is not the protocol itself.
        const own = this.operations.operations;
        if ((own as unknown) !== this.protocol) own.optionChanged?.(name);
      },
    });
  }

  openContext(given: object | undefined): { values: Record<string, unknown>; operations: Operations } {
    this.#mustBeOpen("context");
    if (this.#openContext === undefined) {
      throw new NotSupportedError(
        `${this.info.className} has no contexts; Req0, Rep0, Sub0, Surveyor0 and Respondent0 have.`,
      );
    }
    const values = readOptions(this.#schema, given, `${this.info.className}.context()`, "context");
    for (const [name, rule] of Object.entries(this.#schema)) {
      if (!rule.context || rule.inherit === false) continue;
      const own = given !== undefined && Object.hasOwn(given, name) && Reflect.get(given, name) !== undefined;
      if (!own) values[name] = this.options[name];
    }
    return { values, operations: this.#openContext(values) };
  }

  /**
   * For verbs that bring their own contexts (`request`): operations that follow the options of the socket, and whoever
   * waits for them. @throws ClosedError
   */
  openConversation(): OperationQueue {
    this.#mustBeOpen("context");
    const operations = (this.#openContext as NonNullable<ProtocolInstance["openContext"]>)(this.options);
    const queue = new OperationQueue(this, operations, this.options as unknown as OperationTimeouts);
    this.contexts.set(operations, queue);
    return queue;
  }

  /** It is not needed any more. */
  closeConversation(queue: OperationQueue): void {
    this.contexts.delete(queue.operations);
    this.turn.call({ run: () => queue.operations.close() });
  }

  // What the protocol asks for

  setTimer(delay: number, callback: () => void): Timer {
    const task = { run: () => this.closed || callback() };
    return this.clock.setTimer(delay, () => this.turn.call(task));
  }

  nextTurn(callback: () => void): void {
    const task = { run: () => this.closed || callback() };
    macrotask(() => this.turn.call(task));
  }

  now(): number {
    return this.clock.now();
  }

  random(): number {
    return this.clock.random();
  }

  sendable(operations: Operations): void {
    operations.queue?.sendable();
  }

  awaited(operations: Operations): boolean {
    return operations.queue?.awaited ?? false;
  }

  deliver(operations: Operations, message: Message): void {
    operations.queue?.deliver(message);
  }

  run(operations: Operations): MessageRun | undefined {
    return operations.queue?.run;
  }

  receivable(operations: Operations): boolean {
    return operations.queue?.receivable() ?? false;
  }

  failSends(operations: Operations, error: Error): void {
    operations.queue?.failSends(error);
  }

  failReceives(operations: Operations, error: Error): boolean {
    return operations.queue?.failReceives(error) ?? false;
  }

  drop(reason: DropReason, bytes: number, pipe?: ProtocolPipe, count = 1): void {
    this.#drops[reason] = (this.#drops[reason] ?? 0) + count;
    this.emit("drop", { reason, count, bytes, ...(pipe === undefined ? {} : { pipe: pipe as CorePipe }) });
  }

  notice(text: string, pipe?: ProtocolPipe): void {
    this.emit("notice", { text, ...(pipe === undefined ? {} : { pipe: pipe as CorePipe }) });
  }

  // Events

  emit<Type extends SocketEventType>(type: Type, facts: SocketEventMap[Type]): void {
    if (!this.events.wanted(type)) return;
    const event = { type, ...facts } as unknown as SocketEvent;
    this.turn.after({ run: () => this.events.dispatch(event) });
  }

  /** What has happened so far, as events: for listeners that come late. */
  replay(): SocketEvent[] {
    const past: SocketEvent[] = [];
    for (const listener of this.listeners) past.push({ type: "listening", listener, url: listener.url });
    for (const pipe of this.pipes) past.push({ type: "pipeopen", pipe });
    return past;
  }

  // Endpoints

  async dial(url: string, options: DialOptions | undefined): Promise<Dialer> {
    this.#mustBeOpen("dial");
    const target = parseUrl(url);
    const transport = this.#transportFor(target);
    transport.check?.(target, "dial");
    const dialer = new Dialer(this, transport, target, options);
    this.dialers.add(dialer);
    this.pending(true);
    return dialer.start(options);
  }

  async listen(url: string, options: ListenOptions | undefined): Promise<Listener> {
    this.#mustBeOpen("listen");
    const target = parseUrl(url);
    const transport = this.#transportFor(target);
    if (transport.listen === undefined) {
      throw new NotSupportedError(
        `The ${transport.name} transport cannot listen in this runtime; dial from here instead.`,
        {
          url,
          operation: "listen",
        },
      );
    }
    transport.check?.(target, "listen");
    const listener = new Listener(this, transport, target, options);
    this.listeners.add(listener);
    this.pending(true);
    return listener.start();
  }

  /** By a dialer or listener that has closed. */
  endpointClosed(endpoint: Dialer | Listener): void {
    const gone = this.dialers.delete(endpoint as Dialer) || this.listeners.delete(endpoint as Listener);
    if (gone) this.pending(false);
  }

  #plug(transports: readonly Transport[]): void {
    for (const transport of transports) {
      for (const scheme of transport.schemes) this.#transports.set(scheme, transport);
    }
  }

  #transportFor(url: SpUrl): Transport {
    const transport = this.#transports.get(url.scheme);
    if (transport !== undefined) return transport;
    const home = packageFor(url.scheme);
    throw new NotSupportedError(
      home === undefined
        ? `There is no transport for "${url.scheme}://". This socket has: ${[...this.#transports.keys()].join(", ")}.`
        : `The transport for "${url.scheme}://" is not plugged in. Install ${home} and pass it: ` +
            `new ${this.info.className}({ transports: [${home.slice(home.lastIndexOf("-") + 1)}()] }).` +
            (/^ws/.test(url.scheme) ? "" : " In browsers there are ws:// and wss:// alone."),
      { url: url.href, socket: this.name },
    );
  }

  // Pipes

  /** A socket that closes still takes the peer that its queued messages wait for. */
  get #refusing(): boolean {
    if (!this.closing) return false;
    return this.closed || this.#progress === undefined || (this.protocol.queued ?? 0) === 0;
  }

  /**
   * A transport made a pipe: check the peer, ask the application, introduce it to the protocol, let messages flow.
   * `done` is called once, with an error if the pipe was refused.
   */
  admit(
    transport: TransportPipe,
    endpoint: Dialer | Listener,
    done: (pipe: CorePipe, error?: Error) => void,
  ): void {
    const pipe = new CorePipe(this, transport, endpoint, endpoint instanceof Dialer);
    const refuse = (error: Error): void => {
      livePipeIds.delete(pipe.id);
      this.#rejects++;
      pipe.abort(error);
      this.emit("pipereject", { pipe, error });
      done(pipe, error);
    };
    if (this.#refusing) {
      refuse(this.#closedError());
      return;
    }
    if (transport.peerProtocol !== this.info.peerId) {
      refuse(this.#mismatch(pipe));
      return;
    }
    const accept = this.options.acceptPipe as SocketOptions["acceptPipe"];
    if (accept === undefined) {
      this.#welcome(pipe, refuse, done);
      return;
    }
    this.#guests.add(pipe);
    let waiting: Timer | undefined;
    const decided = (verdict: unknown, error?: unknown): void => {
      if (!this.#guests.delete(pipe)) return;
      waiting?.cancel();
      if (error !== undefined) refuse(toError(error));
      else if (this.#refusing) refuse(this.#closedError());
      else if (pipe.closed)
        refuse(new PermissionDeniedError("acceptPipe closed the pipe.", { socket: this.name }));
      else if (verdict === false)
        refuse(new PermissionDeniedError("acceptPipe refused the peer.", { socket: this.name }));
      else this.#welcome(pipe, refuse, done);
    };
    try {
      const verdict = accept(pipe);
      if (isPromise(verdict)) {
        const limit = this.options.handshakeTimeout as number;
        waiting = this.clock.setTimer(limit, () =>
          decided(
            false,
            new TimeoutError(`acceptPipe did not decide within ${limit} ms (handshakeTimeout).`),
          ),
        );
        verdict.then(decided, (error: unknown) => decided(false, error ?? new Error("acceptPipe rejected")));
      } else {
        decided(verdict);
      }
    } catch (error) {
      decided(false, error ?? new Error("acceptPipe threw"));
    }
  }

  #welcome(
    pipe: CorePipe,
    refuse: (error: Error) => void,
    done: (pipe: CorePipe, error?: Error) => void,
  ): void {
    let refused: Error | undefined;
    this.turn.call({
      run: () => {
        try {
          pipe.attach();
          this.pipes.add(pipe);
          this.#opened++;
          this.pending(true);
        } catch (error) {
          refused = toError(error);
        }
      },
    });
    // In the rare case that the state machine was busy, the rest follows its turn.
    this.turn.after({
      run: () => {
        if (refused !== undefined) {
          refuse(refused);
          return;
        }
        this.emit("pipeopen", { pipe });
        done(pipe);
        this.#countWaiters();
        pipe.start();
        this.progressed();
      },
    });
  }

  #countWaiters(): void {
    for (let waiter = this.#pipeWaiters.head; waiter !== undefined; ) {
      const { next } = waiter;
      if (this.pipes.size >= ((waiter as PromiseWaiter<void>).subject as number)) {
        this.#pipeWaiters.remove(waiter);
        waiter.resolve(undefined);
      }
      waiter = next;
    }
  }

  /** By a pipe, once, when it is over; the protocol knows already. */
  pipeEnded(pipe: CorePipe, error: Error | undefined): void {
    livePipeIds.delete(pipe.id);
    if (!this.pipes.delete(pipe)) return;
    this.pending(false);
    this.#traffic.add(pipe);
    const lost = pipe.pendingMessages;
    if (lost > 0) this.drop(this.closing ? "closed" : "reset", pipe.stats().pendingBytes, pipe, lost);
    this.emit("pipeclose", { pipe, ...(error === undefined ? {} : { error }) });
    (pipe.dialer ?? pipe.listener)?.pipeEnded(pipe, error);
    this.progressed();
  }

  /** Something that `close` may wait for has happened. */
  progressed(): void {
    this.#progress?.();
  }

  waitForPipes(count: number, options: WaitOptions | undefined): Promise<void> {
    try {
      this.#mustBeOpen("waitForPipes");
      if (!(Number.isInteger(count) && count >= 0)) {
        throw new BadTypeError(`waitForPipes() takes a whole number of pipes, not ${String(count)}.`);
      }
      if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
      if (this.pipes.size >= count) return Promise.resolve();
      const timeout = waitTime(options, Number.POSITIVE_INFINITY);
      return new Promise((resolve, reject) => {
        this.#pipeWaiters.add(new PromiseWaiter(resolve, reject, count), timeout, options?.signal);
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // Life

  /** Something that keeps the process alive has begun or ended. */
  pending(begun: boolean): void {
    this.#holds += begun ? 1 : -1;
    this.#hold();
  }

  setRef(refed: boolean): void {
    this.#refed = refed;
    this.#hold();
  }

  #hold(): void {
    const wanted = this.#refed && this.#holds > 0;
    if (wanted === this.#holding) return;
    this.#holding = wanted;
    if (wanted) hold();
    else release();
  }

  close(): Promise<CloseResult> {
    this.#closeResult ??= this.#closeGracefully();
    return this.#closeResult;
  }

  async #closeGracefully(): Promise<CloseResult> {
    this.pending(true);
    this.#begin();
    await this.#flush();
    // A destroy that cut the flush short has counted before it threw everything away.
    const undelivered = this.#lost ?? this.#undelivered();
    if (!this.closed) await this.#endEverything();
    this.#finish();
    this.pending(false);
    return { undelivered };
  }

  destroy(error?: Error): void {
    if (this.closed) return;
    const undelivered = this.#undelivered();
    this.#lost = undelivered;
    this.#closeResult ??= Promise.resolve({ undelivered });
    this.#begin();
    const reason = error ?? this.#closedError();
    // First the pipes: their endpoints would close them gracefully.
    for (const pipe of this.pipes) pipe.abort(reason);
    for (const listener of this.listeners) void listener.close();
    for (const dialer of this.dialers) void dialer.close();
    this.#finish();
    this.progressed();
  }

  /** Nothing new is taken; everyone who waits is told. */
  #begin(): void {
    if (this.closing) return;
    this.closing = true;
    this.emit("closing", {});
    const error = this.#closedError();
    for (const queue of this.contexts.values()) queue.close(error);
    this.#closing.abort(error);
    this.#pipeWaiters.failAll(error);
    for (const pipe of this.#guests) pipe.abort(error);
    if (this.protocol.closing !== undefined) this.turn.call({ run: () => this.protocol.closing?.() });
  }

  /** Until the pipes and the protocol have handed over what they hold, or `closeTimeout` is over. */
  #flush(): Promise<void> {
    if (this.#undelivered() === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#progress = undefined;
        timer.cancel();
        resolve();
      };
      const timer = this.clock.setTimer(this.closeTimeout, done);
      const asked = new WeakSet<CorePipe>();
      this.#progress = () => {
        if (this.closed || this.#undelivered() === 0) {
          done();
          return;
        }
        for (const pipe of this.pipes) {
          if (pipe.pendingMessages === 0 || asked.has(pipe)) continue;
          asked.add(pipe);
          pipe.whenFlushed(() => {
            asked.delete(pipe);
            this.progressed();
          });
        }
      };
      this.#progress();
    });
  }

  #undelivered(): number {
    let messages = this.protocol.queued ?? 0;
    for (const pipe of this.pipes) messages += pipe.pendingMessages;
    return messages;
  }

  #endEverything(): Promise<unknown> {
    const lost = this.protocol.queued ?? 0;
    if (lost > 0) this.drop("closed", 0, undefined, lost);
    this.#closeProtocol();
    const endpoints = [...this.listeners, ...this.dialers].map((endpoint) => endpoint.close());
    for (const pipe of this.pipes) {
      if (pipe.pendingMessages > 0)
        pipe.abort(new TimeoutError("closeTimeout is over; the connection was reset."));
      else pipe.close();
    }
    const pipesGone =
      this.pipes.size === 0
        ? undefined
        : new Promise<void>((resolve) => {
            this.#progress = () => {
              if (this.pipes.size > 0) return;
              this.#progress = undefined;
              resolve();
            };
          });
    return Promise.all([...endpoints, pipesGone]);
  }

  #finish(): void {
    if (this.closed) return;
    this.#closeProtocol();
    this.closed = true;
    this.emit("close", {});
    this.turn.after({ run: () => this.events.end() });
  }

  #closeProtocol(): void {
    if (this.#protocolClosed) return;
    this.#protocolClosed = true;
    this.turn.call({ run: () => this.protocol.close() });
  }

  #closedError(): ClosedError {
    return new ClosedError(`${this.label} is closed.`, { socket: this.name });
  }

  #mustBeOpen(operation: string): void {
    if (this.closing) throw new ClosedError(`${this.label} is closed.`, { socket: this.name, operation });
  }

  #mismatch(pipe: CorePipe): ProtocolError {
    const number = `0x${pipe.peerProtocol.toString(16)}`;
    return new ProtocolError(
      `The peer at ${pipe.remoteAddress} speaks ${number}, but ${this.info.className} talks to ${this.info.peerClassName} ` +
        `(0x${this.info.peerId.toString(16)}). Use the matching class at the other end.`,
      { reason: "peer-mismatch", socket: this.name },
    );
  }

  stats(): SocketStats {
    const total = new Traffic();
    total.add(this.#traffic);
    for (const pipe of this.pipes) total.add(pipe);
    return {
      name: this.name,
      protocol: this.info.name,
      ...total,
      rejects: this.#rejects,
      opened: this.#opened,
      drops: { ...this.#drops },
      counters: { ...this.protocol.counters },
      queued: this.protocol.queued ?? 0,
      dialers: [...this.dialers].map((dialer) => dialer.stats()),
      listeners: [...this.listeners].map((listener) => listener.stats()),
      pipes: [...this.pipes].map((pipe) => pipe.stats()),
    };
  }
}

/** Objects that the socket checks itself. */
const OBJECT = { default: undefined, parse: (value: unknown) => value };

function readTransports(given: unknown, className: string): readonly Transport[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) {
    throw new BadTypeError(`transports of ${className} must be an array, e.g. [tcp()].`);
  }
  for (const transport of given as unknown[]) {
    if (typeof transport === "function") {
      throw new BadTypeError(`transports of ${className}: call the factory, e.g. [tcp()] instead of [tcp].`);
    }
    if (
      typeof (transport as Transport | null)?.dial !== "function" ||
      !Array.isArray((transport as Transport).schemes)
    ) {
      throw new BadTypeError(
        `transports of ${className}: ${String(transport)} is no transport; give e.g. [tcp(), ipc()].`,
      );
    }
  }
  return given as Transport[];
}

function toError(value: unknown): Error {
  return value instanceof Error
    ? value
    : new PermissionDeniedError(`acceptPipe refused the peer: ${String(value)}`);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | undefined)?.then === "function";
}
