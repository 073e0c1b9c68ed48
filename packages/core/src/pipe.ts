/**
 * One peer: a transport pipe with an id, the protocol's state slot, counters and the reasons why it is paused. It guards
 * the order of calls: nothing before `start`, nothing while the state machine runs, nothing after the close.
 */
import type { Dialer } from "./dialer.js";
import { MessageTooLargeError, NotSupportedError, TimeoutError } from "./errors.js";
import { Fifo } from "./fifo.js";
import type { Listener } from "./listener.js";
import { macrotask } from "./macrotask.js";
import { type Data, Message } from "./message.js";
import type { ProtocolPipe } from "./protocol.js";
import type { Socket } from "./socket.js";
import type { SocketCore } from "./socket-core.js";
import type { PipeStats } from "./statistics.js";
import type { MessageRun, PipeSink, Timer, TransportPipe } from "./transport.js";
import type { Task } from "./turn.js";

/** One connection to one peer, as an application sees it. */
export interface Pipe {
  /** 31 bits, unique in this process while it lives; travels in backtraces. */
  readonly id: number;
  readonly socket: Socket;
  /** The endpoint that it came from: either this or `listener`. */
  readonly dialer: Dialer | undefined;
  /** The endpoint that it came from: either this or `dialer`. */
  readonly listener: Listener | undefined;
  /** Our end, as a URL, e.g. `"tcp://127.0.0.1:5555"`. */
  readonly localAddress: string;
  /** The peer's end, as a URL. */
  readonly remoteAddress: string;
  /** The SP number of the peer, e.g. 0x31 for REP. */
  readonly peerProtocol: number;
  /** Further facts that the transport knows of the peer, by name; empty for tcp, ipc and inproc. */
  readonly properties: ReadonlyMap<string, unknown>;
  /** `Date.now()` when it opened. */
  readonly openedAt: number;
  /** True from `close()` on, or when the connection has gone. */
  readonly closed: boolean;
  /**
   * Sends to this peer alone. Polyamorous `Pair1` only; dropped and counted when the peer's queue is full or it has gone.
   * @throws NotSupportedError on other sockets
   */
  send(data: Data): boolean;
  /**
   * Closes the connection; its dialer dials again. Without an error what `send` has taken goes out first, for at most
   * `closeTimeout`; with one the connection is reset at once, and `pipeclose` carries the error.
   */
  close(error?: Error): void;
  /** Counters of this pipe alone, as a plain object. */
  stats(): PipeStats;
}

/** Why core itself pauses a pipe; the protocol's own reasons are the bits 1 to 8. */
const FAIRNESS = 16;

/**
 * Messages and bytes that one pipe may deliver before everyone else in the process gets a turn of the event loop. Stopping
 * and starting a stream costs as much as 64 KiB; sockets of Node give way to each other every 2 MiB anyway.
 */
const BURST_MESSAGES = 1024;
const BURST_BYTES = 4 * 1024 * 1024;

export class CorePipe implements Pipe, ProtocolPipe, PipeSink, MessageRun {
  readonly id: number;
  readonly dialer: Dialer | undefined;
  readonly listener: Listener | undefined;
  readonly openedAt: number = Date.now();
  state: unknown;
  writable = true;
  closed = false;
  /** When it was opened, on the socket's clock. */
  readonly since: number;
  sentMessages = 0;
  sentBytes = 0;
  receivedMessages = 0;
  receivedBytes = 0;

  readonly #core: SocketCore;
  readonly #transport: TransportPipe;
  /** The protocol knows it: `attach` returned. */
  #attached = false;
  #started = false;
  #ended = false;
  #pauses = 0;
  #resuming = false;
  #burstMessages = 0;
  #burstBytes = 0;
  /** Where `take` takes messages to. */
  #run: MessageRun | undefined;
  /** Arrived while the state machine was running. */
  #early: Fifo<Message> | undefined;
  #closeError: Error | undefined;
  #closeTimer: Timer | undefined;
  /** Made with the first pause. */
  #resume: Task | undefined;

  constructor(core: SocketCore, transport: TransportPipe, endpoint: Dialer | Listener, dialed: boolean) {
    this.#core = core;
    this.#transport = transport;
    this.id = core.nextPipeId();
    this.since = core.clock.now();
    this.dialer = dialed ? (endpoint as Dialer) : undefined;
    this.listener = dialed ? undefined : (endpoint as Listener);
  }

  get socket(): Socket {
    return this.#core.socket;
  }

  get localAddress(): string {
    return this.#transport.localAddress;
  }

  get remoteAddress(): string {
    return this.#transport.remoteAddress;
  }

  get peerProtocol(): number {
    return this.#transport.peerProtocol;
  }

  get properties(): ReadonlyMap<string, unknown> {
    return this.#transport.properties;
  }

  get pendingMessages(): number {
    return this.#transport.pendingMessages;
  }

  whenFlushed(callback: () => void): void {
    this.#transport.whenFlushed(callback);
  }

  stats(): PipeStats {
    return {
      id: this.id,
      localAddress: this.localAddress,
      remoteAddress: this.remoteAddress,
      sentMessages: this.sentMessages,
      sentBytes: this.sentBytes,
      receivedMessages: this.receivedMessages,
      receivedBytes: this.receivedBytes,
      pendingMessages: this.#transport.pendingMessages,
      pendingBytes: this.#transport.pendingBytes,
    };
  }

  /** Introduces it to the protocol. @throws SprocketError when the protocol refuses it */
  attach(): void {
    this.#core.protocol.attach(this);
    this.#attached = true;
  }

  /** Lets messages flow. */
  start(): void {
    this.#started = true;
    this.#transport.start(this);
  }

  send(message: Message): boolean;
  send(data: Data): boolean;
  send(data: Data): boolean {
    // Protocols call this from inside the state machine, applications from outside it.
    if (!this.#core.turn.busy) return this.#sendFromApplication(data);
    const message = data as Message;
    if (this.closed) return false;
    this.sentMessages++;
    this.sentBytes += message.size;
    if (this.#transport.send(message)) return true;
    this.writable = false;
    return false;
  }

  pause(reason = 1): void {
    if (this.#pauses === 0) this.#transport.pause();
    this.#pauses |= reason;
  }

  fetch(): Message | undefined {
    if (this.#ended || this.closed || this.#resuming) return undefined;
    // After a burst it yields, as `onMessage` does.
    if (this.#burst() || (this.#pauses & FAIRNESS) !== 0) return undefined;
    if (this.#early !== undefined && this.#early.length > 0) return undefined;
    const message = this.#transport.fetch?.();
    if (message !== undefined) this.#count(message);
    return message;
  }

  resume(reason = 1): void {
    if (this.#pauses === 0) return;
    this.#pauses &= ~reason;
    if (this.#pauses === 0 && !this.#resuming) {
      this.#resuming = true;
      this.#resume ??= { run: () => this.#resumeNow() };
      this.#core.turn.after(this.#resume);
    }
  }

  #resumeNow(): void {
    this.#resuming = false;
    if (this.#pauses === 0 && !this.#ended) this.#transport.resume();
  }

  close(error?: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.writable = false;
    this.#closeError = error;
    if (error === undefined) {
      // A peer that takes nothing more must not hold us for ever.
      this.#closeTimer = this.#core.clock.setTimer(this.#core.closeTimeout, () =>
        this.#transport.close(
          new TimeoutError("The peer did not take what was left in time; the connection was reset."),
        ),
      );
    }
    this.#transport.close(error);
    // A pipe that was refused before it started has no sink that would hear of the close.
    if (!this.#started) this.#closeTimer?.cancel();
  }

  /** Gives up on a graceful close. */
  abort(error: Error): void {
    this.#closeTimer?.cancel();
    this.closed = true;
    this.writable = false;
    this.#closeError ??= error;
    this.#transport.close(error);
  }

  onMessage(message: Message): void {
    if (this.#ended) return;
    this.#count(message);
    const { turn } = this.#core;
    if (turn.busy) {
      this.#early ??= new Fifo();
      this.#early.push(message);
      turn.call({ run: () => this.#deliver((this.#early as Fifo<Message>).shift() as Message) });
    } else {
      turn.enter();
      try {
        this.#deliver(message);
      } finally {
        turn.exit();
      }
    }
    if (this.#burst()) this.#yield();
  }

  /** This pipe itself, which counts them, in front of what the protocol says. */
  get run(): MessageRun | undefined {
    this.#run = this.closed || this.#core.closing ? undefined : this.#core.protocol.run?.(this);
    return this.#run === undefined ? undefined : this;
  }

  get bodies(): boolean {
    return (this.#run as MessageRun).bodies;
  }

  get room(): number {
    if (this.#burstBytes >= BURST_BYTES) return 0;
    return Math.min((this.#run as MessageRun).room, BURST_MESSAGES - this.#burstMessages);
  }

  take(message: Message): boolean {
    if (!(this.#run as MessageRun).take(message)) return false;
    this.#count(message);
    return true;
  }

  takeBytes(bytes: Uint8Array, buffer: ArrayBufferLike, start: number, end: number): boolean {
    if (!(this.#run as MessageRun).takeBytes(bytes, buffer, start, end)) return false;
    this.#countBytes(end - start);
    return true;
  }

  onDrain(): void {
    if (this.closed) return;
    this.writable = true;
    this.#core.turn.call({ run: () => this.closed || this.#core.protocol.writable(this) });
    this.#core.progressed();
  }

  onClose(error?: Error): void {
    if (this.#ended) return;
    this.#core.turn.call({ run: () => this.#end(error) });
  }

  #count(message: Message): void {
    message.pipe = this;
    this.#countBytes(message.size);
  }

  #countBytes(size: number): void {
    this.receivedMessages++;
    this.receivedBytes += size;
    this.#burstMessages++;
    this.#burstBytes += size;
  }

  /** It has delivered so much that it is others' turn. */
  #burst(): boolean {
    return this.#burstMessages >= BURST_MESSAGES || this.#burstBytes >= BURST_BYTES;
  }

  #deliver(message: Message): void {
    if (this.#ended || this.closed || this.#core.closing) {
      this.#core.drop("closed", message.length, this);
      return;
    }
    this.#core.protocol.receive(this, message);
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.closed = true;
    this.writable = false;
    this.#closeTimer?.cancel();
    const reason = this.#closeError ?? error;
    if (reason instanceof MessageTooLargeError) this.#core.drop("oversize", 0, this);
    if (this.#attached) this.#core.protocol.detach(this);
    this.#core.pipeEnded(this, reason);
  }

  /** Lets the event loop turn once before more of this peer is read. */
  #yield(): void {
    this.#burstMessages = 0;
    this.#burstBytes = 0;
    this.pause(FAIRNESS);
    macrotask(() => this.resume(FAIRNESS));
  }

  #sendFromApplication(data: Data): boolean {
    const { protocol, turn, info } = this.#core;
    if (protocol.sendTo === undefined) {
      throw new NotSupportedError(
        `${info.className} cannot send to a chosen pipe; a Pair1 with { polyamorous: true } can. Use socket.send().`,
      );
    }
    const message = Message.from(data);
    if (this.closed || !this.#attached) {
      this.#core.drop("peer-gone", message.length, this);
      return false;
    }
    turn.enter();
    try {
      return protocol.sendTo(this, message);
    } finally {
      turn.exit();
    }
  }
}
