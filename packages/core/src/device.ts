/**
 * A device: what comes in at one raw socket goes out at the other, header included (reference 5.11). So networks are
 * joined: requesters and repliers through one address, publishers and subscribers across a border.
 *
 * It reads on only when the other side has taken a message, so back-pressure passes through it. It closes neither socket.
 */
import { ClosedError, InvalidOperationError } from "./errors.js";
import type { Message } from "./message.js";
import type { MessageTaker, OperationQueue } from "./operation-queue.js";
import { reportUncaught } from "./report-error.js";
import { type Unwatch, watchAbort } from "./signals.js";
import { coreOf, type Socket } from "./socket.js";

/** What ends a device, and who watches it. */
export interface DeviceOptions {
  /** Ends the device: the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Sees every message and where it came from. It cannot delay or change anything; what it throws is reported. */
  readonly onMessage?: ((message: Message, from: Socket) => void) | undefined;
}

/**
 * Forwards between two raw sockets until one of them closes, in every direction that they can. With one socket of a
 * protocol that is its own peer (pair, bus) it is a reflector: a `RawBus0` alone becomes a hub.
 *
 * Resolves when a socket closes. Rejects with `signal.reason`, or with InvalidOperationError when the sockets are not
 * raw or do not fit together.
 *
 * @example
 * const front = new RawRep0({ transports });     // requesters come here
 * const back = new RawReq0({ transports });      // repliers are here
 * await device(front, back, { signal });
 *
 * @example
 * await device(new RawBus0({ transports }));      // a hub
 */
export function device(front: Socket, back?: Socket, options: DeviceOptions = {}): Promise<void> {
  const { signal, onMessage } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw signal.reason;
    const other = back ?? front;
    check(front, other);
    if (front.closed || other.closed) {
      resolve();
      return;
    }
    const pumps: Pump[] = [];
    const watches: Unwatch[] = [];
    const over = (settle: () => void): void => {
      for (const pump of pumps) pump.stop();
      for (const watch of watches) watch.cancel();
      settle();
    };
    const ended = (error: unknown): void =>
      over(() => {
        if (error instanceof ClosedError) resolve();
        else reject(error);
      });
    if (signal !== undefined)
      watches.push(watchAbort(signal, { aborted: (reason) => over(() => reject(reason)) }));
    // Where messages go one way only, nothing else would notice that the socket that sends has closed.
    for (const socket of new Set([front, other]))
      watches.push(watchAbort(coreOf(socket).closingSignal, { aborted: () => over(resolve) }));
    const join = (from: Socket, to: Socket): void => {
      if (from.operationQueue.operations.tryReceive === undefined) return;
      if (to.operationQueue.operations.trySend === undefined) return;
      pumps.push(new Pump(from, to, onMessage, ended));
    };
    join(front, other);
    if (other !== front) join(other, front);
    for (const pump of pumps) pump.next();
  });
}

function check(front: Socket, back: Socket): void {
  const one = coreOf(front).info;
  const two = coreOf(back).info;
  for (const { raw, className } of [one, two]) {
    if (!raw)
      throw new InvalidOperationError(
        `A device needs raw sockets: use Raw${className} instead of ${className}.`,
      );
  }
  if (one.peerId === two.id && two.peerId === one.id) return;
  throw new InvalidOperationError(
    front === back
      ? `${one.className} cannot be a device by itself, because ${one.name} is not its own peer; give a socket for each side.`
      : `${one.className} and ${two.className} do not fit together; ${one.className} goes with the raw ${one.peerName} socket.`,
  );
}

/** One direction. */
class Pump implements MessageTaker {
  readonly #source: Socket;
  readonly #from: OperationQueue;
  readonly #to: OperationQueue;
  readonly #onMessage: DeviceOptions["onMessage"];
  readonly #ended: (error: unknown) => void;
  #message: Message | undefined;
  #stopped = false;

  constructor(
    from: Socket,
    to: Socket,
    onMessage: DeviceOptions["onMessage"],
    ended: (error: unknown) => void,
  ) {
    this.#source = from;
    this.#from = from.operationQueue;
    this.#to = to.operationQueue;
    this.#onMessage = onMessage;
    this.#ended = ended;
  }

  next(): void {
    if (!this.#stopped) this.#from.takeNext(this);
  }

  stop(): void {
    this.#stopped = true;
    this.#from.stopTaking(this);
  }

  offer(message: Message): void {
    this.#message = message;
  }

  refuse(error: unknown): void {
    this.#end(error);
  }

  run(): void {
    const message = this.#message as Message;
    this.#message = undefined;
    if (this.#onMessage !== undefined) {
      try {
        this.#onMessage(message, this.#source);
      } catch (error) {
        reportUncaught(error);
      }
    }
    try {
      if (this.#to.trySend(message)) this.next();
      else
        this.#to.send(message, FOREVER).then(
          () => this.next(),
          (error: unknown) => this.#lost(message, error),
        );
    } catch (error) {
      this.#lost(message, error);
    }
  }

  /** The other side closed with the message under way, or would not have it. */
  #lost(message: Message, error: unknown): void {
    if (error instanceof ClosedError) this.#to.core.drop("closed", message.length);
    this.#end(error);
  }

  #end(error: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#ended(error);
  }
}

/** A device waits as long as it takes, whatever `sendTimeout` its sockets have. */
const FOREVER = { timeout: Number.POSITIVE_INFINITY };
