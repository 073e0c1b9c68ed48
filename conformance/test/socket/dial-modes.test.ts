/** How a dial begins, in each of its modes, on a clock and a network in the test's hands. */
import {
  AddressInvalidError,
  AuthenticationError,
  ConnectionRefusedError,
  ConnectionResetError,
  CryptoError,
  type DialMode,
  NotSupportedError,
  PermissionDeniedError,
  ProtocolError,
  TimeoutError,
} from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { isPending, ManualClock, MockTransport, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { failure, keep, record } from "../support/world.js";

const url = "mock://peer";

function world(random = 0.5): { clock: ManualClock; mock: MockTransport; pair: Pair0 } {
  const clock = new ManualClock({ random: [random] });
  const mock = new MockTransport();
  return { clock, mock, pair: keep(new Pair0({ transports: [mock], clock })) };
}

const modes: readonly DialMode[] = ["auto", "connect", "background", "wait"];

test("mode connect resolves with a connected dialer", async () => {
  const { mock, pair } = world();
  const dialing = pair.dial(url, { mode: "connect" });
  (await mock.nextDial()).accept();
  const dialer = await dialing;
  expect(dialer.state).toBe("connected");
  expect(dialer.url).toBe(url);
  expect(dialer.attempts).toBe(1);
  expect(dialer.pipe?.remoteAddress).toBe(url);
  expect([...pair.dialers]).toEqual([dialer]);
});

test("mode connect rejects when the one attempt fails, and leaves nothing", async () => {
  const { clock, mock, pair } = world();
  const dialing = failure(pair.dial(url, { mode: "connect" }));
  (await mock.nextDial()).refuse();
  expect(await dialing).toBeInstanceOf(ConnectionRefusedError);
  expect(pair.dialers.size).toBe(0);
  expect(clock.pending).toBe(0);
});

test("mode connect that succeeded reconnects when the pipe is lost", async () => {
  const { clock, mock, pair } = world();
  const dialing = pair.dial(url, { mode: "connect" });
  const pipe = (await mock.nextDial()).accept();
  const dialer = await dialing;
  pipe.end(new ConnectionResetError("gone"));
  await until(() => dialer.state === "waiting", "the wait before the next attempt");
  expect(dialer.lastError).toMatchObject({ code: "SP_ECONNRESET" });
  expect(dialer.pipe).toBeUndefined();
  await clock.advanceAsync(500);
  (await mock.nextDial()).accept();
  await dialer.connected();
  expect(dialer.attempts).toBe(2);
});

test("mode background resolves at once, whatever becomes of the attempt", async () => {
  const { clock, mock, pair } = world();
  const errors = record(pair, "connecterror");
  const dialer = await pair.dial(url, { mode: "background" });
  expect(dialer.state).toBe("connecting");
  (await mock.nextDial()).refuse();
  await until(() => dialer.state === "waiting", "the wait before the next attempt");
  await clock.advanceAsync(500);
  (await mock.nextDial()).refuse(new ProtocolError("no SP"));
  await until(() => errors.length === 2, "the second failure");
  expect(errors.map(({ attempt, error }) => [attempt, (error as { code?: string }).code])).toEqual([
    [1, "SP_ECONNREFUSED"],
    [2, "SP_EPROTO"],
  ]);
  await clock.advanceAsync(500);
  (await mock.nextDial()).accept();
  await dialer.connected();
  expect(pair.stats().dialers[0]).toMatchObject({
    state: "connected",
    attempts: 3,
    connects: 1,
    failures: 2,
  });
});

test("mode wait resolves when an attempt succeeds at last", async () => {
  const { clock, mock, pair } = world();
  const dialing = pair.dial(url, { mode: "wait" });
  for (let attempt = 0; attempt < 3; attempt++) {
    (await mock.nextDial()).refuse();
    expect(await isPending(dialing)).toBe(true);
    await clock.advanceAsync(500);
  }
  (await mock.nextDial()).accept();
  expect((await dialing).attempts).toBe(4);
});

test("mode auto resolves after a failure that may pass, and goes on in the background", async () => {
  const passing = [undefined, new TimeoutError("no answer"), new ConnectionResetError("reset")];
  for (const error of passing) {
    const { clock, mock, pair } = world();
    const errors = record(pair, "connecterror");
    const dialing = pair.dial(url);
    (await mock.nextDial()).refuse(error);
    const dialer = await dialing;
    expect(dialer.state).toBe("waiting");
    expect(errors.length).toBe(1);
    await clock.advanceAsync(500);
    (await mock.nextDial()).accept();
    await dialer.connected();
  }
});

test("mode auto rejects after a failure that nobody's patience can mend", async () => {
  const permanent = [
    new AddressInvalidError("no such host"),
    new AuthenticationError("not who it should be"),
    new CryptoError("no common cipher"),
    new NotSupportedError("not here"),
    new PermissionDeniedError("not you"),
    new ProtocolError("no SP"),
  ];
  for (const error of permanent) {
    const { clock, mock, pair } = world();
    const dialing = failure(pair.dial(url, { mode: "auto" }));
    (await mock.nextDial()).refuse(error);
    expect(await dialing).toBe(error);
    expect(pair.dialers.size).toBe(0);
    expect(clock.pending).toBe(0);
  }
});

test("mode auto resolves connected when the first attempt succeeds", async () => {
  const { mock, pair } = world();
  const dialing = pair.dial(url);
  (await mock.nextDial()).accept();
  expect((await dialing).state).toBe("connected");
});

test("a bad URL, a missing transport and an unknown option reject in every mode", async () => {
  const { pair, mock } = world();
  for (const mode of modes) {
    expect(await failure(pair.dial("no url at all", { mode }))).toMatchObject({ code: "SP_EINVAL" });
    const missing = await failure(pair.dial("tcp://127.0.0.1:1", { mode }));
    expect(missing).toMatchObject({ code: "SP_ENOTSUP" });
    expect(missing.message).toContain("@sprocket/transport-tcp");
    expect(await failure(pair.dial("nope://x", { mode }))).toMatchObject({ code: "SP_ENOTSUP" });
    const unknown = failure(pair.dial(url, { mode, reconnectMinTime: 5 } as object));
    expect(await unknown).toMatchObject({ code: "SP_ENOTSUP" });
    expect((await unknown).message).toContain("reconnectTimeMin");
  }
  const wrong = failure(pair.dial(url, { mode: "sometimes" as "auto" }));
  expect(await wrong).toMatchObject({ code: "SP_EINVAL" });
  expect(mock.attempts.length).toBe(0);
  expect(pair.dialers.size).toBe(0);
});

test("a dial that waits ends with TimeoutError when its time is up, and its attempt is given up", async () => {
  for (const mode of ["auto", "connect", "wait"] as const) {
    const { clock, mock, pair } = world();
    const dialing = pair.dial(url, { mode, timeout: 100 });
    const ended = failure(dialing);
    const attempt = await mock.nextDial();
    clock.advance(99);
    expect(await isPending(dialing)).toBe(true);
    clock.advance(1);
    expect(await ended).toMatchObject({ code: "SP_ETIMEDOUT" });
    expect(attempt.settled).toBe(true);
    expect(pair.dialers.size).toBe(0);
    expect(clock.pending).toBe(0);
  }
});

test("a dial that waits rejects with the reason of its signal", async () => {
  for (const mode of ["auto", "connect", "wait"] as const) {
    const { clock, mock, pair } = world();
    const abort = new AbortController();
    const reason = new Error("given up");
    const ended = failure(pair.dial(url, { mode, signal: abort.signal }));
    const attempt = await mock.nextDial();
    abort.abort(reason);
    expect(await ended).toBe(reason);
    expect(attempt.settled).toBe(true);
    expect(pair.dialers.size).toBe(0);
    expect(clock.pending).toBe(0);
  }
});

test("a dial whose signal has aborted rejects in every mode, and nothing is dialed", async () => {
  const { mock, pair } = world();
  const reason = new Error("given up");
  for (const mode of modes) {
    expect(await failure(pair.dial(url, { mode, signal: AbortSignal.abort(reason) }))).toBe(reason);
  }
  expect(mock.attempts.length).toBe(0);
  expect(pair.dialers.size).toBe(0);
});

test("a dial that waits ends with ClosedError when its socket closes", async () => {
  for (const mode of ["auto", "connect", "wait"] as const) {
    const { mock, pair } = world();
    const ended = failure(pair.dial(url, { mode }));
    const attempt = await mock.nextDial();
    await pair.close();
    expect(await ended).toMatchObject({ code: "SP_ECLOSED" });
    expect(attempt.settled).toBe(true);
  }
});

test("the signal of a dial counts for that call only", async () => {
  const { mock, pair } = world();
  const abort = new AbortController();
  const dialing = pair.dial(url, { signal: abort.signal });
  (await mock.nextDial()).accept();
  const dialer = await dialing;
  abort.abort();
  expect(dialer.state).toBe("connected");
  expect(pair.pipes.size).toBe(1);
});
