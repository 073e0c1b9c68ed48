/**
 * A WebSocket as a `TransportPipe`, whatever the runtime calls a WebSocket. Its states:
 *
 *     ready ──start()──► open ──close()──► closing ──peer's close, or time──► closed
 *       └───────────────────── error, peer's close ───────────────────────────►┘
 *
 * The rules it guards: a pause takes effect at this very message, although no WebSocket stops in the middle of a chunk:
 * what comes meanwhile is held, and the link is told to stop. What had arrived is delivered before the end of a peer that
 * closed in good order.
 *
 * Nothing of a runtime is imported: browsers share it.
 */
import type { Message } from "@sprocket/core";
import {
  type EndpointContext,
  Fifo,
  type MessageRun,
  macrotask,
  type PipeSink,
  type Timer,
  type TransportPipe,
} from "@sprocket/core/plugin";

/** What a runtime's WebSocket must do for a pipe. */
export interface WsLink {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly properties: ReadonlyMap<string, unknown>;
  /** Given to `send` but not yet to the system. */
  readonly pendingMessages: number;
  readonly pendingBytes: number;
  /** The peer has begun to end it: `closed` follows, and what is sent now is lost. */
  readonly ending: boolean;
  /** Called once, before anything else: who hears of it. */
  begin(events: WsLinkEvents): void;
  /** Takes the message; whether there is room for more says `pendingBytes`. */
  send(message: Message): void;
  /** Read no more for now; what was read already may still come. A link that cannot stop has a pipe with a `hold`. */
  pause(): void;
  resume(): void;
  /** The pipe waits for `written`. Absent where it comes unasked. */
  watch?(): void;
  /** Everything is sent: starts the closing handshake. `closed` follows, by a limit of its own if the peer is silent. */
  end(): void;
  /** Ends at once; the peer may hear why. Nothing comes any more. */
  cut(error: Error): void;
}

/** What a link reports. */
export interface WsLinkEvents {
  message(message: Message): void;
  /** `pendingBytes` has shrunk. */
  written(): void;
  /**
   * It is over; without an error in good order. Once and last.
   *
   * @param deliver whether what had arrived goes to the application first. Default: after an end in good order only
   */
  closed(error?: Error, deliver?: boolean): void;
}

/** Who is told what becomes of a pipe. */
export interface WsPipeWitness {
  /** Core has taken it: it is no longer half-open. */
  started?(): void;
  /** It is over. */
  closed?(): void;
}

export interface WsPipePlan {
  readonly link: WsLink;
  readonly context: EndpointContext;
  /** When the attempt began, on the context's clock: the handshake budget counts from there. */
  readonly startedAt: number;
  /** What a handshake that took too long ends with. */
  readonly late: () => Error;
  readonly witness?: WsPipeWitness;
  /** For a link that cannot be stopped: how much may wait, and what ends the connection when more comes. */
  readonly hold?: { readonly bytes: number; readonly error: () => Error };
}

export class WsPipe implements TransportPipe, WsLinkEvents {
  readonly peerProtocol: number;
  readonly #link: WsLink;
  readonly #plan: WsPipePlan;
  #state: "ready" | "open" | "closing" | "closed" = "ready";
  #sink: PipeSink | undefined;
  #budget: Timer | undefined;
  #paused = false;
  #running = false;
  #linkPaused = false;
  /** What the sink offered after the last message. */
  #short: MessageRun | undefined;
  /** Came while nobody could take it. */
  readonly #held = new Fifo<Message>();
  #heldBytes = 0;
  /** The link is over, but not all that came before it is delivered. */
  #over = false;
  /** What came before the end is delivered first. */
  #deliver = false;
  #error: Error | undefined;
  #blocked = false;
  #waking = false;
  #flushed: (() => void)[] | undefined;
  /** What a close loses, frozen when it happens. */
  #lostMessages = 0;
  #lostBytes = 0;

  constructor(plan: WsPipePlan) {
    const { link, context } = plan;
    this.#plan = plan;
    this.#link = link;
    // The subprotocol that both sides agreed on stands for the pair of numbers.
    this.peerProtocol = context.protocol.peerId;
    const left = context.handshakeTimeout - (context.clock.now() - plan.startedAt);
    this.#budget = context.clock.setTimer(Math.max(0, left), () => this.close(plan.late()));
    link.begin(this);
  }

  get localAddress(): string {
    return this.#link.localAddress;
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress;
  }

  get properties(): ReadonlyMap<string, unknown> {
    return this.#link.properties;
  }

  get pendingMessages(): number {
    return this.#state === "closed" ? this.#lostMessages : this.#link.pendingMessages;
  }

  get pendingBytes(): number {
    return this.#state === "closed" ? this.#lostBytes : this.#link.pendingBytes;
  }

  whenFlushed(callback: () => void): void {
    this.#flushed ??= [];
    this.#flushed.push(callback);
    if (this.#state === "closed" || this.#link.pendingMessages === 0)
      queueMicrotask(() => this.#tellFlushed());
    else this.#link.watch?.();
  }

  start(sink: PipeSink): void {
    this.#sink = sink;
    if (this.#state === "closed") {
      sink.onClose(this.#error);
      return;
    }
    if (this.#state !== "ready") return;
    this.#state = "open";
    this.#budget?.cancel();
    this.#budget = undefined;
    this.#plan.witness?.started?.();
    this.#run();
  }

  send(message: Message): boolean {
    if ((this.#state !== "open" && this.#state !== "ready") || this.#over) return false;
    this.#link.send(message);
    const { ending, pendingBytes } = this.#link;
    if (!ending && pendingBytes < this.#plan.context.highWaterBytes) return true;
    this.#blocked = true;
    if (!ending) this.#link.watch?.();
    return false;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    // Resumed from inside a delivery: the loop that delivers goes on by itself.
    if (this.#state === "open" && !this.#running) this.#run();
  }

  fetch(): Message | undefined {
    if (this.#state !== "open" || this.#running) return undefined;
    const message = this.#held.shift();
    if (message !== undefined) this.#heldBytes -= message.size;
    return message;
  }

  close(error?: Error): void {
    if (this.#state === "closed") return;
    if (error !== undefined) {
      this.#finish(error);
      this.#link.cut(error);
      return;
    }
    if (this.#state === "closing") return;
    this.#state = "closing";
    this.#budget?.cancel();
    this.#held.clear();
    if (this.#over) {
      this.#finish(this.#error);
      return;
    }
    // Read on, so that the peer's close is seen.
    this.#flow();
    if (this.#link.pendingMessages === 0) this.#link.end();
    else this.#link.watch?.();
  }

  message(message: Message): void {
    if (this.#state === "open" && !this.#paused && !this.#running && this.#held.length === 0) {
      const sink = this.#sink as PipeSink;
      if (this.#short !== undefined && this.#short.room > 0 && this.#short.take(message)) return;
      this.#running = true;
      sink.onMessage(message);
      this.#running = false;
      // For what lies behind it in the same chunk: by the next one it has no room.
      this.#short = sink.run;
      // Whatever came, was resumed or ended meanwhile.
      if (this.#held.length > 0 || this.#over) this.#run();
      return;
    }
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#held.push(message);
    this.#heldBytes += message.size;
    if (!this.#linkPaused) {
      this.#linkPaused = true;
      this.#link.pause();
    }
    const { hold } = this.#plan;
    if (hold !== undefined && this.#heldBytes > hold.bytes && !this.#over) this.#overflow(hold.error());
  }

  written(): void {
    const { pendingMessages, pendingBytes } = this.#link;
    if (pendingMessages === 0) {
      this.#tellFlushed();
      if (this.#state === "closing") this.#link.end();
    }
    if (!this.#blocked || this.#waking || this.#link.ending) return;
    if (pendingBytes >= this.#plan.context.highWaterBytes) return;
    this.#waking = true;
    macrotask(() => {
      this.#waking = false;
      this.#blocked = false;
      if (this.#state === "open" || this.#state === "closing") this.#sink?.onDrain();
    });
  }

  closed(error?: Error, deliver = error === undefined): void {
    if (this.#state === "closed") return;
    this.#over = true;
    this.#error = error;
    this.#deliver = deliver;
    if (!deliver || this.#state === "closing" || this.#delivered) {
      if (this.#state === "ready") this.#endBeforeStart();
      else if (!this.#running) this.#finish(error);
    } else if (this.#state === "open" && !this.#running) this.#run();
  }

  /** All that came is taken. Whoever pauses still has the last one in hand, and drops it at the end. */
  get #delivered(): boolean {
    return this.#held.length === 0 && !this.#paused;
  }

  /** Nobody listens yet: what came, and the end, are for `start`. */
  #endBeforeStart(): void {
    if (!this.#deliver) this.#finish(this.#error);
  }

  /** Too much waits: nothing more is taken, and the peer sees the end. */
  #overflow(error: Error): void {
    this.#link.cut(error);
    this.closed(error, true);
  }

  #run(): void {
    this.#running = true;
    while (this.#state === "open" && !this.#paused) {
      const message = this.#held.shift();
      if (message === undefined) break;
      this.#heldBytes -= message.size;
      (this.#sink as PipeSink).onMessage(message);
    }
    this.#running = false;
    if (this.#state !== "open") return;
    if (this.#over && (!this.#deliver || this.#delivered)) this.#finish(this.#error);
    else if (!this.#paused && this.#held.length === 0) this.#flow();
  }

  #flow(): void {
    if (!this.#linkPaused) return;
    this.#linkPaused = false;
    this.#link.resume();
  }

  #tellFlushed(): void {
    const callbacks = this.#flushed;
    this.#flushed = undefined;
    for (const callback of callbacks ?? []) callback();
  }

  #finish(error: Error | undefined): void {
    if (this.#state === "closed") return;
    this.#lostMessages = this.#link.pendingMessages;
    this.#lostBytes = this.#link.pendingBytes;
    this.#state = "closed";
    this.#error = error;
    this.#budget?.cancel();
    this.#held.clear();
    this.#tellFlushed();
    this.#sink?.onClose(error);
    this.#plan.witness?.closed?.();
  }
}
