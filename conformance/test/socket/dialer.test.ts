/** A dialer's life after it has begun. */
import { ConnectionResetError } from "@sprocket/core";
import { Pair0, Pair1 } from "@sprocket/pair";
import { isPending, ManualClock, MockTransport, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { failure, keep, record, turns } from "../support/world.js";

const url = "mock://peer";

function world(random: readonly number[] = [0.5]): { clock: ManualClock; mock: MockTransport; pair: Pair0 } {
  const clock = new ManualClock({ random });
  const mock = new MockTransport();
  return { clock, mock, pair: keep(new Pair0({ transports: [mock], clock })) };
}

test("connected() gives the pipe as soon as there is one", async () => {
  const { mock, pair } = world();
  const dialer = await pair.dial(url, { mode: "background" });
  const waiting = [dialer.connected(), dialer.connected({ timeout: 1_000 })];
  expect(await isPending(Promise.race(waiting))).toBe(true);
  (await mock.nextDial()).accept();
  const [first, second] = await Promise.all(waiting);
  expect(first).toBe(second);
  expect(first).toBe(dialer.pipe);
  expect(await dialer.connected()).toBe(first);
  expect(first?.dialer).toBe(dialer);
  expect(first?.socket).toBe(pair);
});

test("connected() gives up by timeout, by signal, and when the dialer closes", async () => {
  const { clock, mock, pair } = world();
  const dialer = await pair.dial(url, { mode: "background" });
  (await mock.nextDial()).refuse();
  await until(() => dialer.state === "waiting", "the failure of the attempt");
  const late = failure(dialer.connected({ timeout: 100 }));
  clock.advance(100);
  const error = await late;
  expect(error).toMatchObject({ code: "SP_ETIMEDOUT" });
  expect(error.message, "says why it is not connected").toContain("nobody listens");
  const abort = new AbortController();
  const aborted = failure(dialer.connected({ signal: abort.signal }));
  abort.abort("enough");
  expect(await aborted).toBe("enough");
  const closed = failure(dialer.connected());
  await dialer.close();
  expect(await closed).toMatchObject({ code: "SP_ECLOSED" });
  expect(await failure(dialer.connected())).toMatchObject({ code: "SP_ECLOSED" });
});

test("each attempt and each wait is an event", async () => {
  const { clock, mock, pair } = world();
  const events = record(
    pair,
    "connecting",
    "connecterror",
    "reconnecting",
    "connected",
    "pipeopen",
    "pipeclose",
  );
  const dialer = await pair.dial(url, { mode: "background" });
  (await mock.nextDial()).refuse();
  await until(() => dialer.state === "waiting", "the wait");
  await clock.advanceAsync(500);
  const pipe = (await mock.nextDial()).accept();
  await dialer.connected();
  pipe.end();
  await until(() => dialer.state === "waiting", "the wait");
  expect(events.map(({ type }) => type)).toEqual([
    "connecting",
    "connecterror",
    "reconnecting",
    "connecting",
    "pipeopen",
    "connected",
    "pipeclose",
    "reconnecting",
  ]);
  expect(events[0]).toMatchObject({ dialer, url, attempt: 1 });
  expect(events[2]).toMatchObject({ dialer, url, attempt: 2, delay: 500 });
  expect(events[3]).toMatchObject({ attempt: 2 });
  expect(events[7]).toMatchObject({ attempt: 3 });
});

test("a dialer waits its delay exactly", async () => {
  const { clock, mock, pair } = world([0.25]);
  const dialer = await pair.dial(url, { mode: "background", reconnectTimeMin: 100 });
  (await mock.nextDial()).refuse();
  await until(() => dialer.state === "waiting", "the wait");
  await clock.advanceAsync(24);
  expect(mock.attempts.length).toBe(1);
  await clock.advanceAsync(1);
  expect(mock.attempts.length).toBe(2);
});

test("a dialer takes the socket's reconnect times as they are when it is made, or its own", async () => {
  const { clock, mock, pair } = world([0.5]);
  const delays = record(pair, "reconnecting");
  pair.reconnectTimeMin = 10;
  await pair.dial("mock://a", { mode: "background" });
  await pair.dial("mock://b", { mode: "background", reconnectTimeMin: 20 });
  pair.reconnectTimeMin = 1_000;
  mock.attempts[0]?.refuse();
  mock.attempts[1]?.refuse();
  await until(() => delays.length === 2, "both waits");
  expect(delays.map(({ delay }) => delay)).toEqual([5, 10]);
  expect(clock.pending).toBe(2);
});

test("a closed dialer dials no more, gives up its attempt and closes its pipe", async () => {
  const { clock, mock, pair } = world();
  const waiting = await pair.dial("mock://a", { mode: "background" });
  const attempt = await mock.nextDial();
  await waiting.close();
  expect(waiting.state).toBe("closed");
  expect(waiting.closed).toBe(true);
  expect(attempt.settled).toBe(true);

  const retrying = await pair.dial("mock://b", { mode: "background" });
  (await mock.nextDial()).refuse();
  await until(() => retrying.state === "waiting", "the wait");
  await retrying.close();
  await retrying.close();

  const connected = await pair.dial("mock://c", { mode: "background" });
  const pipe = (await mock.nextDial()).accept();
  await connected.connected();
  await connected.close();
  expect(pipe.closing).toBe(true);
  expect(pipe.closeError).toBeUndefined();
  await until(() => pair.pipes.size === 0, "the pipe to go");

  await clock.advanceAsync(10_000);
  expect(mock.attempts.length).toBe(3);
  expect(pair.dialers.size).toBe(0);
});

test("a pipe that arrives after its dialer has closed is closed at once", async () => {
  const { mock, pair } = world();
  let late: { closing: boolean } | undefined;
  const transport = {
    name: "late",
    schemes: ["late"],
    dial: async (...args: Parameters<MockTransport["dial"]>) => {
      const [target, context] = args;
      void mock.dial(target, { ...context, signal: new AbortController().signal });
      const dial = await mock.nextDial();
      await dialer.close();
      const pipe = dial.accept();
      late = pipe;
      return pipe;
    },
  };
  const other = keep(new Pair0({ transports: [transport] }));
  const dialer = await other.dial("late://x", { mode: "background" });
  await until(() => late?.closing === true, "the pipe to be closed");
  expect(other.pipes.size).toBe(0);
  expect(pair.closed).toBe(false);
});

test("a transport that throws instead of rejecting is a failed attempt", async () => {
  const clock = new ManualClock();
  const broken = {
    name: "broken",
    schemes: ["broken"],
    dial: () => {
      throw new Error("a bug in a transport");
    },
  };
  const pair = keep(new Pair0({ transports: [broken], clock }));
  expect((await failure(pair.dial("broken://x", { mode: "connect" }))).message).toBe("a bug in a transport");
});

test("two dialers of one URL are two connections; one dialer has one at a time", async () => {
  const mock = new MockTransport();
  const pair = keep(new Pair1({ transports: [mock], polyamorous: true }));
  await pair.dial(url, { mode: "background" });
  await pair.dial(url, { mode: "background" });
  (await mock.nextDial()).accept();
  (await mock.nextDial()).accept();
  await pair.waitForPipes(2);
  await turns();
  expect(mock.attempts.length).toBe(2);
});

test("a pipe that is lost by a reset is dialed again after the delay", async () => {
  const { clock, mock, pair } = world();
  const dialer = await pair.dial(url, { mode: "background" });
  (await mock.nextDial()).accept().end(new ConnectionResetError("reset"));
  await until(() => dialer.state === "waiting", "the wait");
  expect(await isPending(mock.nextDial().catch(() => undefined))).toBe(true);
  await clock.advanceAsync(500);
  expect(mock.attempts.length).toBe(2);
});

test("closing a pipe by hand makes its dialer dial again", async () => {
  const { clock, mock, pair } = world();
  const dialer = await pair.dial(url, { mode: "background" });
  (await mock.nextDial()).accept();
  (await dialer.connected()).close();
  await until(() => dialer.state === "waiting", "the wait");
  await clock.advanceAsync(500);
  (await mock.nextDial()).accept();
  await dialer.connected();
});

test("a dialer is disposable", async () => {
  const { mock, pair } = world();
  {
    await using dialer = await pair.dial(url, { mode: "background" });
    (await mock.nextDial()).accept();
    await dialer.connected();
  }
  expect(pair.dialers.size).toBe(0);
});
