/** Which of several sockets can go on. */
import { BadTypeError, InvalidOperationError, poll } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { Sub0 } from "@sprocket/pubsub";
import { isPending, ManualClock, type MockPipe, MockTransport } from "@sprocket/testing";
import { expect, test } from "vitest";
import { failure, keep, text } from "../support/world.js";

/** A pair on a clock and a network in the test's hands. */
class End {
  readonly mock = new MockTransport();
  readonly pair: Pair0;

  constructor(readonly clock = new ManualClock()) {
    this.pair = keep(new Pair0({ transports: [this.mock], clock, sendBufferBytes: 1 }));
  }

  async peer(): Promise<MockPipe> {
    await this.pair.listen("mock://peer");
    return this.mock.listener("peer").connect();
  }
}

test("a socket that has a message is ready to receive, at once or when it comes", async () => {
  const [one, two] = [new End(), new End()];
  const items = [one, two].map(({ pair }) => ({ socket: pair, receive: true }));
  const waiting = poll(items);
  expect(await isPending(waiting)).toBe(true);
  const pipe = await two.peer();
  pipe.deliver("here");
  const ready = [{ socket: two.pair, receive: true, send: false, closed: false }];
  expect(await waiting).toEqual(ready);
  expect(await poll(items)).toEqual(ready);
  expect(await text(two.pair.receive())).toBe("here");
  expect(await poll(items, { timeout: 0 })).toEqual([]);
});

test("a socket is ready to send when a peer has room", async () => {
  const end = new End();
  const items = [{ socket: end.pair, send: true }];
  expect(await poll(items, { timeout: 0 })).toEqual([]);
  const pipe = await end.peer();
  const ready = [{ socket: end.pair, receive: false, send: true, closed: false }];
  expect(await poll(items)).toEqual(ready);
  pipe.stall();
  await end.pair.send("full");
  const waiting = poll(items);
  expect(await isPending(waiting)).toBe(true);
  pipe.drain();
  expect(await waiting).toEqual(ready);
});

test("only what was asked for counts", async () => {
  const end = new End();
  const pipe = await end.peer();
  pipe.deliver("here");
  expect(await poll([{ socket: end.pair }], { timeout: 0 })).toEqual([]);
  const both = await poll([{ socket: end.pair, receive: true, send: true }]);
  expect(both).toEqual([{ socket: end.pair, receive: true, send: true, closed: false }]);
});

test("when the time is over nothing is ready", async () => {
  const end = new End();
  const waiting = poll([{ socket: end.pair, receive: true }], { timeout: 50 });
  await end.clock.advanceAsync(49);
  expect(await isPending(waiting)).toBe(true);
  await end.clock.advanceAsync(1);
  expect(await waiting).toEqual([]);
});

test("a signal rejects with its reason, and takes no message", async () => {
  const end = new End();
  const stop = new AbortController();
  const waiting = failure(poll([{ socket: end.pair, receive: true }], { signal: stop.signal }));
  const reason = new Error("enough");
  stop.abort(reason);
  expect(await waiting).toBe(reason);
  expect(await failure(poll([{ socket: end.pair, receive: true }], { signal: stop.signal }))).toBe(reason);
  const pipe = await end.peer();
  pipe.deliver("here");
  expect(await text(end.pair.receive())).toBe("here");
});

test("a socket that closes is ready, for nothing but its end", async () => {
  const [one, two] = [new End(), new End()];
  const items = [one, two].map(({ pair }) => ({ socket: pair, receive: true }));
  const waiting = poll(items);
  one.pair.destroy();
  const ready = [{ socket: one.pair, receive: false, send: false, closed: true }];
  expect(await waiting).toEqual(ready);
  expect(await poll(items)).toEqual(ready);
});

test("contexts can be polled", async () => {
  const mock = new MockTransport();
  const sub = keep(new Sub0({ transports: [mock] }));
  const [a, b] = [sub.context({ topics: "a" }), sub.context({ topics: "b" })];
  await sub.listen("mock://publisher");
  const waiting = poll([
    { socket: a, receive: true },
    { socket: b, receive: true },
  ]);
  mock.listener("publisher").connect().deliver("b1");
  expect((await waiting).map(({ socket }) => socket)).toEqual([b]);
});

test("nothing to wait for is no wait", async () => {
  expect(await poll([])).toEqual([]);
});

test("what is no list, no socket or no time is refused", async () => {
  const { pair } = new End();
  for (const items of [undefined, {}, [null], [{}], [{ socket: {} }]])
    expect(await failure(poll(items as unknown as []))).toBeInstanceOf(BadTypeError);
  for (const timeout of [-1, Number.NaN, "1"])
    expect(await failure(poll([{ socket: pair }], { timeout: timeout as number }))).toBeInstanceOf(
      InvalidOperationError,
    );
});
