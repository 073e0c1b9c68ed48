/**
 * A WebSocket of `ws` as a `WsLink`.
 *
 * The rules it guards: a frame never has more than 64 KiB, because nng refuses large ones; bytes that an application only
 * lent are not written by reference.
 */
import type { Socket } from "node:net";
import { ClosedError, Message, MessageTooLargeError, ProtocolError, TimeoutError } from "@sprocket/core";
import { type Clock, printable, type Timer } from "@sprocket/core/plugin";
import { fromSystemError, tcpEnds } from "@sprocket/core/stream";
import type { WebSocket } from "ws";
import { codeFor, endOf } from "./close-codes.js";
import type { Line } from "./line.js";
import type { WsLink, WsLinkEvents } from "./ws-pipe.js";

/** The largest frame that is sent. */
const FRAME = 64 * 1024;
/** `ws` itself knows no larger limit than this; it is also about what a runtime can hold in one piece. */
export const LARGEST_MESSAGE = 2 ** 31 - 1;

export interface LinkPlan {
  readonly websocket: WebSocket;
  readonly line: Line;
  /** The system's socket. */
  readonly socket: Socket;
  readonly scheme: string;
  readonly role: "dial" | "listen";
  readonly text: boolean;
  /** Bytes; `Infinity` or 0: none. */
  readonly receiveMaxSize: number;
  /** In ms; `Infinity`: never. */
  readonly pingInterval: number;
  readonly clock: Clock;
  readonly properties: ReadonlyMap<string, unknown>;
}

/** Call it in the turn in which the WebSocket opened. */
export class Link implements WsLink {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly properties: ReadonlyMap<string, unknown>;
  readonly #websocket: WebSocket;
  readonly #line: Line;
  readonly #plan: LinkPlan;
  readonly #whole: { binary: boolean; fin: true };
  readonly #part: { binary: boolean; fin: false };
  #events: WsLinkEvents | undefined;
  #ended = false;
  #error: Error | undefined;
  #paused = false;
  #pulse: Timer | undefined;
  /** What the line had received when somebody last looked; the upgrade counts as well. */
  #heard = -1;
  #asked = false;

  constructor(plan: LinkPlan) {
    const { websocket, line, socket, scheme, text } = plan;
    const { local, remote } = tcpEnds(scheme, socket);
    this.localAddress = local;
    this.remoteAddress = remote;
    this.properties = plan.properties;
    this.#websocket = websocket;
    this.#line = line;
    this.#plan = plan;
    this.#whole = { binary: !text, fin: true };
    this.#part = { binary: !text, fin: false };
    websocket.on("error", (error) => {
      // `ws` has told the peer, and ends the connection.
      this.#ended = true;
      this.#error ??= this.#meaning(error);
      this.#events?.closed(this.#error);
    });
    line.onViolation = ({ code, what }) =>
      this.#break(
        new ProtocolError(`${remote} broke a rule: it sent ${what}.`, { reason: "bad-frame" }),
        code,
      );
    websocket.on("close", (code: number, reason: Buffer) => {
      this.#pulse?.cancel();
      this.#events?.closed(this.#reason(code, reason));
    });
  }

  get pendingMessages(): number {
    return this.#line.pendingMessages;
  }

  get pendingBytes(): number {
    return this.#line.pendingBytes;
  }

  get ending(): boolean {
    return this.#websocket.readyState !== this.#websocket.OPEN;
  }

  begin(events: WsLinkEvents): void {
    this.#events = events;
    this.#line.onWritten = () => events.written();
    const { text } = this.#plan;
    this.#websocket.on("message", (data: Buffer, isBinary: boolean) => {
      if (this.#ended && this.#error !== undefined) return;
      if (!isBinary && !text) {
        this.#break(
          new ProtocolError(
            `${this.remoteAddress} sent a text message. Sockets expect binary ones; for text give ws({ text: true }).`,
            { reason: "bad-frame" },
          ),
          1003,
        );
        return;
      }
      events.message(Message.received(data, 0, data.length));
    });
    this.#watch();
  }

  send(message: Message): void {
    const { size, headerLength } = message;
    // A dialer's frames are masked, which copies them; a listener's go as they are.
    if (this.#plan.role === "listen" && message.length > 1024) message.retain();
    const { body } = message;
    const websocket = this.#websocket;
    const line = this.#line;
    line.cork();
    if (size <= FRAME) {
      websocket.send(headerLength === 0 ? body : joined(message, body, body.length), this.#whole);
    } else {
      let at = 0;
      if (headerLength > 0) {
        at = FRAME - headerLength;
        websocket.send(joined(message, body, at), this.#part);
      }
      for (let end: number; body.length - at > FRAME; at = end) {
        end = this.#plan.text ? characterStart(body, at + FRAME) : at + FRAME;
        websocket.send(body.subarray(at, end), this.#part);
      }
      websocket.send(body.subarray(at), this.#whole);
    }
    line.uncorkMessage();
  }

  pause(): void {
    this.#paused = true;
    this.#websocket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#asked = false;
    this.#websocket.resume();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#websocket.close(1000);
  }

  cut(error: Error): void {
    if (error instanceof ClosedError) {
      this.#ended = true;
      this.#error = error;
      if (this.#line.pendingMessages === 0) this.#websocket.close(codeFor(error));
      this.#websocket.terminate();
    } else {
      this.#break(error, codeFor(error));
    }
  }

  /** Ends it because of the peer, which hears why if it can: not behind what waits for it. */
  #break(error: Error, code: number): void {
    if (this.#ended && this.#error !== undefined) return;
    this.#ended = true;
    this.#error = error;
    this.#events?.closed(error);
    if (this.#line.pendingMessages === 0) {
      this.#websocket.close(code);
      this.#line.leave();
    } else {
      this.#websocket.terminate();
    }
  }

  /** Is the peer still there? Whatever comes from it says yes. While we do not read, we do not ask. */
  #watch(): void {
    const { pingInterval, clock } = this.#plan;
    if (pingInterval === Number.POSITIVE_INFINITY) return;
    this.#pulse = clock.setTimer(pingInterval, () => {
      if (this.#ended) return;
      const { received } = this.#line;
      if (this.#paused || received !== this.#heard) {
        this.#heard = received;
        this.#asked = false;
      } else if (this.#asked) {
        this.#error = new TimeoutError(
          `${this.remoteAddress} sent nothing for ${2 * pingInterval} ms and did not answer a ping (pingInterval).`,
        );
        this.#websocket.terminate();
        return;
      } else {
        this.#asked = true;
        this.#websocket.ping();
      }
      this.#watch();
    });
  }

  /** What an error of `ws` means. */
  #meaning(error: Error): Error {
    const { code } = error as { code?: unknown };
    const { receiveMaxSize } = this.#plan;
    if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" || code === "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH") {
      return new MessageTooLargeError(
        `${this.remoteAddress} sent a message of ${this.#line.announced} bytes or more; receiveMaxSize allows ${Math.min(receiveMaxSize || LARGEST_MESSAGE, LARGEST_MESSAGE)} here.`,
        { cause: error },
      );
    }
    if (typeof code === "string" && code.startsWith("WS_ERR_")) {
      return new ProtocolError(
        `${this.remoteAddress} broke a rule of WebSocket: ${printable(error.message, 120)}.`,
        {
          reason: "bad-frame",
          cause: error,
        },
      );
    }
    return fromSystemError(error, { operation: "connection", url: this.remoteAddress });
  }

  /** Why it is over; undefined for an end in good order. */
  #reason(code: number, reason: Buffer): Error | undefined {
    if (this.#error !== undefined) return this.#error;
    if (this.#line.failure !== undefined) {
      return fromSystemError(this.#line.failure, { operation: "connection", url: this.remoteAddress });
    }
    if (this.#ended) return undefined;
    if (this.#line.partial) {
      return new ProtocolError(`${this.remoteAddress} closed the connection in the middle of a message.`, {
        reason: "truncated",
      });
    }
    return endOf(this.remoteAddress, code, reason.toString());
  }
}

/** Header and the first `length` bytes of the body in one piece. */
function joined(message: Message, body: Uint8Array, length: number): Buffer {
  const { headerLength } = message;
  const bytes = Buffer.allocUnsafe(headerLength + length);
  message.writeHeader(bytes, 0);
  bytes.set(length === body.length ? body : body.subarray(0, length), headerLength);
  return bytes;
}

/** `at`, or where the character begins in which it is: nanomsg refuses text that is cut in the middle of one. */
function characterStart(body: Uint8Array, at: number): number {
  let start = at;
  while (at - start < 3 && ((body[start] as number) & 0xc0) === 0x80) start--;
  return start;
}
