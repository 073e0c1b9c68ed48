/**
 * Messages to batched writes: the sending half of the hot path.
 *
 * A lone message is written at once; while a write of this pipe is in flight, messages gather and go out together from
 * its callback, or as soon as a batch is full. So do those that one inbound chunk causes (`gather.ts`). Otherwise never
 * from a microtask: each `await send()` would then be a write of its own. Senders that met the high-water mark are woken
 * from a macrotask: the write callback runs before the event loop turns, so waking them there would starve timers.
 *
 * Header and small bodies are copied into a slab, larger bodies go by reference, and all pieces of a batch are handed to
 * the stream as one.
 */
import { Fifo } from "../fifo.js";
import { macrotask } from "../macrotask.js";
import type { Message } from "../message.js";
import type { ByteStream } from "./byte-stream.js";
import { type Gatherer, gather } from "./gather.js";
import { type Slab, slabFor } from "./slab.js";
import type { EncoderOptions, FrameEncoder } from "./wire.js";

const LENGTH = 8;
/** Marks of the two formats, without and with a type byte, of this copy of core. */
const FORMATS = [Symbol("sp"), Symbol("sp-ipc")] as const;
/** Bodies up to this many bytes are copied: below, a copy is cheaper than one more piece in a write. */
const COPY = 1024;
/** A batch of this many bytes goes out although another write is in flight. */
const BATCH = 256 * 1024;
/** So does one of this many messages that are held: a peer that has some to work on need not sleep meanwhile. */
const HELD = 32;

export class SpEncoder implements FrameEncoder, Gatherer {
  holding = false;
  readonly #stream: ByteStream;
  readonly #prefix: 0 | 1;
  readonly #options: EncoderOptions;
  /** The batch that gathers: finished pieces, and the open piece `#slab[#start..#end)`. */
  #pieces: Uint8Array[] = [];
  #slab: Slab | undefined;
  #start = 0;
  #end = 0;
  /** Pieces that nobody needs once they are written. */
  #copies: Uint8Array[] | undefined;
  #batchBytes = 0;
  #batchMessages = 0;
  /** Batches handed to the stream and not yet written. */
  #writes = 0;
  /** Of the oldest of them: most pipes never have another. */
  #oldestMessages = 0;
  #oldestBytes = 0;
  /** Of the others, oldest first: messages and bytes of each. */
  #later: Fifo<number> | undefined;
  /** Made with the first write: pipes that only receive need none. */
  #done: ((error?: Error | null) => void) | undefined;
  #writtenBytes = 0;
  #writtenMessages = 0;
  /** `put` answered false, and nobody has been told of room since. */
  #blocked = false;
  #waking = false;
  #stopped = false;

  constructor(stream: ByteStream, prefix: 0 | 1, options: EncoderOptions) {
    this.#stream = stream;
    this.#prefix = prefix;
    this.#options = options;
  }

  get pendingMessages(): number {
    return this.#batchMessages + this.#writtenMessages;
  }

  get pendingBytes(): number {
    return this.#batchBytes + this.#writtenBytes;
  }

  put(message: Message): boolean {
    if (this.#stopped) return false;
    const size = message.size;
    const bodyLength = message.length;
    const byReference = bodyLength > COPY;
    if (message.shared) this.#putShared(message, byReference);
    else this.#encode(message, size, byReference);
    if (byReference) {
      // From here on the bytes must not change.
      message.retain();
      this.#cut();
      this.#pieces.push(message.body);
      if (message.passing) {
        this.#copies ??= [];
        this.#copies.push(message.body);
      }
    }
    this.#batchBytes += this.#prefix + LENGTH + size;
    this.#batchMessages++;
    const go = gather.holds(this) ? this.#batchMessages >= HELD : this.#writes === 0;
    if (go || this.#batchBytes >= BATCH) this.#flush();
    if (this.#batchBytes + this.#writtenBytes < this.#options.highWaterBytes) return true;
    this.#blocked = true;
    return false;
  }

  release(late: boolean): void {
    if (this.#batchMessages > 0 && (late || this.#writes === 0) && !this.#stopped) this.#flush();
  }

  stop(): void {
    this.#stopped = true;
    this.#pieces = [];
    this.#copies = undefined;
    this.#slab = undefined;
  }

  /** Writes type byte, length, header and, if it is small, body behind the open piece. */
  #encode(message: Message, size: number, byReference: boolean): void {
    const { headerLength } = message;
    const slab = slabFor(this.#prefix + LENGTH + (byReference ? headerLength : size));
    const { bytes } = slab;
    let at = slab.used;
    this.#extend(slab, at);
    if (this.#prefix === 1) bytes[at++] = 1;
    writeLength(bytes, at, size);
    at += LENGTH;
    if (headerLength > 0) {
      message.writeHeader(bytes, at);
      at += headerLength;
    }
    if (!byReference && size > headerLength) {
      bytes.set(message.body, at);
      at += size - headerLength;
    }
    this.#end = slab.used = at;
  }

  /** A fan-out encodes once: the first pipe writes into the slab, the others send the same bytes. */
  #putShared(message: Message, byReference: boolean): void {
    const { encoded } = message;
    if (encoded !== undefined && encoded.format === FORMATS[this.#prefix]) {
      this.#extend(encoded.buffer as Slab, encoded.start);
      this.#end = encoded.end;
      return;
    }
    this.#encode(message, message.size, byReference);
    const length = this.#prefix + LENGTH + (byReference ? message.headerLength : message.size);
    message.encoded = {
      format: FORMATS[this.#prefix],
      buffer: this.#slab,
      start: this.#end - length,
      end: this.#end,
    };
  }

  /** Makes the open piece end at `at` in `slab`, so that it can go on there. */
  #extend(slab: Slab, at: number): void {
    if (slab === this.#slab && at === this.#end) return;
    this.#cut();
    this.#slab = slab;
    this.#start = at;
  }

  /** Ends the open piece. */
  #cut(): void {
    if (this.#slab !== undefined && this.#end > this.#start) {
      // Not `subarray`, which looks up what to make at every call.
      const { bytes } = this.#slab;
      this.#pieces.push(new Uint8Array(bytes.buffer, this.#start, this.#end - this.#start));
    }
    this.#slab = undefined;
    this.#start = this.#end = 0;
  }

  #flush(): void {
    this.#cut();
    const pieces = this.#pieces;
    this.#pieces = [];
    if (this.#writes++ === 0) {
      this.#oldestMessages = this.#batchMessages;
      this.#oldestBytes = this.#batchBytes;
    } else {
      this.#later ??= new Fifo();
      this.#later.push(this.#batchMessages);
      this.#later.push(this.#batchBytes);
    }
    this.#writtenBytes += this.#batchBytes;
    this.#writtenMessages += this.#batchMessages;
    this.#batchBytes = this.#batchMessages = 0;
    this.#done ??= (error) => {
      if (!error) this.#written();
    };
    this.#stream.write(pieces, this.#copies === undefined ? this.#done : this.#releasing(this.#copies));
    this.#copies = undefined;
  }

  /** Copies of large bodies are as large again: their memory is used again at once, as that of what was received. */
  #releasing(copies: readonly Uint8Array[]): (error?: Error | null) => void {
    return (error) => {
      if (error) return;
      for (const copy of copies) this.#stream.memory?.release?.(copy);
      this.#written();
    };
  }

  /** A batch is written; they are written in order. */
  #written(): void {
    this.#writtenMessages -= this.#oldestMessages;
    this.#writtenBytes -= this.#oldestBytes;
    if (--this.#writes > 0) {
      const later = this.#later as Fifo<number>;
      this.#oldestMessages = later.shift() as number;
      this.#oldestBytes = later.shift() as number;
    }
    if (this.#stopped) return;
    if (this.#batchMessages > 0 && this.#writes === 0) this.#flush();
    if (this.#blocked && !this.#waking && this.pendingBytes < this.#options.highWaterBytes) this.#wake();
    if (this.pendingMessages === 0) this.#options.onFlushed();
  }

  #wake(): void {
    this.#waking = true;
    macrotask(() => {
      this.#waking = false;
      this.#blocked = false;
      if (!this.#stopped) this.#options.onDrain();
    });
  }
}

function writeLength(bytes: Uint8Array, at: number, length: number): void {
  const high = Math.floor(length / 0x1_0000_0000);
  bytes[at] = 0;
  bytes[at + 1] = high >>> 16;
  bytes[at + 2] = high >>> 8;
  bytes[at + 3] = high;
  bytes[at + 4] = length >>> 24;
  bytes[at + 5] = length >>> 16;
  bytes[at + 6] = length >>> 8;
  bytes[at + 7] = length;
}
