/** Exchanges that most cases need, and the waits that replace sleeping. */
import type { SocketEvent, SocketEventType } from "@sprocket/core";
import { expect } from "vitest";
import { checksum, pattern, seriesIndex, seriesMessage } from "./pattern.js";
import type { Peer } from "./peer.js";
import { patience } from "./scene.js";

/** A socket of ours that sends. */
export interface Sender {
  send(data: Uint8Array | string, options?: { timeout?: number }): Promise<void>;
}

/** A socket of ours that receives. */
export interface Receiver {
  receive(options?: { timeout?: number }): Promise<Uint8Array>;
}

/** A socket of ours that does both. */
export interface Talker extends Sender, Receiver {}

/** A short message each way. */
export async function talk(socket: Talker, peer: Peer, word = "word"): Promise<void> {
  await socket.send(`${word} to peer`, { timeout: patience });
  expect(text((await peer.receive()).bytes)).toBe(`${word} to peer`);
  await peer.send(bytes(`${word} from peer`));
  expect(text(await socket.receive({ timeout: patience }))).toBe(`${word} from peer`);
}

/** `length` bytes each way, compared by checksum. */
export async function talkInBulk(socket: Talker, peer: Peer, length: number): Promise<void> {
  const ours = pattern(length, 7);
  const [, received] = await Promise.all([socket.send(ours, { timeout: patience }), peer.receive()]);
  expect(received).toMatchObject({ length, checksum: checksum(ours) });

  const [theirs] = await Promise.all([socket.receive({ timeout: patience }), peer.sendPattern(length, 8)]);
  expect(theirs.length).toBe(length);
  expect(checksum(theirs)).toBe(checksum(pattern(length, 8)));
}

/** `count` messages each way; each side checks every one. */
export async function talkInOrder(socket: Talker, peer: Peer, count: number): Promise<void> {
  await Promise.all([peer.receiveSeries(count), sendSeries(socket, count)]);
  await Promise.all([receiveSeries(socket, count), peer.sendSeries(count)]);
}

/** Messages `first` to `first + count - 1` of the series. */
export async function sendSeries(socket: Sender, count: number, first = 0): Promise<void> {
  for (let index = first; index < first + count; index++) {
    await socket.send(seriesMessage(index), { timeout: patience });
  }
}

/** The same messages, none missing. */
export async function receiveSeries(socket: Receiver, count: number, first = 0): Promise<void> {
  for (let index = first; index < first + count; index++) {
    const message = await socket.receive({ timeout: patience });
    const expected = seriesMessage(index);
    if (Buffer.compare(message, expected) !== 0) expect([index, message]).toEqual([index, expected]);
  }
}

/** Messages of the series in order, with gaps perhaps, up to the one with index `last`; returns how many. */
export async function receiveUntil(socket: Receiver, last: number): Promise<number> {
  let count = 0;
  for (let previous = -1; previous < last; count++) {
    const message = await socket.receive({ timeout: patience });
    const index = seriesIndex(message);
    if (!(index > previous && index <= last)) throw new Error(`message ${index} came after ${previous}`);
    previous = index;
  }
  return count;
}

/**
 * Repeats `attempt` until `arrived` settles. For the moments in which a message may rightly be lost: one side has already
 * dropped a connection that the other still uses.
 */
export async function untilArrived<T>(attempt: () => Promise<unknown>, arrived: Promise<T>): Promise<T> {
  let settled = false;
  const done = arrived.finally(() => {
    settled = true;
  });
  done.catch(() => {});
  while (!settled) {
    const last = attempt();
    await Promise.race([last, done]);
    await Promise.race([done, tick(100)]);
    // What comes after must not meet a message that is still on its way.
    if (settled) await last;
  }
  return done;
}

/** What every socket of ours tells about itself. */
export interface Source {
  addEventListener<Type extends SocketEventType>(
    type: Type,
    listener: (event: SocketEvent<Type>) => void,
    options?: { once?: boolean; signal?: AbortSignal },
  ): void;
}

/** Waits for one event. Call it before what causes the event. */
export function nextEvent<Type extends SocketEventType>(
  source: Source,
  type: Type,
): Promise<SocketEvent<Type>> {
  const event = new Promise<SocketEvent<Type>>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no "${type}" event within ${patience} ms`)), patience);
    const heard = (event: SocketEvent<Type>): void => {
      clearTimeout(timer);
      resolve(event);
    };
    source.addEventListener(type, heard, { once: true });
  });
  // A test that fails before it comes here must fail for its own reason only.
  event.catch(() => {});
  return event;
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function tick(delay: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay));
}
