/**
 * What travels on a byte stream: greeting and framing, as one replaceable value. `createStreamPipe` works with any;
 * `spWire` and `spIpcWire` are the two of the Scalability Protocols. Types only.
 */
import type { Message } from "../message.js";
import type { MessageRun } from "../transport.js";
import type { ByteStream, StreamMemory } from "./byte-stream.js";

/** Greeting and framing of one family of protocols. */
export interface Wire {
  readonly name: string;
  /** Bytes that a peer's greeting has. */
  readonly greetingLength: number;
  /** Our greeting; the first bytes on the stream. */
  greeting(protocol: number): Uint8Array;
  /** The peer's protocol number. @throws ProtocolError, which names what is wrong */
  readGreeting(bytes: Uint8Array): number;
  /**
   * @param limit Largest message in bytes, header included; `Infinity`: none.
   * @param memory As `ByteStream.memory`.
   */
  decoder(limit: number, sink: FrameSink, memory?: StreamMemory): FrameDecoder;
  encoder(stream: ByteStream, options: EncoderOptions): FrameEncoder;
}

/** Takes what a decoder finds. May pause or stop it from inside a call. */
export interface FrameSink {
  onMessage(message: Message): void;
  /** As in `PipeSink`. */
  readonly run?: MessageRun | undefined;
}

/** Bytes to messages, split anywhere. */
export interface FrameDecoder {
  /** Set by the owner: stop at the current message and keep the rest. */
  paused: boolean;
  /** A part of a message, or of its length, has arrived. */
  readonly partial: boolean;
  /** Bytes are waiting for `run`. */
  readonly waiting: boolean;
  /** Takes a chunk; only when nothing is waiting. @throws ProtocolError, MessageTooLargeError, NoMemoryError */
  push(chunk: Uint8Array): void;
  /** While it is paused: the next message, if it is whole and nothing is wrong with it. */
  fetch(): Message | undefined;
  /** Goes on with what is waiting. @throws as `push` */
  run(): void;
  /** Forgets everything. */
  stop(): void;
}

/** What an encoder is told, and whom it tells. */
export interface EncoderOptions {
  /** Bytes that may wait before `put` answers false. */
  readonly highWaterBytes: number;
  /** Called, from a macrotask, once there is room after `put` answered false. */
  onDrain(): void;
  /** Called whenever nothing is pending any more. */
  onFlushed(): void;
}

/** Messages to batched writes. */
export interface FrameEncoder {
  readonly pendingMessages: number;
  readonly pendingBytes: number;
  /** Takes the message. False: taken, but wait for `onDrain`. */
  put(message: Message): boolean;
  /** The stream is gone: write nothing more. */
  stop(): void;
}
