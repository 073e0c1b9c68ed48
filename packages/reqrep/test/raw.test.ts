/** Raw sockets: headers in the application's hands. */
import { Message } from "@sprocket/core";
import { concat, MockTransport, toHex, u32 } from "@sprocket/testing";
import { expect, test } from "vitest";
import { RawRep0, RawReq0, Rep0, Req0 } from "../src/index.js";
import { failure, hex, keep, record, text } from "./support/world.js";

test("a raw REQ and a raw REP are a device between a REQ and a REP", async () => {
  const front = keep(new RawRep0());
  const back = keep(new RawReq0());
  await front.listen("inproc://device-front");
  const rep = keep(new Rep0());
  await rep.listen("inproc://device-back");
  rep.serve((request) => `${request.text()}!`);
  await back.dial("inproc://device-back");
  const forward = async (from: RawRep0 | RawReq0, to: RawRep0 | RawReq0): Promise<void> => {
    for await (const message of from) await to.send(message);
  };
  const loops = [forward(front, back), forward(back, front)];
  const reqs = [keep(new Req0()), keep(new Req0())];
  for (const req of reqs) await req.dial("inproc://device-front");
  const answers = await Promise.all(
    reqs.flatMap((req, at) => Array.from({ length: 10 }, (_, count) => text(req.request(`${at}.${count}`)))),
  );
  expect(answers).toEqual(
    reqs.flatMap((_, at) => Array.from({ length: 10 }, (_, count) => `${at}.${count}!`)),
  );
  front.destroy();
  back.destroy();
  await Promise.all(loops);
});

test("a chain of devices adds a word each, and the TTL stops a request that passed too many", async () => {
  const first = keep(new RawRep0());
  await first.listen("inproc://chain");
  const req = keep(new RawReq0());
  await req.dial("inproc://chain");
  await first.waitForPipes(1);
  const hops = (count: number): Uint8Array =>
    concat(...Array.from({ length: count }, (_, at) => u32(at + 1)));
  await req.send(new Message("dropped", { header: concat(hops(8), hex("80000001")) }));
  await req.send(new Message("delivered", { header: concat(hops(7), hex("80000001")) }));
  const message = await first.receive();
  expect(message.text()).toBe("delivered");
  expect(message.header.length).toBe(36);
  expect(first.stats().drops).toEqual({ ttl: 1 });
});

test("receive, tryReceive, receiveBatch and the iterator of a raw socket give messages", async () => {
  const rep = keep(new RawRep0());
  await rep.listen("inproc://raw-verbs");
  const req = keep(new RawReq0());
  await req.dial("inproc://raw-verbs");
  for (let count = 0; count < 4; count++) {
    const waiting = rep.receive();
    await req.send(new Message(String(count), { header: hex("80000001") }));
    expect((await waiting).text()).toBe(String(count));
  }
  await req.send(new Message("try", { header: hex("80000001") }));
  expect(rep.tryReceive()?.text()).toBe("try");
  await req.send(new Message("batch", { header: hex("80000001") }));
  expect((await rep.receiveBatch(10)).map((message) => message.text())).toEqual(["batch"]);
  await req.send(new Message("loop", { header: hex("80000001") }));
  for await (const message of rep) {
    expect(message.text()).toBe("loop");
    break;
  }
});

test("a raw REP drops what it cannot route", async () => {
  const mock = new MockTransport();
  const rep = keep(new RawRep0({ transports: [mock] }));
  const drops = record(rep, "drop");
  await rep.listen("mock://raw");
  const pipe = mock.listener("raw").connect();
  await rep.send(new Message("no header"));
  await rep.send(new Message("half a word", { header: hex("0001") }));
  await rep.send(new Message("unknown pipe", { header: hex("7fffffff 80000001") }));
  expect(drops.map(({ reason }) => reason)).toEqual(["malformed", "malformed", "peer-gone"]);
  pipe.deliver(hex("80000001"), "hi");
  const request = await rep.receive();
  pipe.end();
  await rep.send(new Message("gone", { header: request.header }));
  expect(drops.length).toBe(4);
});

test("a raw REP queues 64 replies for a requester that is busy, then drops", async () => {
  const mock = new MockTransport();
  const rep = keep(new RawRep0({ transports: [mock], sendBufferBytes: 1 }));
  await rep.listen("mock://raw");
  const pipe = mock.listener("raw").connect();
  pipe.deliver(hex("80000001"), "hi");
  const { header } = await rep.receive();
  pipe.stall();
  for (let count = 0; count < 70; count++) await rep.send(new Message(String(count), { header }));
  expect(rep.stats()).toMatchObject({ queued: 64, drops: { "queue-full": 5 } });
  pipe.drain();
  expect(pipe.sent.length).toBe(65);
  expect(toHex(pipe.sent[64] as Uint8Array)).toBe(toHex(concat(hex("80000001"), "64")));
});

test("a raw REQ closes a peer whose reply has no end of its stack", async () => {
  const mock = new MockTransport({ dials: "accept" });
  const req = keep(new RawReq0({ transports: [mock] }));
  const drops = record(req, "drop");
  await req.listen("mock://raw");
  for (const bad of ["", "800000", "00000001", "00000001 00000002"]) {
    const pipe = mock.listener("raw").connect();
    pipe.deliver(hex(bad));
    expect(pipe.closing).toBe(true);
  }
  expect(drops.map(({ reason }) => reason)).toEqual(Array.from({ length: 4 }, () => "malformed"));
});

test("a raw REQ sends round robin and waits when nobody can take it", async () => {
  const mock = new MockTransport();
  const req = keep(new RawReq0({ transports: [mock] }));
  await req.listen("mock://raw");
  expect(req.trySend(new Message("x", { header: hex("80000001") }))).toBe(false);
  const pipes = [mock.listener("raw").connect(), mock.listener("raw").connect()];
  for (let count = 0; count < 4; count++)
    await req.send(new Message(String(count), { header: hex("80000001") }));
  expect(pipes.map((pipe) => pipe.sent.length)).toEqual([2, 2]);
  expect(await failure(req.receive({ timeout: 0 }))).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("raw sockets say that they are raw", () => {
  expect([
    keep(new RawReq0()).raw,
    keep(new RawRep0()).raw,
    keep(new Req0()).raw,
    keep(new Rep0()).raw,
  ]).toEqual([true, true, false, false]);
  expect(keep(new RawReq0()).protocol).toEqual({ id: 0x30, name: "req" });
  expect(keep(new RawReq0()).peer).toEqual({ id: 0x31, name: "rep" });
});
