// The other side of a conversation, without a network: messages arrive at set times of a clock that only moves when
// somebody waits.

import { ClosedError, TimeoutError } from "@sprocket/core";
import type { Clock, Peer } from "../../src/cat/conversation.js";

/** Beyond it a test waits for ever. */
const endOfTime = 1_000_000;

export class StoppedClock implements Clock {
  #now = 0;

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.#now += Math.max(0, milliseconds);
  }
}

export interface Arrival {
  readonly at: number;
  readonly body: string | Error;
}

export class ScriptedPeer implements Peer {
  readonly #clock: StoppedClock;
  readonly #arrivals: Arrival[];
  /** What happened, e.g. `0 sent hello`. */
  readonly log: string[] = [];
  /** Called for each send; its arrivals join the script. */
  onSend: (sends: number) => readonly Arrival[] = () => [];
  #sends = 0;

  constructor(clock: StoppedClock, arrivals: readonly Arrival[] = []) {
    this.#clock = clock;
    this.#arrivals = [...arrivals];
  }

  async send(data: Uint8Array): Promise<void> {
    this.log.push(`${this.#clock.now()} sent ${Buffer.from(data)}`);
    this.#arrivals.push(...this.onSend(++this.#sends));
  }

  async receive({ timeout }: { readonly timeout: number }): Promise<Uint8Array> {
    const now = this.#clock.now();
    this.#arrivals.sort((a, b) => a.at - b.at);
    const next = this.#arrivals[0];
    if (next === undefined || next.at > now + timeout) {
      if (now + timeout > endOfTime) {
        this.log.push(`${now} waits for ever`);
        throw new ClosedError("the test is over");
      }
      await this.#clock.sleep(timeout);
      throw new TimeoutError("nothing came");
    }
    this.#arrivals.shift();
    await this.#clock.sleep(next.at - now);
    if (next.body instanceof Error) {
      throw next.body;
    }
    return Buffer.from(next.body);
  }
}
