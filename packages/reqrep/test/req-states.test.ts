/** The states of one conversation: reference 4.5. */
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { answer, failure, parse, ReqWorld, record, text } from "./support/world.js";

test("send, receive, and again: each receive gives the answer to the last send, once", async () => {
  const world = new ReqWorld();
  const { req } = world;
  const pipe = await world.peer();
  for (let round = 1; round <= 3; round++) {
    await req.send(`question ${round}`);
    const request = await pipe.nthSent(round);
    expect(parse(request).body).toBe(`question ${round}`);
    answer(pipe, request, `answer ${round}`);
    expect(await text(req.receive())).toBe(`answer ${round}`);
    expect(await failure(req.receive())).toMatchObject({ code: "SP_ESTATE" });
  }
});

test("a send waits for a peer and then goes out", async () => {
  const world = new ReqWorld();
  const sent = world.req.send("hello");
  expect(await isPending(sent)).toBe(true);
  const received = world.req.receive();
  const pipe = await world.peer();
  await sent;
  answer(pipe, await pipe.nthSent(1), "olleh");
  expect(await text(received)).toBe("olleh");
});

test("a second receive on the same conversation is BadStateError and does not disturb the first", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  await world.req.send("hello");
  const first = world.req.receive();
  expect(await failure(world.req.receive())).toMatchObject({ code: "SP_ESTATE" });
  answer(pipe, pipe.sent[0], "olleh");
  expect(await text(first)).toBe("olleh");
});

test("a new send replaces one that still waits for a peer", async () => {
  const world = new ReqWorld();
  const first = failure(world.req.send("first"));
  const second = world.req.send("second");
  expect(await first).toMatchObject({ code: "SP_ECANCELED" });
  const pipe = await world.peer();
  await second;
  expect(pipe.sent.map((bytes) => parse(bytes).body)).toEqual(["second"]);
});

test("an answer that nobody has received is discarded by the next send", async () => {
  const world = new ReqWorld();
  const drops = record(world.req, "drop");
  const pipe = await world.peer();
  await world.req.send("first");
  answer(pipe, pipe.sent[0], "one");
  await world.req.send("second");
  answer(pipe, pipe.sent[1], "two");
  expect(await text(world.req.receive())).toBe("two");
  expect(drops.map(({ reason }) => reason)).toEqual(["replaced"]);
});

test("a second answer to the same request is dropped", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  await world.req.send("hello");
  answer(pipe, pipe.sent[0], "one");
  answer(pipe, pipe.sent[0], "two");
  expect(await text(world.req.receive())).toBe("one");
  expect(world.req.stats().drops).toEqual({ "unknown-id": 1 });
});

test("an answer counts only from a pipe that the request went to", async () => {
  const world = new ReqWorld();
  const one = await world.peer();
  const two = await world.peer();
  await world.req.send("hello");
  const [asked, other] = one.sent.length > 0 ? [one, two] : [two, one];
  const received = world.req.receive();
  answer(other, asked.sent[0], "forged");
  expect(await isPending(received)).toBe(true);
  answer(asked, asked.sent[0], "genuine");
  expect(await text(received)).toBe("genuine");
  expect(world.req.stats().drops).toEqual({ "unknown-id": 1 });
});

test("requests go round the peers that can take them", async () => {
  const world = new ReqWorld();
  const pipes = [await world.peer(), await world.peer(), await world.peer()];
  for (let round = 0; round < 6; round++) await world.req.send(`question ${round}`);
  expect(pipes.map((pipe) => pipe.sent.length)).toEqual([2, 2, 2]);
  expect(pipes.map((pipe) => parse(pipe.sent[0] as Uint8Array).body)).toEqual([
    "question 0",
    "question 1",
    "question 2",
  ]);
});

test("a peer that takes no more is left out until it drains", async () => {
  const world = new ReqWorld({ sendBufferBytes: 1 });
  const stuck = await world.peer();
  const free = await world.peer();
  stuck.stall();
  for (let round = 0; round < 4; round++) await world.req.send(`question ${round}`);
  expect([stuck.sent.length, free.sent.length]).toEqual([1, 3]);
  stuck.drain();
  await world.req.send("after");
  await world.req.send("after");
  expect(stuck.sent.length).toBe(2);
});

test("tryReceive gives undefined until the answer is there; readable tells", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  expect(() => world.req.tryReceive()).toThrow(expect.objectContaining({ code: "SP_ESTATE" }));
  await world.req.send("hello");
  expect(world.req.tryReceive()).toBeUndefined();
  expect(world.req.readable).toBe(false);
  answer(pipe, pipe.sent[0], "olleh");
  expect(world.req.readable).toBe(true);
  expect(new TextDecoder().decode(world.req.tryReceive())).toBe("olleh");
});

test("writable tells whether a peer could take a request now", async () => {
  const world = new ReqWorld({ sendBufferBytes: 1 });
  expect(world.req.writable).toBe(false);
  const pipe = await world.peer();
  expect(world.req.writable).toBe(true);
  pipe.stall();
  await world.req.send("fills it");
  expect(world.req.writable).toBe(false);
  pipe.drain();
  expect(world.req.writable).toBe(true);
});

test("request ids stay in the upper half and wrap inside it", async () => {
  // Chance says the very last id.
  const world = new ReqWorld({}, [0.999_999_999_9]);
  const pipe = await world.peer();
  await world.req.send("a");
  await world.req.send("b");
  await world.req.send("c");
  const ids = pipe.sent.map((bytes) => parse(bytes).id);
  expect(ids.every((id) => id >= 0x8000_0000)).toBe(true);
  for (let at = 1; at < ids.length; at++) {
    const before = ids[at - 1] as number;
    expect(ids[at]).toBe(before === 0xffff_ffff ? 0x8000_0000 : before + 1);
  }
  expect(ids).toContain(0x8000_0000);
});
