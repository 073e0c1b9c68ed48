/** Bytes that a message allocates on its way, and bytes that it holds while it waits. */
import { Pair0 } from "@sprocket/pair";
import { heldBytes } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Child } from "../support/child.js";
import { arrived, pairs } from "../support/costs.js";
import { keep, transports } from "../support/world.js";

/** The most that a queue takes. */
const QUEUED = 8_192;
const SIZE = 16;
/** Measured with Node 20: 314 to send, 360 to receive, of which some 200 are what an `ArrayBuffer` costs. */
const QUEUE_COST = 480;

/** Measured 285 with Node 20: the sender's message and the receiver's view. A second message object would not fit. */
const TRY_AND_BATCH = 380;

test("a message of 64 bytes allocates no more than a few hundred on its way through both ends, and that would be seen", async () => {
  const child = new Child("allocations");
  const bytes = JSON.parse(await child.line(60_000)) as Record<string, number>;
  expect(bytes.tryAndBatch).toBeLessThan(TRY_AND_BATCH);
  expect(bytes.awaitAndLoop).toBeLessThan(1_650);
  expect(bytes.request).toBeLessThan(2_900);
  expect(bytes.wasteful).toBeGreaterThan(TRY_AND_BATCH);
}, 70_000);

test("a message that waits to be sent holds its bytes and 480 more, at most", async () => {
  const pair = keep(new Pair0({ transports, sendBufferSize: QUEUED }));
  const before = await heldBytes();
  for (let sent = 0; sent < QUEUED; sent++) expect(pair.trySend(new Uint8Array(SIZE))).toBe(true);
  const held = (await heldBytes()) - before;
  expect(held / QUEUED).toBeLessThan(SIZE + QUEUE_COST);
});

test("a message that waits to be received holds its bytes and 480 more, at most", async () => {
  const { sender, receiver } = await pairs("tcp://127.0.0.1:0");
  const before = await heldBytes();
  for (let sent = 0; sent < QUEUED; sent++) await sender.send(new Uint8Array(SIZE));
  await arrived(receiver, QUEUED);
  const held = (await heldBytes()) - before;
  expect(held / QUEUED).toBeLessThan(SIZE + QUEUE_COST);
});

test("a caller that waits holds more than a queued message, and under 1.4 KiB", async () => {
  const pair = keep(new Pair0({ transports }));
  const before = await heldBytes();
  const pending = Array.from({ length: QUEUED }, () =>
    pair.send(new Uint8Array(SIZE)).catch(() => undefined),
  );
  const held = (await heldBytes()) - before;
  // So the bound of the queues would notice a promise for each message.
  expect(held / QUEUED).toBeGreaterThan(SIZE + QUEUE_COST);
  expect(held / QUEUED).toBeLessThan(1_434);
  pair.destroy();
  await Promise.all(pending);
});

/**
 * Measured with Node 20: 2,510 at the listener, 3,330 at the dialer, of which a socket of Node is 1,100. A block to read
 * into for each connection, or what a handshake needs, kept beyond it, would not fit.
 */
const IDLE = { listen: 3_400, dial: 4_400 };
/** As the fixture has it. */
const IDLE_CONNECTIONS = 1_000;

test("a connection that does nothing holds a few KiB at either end, and nothing to read into", async () => {
  const listener = new Child("idle-connections", "listen");
  const url = await listener.line();
  const dialer = new Child("idle-connections", "dial", url);
  const ends = { listen: listener, dial: dialer };
  const held = { listen: [] as number[], dial: [] as number[] };
  for (let round = 0; round < 2; round++) {
    for (const role of ["listen", "dial"] as const) held[role].push(Number(await ends[role].line(60_000)));
    listener.say("go");
    dialer.say("go");
  }
  for (const role of ["listen", "dial"] as const) {
    const [before = 0, after = 0] = held[role];
    expect((after - before) / IDLE_CONNECTIONS).toBeLessThan(IDLE[role]);
  }
}, 150_000);
