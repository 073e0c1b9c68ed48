// Who speaks when. Times and ends were taken from nngcat 1.5.2 with a stopwatch.

import { BadStateError, ConnectionResetError, TimeoutError } from "@sprocket/core";
import { describe, expect, it } from "vitest";
import { answer, ask, type Plan, receive, send, talk } from "../src/cat/conversation.js";
import { type Arrival, ScriptedPeer, StoppedClock } from "./support/scripted-peer.js";

const data = Buffer.from("d");

function setUp(arrivals: readonly Arrival[], changes: Partial<Plan>) {
  const clock = new StoppedClock();
  const peer = new ScriptedPeer(clock, arrivals);
  const plan: Plan = {
    count: 0,
    interval: undefined,
    delay: 0,
    receiveTimeout: Number.POSITIVE_INFINITY,
    print: async (body) => void peer.log.push(`${clock.now()} printed ${Buffer.from(body)}`),
    ...changes,
  };
  return { clock, peer, plan };
}

/** A REP: answers at once, and REQ allows one receive for each send. */
const replies = (clock: StoppedClock) => (sends: number) => [
  { at: clock.now(), body: `r${sends}` },
  { at: clock.now(), body: new BadStateError("no request is out") },
];

describe("send", () => {
  it("is one message without an interval", async () => {
    const { clock, peer, plan } = setUp([], {});
    await send(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d"]);
  });

  it("repeats at the interval after the delay, and does not wait behind the last message", async () => {
    const { clock, peer, plan } = setUp([], { count: 3, interval: 1_000, delay: 500 });
    await send(peer, data, plan, clock);
    expect(peer.log).toEqual(["500 sent d", "1500 sent d", "2500 sent d"]);
    expect(clock.now()).toBe(2_500);
  });

  it("sends a count without an interval at once", async () => {
    const { clock, peer, plan } = setUp([], { count: 2 });
    await send(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d", "0 sent d"]);
  });
});

describe("receive", () => {
  const arrivals = [
    { at: 100, body: "a" },
    { at: 900, body: "b" },
    { at: 5_000, body: "c" },
  ];

  it("prints until nothing comes for the receive timeout", async () => {
    const { clock, peer, plan } = setUp(arrivals, { receiveTimeout: 1_000 });
    await receive(peer, plan);
    expect(peer.log).toEqual(["100 printed a", "900 printed b"]);
    expect(clock.now()).toBe(1_900);
  });

  it("stops at the count", async () => {
    const { peer, plan } = setUp(arrivals, { count: 1 });
    await receive(peer, plan);
    expect(peer.log).toEqual(["100 printed a"]);
  });

  it("waits for ever without either", async () => {
    const { peer, plan } = setUp(arrivals, {});
    await expect(receive(peer, plan)).rejects.toThrow("Cannot receive: Object closed");
    expect(peer.log.at(-1)).toBe("5000 waits for ever");
  });
});

describe("answer", () => {
  it("sends the data back for each message, up to the count", async () => {
    const { peer, plan } = setUp(
      [
        { at: 1, body: "a" },
        { at: 2, body: "b" },
        { at: 3, body: "c" },
      ],
      { count: 2 },
    );
    await answer(peer, data, plan);
    expect(peer.log).toEqual(["1 printed a", "1 sent d", "2 printed b", "2 sent d"]);
  });

  it("fails when nothing comes in time", async () => {
    const { peer, plan } = setUp([], { receiveTimeout: 1_000 });
    await expect(answer(peer, data, plan)).rejects.toThrow("Receive error: Timed out");
  });
});

describe("ask, as REQ", () => {
  it("ends with the reply", async () => {
    const { clock, peer, plan } = setUp([], {});
    peer.onSend = replies(clock);
    await ask(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d", "0 printed r1"]);
  });

  it("ends quietly when no reply comes in time", async () => {
    const { clock, peer, plan } = setUp([], { receiveTimeout: 1_000 });
    await ask(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d"]);
    expect(clock.now()).toBe(1_000);
  });

  it("asks again at the interval, the delay only before the first, and does not wait behind the last reply", async () => {
    const { clock, peer, plan } = setUp([], { count: 3, interval: 1_000, delay: 500 });
    peer.onSend = replies(clock);
    await ask(peer, data, plan, clock);
    expect(peer.log).toEqual([
      "500 sent d",
      "500 printed r1",
      "1500 sent d",
      "1500 printed r2",
      "2500 sent d",
      "2500 printed r3",
    ]);
    expect(clock.now()).toBe(2_500);
  });

  it("gives an unanswered round up at the end of the interval, the last one too", async () => {
    const { clock, peer, plan } = setUp([], { count: 3, interval: 1_000 });
    await ask(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d", "1000 sent d", "2000 sent d"]);
    expect(clock.now()).toBe(3_000);
  });

  it("makes a count without an interval one reply each", async () => {
    const { clock, peer, plan } = setUp([], { count: 2 });
    peer.onSend = replies(clock);
    await ask(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d", "0 printed r1", "0 sent d", "0 printed r2"]);
  });

  it("says why it cannot receive", async () => {
    const { clock, peer, plan } = setUp([{ at: 5, body: new ConnectionResetError("gone") }], {});
    await expect(ask(peer, data, plan, clock)).rejects.toThrow("Cannot receive: Connection reset");
  });
});

describe("ask, as SURVEYOR", () => {
  /** Two respondents, and the end of the survey after a second. */
  const answers = (clock: StoppedClock) => (sends: number) => [
    { at: clock.now() + 100, body: `a${sends}` },
    { at: clock.now() + 200, body: `b${sends}` },
    { at: clock.now() + 1_000, body: new TimeoutError("the survey is over") },
  ];

  it("prints all answers and ends with the survey", async () => {
    const { clock, peer, plan } = setUp([], {});
    peer.onSend = answers(clock);
    await ask(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d", "100 printed a1", "200 printed b1"]);
    expect(clock.now()).toBe(1_000);
  });

  it.each([
    ["without an interval, a survey after the other", undefined, 1_000],
    ["at an interval", 3_000, 3_000],
  ])("asks a count %s", async (_, interval, second) => {
    const { clock, peer, plan } = setUp([], { count: 2, interval });
    peer.onSend = answers(clock);
    await ask(peer, data, plan, clock);
    expect(peer.log).toEqual([
      "0 sent d",
      "100 printed a1",
      "200 printed b1",
      `${second} sent d`,
      `${second + 100} printed a2`,
      `${second + 200} printed b2`,
    ]);
    expect(clock.now()).toBe(second + 1_000);
  });
});

describe("talk", () => {
  const everySecond = [500, 1_500, 2_500].map((at) => ({ at, body: `at ${at}` }));

  it("sends once and then prints for ever", async () => {
    const { clock, peer, plan } = setUp(everySecond, { count: 1 });
    await expect(talk(peer, data, plan, clock)).rejects.toThrow();
    expect(peer.log).toEqual([
      "0 sent d",
      "500 printed at 500",
      "1500 printed at 1500",
      "2500 printed at 2500",
      "2500 waits for ever",
    ]);
  });

  it("prints between its sends and until the last interval is over", async () => {
    const { clock, peer, plan } = setUp(everySecond, { count: 2, interval: 1_000 });
    await talk(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d", "500 printed at 500", "1000 sent d", "1500 printed at 1500"]);
    expect(clock.now()).toBe(2_000);
  });

  it("stops listening at the receive timeout and still keeps the pace", async () => {
    const { clock, peer, plan } = setUp([{ at: 1_500, body: "late" }], {
      count: 2,
      interval: 2_000,
      receiveTimeout: 1_000,
    });
    await talk(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d", "2000 sent d", "2000 printed late"]);
    expect(clock.now()).toBe(3_000);
  });

  it("takes only what is there when the interval is 0", async () => {
    const { clock, peer, plan } = setUp([{ at: 0, body: "early" }], { count: 2, interval: 0 });
    await talk(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d", "0 printed early", "0 sent d"]);
  });

  it("makes a count without an interval one message out, one message in each", async () => {
    const { clock, peer, plan } = setUp(everySecond, { count: 2 });
    await talk(peer, data, plan, clock);
    expect(peer.log).toEqual(["0 sent d", "500 printed at 500", "500 sent d", "1500 printed at 1500"]);
  });
});

it("says why it cannot send", async () => {
  const { clock, peer, plan } = setUp([], {});
  peer.send = () => Promise.reject(new TimeoutError("no peer took it"));
  await expect(ask(peer, data, plan, clock)).rejects.toThrow("Send error: Timed out");
  await expect(send(peer, data, plan, clock)).rejects.toThrow("Send error: Timed out");
});
