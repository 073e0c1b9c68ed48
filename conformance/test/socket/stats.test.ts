/** Counters: plain numbers that only grow. */
import { Pair0, Pair1 } from "@sprocket/pair";
import { MockTransport, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, text } from "../support/world.js";

test("a fresh socket has done nothing", () => {
  const stats = keep(new Pair0({ name: "fresh" })).stats();
  expect(stats).toMatchObject({
    name: "fresh",
    protocol: "pair",
    sentMessages: 0,
    sentBytes: 0,
    receivedMessages: 0,
    receivedBytes: 0,
    rejects: 0,
    opened: 0,
    drops: {},
    queued: 0,
    dialers: [],
    listeners: [],
    pipes: [],
  });
});

test("messages and bytes are counted in both directions, protocol header included", async () => {
  const left = keep(new Pair1());
  const right = keep(new Pair1());
  await left.listen("inproc://stats");
  await right.dial("inproc://stats");
  await right.send("12345");
  await right.send("123");
  await text(left.receive());
  await text(left.receive());
  expect(right.stats()).toMatchObject({ sentMessages: 2, sentBytes: 16, receivedMessages: 0 });
  expect(left.stats()).toMatchObject({ receivedMessages: 2, receivedBytes: 16, sentMessages: 0 });
  expect([...left.pipes][0]?.stats()).toMatchObject({
    receivedMessages: 2,
    receivedBytes: 16,
    pendingMessages: 0,
  });
});

test("the sums of a socket do not shrink when a pipe goes", async () => {
  const mock = new MockTransport();
  const pair = keep(new Pair0({ transports: [mock] }));
  await pair.listen("mock://here");
  for (let round = 1; round <= 3; round++) {
    const pipe = mock.listener("here").connect();
    await pair.send("12345");
    pipe.deliver("123");
    await text(pair.receive());
    pipe.end();
    await until(() => pair.pipes.size === 0, "the pipe to go");
    expect(pair.stats()).toMatchObject({
      sentMessages: round,
      sentBytes: 5 * round,
      receivedMessages: round,
      receivedBytes: 3 * round,
      opened: round,
      pipes: [],
    });
  }
});

test("endpoints are counted by themselves", async () => {
  const mock = new MockTransport();
  const pair = keep(new Pair0({ transports: [mock] }));
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  mock.listener("here").connect();
  mock.listener("here").reject(new Error("no SP"));
  expect(pair.stats().listeners).toEqual([{ url: "mock://here", accepts: 1, failures: 2, pipes: 1 }]);
  expect(pair.stats()).toMatchObject({ rejects: 1, opened: 1 });
  pipe.end();
  await until(() => pair.pipes.size === 0, "the pipe to go");
  expect(pair.stats().listeners[0]).toMatchObject({ accepts: 1, pipes: 0 });
});

test("a snapshot is JSON, and stays as it is", async () => {
  const left = keep(new Pair0());
  const right = keep(new Pair0());
  await left.listen("inproc://snapshot");
  await right.dial("inproc://snapshot");
  const before = left.stats();
  const copy = JSON.parse(JSON.stringify(before));
  await right.send("x");
  expect(before).toEqual(copy);
  expect(left.stats().receivedMessages).toBe(1);
});

test("messages that wait show as queued, and as pending in their pipe", async () => {
  const mock = new MockTransport();
  const pair = keep(new Pair0({ transports: [mock], sendBufferSize: 4, sendBufferBytes: 1 }));
  await pair.send("waits for a peer");
  expect(pair.stats().queued).toBe(1);
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  expect(pair.stats().queued).toBe(0);
  pipe.stall();
  await pair.send("waits in the pipe");
  await pair.send("waits in the queue");
  expect(pair.stats()).toMatchObject({ queued: 1, pipes: [{ pendingMessages: 1, pendingBytes: 17 }] });
  pipe.drain();
  expect(pair.stats()).toMatchObject({ queued: 0, pipes: [{ pendingMessages: 0 }] });
});
