/** Raw sockets: headers in the application's hands. */
import { Message } from "@sprocket/core";
import { concat, hex, toHex } from "@sprocket/testing";
import { expect, test } from "vitest";
import { RawRespondent0, RawSurveyor0 } from "../src/index.js";
import { record, turns, World } from "./support/world.js";

test("a raw surveyor sends header and body to everyone as they are, and gives answers with their header", async () => {
  const world = new World((base) => new RawSurveyor0(base));
  const pipes = [await world.peer(), await world.peer()];
  await world.socket.send(new Message("who?", { header: hex("00000007 80000001") }));
  for (const pipe of pipes) expect(pipe.sent.map(toHex)).toEqual(["000000078000000177686f3f"]);
  pipes[0]?.deliver(hex("00000007 80000001"), "me");
  const message = await world.socket.receive();
  expect([toHex(message.header), message.text()]).toEqual(["0000000780000001", "me"]);
  expect(message.pipe).toBe([...world.socket.pipes][0]);
});

test("a raw surveyor knows no survey: any answer is received, whenever", async () => {
  const world = new World((base) => new RawSurveyor0(base));
  const pipe = await world.peer();
  pipe.deliver(hex("80000001"), "unasked");
  expect((await world.socket.receive()).text()).toBe("unasked");
});

test("a raw surveyor takes 15 hops and an id; more, or no end at all, closes the peer", async () => {
  const world = new World((base) => new RawSurveyor0(base));
  const drops = record(world.socket, "drop");
  const good = await world.peer();
  good.deliver(hex(`${"00000001".repeat(15)} 80000001`), "far");
  expect((await world.socket.receive()).header.length).toBe(64);
  for (const bad of ["", "800000", "00000001", `${"00000001".repeat(16)} 80000001`]) {
    const pipe = await world.peer();
    pipe.deliver(hex(bad));
    expect(pipe.closing).toBe(true);
  }
  expect(drops.map(({ reason }) => reason)).toEqual(Array(4).fill("malformed"));
  expect(good.closing).toBe(false);
});

test("a raw surveyor queues 16 surveys for a busy respondent, then drops the newest", async () => {
  const world = new World((base) => new RawSurveyor0({ ...base, sendBufferBytes: 1 }));
  const pipe = await world.peer();
  pipe.stall();
  for (let count = 0; count < 20; count++)
    world.socket.trySend(new Message(String(count), { header: hex("80000001") }));
  expect(world.socket.stats()).toMatchObject({ queued: 16, drops: { "queue-full": 3 } });
  pipe.drain();
  expect(toHex(pipe.sent[16] as Uint8Array)).toBe(toHex(concat(hex("80000001"), "16")));
  expect(pipe.sent.length).toBe(17);
});

test("a raw surveyor holds back a respondent whose answers are not taken", async () => {
  const world = new World((base) => new RawSurveyor0(base));
  const pipe = await world.peer();
  for (let count = 0; count < 3; count++) pipe.deliver(hex("80000001"), String(count));
  expect(pipe.undelivered).toBe(2);
  expect((await world.socket.receiveBatch(3)).map((message) => message.text())).toEqual(["0", "1", "2"]);
});

test("a raw respondent puts the id of the pipe in front, and by it the answer finds its way", async () => {
  const world = new World((base) => new RawRespondent0(base));
  const [one, two] = [await world.peer(), await world.peer()];
  two.deliver(hex("00000005 80000001"), "hi");
  const survey = await world.socket.receive();
  const id = [...world.socket.pipes][1]?.id ?? 0;
  expect(toHex(survey.header)).toBe(`${id.toString(16).padStart(8, "0")}0000000580000001`);
  await world.socket.send(new Message("an", { header: survey.header }));
  expect(one.sent.length).toBe(0);
  expect(two.sent.map(toHex)).toEqual(["0000000580000001616e"]);
});

test("a raw respondent drops what it cannot route, and counts it", async () => {
  const world = new World((base) => new RawRespondent0(base));
  const drops = record(world.socket, "drop");
  await world.peer();
  await world.socket.send("no header");
  await world.socket.send(new Message("half a word", { header: hex("0001") }));
  await world.socket.send(new Message("unknown", { header: hex("7fffffff 80000001") }));
  expect(drops.map(({ reason }) => reason)).toEqual(["malformed", "malformed", "peer-gone"]);
});

test("a raw respondent queues 2 answers for a busy surveyor, then drops", async () => {
  const world = new World((base) => new RawRespondent0({ ...base, sendBufferBytes: 1 }));
  const pipe = await world.peer();
  pipe.deliver(hex("80000001"), "hi");
  const { header } = await world.socket.receive();
  pipe.stall();
  for (let count = 0; count < 5; count++) world.socket.trySend(new Message(String(count), { header }));
  expect(world.socket.stats()).toMatchObject({ queued: 2, drops: { "queue-full": 2 } });
  pipe.drain();
  expect(pipe.sent.length).toBe(3);
});

test("a raw respondent minds the TTL", async () => {
  const world = new World((base) => new RawRespondent0({ ...base, ttlMax: 2 }));
  const pipe = await world.peer();
  pipe.deliver(hex("00000001 00000002 80000001"), "too far");
  pipe.deliver(hex("00000001 80000001"), "near");
  expect((await world.socket.receive()).text()).toBe("near");
  await turns(2);
  expect(world.socket.stats().drops).toEqual({ ttl: 1 });
  world.socket.ttlMax = 8;
  expect(world.socket.ttlMax).toBe(8);
});
