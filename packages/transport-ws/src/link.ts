/**
 * A WebSocket of `ws` as a `WsLink`: `ws` has the handshake, pings and the close; messages go past it, both ways.
 *
 * The rule it guards: nothing is written behind a close.
 */
import type { Socket } from "node:net";
import { ClosedError, Message, MessageTooLargeError, ProtocolError, TimeoutError } from "@sprocket/core";
import { type Clock, printable, type Timer } from "@sprocket/core/plugin";
import { fromSystemError, tcpEnds } from "@sprocket/core/stream";
import type { WebSocket } from "ws";
import { codeFor, endOf } from "./close-codes.js";
import { FrameReader, TEXT_FRAME, TOO_LARGE, type Violation } from "./frame-reader.js";
import { FrameWriter } from "./frame-writer.js";
import type { Line } from "./line.js";
import type { WsLink, WsLinkEvents } from "./ws-pipe.js";

/** About what a runtime can hold in one piece. */
const LARGEST_MESSAGE = 2 ** 31 - 1;

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
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  #events: WsLinkEvents | undefined;
  #ended = false;
  #error: Error | undefined;
  #paused = false;
  #pulse: Timer | undefined;
  /** What the line had received when somebody last looked; the upgrade counts as well. */
  #heard = -1;
  #asked = false;

  constructor(plan: LinkPlan) {
    const { websocket, line, socket, scheme, role, text, receiveMaxSize } = plan;
    const { local, remote } = tcpEnds(scheme, socket);
    this.localAddress = local;
    this.remoteAddress = remote;
    this.properties = plan.properties;
    this.#websocket = websocket;
    this.#line = line;
    this.#plan = plan;
    this.#writer = new FrameWriter(line, role === "dial", text);
    this.#reader = new FrameReader({
      masked: role === "listen",
      text,
      most: Math.min(receiveMaxSize || LARGEST_MESSAGE, LARGEST_MESSAGE),
      onMessage: (bytes, start, end, buffer) =>
        this.#events?.message(Message.received(bytes, start, end, buffer)),
      onControl: (frame) => line.forward(frame),
      memory: line.memory,
    });
    websocket.on("error", (error) => {
      // `ws` has told the peer, and ends the connection.
      this.#ended = true;
      this.#error ??= this.#meaning(error);
      this.#events?.closed(this.#error);
    });
    line.onViolation = (violation) => this.#break(this.#broken(violation), violation.code);
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
    this.#line.readFrames(this.#reader);
    this.#watch();
  }

  send(message: Message): void {
    if (!this.ending) this.#writer.write(message);
  }

  pause(): void {
    this.#paused = true;
    this.#line.stop();
  }

  resume(): void {
    this.#paused = false;
    this.#asked = false;
    this.#line.proceed();
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

  /** What a violation means. */
  #broken(violation: Violation): Error {
    if (violation === TOO_LARGE) {
      return new MessageTooLargeError(
        `${this.remoteAddress} sent a message of ${this.#reader.messageBytes} bytes or more; receiveMaxSize allows ${Math.min(this.#plan.receiveMaxSize || LARGEST_MESSAGE, LARGEST_MESSAGE)} here.`,
      );
    }
    const what =
      violation === TEXT_FRAME
        ? "sent a text message. Sockets expect binary ones; for text give ws({ text: true })"
        : `broke a rule: it sent ${violation.what}`;
    return new ProtocolError(`${this.remoteAddress} ${what}.`, { reason: "bad-frame" });
  }

  /** What an error of `ws` means. */
  #meaning(error: Error): Error {
    const { code } = error as { code?: unknown };
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
    if (this.#reader.partial) {
      return new ProtocolError(`${this.remoteAddress} closed the connection in the middle of a message.`, {
        reason: "truncated",
      });
    }
    return endOf(this.remoteAddress, code, reason.toString());
  }
}
