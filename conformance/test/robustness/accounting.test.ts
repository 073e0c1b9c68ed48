/** Under overload every message is received or counted as dropped, and one that stalls costs the others nothing. */
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { heldBytes, protocolNumbers, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, rawPeer, transports, turns } from "../support/world.js";

const MB = 1024 * 1024;

test("what a subscriber received and what was dropped on its way are together what was sent", async () => {
  const SENT = 50_000;
  const pub = keep(new Pub0({ transports, sendBufferSize: 4 }));
  const { url } = await pub.listen("tcp://127.0.0.1:0");
  /** By the pipe of each subscriber. */
  const dropped = new Map<number, number>();
  pub.addEventListener("drop", ({ count, pipe }) => {
    if (pipe !== undefined) dropped.set(pipe.id, (dropped.get(pipe.id) ?? 0) + count);
  });
  const subs: Sub0[] = [];
  const pipes: number[] = [];
  for (const receiveBufferSize of [1, 16, 1_024]) {
    const sub = keep(new Sub0({ transports, topics: "", receiveBufferSize }));
    await sub.dial(url);
    await pub.waitForPipes(subs.length + 1);
    subs.push(sub);
    pipes.push([...pub.pipes].at(-1)?.id ?? 0);
  }
  const received = [0, 0, 0];
  const readers = subs.map(async (sub, at) => {
    for await (const _ of sub) {
      received[at] = (received[at] ?? 0) + 1;
      // The first reads as fast as it can; the others are slow.
      if (at > 0 && (received[at] ?? 0) % 10 === 0) await turns(at);
    }
  });
  const body = new Uint8Array(512);
  for (let count = 0; count < SENT; count++) {
    pub.trySend(body);
    // In bursts that no pipe can take whole.
    if (count % 5_000 === 0) await turns(3);
  }
  const accounts = (): number[] =>
    subs.map(
      (sub, at) =>
        (received[at] ?? 0) + (sub.stats().drops["queue-full"] ?? 0) + (dropped.get(pipes[at] ?? 0) ?? 0),
    );
  await until(() => accounts().every((sum) => sum >= SENT), "every message accounted for", 10_000);
  await turns();
  expect(accounts()).toEqual([SENT, SENT, SENT]);
  expect([...dropped.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  for (const sub of subs) sub.destroy();
  await Promise.all(readers);
}, 40_000);

test("while one subscriber stalls, 100,000 KiB are published in bounded memory, and another misses none", async () => {
  const SENT = 100_000;
  const pub = keep(new Pub0({ transports }));
  const { url } = await pub.listen("tcp://127.0.0.1:0");
  const stalled = await rawPeer(url, protocolNumbers.sub);
  stalled.pause();
  const sub = keep(new Sub0({ transports, topics: "" }));
  await sub.dial(url);
  await pub.waitForPipes(2);
  let received = 0;
  let disorder = 0;
  const reading = (async () => {
    for await (const bytes of sub) {
      if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== received) disorder++;
      received++;
    }
  })();
  const before = await heldBytes();
  const body = new Uint8Array(1_024);
  const view = new DataView(body.buffer);
  for (let count = 0; count < SENT; count++) {
    view.setUint32(0, count);
    await pub.send(body);
  }
  await until(() => received === SENT, "the last message", 10_000);
  expect((await heldBytes()) - before).toBeLessThan(16 * MB);
  expect(disorder).toBe(0);
  expect(sub.stats().drops).toEqual({});
  expect(pub.stats().drops["queue-full"]).toBeGreaterThan(SENT / 2);
  sub.destroy();
  await reading;
}, 40_000);
