/**
 * What one inbound chunk causes goes out together.
 *
 * A chunk may hold many messages: 64 requests, each answered on the spot, or 64 replies, whose callers ask again as soon as
 * their promises settle. An encoder that wrote the first of them at once would give its peer a chunk of one message, and
 * get a chunk of one back: batches wear off, and each message costs a system call at both ends. So encoders hold
 *
 * - while a chunk is being delivered and more of it waits;
 * - in the microtasks that follow a chunk of several messages, as long as they go on sending.
 *
 * It ends before the event loop turns. What is held goes out each millisecond, so that handlers that compute for long
 * hold up no answer that is ready, and every 32 messages (`encoder.ts`), so that the peer has something to do meanwhile. A
 * chunk of one message, as in a ping-pong, holds nothing.
 */

/** An encoder. */
export interface Gatherer {
  /** It is among those that hold. */
  holding: boolean;
  /** Write what has gathered. `late`: even while another write is in flight. */
  release(late: boolean): void;
}

/** What says whether more of the chunk waits: a decoder. */
export interface Source {
  readonly waiting: boolean;
}

/** Microtasks without a send, after which nobody is expected to send any more: as many as an `await` or two take. */
const PATIENCE = 4;
/** ms */
const LONGEST = 1;

class Gather {
  #source: Source | undefined;
  /** In the microtasks after a chunk. */
  #after = false;
  #idle = 0;
  #held: Gatherer[] = [];
  /** When the oldest of what is held came. */
  #since = 0;
  readonly #look = (): void => this.#lookAgain();

  /** Before a chunk is delivered. Tells what to hand to `leave`. */
  enter(source: Source): Source | undefined {
    const outer = this.#source;
    this.#source = source;
    return outer;
  }

  /** @param several the chunk held more than one message */
  leave(outer: Source | undefined, several: boolean): void {
    this.#source = outer;
    if (outer !== undefined) return;
    if (this.#held.length > 0) this.#release(false);
    if (!several || this.#after) return;
    this.#after = true;
    this.#idle = 0;
    queueMicrotask(this.#look);
  }

  /** By an encoder that has taken a message: should it wait? Then `release` is called before the event loop turns. */
  holds(gatherer: Gatherer): boolean {
    if (!this.#after && (this.#source === undefined || !this.#source.waiting)) return false;
    this.#idle = 0;
    const now = performance.now();
    if (this.#held.length === 0) this.#since = now;
    if (!gatherer.holding) {
      gatherer.holding = true;
      this.#held.push(gatherer);
    }
    if (now - this.#since >= LONGEST) this.#release(true);
    return true;
  }

  #lookAgain(): void {
    if (this.#idle++ < PATIENCE) {
      queueMicrotask(this.#look);
      return;
    }
    this.#after = false;
    if (this.#held.length > 0 && this.#source === undefined) this.#release(false);
  }

  #release(late: boolean): void {
    const held = this.#held;
    this.#held = [];
    for (const gatherer of held) {
      gatherer.holding = false;
      gatherer.release(late);
    }
  }
}

/** One for the realm: a chunk from one peer makes messages for others. */
export const gather = new Gather();
