/**
 * One end of a link between two sockets of this process (reference 2.7). A message goes straight to the other end's
 * protocol, or waits there, up to the sender's `highWaterBytes`, while that end is paused or not yet started.
 */
import { ConnectionResetError } from "../errors.js";
import { Fifo } from "../fifo.js";
import { macrotask } from "../macrotask.js";
import { Message } from "../message.js";
import type { EndpointContext, PipeSink, TransportPipe } from "../transport.js";
import type { InprocEnd } from "./registry.js";

/** What a waiting message holds beside its bytes. Counted, or a MiB of small messages would be ten in truth. */
const OVERHEAD = 256;
const NOTHING: ReadonlyMap<string, unknown> = new Map();

export class InprocPipe implements TransportPipe, InprocEnd {
  readonly protocol: number;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly properties = NOTHING;
  /** What a peer has taken is delivered even if we close, so nothing is ever pending here. */
  readonly pendingMessages = 0;
  readonly pendingBytes = 0;
  readonly #highWaterBytes: number;
  #peer: InprocEnd | undefined;
  #sink: PipeSink | undefined;
  /** Messages of the peer that wait for us. */
  readonly #inbox = new Fifo<Message>();
  #inboxBytes = 0;
  /** The peer was told to wait until fewer bytes than these are here; 0: it was not. */
  #peerWaitsBelow = 0;
  #paused = false;
  #running = false;
  #closed = false;
  /** The peer has closed: we close when its messages are delivered. */
  #peerGone = false;
  #error: Error | undefined;
  readonly #onSettled: ((over: boolean) => void) | undefined;

  /** @param onSettled called with false when it was started, with true when it is over */
  constructor(url: string, context: EndpointContext, onSettled?: (over: boolean) => void) {
    this.protocol = context.protocol.id;
    this.localAddress = url;
    this.remoteAddress = url;
    this.#highWaterBytes = context.highWaterBytes;
    this.#onSettled = onSettled;
  }

  get peerProtocol(): number {
    return (this.#peer as InprocEnd).protocol;
  }

  /** Once, before anything else. */
  link(peer: InprocEnd): void {
    this.#peer = peer;
  }

  whenFlushed(callback: () => void): void {
    queueMicrotask(callback);
  }

  start(sink: PipeSink): void {
    this.#sink = sink;
    if (this.#closed) {
      sink.onClose(this.#error);
      return;
    }
    this.#onSettled?.(false);
    this.#run();
  }

  send(message: Message): boolean {
    if (this.#closed || this.#peerGone) return false;
    const peer = this.#peer as InprocEnd;
    // An end of another copy of core knows nothing of our messages.
    if (peer instanceof InprocPipe) {
      const same = message.passOn();
      if (same !== undefined) return peer.#arrive(same, this.#highWaterBytes);
    }
    const { header, handsOverCopies } = message;
    return peer.deliver(
      header.length === 0 ? header : header.slice(),
      message.handOver(),
      this.#highWaterBytes,
      handsOverCopies,
    );
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#running) this.#run();
  }

  fetch(): Message | undefined {
    if (this.#running) return undefined;
    const message = this.#inbox.shift();
    if (message !== undefined) {
      this.#inboxBytes -= message.size + OVERHEAD;
      this.#tellOfRoom();
    }
    return message;
  }

  close(error?: Error): void {
    if (this.#closed) return;
    this.#peer?.gone(
      error === undefined
        ? undefined
        : new ConnectionResetError("The peer in this process reset the connection."),
    );
    this.#end(error);
  }

  deliver(header: Uint8Array, body: Uint8Array, highWaterBytes: number, own = false): boolean {
    return this.#arrive(Message.pieces(header, body, own), highWaterBytes);
  }

  #arrive(message: Message, highWaterBytes: number): boolean {
    if (this.#closed) return true;
    if (this.#sink !== undefined && !this.#paused && !this.#running && this.#inbox.length === 0) {
      this.#running = true;
      this.#sink.onMessage(message);
      this.#running = false;
      // Whatever came or was resumed meanwhile.
      if (this.#inbox.length > 0 || this.#peerGone) this.#run();
    } else {
      this.#inbox.push(message);
      this.#inboxBytes += message.size + OVERHEAD;
    }
    if (this.#inboxBytes < highWaterBytes) return true;
    this.#peerWaitsBelow = highWaterBytes;
    return false;
  }

  drained(): void {
    this.#sink?.onDrain();
  }

  gone(error: Error | undefined): void {
    if (this.#closed) return;
    this.#peerGone = true;
    if (error !== undefined) this.#end(error);
    else if (!this.#running) this.#run();
  }

  #run(): void {
    if (this.#sink === undefined) return;
    this.#running = true;
    while (!this.#paused && !this.#closed) {
      const message = this.#inbox.shift();
      if (message === undefined) break;
      this.#inboxBytes -= message.size + OVERHEAD;
      this.#sink.onMessage(message);
      if (!this.#paused && this.#inbox.length > 0) this.#pass(this.#sink);
    }
    this.#running = false;
    if (this.#closed) return;
    this.#tellOfRoom();
    if (this.#peerGone && !this.#paused && this.#inbox.length === 0) this.#end(undefined);
  }

  /** What waits behind a message, to where that one went, if there is such a place. */
  #pass(sink: PipeSink): void {
    const { run } = sink;
    if (run === undefined) return;
    while (run.room > 0) {
      const message = this.#inbox.shift();
      if (message === undefined) return;
      this.#inboxBytes -= message.size + OVERHEAD;
      if (run.take(message)) continue;
      sink.onMessage(message);
      return;
    }
  }

  #tellOfRoom(): void {
    if (this.#inboxBytes >= this.#peerWaitsBelow) return;
    this.#peerWaitsBelow = 0;
    // Not from here: a sender that is woken at once could keep this turn of the event loop busy for ever.
    macrotask(() => {
      if (!this.#closed) this.#peer?.drained();
    });
  }

  #end(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error;
    this.#inbox.clear();
    this.#inboxBytes = 0;
    this.#onSettled?.(true);
    this.#sink?.onClose(error);
  }
}
