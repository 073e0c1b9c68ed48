// The ways of talking, over anything that sends and receives. A round of `ask`, `talk` and `send` begins with a send and
// lasts for the interval; a round of `answer` and of `receive` is one message.

import { BadStateError, TimeoutError } from "@sprocket/core";
import { CatError } from "./cat-error.js";
import { errorText } from "./error-text.js";

export interface Sends {
  send(data: Uint8Array): Promise<unknown>;
}

export interface Receives {
  /** `timeout` in ms; `Infinity` waits for ever. */
  receive(options: { readonly timeout: number }): Promise<Uint8Array>;
}

export interface Peer extends Sends, Receives {}

export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface Plan {
  /** 0: no end. */
  readonly count: number;
  /** Milliseconds, like all here. Absent: a round ends by itself. */
  readonly interval: number | undefined;
  readonly delay: number;
  /** `Infinity`: never. */
  readonly receiveTimeout: number;
  print(body: Uint8Array): Promise<void>;
}

/** Sends, once for each interval. */
export async function send(peer: Sends, data: Uint8Array, plan: Plan, clock: Clock): Promise<void> {
  const rounds = numberOfRounds(plan);
  await clock.sleep(plan.delay);
  for (let round = 1; ; round++) {
    const start = clock.now();
    await sendData(peer, data);
    if (round === rounds) {
      return;
    }
    await clock.sleep(start + (plan.interval ?? 0) - clock.now());
  }
}

/** Prints what comes, until nothing comes for the receive timeout. */
export async function receive(peer: Receives, plan: Plan): Promise<void> {
  for (let round = 1; ; round++) {
    if (!(await printOne(peer, plan.receiveTimeout, plan)) || round === plan.count) {
      return;
    }
  }
}

/** Prints each message and sends the data back. Here, unlike in `receive`, silence is a failure. */
export async function answer(peer: Peer, data: Uint8Array, plan: Plan): Promise<void> {
  for (let round = 1; ; round++) {
    let body: Uint8Array;
    try {
      body = await peer.receive({ timeout: plan.receiveTimeout });
    } catch (error) {
      throw new CatError(`Receive error: ${errorText(error)}`, { cause: error });
    }
    await plan.print(body);
    await sendData(peer, data);
    if (round === plan.count) {
      return;
    }
  }
}

/**
 * Sends and prints what comes back until the protocol allows no further receive, as REQ does behind the reply and SURVEYOR
 * when the survey is over; or until the round is over, or nothing comes for the receive timeout.
 */
export function ask(peer: Peer, data: Uint8Array, plan: Plan, clock: Clock): Promise<void> {
  return exchange(peer, data, plan, clock, false);
}

/**
 * The same with a peer that may go on for ever. A single round without an interval then ends with the receive timeout;
 * several are one message out, one message in each.
 */
export function talk(peer: Peer, data: Uint8Array, plan: Plan, clock: Clock): Promise<void> {
  return exchange(peer, data, plan, clock, plan.interval === undefined && numberOfRounds(plan) !== 1);
}

/** With an interval, everything is printed that comes before the round is over. */
async function exchange(
  peer: Peer,
  data: Uint8Array,
  plan: Plan,
  clock: Clock,
  oneInEach: boolean,
): Promise<void> {
  const rounds = numberOfRounds(plan);
  await clock.sleep(plan.delay);
  for (let round = 1; ; round++) {
    const end = clock.now() + (plan.interval ?? Number.POSITIVE_INFINITY);
    await sendData(peer, data);
    if (plan.interval === 0) {
      // The answer, or anything else, can only come in while nothing runs here.
      await clock.sleep(0);
    }
    let received: boolean;
    do {
      const timeout = Math.min(plan.receiveTimeout, Math.max(0, end - clock.now()));
      received = await printOne(peer, timeout, plan);
    } while (received && !oneInEach);
    if (round === rounds) {
      return;
    }
    if (plan.interval !== undefined) {
      await clock.sleep(end - clock.now());
    }
  }
}

/** Without an interval there is one round, unless a count asks for more. */
function numberOfRounds({ count, interval }: Plan): number {
  return count === 0 && interval === undefined ? 1 : count;
}

async function sendData(peer: Sends, data: Uint8Array): Promise<void> {
  try {
    await peer.send(data);
  } catch (error) {
    throw new CatError(`Send error: ${errorText(error)}`, { cause: error });
  }
}

/** False when there is nothing more to receive now: time is over, or the protocol's conversation is. */
async function printOne(peer: Receives, timeout: number, plan: Plan): Promise<boolean> {
  let body: Uint8Array;
  try {
    body = await peer.receive({ timeout });
  } catch (error) {
    if (error instanceof TimeoutError || error instanceof BadStateError) {
      return false;
    }
    throw new CatError(`Cannot receive: ${errorText(error)}`, { cause: error });
  }
  await plan.print(body);
  return true;
}
