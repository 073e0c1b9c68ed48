/**
 * Promises, order, timeouts and signals around the synchronous operations of a socket or a context. The rule it guards:
 * callers are served in the order they came, each is settled once, and a caller that gave up neither takes a message nor
 * sends one.
 *
 * This is the hot path of every `send` and `receive`. While there is room, a send costs one shared promise; while there
 * are messages, a receive costs one. Everything else (waiter, timer, listener) is made only for a caller that must wait.
 */
import { Batch } from "./batch.js";
import {
  BadStateError,
  CanceledError,
  ClosedError,
  InvalidOperationError,
  located,
  NotSupportedError,
  TimeoutError,
} from "./errors.js";
import { macrotask } from "./macrotask.js";
import { type Data, Message } from "./message.js";
import type { Operations } from "./protocol.js";
import type { Unwatch } from "./signals.js";
import type { SocketCore } from "./socket-core.js";
import type { MessageRun } from "./transport.js";
import type { Task, Turn } from "./turn.js";
import {
  PromiseWaiter,
  Waiter,
  WaiterList,
  type WaiterListOwner,
  type WaitOptions,
  waitTime,
} from "./waiters.js";

const SENT: Promise<void> = Promise.resolve();
const FOREVER = Number.POSITIVE_INFINITY;

/** Timeouts of a socket or a context, in ms; `Infinity`: never. */
export interface OperationTimeouts {
  readonly sendTimeout: number;
  readonly receiveTimeout: number;
}

/** Someone who takes messages as they come, without a promise for each (`serve`). */
export interface MessageTaker extends Task {
  /** A message, while the state machine runs: keep it. `run` follows when the machine is at rest. */
  offer(message: Message): void;
  /** There will be none. Also while the state machine runs. */
  refuse(error: unknown): void;
}

/** A caller of `receive`: gets what it wants made of the message. */
class ReceiveWaiter<Made> extends Waiter<Message> {
  readonly #resolve: (made: Made) => void;
  readonly #reject: (error: unknown) => void;
  readonly #make: (message: Message) => Made;
  /** Instead of a `ClosedError`. */
  readonly #end: Made | undefined;

  constructor(
    resolve: (made: Made) => void,
    reject: (error: unknown) => void,
    make: (message: Message) => Made,
    end: Made | undefined,
  ) {
    super();
    this.#resolve = resolve;
    this.#reject = reject;
    this.#make = make;
    this.#end = end;
  }

  resolve(message: Message): void {
    this.#resolve(this.#make(message));
  }

  reject(error: unknown): void {
    if (this.#end !== undefined && error instanceof ClosedError) this.#resolve(this.#end);
    else this.#reject(error);
  }
}

/** Waits for a taker, as often as it likes: one object for all its messages. */
class TakerWaiter extends Waiter<Message> {
  readonly taker: MessageTaker;
  readonly #turn: Turn;

  constructor(taker: MessageTaker, turn: Turn) {
    super();
    this.taker = taker;
    this.#turn = turn;
  }

  resolve(message: Message): void {
    this.taker.offer(message);
    this.#turn.after(this.taker);
  }

  reject(error: unknown): void {
    this.taker.refuse(error);
  }
}

/** The verbs of one socket or context. Use the mixins; this is what they call. */
export class OperationQueue {
  readonly core: SocketCore;
  readonly operations: Operations;
  readonly #timeouts: OperationTimeouts;
  readonly #senders: WaiterList<void>;
  readonly #receivers: WaiterList<Message>;
  readonly #wakeSenders: Task;
  readonly #wakeReceivers: Task;
  /** Waits for the taker, again and again. */
  #taking: TakerWaiter | undefined;
  #watchers: Set<() => void> | undefined;
  /** Resolves when the operations are no longer congested. */
  #clearing: Promise<void> | undefined;
  /** It is being filled. */
  #batch: Batch<unknown> | undefined;
  #sendersWoken = false;
  #receiversWoken = false;
  /** Set once: every later call fails with it. */
  #closed: ClosedError | undefined;

  constructor(core: SocketCore, operations: Operations, timeouts: OperationTimeouts) {
    this.core = core;
    this.operations = operations;
    operations.queue = this;
    this.#timeouts = timeouts;
    this.#senders = new WaiterList(this.#owner("send", () => operations.sendAbandoned?.()));
    this.#receivers = new WaiterList(this.#owner("receive", () => operations.receiveAbandoned?.()));
    this.#wakeSenders = { run: () => this.#serveSenders() };
    this.#wakeReceivers = { run: () => this.#serveReceivers() };
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  get writable(): boolean {
    if (this.#closed !== undefined || this.#senders.head !== undefined) return false;
    return this.operations.canSend ?? false;
  }

  get readable(): boolean {
    if (this.#closed !== undefined || this.#receivers.head !== undefined) return false;
    return this.operations.canReceive ?? false;
  }

  /** @throws SprocketError when it can never be sent */
  trySend(data: Data): boolean {
    this.#open("trySend", this.operations.trySend);
    const message = this.#toSend(data);
    if (this.#senders.head !== undefined) {
      if (!this.operations.replacingSend) return false;
      this.#replace();
    }
    return this.#send(message);
  }

  send(data: Data, options?: WaitOptions): Promise<void> {
    try {
      this.#open("send", this.operations.trySend);
      if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
      const timeout = waitTime(options, this.#timeouts.sendTimeout);
      const message = this.#toSend(data);
      if (this.#senders.head !== undefined && this.operations.replacingSend) this.#replace();
      if (this.#senders.head === undefined && this.#send(message)) {
        return this.operations.congested === true ? this.#whenClear() : SENT;
      }
      if (timeout === 0) {
        this.#abandonSend();
        return Promise.reject(this.#timeoutError("send", 0));
      }
      return new Promise((resolve, reject) => {
        this.#senders.add(new PromiseWaiter(resolve, reject, message), timeout, options?.signal);
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @throws SprocketError when nothing can be received */
  tryReceive(): Message | undefined {
    this.#open("tryReceive", this.operations.tryReceive);
    if (this.#receivers.head !== undefined) {
      if (this.operations.exclusiveReceive) throw this.#secondReceive();
      return undefined;
    }
    return this.#receive();
  }

  /** A message, as `make` of it. With `end`: that instead of a `ClosedError` when the socket closes meanwhile. */
  receive<Value>(
    options: WaitOptions | undefined,
    make: (message: Message) => Value,
    end?: Value,
  ): Promise<Value> {
    try {
      this.#open("receive", this.operations.tryReceive);
      if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
      const timeout = waitTime(options, this.#timeouts.receiveTimeout);
      if (this.#receivers.head === undefined) {
        const message = this.#receive();
        if (message !== undefined) return Promise.resolve(make(message));
      } else if (this.operations.exclusiveReceive) {
        return Promise.reject(this.#secondReceive());
      }
      if (timeout === 0) {
        if (this.#receivers.head === undefined) this.#abandonReceive();
        return Promise.reject(this.#timeoutError("receive", 0));
      }
      return new Promise((resolve, reject) => {
        this.#receivers.add(new ReceiveWaiter(resolve, reject, make, end), timeout, options?.signal);
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** At least one message, at most `max` of those that are there. */
  receiveBatch<Value>(
    max: number,
    options: WaitOptions | undefined,
    make: (message: Message) => Value,
  ): Promise<Value[]> {
    if (!(Number.isInteger(max) && max > 0)) {
      return Promise.reject(
        new InvalidOperationError(`receiveBatch() takes a whole number above 0, not ${String(max)}.`),
      );
    }
    const batch = new Batch(max, make);
    const { items } = batch;
    try {
      this.#open("receive", this.operations.tryReceive);
      waitTime(options, 0);
      if (options?.signal?.aborted !== true && this.#fill(batch)) {
        batch.end();
        return Promise.resolve(items);
      }
    } catch (error) {
      return Promise.reject(located(error, this.core.name, "receive"));
    }
    return this.receive(options, (first) => {
      batch.take(first);
      this.#leaveOpen(batch);
      return items;
    });
  }

  /**
   * Its first message came just now, to a caller that waited. What comes behind it in the same chunk goes into it as well,
   * and then, from a microtask that comes before the caller's own, what else is there: the state machine, which is running,
   * must not be called from here. Unless others wait behind that caller: the next message is theirs.
   */
  #leaveOpen(batch: Batch<unknown>): void {
    if (this.operations.exclusiveReceive === true || this.#batch !== undefined) return;
    if (this.#receivers.head !== undefined) return;
    this.#batch = batch;
    batch.open();
    const { settled } = this.#receivers;
    queueMicrotask(() => {
      this.#batch = undefined;
      batch.close();
      if (this.#receivers.settled === settled) this.#fill(batch);
      batch.end();
    });
  }

  /**
   * Puts in what is there. Further messages are a bonus: an error among them belongs to the next call.
   * @returns whether it has any
   */
  #fill(batch: Batch<unknown>): boolean {
    if (this.operations.exclusiveReceive === true || this.#batch !== undefined) return false;
    const { turn } = this.core;
    const { items } = batch;
    this.#batch = batch;
    try {
      for (let more = true; more && !batch.full && this.#closed === undefined; ) {
        if (this.#receivers.head !== undefined) break;
        turn.enter();
        try {
          const message = (this.operations as Required<Operations>).tryReceive();
          if (message === undefined) more = false;
          else batch.take(message);
          // Behind it comes what its pipe, which goes on when the turn ends, delivers.
          batch.open();
        } finally {
          turn.exit();
        }
      }
    } catch (error) {
      if (items.length === 0) throw error;
    } finally {
      batch.close();
      this.#batch = undefined;
    }
    return items.length > 0;
  }

  /**
   * The next message goes to `taker`: at once if there is one, else when it comes. It gets one message, or one refusal.
   * A queue has one taker at a time.
   */
  takeNext(taker: MessageTaker): void {
    const { turn } = this.core;
    if (this.#taking?.taker !== taker) this.#taking = new TakerWaiter(taker, turn);
    const waiter = this.#taking;
    try {
      this.#open("receive", this.operations.tryReceive);
      if (this.#receivers.head !== undefined) throw this.#secondReceive();
      const message = this.#receive();
      if (message === undefined) this.#receivers.add(waiter, FOREVER, undefined);
      else waiter.resolve(message);
    } catch (error) {
      taker.refuse(error);
    }
  }

  /** Withdraws what waits for `taker`, so that it takes no message any more. */
  stopTaking(taker: MessageTaker): void {
    const waiter = this.#taking;
    if (waiter?.taker === taker) waiter.list?.remove(waiter);
  }

  /** Calls back whenever `readable` or `writable` may have become true, and at the close. */
  watch(callback: () => void): Unwatch {
    this.#watchers ??= new Set();
    this.#watchers.add(callback);
    return { cancel: () => this.#watchers?.delete(callback) };
  }

  /** Are these options fit for a send or receive? @throws InvalidOperationError */
  check(options: WaitOptions | undefined): void {
    waitTime(options, 0);
  }

  /** By the protocol, through its host: there may be room now. */
  sendable(): void {
    if (this.#watchers !== undefined) this.#tellWatchers();
    if (this.#senders.head === undefined || this.#sendersWoken) return;
    this.#sendersWoken = true;
    this.core.turn.call(this.#wakeSenders);
  }

  /** By the protocol, through its host: there may be a message now. False: nobody waits for one. */
  receivable(): boolean {
    if (this.#watchers !== undefined) this.#tellWatchers();
    if (this.#receivers.head === undefined) return false;
    if (!this.#receiversWoken) {
      this.#receiversWoken = true;
      this.core.turn.call(this.#wakeReceivers);
    }
    return true;
  }

  /** Somebody waits in a receive, or fills a batch. */
  get awaited(): boolean {
    return this.#receivers.head !== undefined || (this.#batch !== undefined && this.#batch.room > 0);
  }

  /** By the protocol, through its host: a batch that is being filled, and nobody waits before it. */
  get run(): MessageRun | undefined {
    return this.#receivers.head === undefined ? this.#batch : undefined;
  }

  /** By the protocol, through its host: the first of those who wait gets this message. Only if it is `awaited`. */
  deliver(message: Message): void {
    const waiter = this.#receivers.head;
    if (waiter === undefined) {
      this.#batch?.take(message);
      return;
    }
    this.#receivers.remove(waiter);
    // What comes now is behind this one.
    this.#batch?.close();
    waiter.resolve(message);
  }

  failSends(error: Error): void {
    this.#senders.failAll(located(error, this.core.name, "send"));
  }

  /** False: nobody waited. */
  failReceives(error: Error): boolean {
    if (this.#receivers.head === undefined) return false;
    this.#receivers.failAll(located(error, this.core.name, "receive"));
    return true;
  }

  /** Settles every caller. The operations themselves are closed by whoever owns them. */
  close(error: ClosedError): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    this.#senders.failAll(error);
    this.#receivers.failAll(error);
    this.#tellWatchers();
  }

  #tellWatchers(): void {
    for (const callback of this.#watchers ?? []) callback();
  }

  /** One promise for all that are sent while the operations are congested. */
  #whenClear(): Promise<void> {
    this.#clearing ??= new Promise((resolve) => {
      const look = (): void => {
        if (this.operations.congested === true && this.#closed === undefined) {
          macrotask(look);
          return;
        }
        this.#clearing = undefined;
        resolve();
      };
      macrotask(look);
    });
    return this.#clearing;
  }

  /** Only raw sockets send headers: a message that was received elsewhere can simply be sent on. */
  #toSend(data: Data): Message {
    const message = Message.from(data);
    return this.core.info.raw ? message : message.withoutHeader();
  }

  #send(message: Message): boolean {
    const { turn } = this.core;
    turn.enter();
    try {
      return (this.operations as Required<Operations>).trySend(message);
    } catch (error) {
      throw located(error, this.core.name, "send");
    } finally {
      turn.exit();
    }
  }

  #receive(): Message | undefined {
    const { turn } = this.core;
    turn.enter();
    try {
      return (this.operations as Required<Operations>).tryReceive();
    } catch (error) {
      throw located(error, this.core.name, "receive");
    } finally {
      turn.exit();
    }
  }

  #serveSenders(): void {
    this.#sendersWoken = false;
    for (let waiter = this.#senders.head; waiter !== undefined; waiter = this.#senders.head) {
      try {
        if (
          !(this.operations as Required<Operations>).trySend(
            (waiter as PromiseWaiter<void>).subject as Message,
          )
        )
          return;
        this.#senders.remove(waiter);
        waiter.resolve(undefined);
      } catch (error) {
        if (waiter.list !== undefined) this.#senders.remove(waiter);
        waiter.reject(located(error, this.core.name, "send"));
      }
    }
    // What those who waited left over is for whoever polls.
    if (this.#watchers !== undefined) this.#tellWatchers();
  }

  #serveReceivers(): void {
    this.#receiversWoken = false;
    for (let waiter = this.#receivers.head; waiter !== undefined; waiter = this.#receivers.head) {
      try {
        const message = (this.operations as Required<Operations>).tryReceive();
        if (message === undefined) return;
        this.#receivers.remove(waiter);
        waiter.resolve(message);
      } catch (error) {
        if (waiter.list !== undefined) this.#receivers.remove(waiter);
        waiter.reject(located(error, this.core.name, "receive"));
      }
    }
    if (this.#watchers !== undefined) this.#tellWatchers();
  }

  /** A newer send cancels the one that waits. */
  #replace(): void {
    this.#senders.failAll(
      new CanceledError("This send was replaced by a newer one before a peer could take it."),
    );
  }

  #abandonSend(): void {
    const abandoned = this.operations.sendAbandoned;
    if (abandoned !== undefined) this.core.turn.call({ run: () => abandoned.call(this.operations) });
  }

  #abandonReceive(): void {
    const abandoned = this.operations.receiveAbandoned;
    if (abandoned !== undefined) this.core.turn.call({ run: () => abandoned.call(this.operations) });
  }

  #open(operation: string, supported: unknown): void {
    if (this.#closed !== undefined) throw this.#closed;
    if (supported === undefined)
      throw unsupported(this.core.info.className, operation, this.core.info.peerClassName);
  }

  #secondReceive(): BadStateError {
    return new BadStateError(
      `${this.core.label} is already waiting in receive(), and ${this.core.info.className} takes one at a time. ` +
        "Open a context for each conversation: socket.context().",
    );
  }

  #timeoutError(operation: "send" | "receive", delay: number): TimeoutError {
    const after = delay === 0 ? "at once" : `within ${delay} ms`;
    const { label, name, pipes } = this.core;
    const text =
      operation === "receive"
        ? `${label} received nothing ${after}.`
        : pipes.size === 0
          ? `${label} could not send ${after}: no peer is connected. Check the address, or wait with waitForPipes(1).`
          : `${label} could not send ${after}: its peers take no more. Raise sendBufferSize or slow down.`;
    return new TimeoutError(text, { socket: name, operation });
  }

  #owner(operation: "send" | "receive", gaveUp: () => void): WaiterListOwner {
    const task: Task = { run: gaveUp };
    const { core } = this;
    return {
      clock: core.clock,
      waiting: (some) => core.pending(some),
      gaveUp: () => core.turn.call(task),
      timeoutError: (delay) => this.#timeoutError(operation, delay),
    };
  }
}

/** The error for a verb that a protocol does not have. */
export function unsupported(className: string, operation: string, peerClassName: string): NotSupportedError {
  const verb = operation.replace(/^try/, "").toLowerCase();
  return new NotSupportedError(`${className} cannot ${verb}; ${peerClassName} can.`, { operation });
}
