/** Devices: which sockets fit, what passes, and what ends them. */
import { Bus0, RawBus0 } from "@sprocket/bus";
import { device, InvalidOperationError, type Message, type Socket } from "@sprocket/core";
import { RawPair0 } from "@sprocket/pair";
import { RawPull0, RawPush0 } from "@sprocket/pipeline";
import { Pub0, RawPub0, RawSub0 } from "@sprocket/pubsub";
import { RawRep0, RawReq0, Req0 } from "@sprocket/reqrep";
import { RawRespondent0, RawSurveyor0 } from "@sprocket/survey";
import { isPending, ManualClock, type MockPipe, MockTransport, until } from "@sprocket/testing";
import { afterEach, expect, test, vi } from "vitest";
import { failure, keep, turns } from "../support/world.js";

afterEach(() => vi.unstubAllGlobals());

/** A side of a device on a network in the test's hands. */
class Side<Kind extends Socket> {
  readonly mock = new MockTransport();
  readonly socket: Kind;

  constructor(make: (base: { transports: MockTransport[]; clock: ManualClock }) => Kind) {
    this.socket = keep(make({ transports: [this.mock], clock: new ManualClock() }));
  }

  async peer(): Promise<MockPipe> {
    if (this.mock.listeners.size === 0) await this.socket.listen("mock://side");
    return this.mock.listener("side").connect();
  }
}

function sent(pipe: MockPipe): string[] {
  return pipe.sent.map((bytes) => new TextDecoder().decode(bytes));
}

const makers = {
  bus: () => new RawBus0(),
  pair: () => new RawPair0(),
  pub: () => new RawPub0(),
  sub: () => new RawSub0(),
  push: () => new RawPush0(),
  pull: () => new RawPull0(),
  req: () => new RawReq0(),
  rep: () => new RawRep0(),
  surveyor: () => new RawSurveyor0(),
  respondent: () => new RawRespondent0(),
};
type Name = keyof typeof makers;
const names = Object.keys(makers) as Name[];
const peers: Record<Name, Name> = {
  bus: "bus",
  pair: "pair",
  pub: "sub",
  sub: "pub",
  push: "pull",
  pull: "push",
  req: "rep",
  rep: "req",
  surveyor: "respondent",
  respondent: "surveyor",
};

test.each(names)("a raw %s goes with the raw socket of its peer, and with no other", async (name) => {
  for (const other of names) {
    const front = keep(makers[name]());
    const back = keep(makers[other]());
    const running = device(front, back);
    if (peers[name] === other) {
      expect(await isPending(running)).toBe(true);
      back.destroy();
      await running;
      expect(front.closed).toBe(false);
    } else {
      expect(await failure(running)).toBeInstanceOf(InvalidOperationError);
    }
  }
});

test.each(names)("a raw %s alone is a device only when it is its own peer", async (name) => {
  const socket = keep(makers[name]());
  const running = device(socket);
  if (peers[name] !== name) {
    expect(await failure(running)).toBeInstanceOf(InvalidOperationError);
    return;
  }
  expect(await isPending(running)).toBe(true);
  socket.destroy();
  await running;
});

test("a cooked socket is refused, with the name of the raw one", async () => {
  for (const [front, back] of [
    [new Req0(), new RawRep0()],
    [new RawSub0(), new Pub0()],
    [new Bus0(), undefined],
  ] as const) {
    keep(front);
    if (back !== undefined) keep(back);
    const error = await failure(device(front, back));
    expect(error).toBeInstanceOf(InvalidOperationError);
    expect(error.message).toMatch(/use Raw(Req0|Pub0|Bus0) instead/);
  }
});

test("a device with a socket that has closed is over at once", async () => {
  const front = keep(new RawPair0());
  const back = keep(new RawPair0());
  await back.close();
  await device(front, back);
});

test("while the other side is full nothing more is read", async () => {
  const pull = new Side((base) => new RawPull0(base));
  const push = new Side((base) => new RawPush0({ ...base, sendBufferBytes: 1 }));
  const from = await pull.peer();
  const to = await push.peer();
  to.stall();
  const running = device(pull.socket, push.socket);
  for (let count = 0; count < 10; count++) from.deliver(String(count));
  await turns();
  // One in the pipe, one in the hands of the device, one parked.
  expect(from.undelivered).toBe(7);
  expect(sent(to)).toEqual(["0"]);
  to.drain();
  await until(() => to.sent.length === 10, "ten messages");
  expect(sent(to)).toEqual(Array.from({ length: 10 }, (_, at) => String(at)));
  push.socket.destroy();
  await running;
});

test("a request in a ring of devices ends by its hops, and is counted", async () => {
  const reps: RawRep0[] = [];
  const running: Promise<void>[] = [];
  for (let at = 0; at < 3; at++) {
    const rep = keep(new RawRep0({ ttlMax: 8 }));
    await rep.listen(`inproc://device-ring-${at}`);
    reps.push(rep);
  }
  for (const [at, rep] of reps.entries()) {
    const req = keep(new RawReq0());
    await req.dial(`inproc://device-ring-${(at + 1) % 3}`);
    running.push(device(rep, req));
  }
  const asker = keep(new Req0());
  await asker.dial("inproc://device-ring-0");
  await asker.send("for whom?");
  const dropped = (): number => reps.reduce((sum, rep) => sum + (rep.stats().drops.ttl ?? 0), 0);
  await until(() => dropped() === 1, "the end of the ring");
  expect(reps.reduce((sum, rep) => sum + rep.stats().receivedMessages, 0)).toBe(9);
  for (const rep of reps) rep.destroy();
  await Promise.all(running);
});

test("onMessage sees every message and where it came from; what it throws is reported and changes nothing", async () => {
  const reported: unknown[] = [];
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
  const left = new Side((base) => new RawPair0(base));
  const right = new Side((base) => new RawPair0(base));
  const seen: [string, Socket][] = [];
  const running = device(left.socket, right.socket, {
    onMessage(message: Message, from) {
      seen.push([message.text(), from]);
      throw new Error(message.text());
    },
  });
  const [one, two] = [await left.peer(), await right.peer()];
  one.deliver("there");
  await until(() => two.sent.length === 1, "the message on the other side");
  two.deliver("and back");
  await until(() => one.sent.length === 1, "the answer");
  expect([sent(two), sent(one)]).toEqual([["there"], ["and back"]]);
  expect(seen).toEqual([
    ["there", left.socket],
    ["and back", right.socket],
  ]);
  await until(() => reported.length === 2, "two reports");
  left.socket.destroy();
  await running;
});

test("a signal ends a device with its reason, and swallows no message", async () => {
  const pull = new Side((base) => new RawPull0(base));
  const push = new Side((base) => new RawPush0(base));
  const from = await pull.peer();
  const to = await push.peer();
  const stop = new AbortController();
  const ended = failure(device(pull.socket, push.socket, { signal: stop.signal }));
  from.deliver("passes");
  await until(() => to.sent.length === 1, "the first message");
  const reason = new Error("enough");
  stop.abort(reason);
  from.deliver("stays");
  expect(await ended).toBe(reason);
  await turns();
  expect(sent(to)).toEqual(["passes"]);
  expect((await pull.socket.receive()).text()).toBe("stays");
  expect(await failure(device(pull.socket, push.socket, { signal: stop.signal }))).toBe(reason);
});

test("a message that is under way when the other side closes is lost, and counted there", async () => {
  const pull = new Side((base) => new RawPull0(base));
  const push = new Side((base) => new RawPush0(base));
  const from = await pull.peer();
  const running = device(pull.socket, push.socket);
  from.deliver("in the hands of the device");
  await turns();
  push.socket.destroy();
  await running;
  expect(push.socket.stats().drops).toEqual({ closed: 1 });
  from.deliver("stays");
  expect((await pull.socket.receive()).text()).toBe("stays");
});

test("a message that waits for room when the device is aborted goes out all the same, and is the last", async () => {
  const pull = new Side((base) => new RawPull0(base));
  const push = new Side((base) => new RawPush0({ ...base, sendBufferBytes: 1 }));
  const from = await pull.peer();
  const to = await push.peer();
  to.stall();
  const stop = new AbortController();
  const ended = failure(device(pull.socket, push.socket, { signal: stop.signal }));
  for (const body of ["in the pipe", "in the hands of the device", "parked"]) from.deliver(body);
  await turns();
  stop.abort("enough");
  expect(await ended).toBe("enough");
  to.drain();
  await until(() => to.sent.length === 2, "the message that waited");
  await turns();
  expect(sent(to)).toEqual(["in the pipe", "in the hands of the device"]);
  expect((await pull.socket.receive()).text()).toBe("parked");
});
