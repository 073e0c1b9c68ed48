/** The application may refuse a peer before the protocol sees it. */
import type { AcceptPipe } from "@sprocket/core";
import { Pair0, Pair1 } from "@sprocket/pair";
import { isPending, ManualClock, MockTransport, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, nextEvent, record, recordPipes, text, turns } from "../support/world.js";

async function world(
  acceptPipe: AcceptPipe,
  clock = new ManualClock(),
): Promise<{ clock: ManualClock; mock: MockTransport; pair: Pair0; words: string[] }> {
  const mock = new MockTransport();
  const pair = keep(new Pair0({ transports: [mock], clock, acceptPipe }));
  await pair.listen("mock://here");
  return { clock, mock, pair, words: recordPipes(pair) };
}

test("true, and nothing at all, let the peer in", async () => {
  for (const verdict of [true, undefined]) {
    for (const make of [() => verdict, () => Promise.resolve(verdict)]) {
      const { mock, pair, words } = await world(make);
      const pipe = mock.listener("here").connect();
      await pair.waitForPipes(1);
      pipe.deliver("hello");
      expect(await text(pair.receive())).toBe("hello");
      expect(words).toEqual(["open"]);
    }
  }
});

test("the pipe that is asked about says where it comes from", async () => {
  const asked: string[] = [];
  const { mock, pair } = await world((pipe) => {
    asked.push(pipe.remoteAddress);
  });
  mock.listener("here").connect({ remoteAddress: "mock://somebody" });
  await pair.waitForPipes(1);
  expect(asked).toEqual(["mock://somebody"]);
});

test("a refusal names its reason in the event", async () => {
  const reason = new Error("not on the list");
  const { mock, pair } = await world(() => {
    throw reason;
  });
  const rejected = nextEvent(pair, "pipereject");
  mock.listener("here").connect();
  expect((await rejected).error).toBe(reason);
  expect(pair.stats()).toMatchObject({ rejects: 1, opened: 0, listeners: [{ accepts: 0, failures: 1 }] });
});

test("while the application thinks, nothing reaches the protocol; then everything does, in order", async () => {
  let decide!: (verdict: boolean) => void;
  const { mock, pair, words } = await world(
    () =>
      new Promise<boolean>((resolve) => {
        decide = resolve;
      }),
  );
  const pipe = mock.listener("here").connect();
  pipe.deliver("early");
  pipe.deliver("bird");
  const received = pair.receive();
  expect(await isPending(received)).toBe(true);
  expect(pair.pipes.size).toBe(0);
  expect(pipe.started).toBe(false);
  decide(true);
  expect(await text(received)).toBe("early");
  expect(await text(pair.receive())).toBe("bird");
  expect(words).toEqual(["open"]);
});

test("a verdict that takes longer than the handshake may refuses the peer", async () => {
  const clock = new ManualClock();
  const { mock, pair, words } = await world(() => new Promise<boolean>(() => undefined), clock);
  const rejected = nextEvent(pair, "pipereject");
  const pipe = mock.listener("here").connect();
  await clock.advanceAsync(9_999);
  expect(pipe.closing).toBe(false);
  await clock.advanceAsync(1);
  expect((await rejected).error).toMatchObject({ code: "SP_ETIMEDOUT" });
  expect(pipe.closing).toBe(true);
  expect(words).toEqual(["reject"]);
  expect(clock.pending).toBe(0);
});

test("a verdict that comes after the socket has closed lets nobody in", async () => {
  let decide!: (verdict: boolean) => void;
  const { mock, pair } = await world(
    () =>
      new Promise<boolean>((resolve) => {
        decide = resolve;
      }),
  );
  const pipe = mock.listener("here").connect();
  await pair.close();
  expect(pipe.closing).toBe(true);
  decide(true);
  await turns();
  expect(pair.pipes.size).toBe(0);
  expect(pipe.started).toBe(false);
});

test("a peer that leaves while the application thinks opens and closes, or never was", async () => {
  let decide!: (verdict: boolean) => void;
  const { mock, pair, words } = await world(
    () =>
      new Promise<boolean>((resolve) => {
        decide = resolve;
      }),
  );
  const pipe = mock.listener("here").connect();
  pipe.end();
  decide(true);
  await until(() => words.length > 0, "an event");
  await until(() => pair.pipes.size === 0, "the pipe to go");
  expect([["open", "close"], ["reject"]]).toContainEqual(words);
  // A later peer is served: the first one holds no place.
  const next = mock.listener("here").connect();
  decide(true);
  await pair.waitForPipes(1);
  expect(next.closing).toBe(false);
});

test("the application is asked about peers that are dialed as well", async () => {
  const mock = new MockTransport({ dials: "accept" });
  const clock = new ManualClock({ random: [0.5] });
  let asked = 0;
  const pair = keep(new Pair0({ transports: [mock], clock, acceptPipe: () => ++asked > 1 }));
  const rejected = nextEvent(pair, "pipereject");
  const dialer = await pair.dial("mock://peer", { mode: "background" });
  await rejected;
  await clock.advanceAsync(500);
  await dialer.connected();
  expect(asked).toBe(2);
});

test("several peers are thought about at the same time", async () => {
  const deciders: ((verdict: boolean) => void)[] = [];
  const mock = new MockTransport();
  const pair = keep(
    new Pair1({
      transports: [mock],
      polyamorous: true,
      acceptPipe: () => new Promise<boolean>((resolve) => deciders.push(resolve)),
    }),
  );
  await pair.listen("mock://here");
  const events = record(pair, "pipeopen", "pipereject");
  for (let count = 0; count < 4; count++) mock.listener("here").connect();
  deciders[3]?.(true);
  deciders[1]?.(false);
  deciders[0]?.(true);
  await until(() => events.length === 3, "three verdicts");
  expect(pair.pipes.size).toBe(2);
  deciders[2]?.(true);
  await pair.waitForPipes(3);
});

test("a peer of the wrong protocol is refused without asking", async () => {
  let asked = 0;
  const { mock, pair } = await world(() => {
    asked++;
  });
  const rejected = nextEvent(pair, "pipereject");
  mock.listener("here").connect({ peerProtocol: 0x31 });
  expect((await rejected).error).toMatchObject({ reason: "peer-mismatch" });
  expect(asked).toBe(0);
});
