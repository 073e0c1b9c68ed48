/** What waits for a puller: whose turn it is, and what becomes of it when a pusher goes. */
import { expect, test } from "vitest";
import { Pull0, Push0 } from "../src/index.js";
import { freshUrl, keep, record, text, turns, World } from "./support.js";

test("a slow puller slows its pusher, and nothing is lost", async () => {
  const pull = keep(new Pull0());
  const { url } = await pull.listen(freshUrl());
  const push = keep(new Push0({ sendBufferBytes: 1_000 }));
  await push.dial(url);
  let accepted = 0;
  const sending = (async () => {
    for (let count = 0; count < 200; count++) {
      await push.send(new Uint8Array(100).fill(count));
      accepted++;
    }
  })();
  await turns();
  expect(accepted).toBeLessThan(20);
  for (let count = 0; count < 200; count++) expect((await pull.receive())[0]).toBe(count);
  await sending;
  expect(push.stats().drops).toEqual({});
});

test("the parked message of a pusher that was reset is lost and counted; one that ended properly gives it", async () => {
  const world = new World((base) => new Pull0(base));
  const drops = record(world.socket, "drop");
  const reset = await world.peer();
  const ended = await world.peer();
  reset.deliver("lost");
  ended.deliver("parked");
  ended.deliver("behind it");
  reset.end(new Error("reset"));
  ended.end();
  expect(drops.map(({ reason, bytes }) => [reason, bytes])).toEqual([["reset", 4]]);
  expect(await text(world.socket.receive())).toBe("parked");
  expect(await text(world.socket.receive())).toBe("behind it");
  await turns();
  expect(world.socket.pipes.size).toBe(0);
});

test("several receives wait, and are served in order", async () => {
  const world = new World((base) => new Pull0(base));
  const pipe = await world.peer();
  const waiting = [0, 1, 2].map(() => world.socket.receive());
  for (let count = 0; count < 3; count++) pipe.deliver(String(count));
  expect(await Promise.all(waiting.map(text))).toEqual(["0", "1", "2"]);
});

test("receiveBatch goes round the pushers as well", async () => {
  const world = new World((base) => new Pull0(base));
  const pipes = [await world.peer(), await world.peer()];
  for (const [at, pipe] of pipes.entries())
    for (let count = 0; count < 3; count++) pipe.deliver(`${at}.${count}`);
  const batch = await world.socket.receiveBatch(5);
  expect(batch.map((bytes) => new TextDecoder().decode(bytes))).toEqual(["0.0", "1.0", "0.1", "1.1", "0.2"]);
});

test("a message knows its pusher", async () => {
  const world = new World((base) => new Pull0(base));
  const pipe = await world.peer();
  pipe.deliver("x");
  expect((await world.socket.receiveMessage()).pipe).toBe([...world.socket.pipes][0]);
});
