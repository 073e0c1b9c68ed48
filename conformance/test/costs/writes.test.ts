/** Writes to the system: the most expensive thing that a small message can cost. */
import { Rep0, Req0 } from "@sprocket/reqrep";
import { expect, test } from "vitest";
import { arrived, counted, pairs } from "../support/costs.js";
import { keep, streams, transports, turns } from "../support/world.js";

const COUNT = 1_000;
const body = new Uint8Array(64);

/** For a thousand messages of 64 bytes, which is less than one batch. */
const FEW = 10;

test.each(streams)("$name: a thousand trySends are a few writes", async ({ url }) => {
  const { sender, receiver } = await pairs(url());
  const { writes } = await counted(async () => {
    for (let sent = 0; sent < COUNT; sent++) expect(sender.trySend(body)).toBe(true);
    await arrived(receiver, COUNT);
  });
  expect(writes).toBeGreaterThan(0);
  expect(writes).toBeLessThanOrEqual(FEW);
});

test.each(streams)("$name: a thousand awaited sends are a few writes", async ({ url }) => {
  const { sender, receiver } = await pairs(url());
  const { writes } = await counted(async () => {
    for (let sent = 0; sent < COUNT; sent++) await sender.send(body);
    await arrived(receiver, COUNT);
  });
  expect(writes).toBeLessThanOrEqual(FEW);
});

test("the counter sees a write for each message where each is sent alone", async () => {
  const { sender, receiver } = await pairs("tcp://127.0.0.1:0");
  const { writes } = await counted(async () => {
    for (let sent = 0; sent < 100; sent++) {
      sender.trySend(body);
      await arrived(receiver, sent + 1);
    }
  });
  expect(writes).toBe(100);
});

test("large bodies share writes, too", async () => {
  const { sender, receiver } = await pairs("tcp://127.0.0.1:0");
  const large = new Uint8Array(64 * 1_024);
  const { writes } = await counted(async () => {
    for (let sent = 0; sent < 200; sent++) await sender.send(large);
    await arrived(receiver, 200);
  });
  // Four fill a batch; whoever meets the high-water mark begins anew.
  expect(writes).toBeLessThanOrEqual(200 / 2);
});

/** A requester and a replier that answers with what it was asked. */
async function conversation(): Promise<Req0> {
  const rep = keep(new Rep0({ transports }));
  const req = keep(new Req0({ transports }));
  rep.serve((request) => request.body, { concurrency: 64 });
  await req.dial((await rep.listen("tcp://127.0.0.1:0")).url);
  await req.request(body);
  await turns(5);
  return req;
}

test("a request and its reply are two writes", async () => {
  const req = await conversation();
  const { writes } = await counted(async () => {
    for (let asked = 0; asked < 100; asked++) await req.request(body);
  });
  expect(writes).toBe(200);
});

test("a thousand requests, 64 of them under way, and their replies are far fewer writes", async () => {
  const req = await conversation();
  const { writes } = await counted(async () => {
    let left = COUNT;
    const ask = async (): Promise<void> => {
      while (left-- > 0) await req.request(body);
    };
    await Promise.all(Array.from({ length: 64 }, ask));
  });
  // 16 rounds of 64; a round may break into several writes, but not into one for each message.
  expect(writes).toBeLessThanOrEqual(COUNT / 10);
});
