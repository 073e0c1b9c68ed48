/**
 * Messages as frames, straight into the batch of a line.
 *
 * `ws` would make several objects of each frame, write its head and its body apart, and mask byte by byte. It still makes
 * the control frames, and writes them through the same line: as each message is written in one go, and each of those, too,
 * none of them can land inside a frame.
 *
 * The rules it guards: a frame never has more than 64 KiB, because nng refuses large ones; a dialer's frames are masked,
 * each with a random mask of its own (RFC 6455, 5.3), and never in the bytes of the message itself.
 */
import type { Message } from "@sprocket/core";
import type { Line } from "./line.js";
import { applyMask, mask, wordsOf } from "./mask.js";

/** The largest frame that is sent. */
const FRAME = 64 * 1024;
/** Bodies up to this many bytes are copied: below, a copy is cheaper than one more piece in a write. */
const COPY = 1024;
/** Masked frames up to this size are gathered in the slab; they are copied in any case. */
const GATHERED = 8 * 1024;

export class FrameWriter {
  readonly #line: Line;
  readonly #masked: boolean;
  readonly #text: boolean;
  readonly #key = new Uint8Array(4);

  constructor(line: Line, masked: boolean, text: boolean) {
    this.#line = line;
    this.#masked = masked;
    this.#text = text;
  }

  write(message: Message): void {
    const { headerLength, size } = message;
    // What is not masked goes by reference when it is large: from here on the bytes must not change.
    if (!this.#masked && message.length > COPY) message.retain();
    const { body } = message;
    let opcode = this.#text ? 1 : 2;
    if (size <= FRAME) {
      this.#frame(0x80 | opcode, message, body, 0, body.length);
    } else {
      let at = 0;
      if (headerLength > 0) {
        at = FRAME - headerLength;
        this.#frame(opcode, message, body, 0, at);
        opcode = 0;
      }
      for (let end: number; body.length - at > FRAME; at = end) {
        end = this.#text ? characterStart(body, at + FRAME) : at + FRAME;
        this.#frame(opcode, undefined, body, at, end);
        opcode = 0;
      }
      this.#frame(0x80 | opcode, undefined, body, at, body.length);
    }
    this.#line.endMessage();
  }

  /** A frame of `body[from..to)`, behind the header of a message. */
  #frame(first: number, message: Message | undefined, body: Uint8Array, from: number, to: number): void {
    const line = this.#line;
    const masked = this.#masked;
    const headerLength = message === undefined ? 0 : message.headerLength;
    const length = headerLength + to - from;
    const headLength = 2 + (length < 126 ? 0 : length < 65_536 ? 2 : 8) + (masked ? 4 : 0);
    const byReference = !masked && to - from > COPY;
    const inPlace = headLength + (byReference ? headerLength : length);
    const slab = !masked || length <= GATHERED;
    const start = slab ? line.reserve(inPlace) : 0;
    const bytes = slab ? line.slab : Buffer.allocUnsafeSlow(inPlace);
    bytes[start] = first;
    bytes[start + 1] = (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
    let at = start + 2;
    if (length >= 65_536) {
      bytes.fill(0, at, at + 4);
      bytes[at + 4] = length >>> 24;
      bytes[at + 5] = length >>> 16;
      at += 6;
    }
    if (length >= 126) {
      bytes[at] = length >>> 8;
      bytes[at + 1] = length;
      at += 2;
    }
    const key = this.#key;
    if (masked) {
      mask(key);
      bytes[at] = key[0] as number;
      bytes[at + 1] = key[1] as number;
      bytes[at + 2] = key[2] as number;
      bytes[at + 3] = key[3] as number;
      at += 4;
    }
    message?.writeHeader(bytes, at);
    const whole = from === 0 && to === body.length;
    const part = whole ? body : body.subarray(from, to);
    if (byReference) {
      line.add(part);
      return;
    }
    if (to > from) bytes.set(part, at + headerLength);
    if (!masked) return;
    applyMask(bytes, slab ? line.slabWords : wordsOf(bytes), at, at + length, key, 0);
    if (!slab) line.add(bytes);
  }
}

/** `at`, or where the character begins in which it is: nanomsg refuses text that is cut in the middle of one. */
function characterStart(body: Uint8Array, at: number): number {
  let start = at;
  while (at - start < 3 && ((body[start] as number) & 0xc0) === 0x80) start--;
  return start;
}
