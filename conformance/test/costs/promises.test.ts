/** Promises, timers and turns of the event loop: what waiting costs, and that nobody pays who need not wait. */
import { getEventListeners } from "node:events";
import { Pair0 } from "@sprocket/pair";
import { expect, test } from "vitest";
import { arrived, counted, pairs } from "../support/costs.js";
import { keep, transports, turns } from "../support/world.js";

const COUNT = 1_000;
const URL = "tcp://127.0.0.1:0";
const body = new Uint8Array(64);
/** Of the event loop's own turns while something arrives, for a thousand messages. */
const NOISE = 100;

/** What an `await` of a promise that is resolved already costs, in promises, for each. */
async function perAwait(): Promise<number> {
  const resolved = Promise.resolve();
  const { promises } = await counted(async () => {
    for (let at = 0; at < COUNT; at++) await resolved;
  });
  return promises / COUNT;
}

test("trySend makes no promise", async () => {
  const { sender } = await pairs(URL);
  const { promises, timers } = await counted(() => {
    for (let sent = 0; sent < COUNT; sent++) sender.trySend(body);
  });
  expect({ promises, timers }).toEqual({ promises: 0, timers: 0 });
});

test("send makes no promise while there is room: all resolve by the same one", async () => {
  const { sender } = await pairs(URL);
  const { promises, timers } = await counted(() => {
    for (let sent = 0; sent < COUNT; sent++) void sender.send(body);
  });
  expect({ promises, timers }).toEqual({ promises: 0, timers: 0 });
  expect(sender.send(body)).toBe(sender.send(body));
});

test("an awaited send costs the await, and nothing else", async () => {
  const { sender } = await pairs(URL);
  const { promises } = await counted(async () => {
    for (let sent = 0; sent < COUNT; sent++) await sender.send(body);
  });
  expect(promises / COUNT).toBeLessThan((await perAwait()) + 0.1);
});

test("the counter sees one promise more for each message", async () => {
  const { sender } = await pairs(URL);
  const wrapped = async (): Promise<void> => void (await sender.send(body));
  const { promises } = await counted(async () => {
    for (let sent = 0; sent < COUNT; sent++) await wrapped();
  });
  expect(promises / COUNT).toBeGreaterThan((await perAwait()) + 0.9);
});

/** A receiver in whose queue a thousand messages wait. */
async function full(): Promise<Pair0> {
  const { sender, receiver } = await pairs(URL);
  for (let sent = 0; sent < COUNT; sent++) await sender.send(body);
  await arrived(receiver, COUNT);
  return receiver;
}

test("tryReceive makes no promise", async () => {
  const receiver = await full();
  let got = 0;
  const { promises, timers } = await counted(() => {
    while (receiver.tryReceive() !== undefined) got++;
  });
  expect({ got, promises, timers }).toEqual({ got: COUNT, promises: 0, timers: 0 });
});

test("receiveBatch makes a promise for each batch", async () => {
  const receiver = await full();
  let got = 0;
  let batches = 0;
  const { promises, timers } = await counted(async () => {
    while (got < COUNT) {
      got += (await receiver.receiveBatch(100)).length;
      batches++;
    }
  });
  expect({ got, batches, timers }).toEqual({ got: COUNT, batches: 10, timers: 0 });
  expect(promises).toBeLessThanOrEqual(5 * batches);
});

test("a receive that need not wait makes one promise beside that of its await, and no timer", async () => {
  const receiver = await full();
  const { promises, timers } = await counted(async () => {
    for (let got = 0; got < COUNT; got++) await receiver.receive({ timeout: 1_000 });
  });
  expect(promises / COUNT).toBeLessThan((await perAwait()) + 1.1);
  expect(timers).toBe(0);
});

test("for await costs as much as receive, and what the loop itself costs", async () => {
  const receiver = await full();
  let got = 0;
  const { promises } = await counted(async () => {
    for await (const _ of receiver) if (++got === COUNT) break;
  });
  // An async generator would make three and more.
  expect(promises / COUNT).toBeLessThan((await perAwait()) + 1.1);
});

test("messages on their way from trySend to receiveBatch make no promise each, and hardly a turn of the loop", async () => {
  const { sender, receiver } = await pairs(URL, { receiveBufferSize: 0 });
  let got = 0;
  const { promises, macrotasks, timers } = await counted(async () => {
    for (let sent = 0; sent < COUNT; sent++) sender.trySend(body);
    while (got < COUNT) got += (await receiver.receiveBatch(256)).length;
  });
  expect(promises).toBeLessThan(COUNT / 2);
  expect(macrotasks).toBeLessThan(NOISE);
  expect(timers).toBe(0);
});

test("a thousand receives that wait, each with its timeout, share one timer", async () => {
  const pair = keep(new Pair0({ transports }));
  const pending: Promise<unknown>[] = [];
  const { timers } = await counted(() => {
    for (let at = 0; at < COUNT; at++) pending.push(pair.receive({ timeout: 60_000 }).catch(() => undefined));
  });
  // One for the timeouts, one that keeps the process alive while somebody waits.
  expect(timers).toBeLessThanOrEqual(2);
  const { timers: distinct } = await counted(() => {
    for (let at = 0; at < 10; at++)
      pending.push(pair.receive({ timeout: 61_000 + at }).catch(() => undefined));
  });
  expect(distinct).toBe(10);
  pair.destroy();
  await Promise.all(pending);
});

test("a thousand receives that wait on one signal are one listener, and none when they are over", async () => {
  const pair = keep(new Pair0({ transports }));
  const { signal } = new AbortController();
  const pending = Array.from({ length: COUNT }, () => pair.receive({ signal }).catch(() => undefined));
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  pair.destroy();
  await Promise.all(pending);
  await turns(2);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});
