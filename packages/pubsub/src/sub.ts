/**
 * SUB (reference 4.3): takes what begins with one of its topics.
 *
 *     Sub0 ◄──payload── Pub0, Pub0, …
 *
 * Topics stay here: nothing is said to publishers. Each context has its own topics, queue and policy, and every message is
 * offered to all of them. A full queue drops, by default the oldest; a reader that keeps up loses nothing, see core's
 * `lossy-queue.ts`.
 */
import {
  BadTypeError,
  ClosedError,
  type ContextOptions,
  type Message,
  NoEntryError,
  type SocketOptions,
} from "@sprocket/core";
import {
  Context,
  choice,
  count,
  LossyQueue,
  type MessageRun,
  type OperationQueue,
  type Operations,
  type OptionRule,
  type Overflow,
  PipeHolds,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  Receiving,
  ReceivingMessages,
  Socket,
} from "@sprocket/core/plugin";
import { Topics } from "./topics.js";

/** The beginning of a message: a string is UTF-8. `""`: every message. */
export type Topic = string | Uint8Array;

/** Options that each context of a `Sub0` may have for itself. */
export interface SubContextOptions extends ContextOptions {
  /** What to receive: one or many. A context begins with its own, not with the socket's. Default: nothing. */
  readonly topics?: Topic | readonly Topic[] | undefined;
  /** Messages that wait for the application, 1 to 8,192, default 128. (nng `recv-buffer`) */
  readonly receiveBufferSize?: number | undefined;
  /** Which message goes when they are full. Default `"drop-oldest"`. (nng `sub:prefnew`) */
  readonly onOverflow?: Overflow | undefined;
}

export interface Sub0Options extends SocketOptions, SubContextOptions {}

/** A subscription; disposing of it unsubscribes. */
export interface Subscription extends Disposable {
  /** Idempotent. */
  unsubscribe(): void;
}

const utf8 = new TextEncoder();

class SubProtocol implements Protocol {
  readonly host: ProtocolHost;
  readonly holds: PipeHolds;
  readonly contexts = new Set<SubOperations>();

  constructor(host: ProtocolHost) {
    this.host = host;
    this.holds = new PipeHolds(host);
  }

  open(options: Readonly<Record<string, unknown>>, filtered: boolean): SubOperations {
    const operations = new SubOperations(this, options, filtered);
    this.contexts.add(operations);
    return operations;
  }

  attach(): void {
    // Nothing to tell a publisher.
  }

  detach(): void {
    // What has come stays.
  }

  run(): MessageRun | undefined {
    if (this.contexts.size !== 1) return undefined;
    for (const operations of this.contexts) return operations.run();
    return undefined;
  }

  writable(): void {
    // Nothing is sent.
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    let taken = false;
    for (const operations of this.contexts) {
      if (!operations.wants(message)) continue;
      // Two readers must not share bytes that one of them may change.
      operations.offer(taken ? message.clone() : message, pipe);
      taken = true;
    }
  }

  close(): void {
    for (const operations of this.contexts) operations.close();
  }
}

export class SubOperations implements Operations, MessageRun {
  readonly #protocol: SubProtocol;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #queue: LossyQueue;
  /** undefined: everything (raw). */
  readonly #topics: Topics | undefined;
  #batch: MessageRun | undefined;

  constructor(protocol: SubProtocol, options: Readonly<Record<string, unknown>>, filtered: boolean) {
    this.#protocol = protocol;
    this.#options = options;
    this.#topics = filtered ? new Topics() : undefined;
    this.#queue = new LossyQueue(
      protocol.host,
      protocol.holds,
      options.receiveBufferSize as number,
      options.onOverflow as Overflow,
    );
    for (const topic of (options.topics ?? []) as readonly Uint8Array[]) this.#topics?.add(topic);
  }

  get canReceive(): boolean {
    return this.#queue.length > 0;
  }

  wants(message: Message): boolean {
    return this.#topics === undefined || (this.#topics.size > 0 && this.#topics.matches(message.body));
  }

  offer(message: Message, pipe: ProtocolPipe): void {
    this.#queue.put(message, pipe, this);
  }

  /** These operations themselves, which filter, in front of a batch of the reader. */
  run(): MessageRun | undefined {
    this.#batch = this.#queue.run(this);
    return this.#batch === undefined ? undefined : this;
  }

  get bodies(): boolean {
    return (this.#batch as MessageRun).bodies;
  }

  get room(): number {
    return (this.#batch as MessageRun).room;
  }

  take(message: Message): boolean {
    return !this.wants(message) || (this.#batch as MessageRun).take(message);
  }

  takeBytes(bytes: Uint8Array, buffer: ArrayBufferLike, start: number, end: number): boolean {
    const wanted = this.#topics === undefined || this.#topics.matches(bytes, start, end);
    return !wanted || (this.#batch as MessageRun).takeBytes(bytes, buffer, start, end);
  }

  tryReceive(): Message | undefined {
    return this.#queue.take();
  }

  subscribe(topic: Uint8Array): void {
    this.#topics?.add(topic);
  }

  /** False: there was no such topic. */
  unsubscribe(topic: Uint8Array): boolean {
    if (this.#topics?.delete(topic) !== true) return false;
    this.#queue.purge((message) => this.wants(message));
    return true;
  }

  optionChanged(name: string): void {
    if (name !== "receiveBufferSize" && name !== "onOverflow") return;
    this.#queue.configure(this.#options.receiveBufferSize as number, this.#options.onOverflow as Overflow);
  }

  close(): void {
    this.#queue.clear("closed");
    this.#protocol.contexts.delete(this);
  }
}

/** One topic or many, as bytes that nobody else can change. */
const topicsRule: OptionRule<readonly Uint8Array[]> = {
  default: [],
  context: true,
  inherit: false,
  parse(value) {
    if (value === undefined) return [];
    if (typeof value === "string" || value instanceof Uint8Array) return [toTopic(value)];
    if (Array.isArray(value)) return value.map(toTopic);
    throw new BadTypeError("topics must be a string, bytes, or an array of them.");
  },
};

function toTopic(topic: unknown): Uint8Array {
  if (typeof topic === "string") return utf8.encode(topic);
  if (topic instanceof Uint8Array) return new Uint8Array(topic);
  throw new BadTypeError(
    `A topic is a string or a Uint8Array, not ${topic === null ? "null" : typeof topic}.`,
  );
}

const queueOptions = {
  receiveBufferSize: count({ default: 128, min: 1, max: 8192, writable: true, context: true }),
  onOverflow: choice<Overflow>(["drop-oldest", "drop-newest"], "drop-oldest", {
    writable: true,
    context: true,
  }),
};

const sub0: ProtocolDefinition = {
  info: {
    id: 0x21,
    name: "sub",
    peerId: 0x20,
    peerName: "pub",
    className: "Sub0",
    peerClassName: "Pub0",
    raw: false,
  },
  options: { ...queueOptions, topics: topicsRule },
  create(host) {
    const protocol = new SubProtocol(host);
    return {
      protocol,
      operations: protocol.open(host.options, true),
      openContext: (options) => protocol.open(options, true),
    };
  },
};

const rawSub0: ProtocolDefinition = {
  info: {
    id: 0x21,
    name: "sub",
    peerId: 0x20,
    peerName: "pub",
    className: "RawSub0",
    peerClassName: "Pub0",
    raw: true,
  },
  options: {
    receiveBufferSize: count({ default: 128, min: 1, max: 8192, writable: true }),
    onOverflow: choice<Overflow>(["drop-oldest", "drop-newest"], "drop-newest", { writable: true }),
  },
  create(host) {
    const protocol = new SubProtocol(host);
    return { protocol, operations: protocol.open(host.options, false) };
  },
};

/** What a socket and a context have in common. */
interface Subscribing {
  readonly operationQueue: OperationQueue;
}

function operationsOf({ operationQueue }: Subscribing, operation: string): SubOperations {
  const { closed, core } = operationQueue;
  if (closed)
    throw new ClosedError(`${core.label} or its context is closed.`, { socket: core.name, operation });
  return operationQueue.operations as SubOperations;
}

function subscribe(target: Subscribing, topic: Topic): Subscription {
  const bytes = toTopic(topic);
  const operations = operationsOf(target, "subscribe");
  operations.subscribe(bytes);
  let ended = false;
  const unsubscribe = (): void => {
    // Once: the topic may have been subscribed to anew.
    if (!ended) operations.unsubscribe(bytes);
    ended = true;
  };
  const subscription = { unsubscribe };
  if (typeof Symbol.dispose === "symbol") Object.assign(subscription, { [Symbol.dispose]: unsubscribe });
  return subscription as Subscription;
}

function unsubscribe(target: Subscribing, topic: Topic): void {
  if (!operationsOf(target, "unsubscribe").unsubscribe(toTopic(topic))) {
    throw new NoEntryError(
      "This topic is not subscribed to. unsubscribe() takes exactly what subscribe() was given.",
    );
  }
}

/** A reader of its own on a `Sub0`: own topics, queue and policy. */
export class SubContext extends Receiving(Context) {
  /** By `sub.context()`. */
  constructor(socket: Sub0, options?: SubContextOptions) {
    super(socket, options);
  }

  /** As `Sub0.subscribe`, for this context alone. */
  subscribe(topic: Topic): Subscription {
    return subscribe(this, topic);
  }

  /** As `Sub0.unsubscribe`, for this context alone. */
  unsubscribe(topic: Topic): void {
    unsubscribe(this, topic);
  }

  /** Messages. */
  get receiveBufferSize(): number {
    return this.getOption("receiveBufferSize") as number;
  }

  set receiveBufferSize(value: number) {
    this.setOption("receiveBufferSize", value);
  }

  get onOverflow(): Overflow {
    return this.getOption("onOverflow") as Overflow;
  }

  set onOverflow(value: Overflow) {
    this.setOption("onOverflow", value);
  }
}

/**
 * Subscribes to `Pub0`, nng pub and nanomsg pub.
 *
 * @example
 * const sub = new Sub0({ transports: [tcp()], topics: ["weather/"] });
 * await sub.dial("tcp://127.0.0.1:5556");
 * for await (const bytes of sub) console.log(new TextDecoder().decode(bytes));
 */
export class Sub0 extends Receiving(Socket) {
  constructor(options?: Sub0Options) {
    super(sub0, options);
  }

  /**
   * Takes messages that begin with the topic from now on; `""` takes all. Subscribing twice is the same as once.
   *
   * @returns a subscription whose disposal unsubscribes
   * @throws BadTypeError, ClosedError
   */
  subscribe(topic: Topic): Subscription {
    return subscribe(this, topic);
  }

  /**
   * Ends a subscription, and drops what waits and matches no other.
   *
   * @throws NoEntryError when there is none, BadTypeError, ClosedError
   */
  unsubscribe(topic: Topic): void {
    unsubscribe(this, topic);
  }

  /** A reader of its own. @throws ClosedError, and what option rules throw */
  context(options?: SubContextOptions): SubContext {
    return new SubContext(this, options);
  }

  /** Messages. */
  get receiveBufferSize(): number {
    return this.getOption("receiveBufferSize") as number;
  }

  set receiveBufferSize(value: number) {
    this.setOption("receiveBufferSize", value);
  }

  get onOverflow(): Overflow {
    return this.getOption("onOverflow") as Overflow;
  }

  set onOverflow(value: Overflow) {
    this.setOption("onOverflow", value);
  }
}

/** `Sub0` for devices: takes every message. */
export class RawSub0 extends ReceivingMessages(Socket) {
  constructor(options?: SocketOptions & Pick<SubContextOptions, "receiveBufferSize" | "onOverflow">) {
    super(rawSub0, options);
  }
}
