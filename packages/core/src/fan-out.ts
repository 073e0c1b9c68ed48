/**
 * One message to every peer, never waiting (PUB, BUS, SURVEYOR): what a pipe cannot take at once waits in a short queue of
 * its own, and when that is full a message is dropped, the oldest or the newest as the protocol says (reference 4.0).
 *
 * Writes are only completed when the event loop turns, which a loop of `await send()` would never let it do. So when a
 * pipe first has no room, senders let the loop turn until it has, for a few milliseconds at most (`congested`). A peer
 * that has not made room by then is slow: nobody waits for it again before it has caught up, but senders go on letting
 * the loop turn now and then, without which it never could.
 */
import type { Message } from "./message.js";
import type { ProtocolHost, ProtocolPipe } from "./protocol.js";
import { MessageQueue } from "./queue.js";

/** Which message goes when a queue is full. */
export type Overflow = "drop-oldest" | "drop-newest";

/** ms that senders let a pipe have that has run out of room. */
const GRACE = 10;
/** Turns of the event loop that it gets in any case: one turn of a busy process may take longer than `GRACE`. */
const GRACE_TURNS = 16;
/** Messages for a slow pipe after which the event loop turns once. */
const STINT = 64;

/** What waits for one pipe. */
interface Lane {
  readonly queue: MessageQueue;
  /** Being given time to make room; or slow, until it has caught up. */
  state: "clear" | "grace" | "slow";
}

/** A short queue for each pipe, and one send to all of them. Never waits for a peer. */
export class FanOut {
  /** Reasons to let the event loop turn: lanes in their time of grace, and the end of a stint. */
  #waiting = 0;
  /** Messages for slow pipes in this stint. */
  #stint = 0;
  readonly #host: ProtocolHost;
  readonly #overflow: Overflow;
  readonly #lanes = new Map<ProtocolPipe, Lane>();
  #capacity: number;

  constructor(host: ProtocolHost, capacity: number, overflow: Overflow) {
    this.#host = host;
    this.#capacity = capacity;
    this.#overflow = overflow;
  }

  /** A pipe has just run out of room: senders should let the event loop turn. */
  get congested(): boolean {
    return this.#waiting > 0;
  }

  /** Messages that wait for room in a pipe. */
  get queued(): number {
    let messages = 0;
    for (const { queue } of this.#lanes.values()) messages += queue.length;
    return messages;
  }

  add(pipe: ProtocolPipe): void {
    this.#lanes.set(pipe, { queue: new MessageQueue(this.#capacity), state: "clear" });
  }

  remove(pipe: ProtocolPipe): void {
    const lane = this.#lanes.get(pipe);
    this.#lanes.delete(pipe);
    if (lane !== undefined) this.#settle(lane, "clear");
    const queue = lane?.queue;
    for (let message = queue?.shift(); message !== undefined; message = queue?.shift()) {
      this.#host.drop("peer-gone", message.length, pipe);
    }
  }

  /** To every pipe but `except`. The bytes are encoded once for all pipes that share a wire format. */
  send(message: Message, except?: ProtocolPipe): void {
    if (this.#lanes.size > 1) message.share();
    else if (this.#lanes.size === 0) this.#host.drop("no-peers", message.length);
    for (const [pipe, lane] of this.#lanes) {
      if (pipe === except) continue;
      if (pipe.writable && lane.queue.length === 0) pipe.send(message);
      else this.#enqueue(pipe, lane, message);
    }
  }

  /** By the protocol, when a pipe has room again. */
  writable(pipe: ProtocolPipe): void {
    const lane = this.#lanes.get(pipe);
    while (lane !== undefined && pipe.writable) {
      const message = lane.queue.shift();
      if (message === undefined) {
        this.#settle(lane, "clear");
        return;
      }
      pipe.send(message);
    }
  }

  /** Also the queues that are there follow a new capacity. */
  resize(capacity: number): void {
    this.#capacity = capacity;
    for (const [pipe, { queue }] of this.#lanes) {
      for (const message of queue.resize(capacity)) this.#host.drop("queue-full", message.length, pipe);
    }
  }

  clear(): void {
    for (const { queue } of this.#lanes.values()) queue.clear();
  }

  #enqueue(pipe: ProtocolPipe, lane: Lane, message: Message): void {
    const { queue } = lane;
    if (lane.state === "clear") this.#giveTime(lane);
    else if (lane.state === "slow" && ++this.#stint === STINT) this.#turnOnce();
    if (queue.push(message)) return;
    if (this.#overflow === "drop-oldest") {
      const oldest = queue.shift();
      if (oldest !== undefined) this.#host.drop("queue-full", oldest.length, pipe);
      queue.push(message);
    } else {
      this.#host.drop("queue-full", message.length, pipe);
    }
  }

  #giveTime(lane: Lane): void {
    lane.state = "grace";
    this.#waiting++;
    const end = this.#host.now() + GRACE;
    let turns = 0;
    const look = (): void => {
      if (lane.state !== "grace") return;
      if (++turns < GRACE_TURNS || this.#host.now() < end) this.#host.nextTurn(look);
      else this.#settle(lane, "slow");
    };
    this.#host.nextTurn(look);
  }

  #turnOnce(): void {
    this.#waiting++;
    this.#host.nextTurn(() => {
      this.#waiting--;
      this.#stint = 0;
    });
  }

  #settle(lane: Lane, state: "clear" | "slow"): void {
    if (lane.state === "grace") this.#waiting--;
    lane.state = state;
  }
}
