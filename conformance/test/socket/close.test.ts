/** `close` keeps what `send` promised; `destroy` does not. */
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { isPending, ManualClock, MockTransport, until, utf8 } from "@sprocket/testing";
import { expect, test } from "vitest";
import { failure, keep, promptly, record, transports, turns } from "../support/world.js";

function world(options: object = {}): { clock: ManualClock; mock: MockTransport; pair: Pair0 } {
  const clock = new ManualClock();
  const mock = new MockTransport();
  return { clock, mock, pair: keep(new Pair0({ transports: [mock], clock, ...options })) };
}

test("close waits until the pipe has let everything go", async () => {
  const { mock, pair } = world();
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  await pair.send("one");
  await pair.send("two");
  const closed = pair.close();
  expect(await isPending(closed)).toBe(true);
  expect(pipe.closing).toBe(false);
  pipe.drain();
  expect(await closed).toEqual({ undelivered: 0 });
  expect(pipe.closeError).toBeUndefined();
  expect(pipe.sent.length).toBe(2);
});

test("close also empties the queue of the protocol", async () => {
  const { mock, pair } = world({ sendBufferSize: 10, sendBufferBytes: 1 });
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  for (const body of ["one", "two", "three"]) await pair.send(body);
  const closed = pair.close();
  expect(pipe.sent.length).toBe(1);
  pipe.drain();
  expect(await closed).toEqual({ undelivered: 0 });
  expect(pipe.sent.map((bytes) => new TextDecoder().decode(bytes))).toEqual(["one", "two", "three"]);
});

test("after closeTimeout close gives up, resets the pipe and counts what was lost", async () => {
  const { clock, mock, pair } = world({ sendBufferSize: 10, sendBufferBytes: 1 });
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  const drops = record(pair, "drop");
  for (const body of ["one", "two", "three"]) await pair.send(body);
  const closed = pair.close();
  await clock.advanceAsync(999);
  expect(await isPending(closed)).toBe(true);
  await clock.advanceAsync(1);
  expect(await closed).toEqual({ undelivered: 3 });
  expect(pipe.closed).toBe(true);
  expect(pipe.closeError).toBeDefined();
  expect(drops.filter(({ reason }) => reason === "closed").length).toBeGreaterThan(0);
  expect(clock.pending).toBe(0);
});

test("messages for a peer that never came are undelivered after closeTimeout", async () => {
  const { clock, pair } = world({ sendBufferSize: 10, closeTimeout: 50 });
  await pair.send("one");
  await pair.send("two");
  const closed = pair.close();
  await clock.advanceAsync(49);
  expect(await isPending(closed)).toBe(true);
  await clock.advanceAsync(1);
  expect(await closed).toEqual({ undelivered: 2 });
});

test("a closeTimeout of 0 gives up at once", async () => {
  const { clock, pair } = world({ sendBufferSize: 10, closeTimeout: 0 });
  await pair.send("one");
  const closed = pair.close();
  await clock.advanceAsync(0);
  expect(await closed).toEqual({ undelivered: 1 });
});

test("pending calls reject at once, while close still flushes", async () => {
  const { mock, pair } = world({ sendBufferBytes: 1 });
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  await pair.send("accepted");
  const waitingSend = failure(pair.send("not accepted"));
  const waitingReceive = failure(pair.receive());
  const waitingPipes = failure(pair.waitForPipes(2));
  const closed = pair.close();
  expect(await waitingSend).toMatchObject({ code: "SP_ECLOSED" });
  expect(await waitingReceive).toMatchObject({ code: "SP_ECLOSED" });
  expect(await waitingPipes).toMatchObject({ code: "SP_ECLOSED" });
  expect(await failure(pair.send("too late"))).toMatchObject({ code: "SP_ECLOSED" });
  expect(await isPending(closed)).toBe(true);
  pipe.drain();
  await closed;
  expect(pipe.sent.length).toBe(1);
});

test("while close flushes, no new peer is let in and nobody is dialed", async () => {
  const { clock, mock, pair } = world();
  await pair.listen("mock://here");
  const dialer = await pair.dial("mock://there", { mode: "background" });
  const attempt = await mock.nextDial();
  const pipe = mock.listener("here").connect();
  pipe.stall();
  await pair.send("accepted");
  const closed = pair.close();
  if (mock.listeners.has("here")) {
    const late = mock.listener("here").connect();
    expect(late.closing).toBe(true);
  }
  pipe.drain();
  await closed;
  expect(dialer.state).toBe("closed");
  expect(attempt.settled).toBe(true);
  await clock.advanceAsync(10_000);
  expect(mock.attempts.length).toBe(1);
});

test("what arrives while close flushes is dropped and counted", async () => {
  const { mock, pair } = world();
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  await pair.send("accepted");
  const closed = pair.close();
  pipe.deliver("too late");
  expect(pair.stats().drops).toMatchObject({ closed: 1 });
  pipe.drain();
  await closed;
});

test("a peer that goes while close flushes ends the wait", async () => {
  const { mock, pair } = world();
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  await pair.send("accepted");
  const closed = pair.close();
  pipe.end(new Error("gone"));
  await closed;
  expect(pair.pipes.size).toBe(0);
});

test("destroy while close flushes ends it at once", async () => {
  const { clock, mock, pair } = world();
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  await pair.send("accepted");
  const closed = pair.close();
  pair.destroy();
  expect(await closed).toEqual({ undelivered: 1 });
  expect(pipe.closeError).toBeDefined();
  expect(clock.pending).toBe(0);
});

test("destroy resets the pipes and loses what was not sent", async () => {
  const { clock, mock, pair } = world({ sendBufferSize: 5 });
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  await pair.send("lost");
  const reason = new Error("enough");
  pair.destroy(reason);
  expect(pair.closed).toBe(true);
  expect(pipe.closeError).toBe(reason);
  expect(await pair.close()).toEqual({ undelivered: 1 });
  expect(clock.pending).toBe(0);
  await until(() => pair.pipes.size === 0, "the pipe to go");
});

test("await using closes, using destroys", async () => {
  let flushed: Pair0;
  let destroyed: Pair0;
  const { mock, pair } = world();
  {
    await using socket = pair;
    await socket.listen("mock://here");
    flushed = socket;
  }
  expect(flushed.closed).toBe(true);
  expect(mock.listeners.size).toBe(0);
  {
    using socket = new Pair0();
    destroyed = socket;
  }
  expect(destroyed.closed).toBe(true);
});

test("a graceful close of a pipe whose peer takes nothing is cut off after closeTimeout", async () => {
  const { clock, mock, pair } = world();
  await pair.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  await pair.send("stuck");
  for (const each of pair.pipes) each.close();
  await clock.advanceAsync(999);
  expect(pipe.closed).toBe(false);
  await clock.advanceAsync(1);
  expect(pipe.closed).toBe(true);
  await turns();
  expect(pair.pipes.size).toBe(0);
});

test("the reply of a REP is flushed by close", async () => {
  const mock = new MockTransport();
  const rep = keep(new Rep0({ transports: [mock] }));
  await rep.listen("mock://here");
  const pipe = mock.listener("here").connect();
  pipe.stall();
  pipe.deliver(new Uint8Array([0x80, 0, 0, 1]), utf8("question"));
  await rep.receive();
  await rep.send("answer");
  const closed = rep.close();
  expect(await isPending(closed)).toBe(true);
  pipe.drain();
  expect(await closed).toEqual({ undelivered: 0 });
});

test("an unanswered request does not hold close back", async () => {
  const clock = new ManualClock();
  const mock = new MockTransport({ dials: "accept" });
  const req = keep(new Req0({ transports: [mock], clock }));
  await req.dial("mock://peer");
  const pending = failure(req.request("anyone?"));
  await req.send("and you?");
  expect(await req.close()).toEqual({ undelivered: 0 });
  expect(await pending).toMatchObject({ code: "SP_ECLOSED" });
  expect(clock.pending).toBe(0);
});

test("close promises hold in real time: settled at once, and over tcp nothing is left", async () => {
  await promptly(async () => {
    const left = keep(new Pair0({ transports }));
    const right = keep(new Pair0({ transports }));
    const { url } = await left.listen("tcp://127.0.0.1:0");
    await right.dial(url);
    await left.waitForPipes(1);
    const receives = [failure(left.receive()), failure(right.receive())];
    const closes = [left.close(), right.close()];
    for (const error of await Promise.all(receives)) expect(error).toMatchObject({ code: "SP_ECLOSED" });
    await Promise.all(closes);
  });
});
