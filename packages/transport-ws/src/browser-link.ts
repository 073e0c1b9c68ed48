/**
 * A browser's WebSocket as a `WsLink`.
 *
 * It tells nobody when its buffer empties. The rule for that: while a pipe wants to know, because its buffer is full or it
 * closes, one timer looks after 4, 8, 16, 32 and then every 64 ms, until the buffer is empty; and so does each message that
 * arrives, because the timers of a hidden page are held back and messages are not.
 */
import { InvalidOperationError, Message, MessageTooLargeError, ProtocolError } from "@sprocket/core";
import { type Clock, Fifo, type Timer } from "@sprocket/core/plugin";
import type { NativeCloseEvent, NativeWebSocket } from "./browser-native.js";
import { join, leave, type PageGuest, pageLeft } from "./browser-page.js";
import { endOf, pageCodeFor } from "./close-codes.js";
import type { WsLink, WsLinkEvents } from "./ws-pipe.js";

/** ms from the end of all sending until a peer that does not say goodbye is left. */
const LINGER = 500;
/** `WebSocket.OPEN` */
const OPEN = 1;
const FIRST_LOOK = 4;
const LAST_LOOK = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface BrowserLinkPlan {
  readonly native: NativeWebSocket;
  readonly clock: Clock;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly properties: ReadonlyMap<string, unknown>;
  readonly text: boolean;
  /** Bytes; 0 or `Infinity`: none. */
  readonly limit: number;
}

/** Make it in the turn in which the WebSocket opened. */
export class BrowserLink implements WsLink, PageGuest {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly properties: ReadonlyMap<string, unknown>;
  readonly #native: NativeWebSocket;
  readonly #clock: Clock;
  readonly #text: boolean;
  readonly #limit: number;
  #events: WsLinkEvents | undefined;
  /** Messages that are not known to be sent: where each ends, in bytes from the beginning. */
  readonly #ends = new Fifo<number>();
  #oldest: number | undefined;
  #given = 0;
  #look: Timer | undefined;
  #linger: Timer | undefined;

  constructor(plan: BrowserLinkPlan) {
    this.localAddress = plan.localAddress;
    this.remoteAddress = plan.remoteAddress;
    this.properties = plan.properties;
    this.#native = plan.native;
    this.#clock = plan.clock;
    this.#text = plan.text;
    this.#limit = plan.limit === 0 ? Number.POSITIVE_INFINITY : plan.limit;
  }

  get pendingMessages(): number {
    this.#settle();
    return this.#ends.length + (this.#oldest === undefined ? 0 : 1);
  }

  get pendingBytes(): number {
    return this.#native.bufferedAmount;
  }

  get ending(): boolean {
    return this.#native.readyState !== OPEN;
  }

  begin(events: WsLinkEvents): void {
    this.#events = events;
    const native = this.#native;
    native.onmessage = ({ data }) => this.#receive(data);
    native.onclose = (event) => this.#ended(event);
    join(this);
  }

  send(message: Message): void {
    const { body, headerLength } = message;
    let bytes = body;
    if (headerLength > 0) {
      bytes = new Uint8Array(headerLength + body.length);
      message.writeHeader(bytes, 0);
      bytes.set(body, headerLength);
    }
    if (this.#text) {
      const text = asText(bytes);
      if (text === undefined) {
        this.#break(
          new InvalidOperationError(
            "A message that is not UTF-8 cannot be sent as text. Send strings, or leave ws({ text: true }) out.",
          ),
        );
        return;
      }
      this.#native.send(text);
    } else {
      this.#native.send(unshared(bytes));
    }
    this.#given += bytes.length;
    this.#settle();
    if (this.#oldest === undefined) this.#oldest = this.#given;
    else this.#ends.push(this.#given);
  }

  // A browser's WebSocket cannot be stopped: the pipe holds what comes, up to its limit.
  pause(): void {}
  resume(): void {}

  watch(): void {
    this.#look?.cancel();
    this.#lookAfter(FIRST_LOOK);
  }

  end(): void {
    this.#native.close(1000);
    this.#linger ??= this.#clock.setTimer(LINGER, () => this.#over());
  }

  cut(error: Error): void {
    this.#forget();
    this.#native.close(pageCodeFor(error));
  }

  pageHidden(): void {
    this.#native.close(1000);
    // What has arrived is there when the page is shown again.
    this.#over(pageLeft(this.remoteAddress), true);
  }

  #receive(data: unknown): void {
    const events = this.#events as WsLinkEvents;
    const bytes = this.#bytesOf(data);
    if (bytes === undefined) return;
    if (bytes.length > this.#limit) {
      this.#break(
        new MessageTooLargeError(
          `${this.remoteAddress} sent a message of ${bytes.length} bytes, more than receiveMaxSize allows (${this.#limit}).`,
        ),
      );
      return;
    }
    events.message(Message.received(bytes, 0, bytes.length));
    if (this.#look !== undefined) events.written();
  }

  #bytesOf(data: unknown): Uint8Array | undefined {
    if (typeof data !== "string") return new Uint8Array(data as ArrayBuffer);
    if (this.#text) return encoder.encode(data);
    this.#break(
      new ProtocolError(
        `${this.remoteAddress} sent a text message. Sockets expect binary ones; for text give ws({ text: true }).`,
        { reason: "bad-frame" },
      ),
    );
    return undefined;
  }

  /** We end it, because of what the peer or the application did. */
  #break(error: Error): void {
    this.#native.close(pageCodeFor(error));
    this.#over(error);
  }

  #ended({ code, reason }: NativeCloseEvent): void {
    this.#over(endOf(this.remoteAddress, code, reason));
  }

  #over(error?: Error, deliver?: boolean): void {
    this.#forget();
    this.#events?.closed(error, deliver);
  }

  #forget(): void {
    const native = this.#native;
    native.onmessage = null;
    native.onclose = null;
    this.#look?.cancel();
    this.#linger?.cancel();
    leave(this);
  }

  /** Forgets the messages that are sent. */
  #settle(): void {
    const sent = this.#given - this.#native.bufferedAmount;
    while (this.#oldest !== undefined && this.#oldest <= sent) this.#oldest = this.#ends.shift();
  }

  /** Until nothing is pending, or the pipe has closed. */
  #lookAfter(delay: number): void {
    this.#look = this.#clock.setTimer(delay, () => {
      if (this.pendingMessages > 0) this.#lookAfter(Math.min(delay * 2, LAST_LOOK));
      else this.#look = undefined;
      this.#events?.written();
    });
  }
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A WebSocket takes no shared memory. */
function unshared(bytes: Uint8Array): Uint8Array {
  return typeof SharedArrayBuffer === "function" && bytes.buffer instanceof SharedArrayBuffer
    ? new Uint8Array(bytes)
    : bytes;
}
