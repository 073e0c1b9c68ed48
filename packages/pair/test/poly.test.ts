/** Polyamorous Pair1: many peers, each addressed by its pipe. */
import { Message } from "@sprocket/core";
import { hex, isPending, toHex } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Pair0, Pair1 } from "../src/index.js";
import { keep, record, text, turns, World } from "./support.js";

const hop = hex("00000001");

function poly(options: object = {}): World<Pair1> {
  return new World((base) => new Pair1({ ...base, ...options, polyamorous: true }));
}

test("each message carries its pipe, and pipe.send answers to it alone", async () => {
  const world = poly({ receiveBufferSize: 10 });
  const pipes = [await world.peer(), await world.peer(), await world.peer()];
  pipes.forEach((pipe, at) => {
    pipe.deliver(hop, `from ${at}`);
  });
  for (let count = 0; count < 3; count++) {
    const message = await world.socket.receiveMessage();
    expect(message.pipe?.send(`to ${message.text()}`)).toBe(true);
  }
  expect(pipes.map((pipe) => pipe.sent.map((bytes) => new TextDecoder().decode(bytes.subarray(4))))).toEqual([
    ["to from 0"],
    ["to from 1"],
    ["to from 2"],
  ]);
});

test("a message may name its pipe; one that does not goes to the oldest", async () => {
  const world = poly();
  const first = await world.peer();
  const second = await world.peer();
  const [, newest] = [...world.socket.pipes];
  await world.socket.send(new Message("named", { pipe: newest }));
  await world.socket.send("unnamed");
  expect(second.sent.map(toHex)).toEqual([toHex(hex("00000001 6e616d6564"))]);
  expect(first.sent.length).toBe(1);
  first.end();
  await turns(2);
  await world.socket.send("unnamed");
  expect(second.sent.length).toBe(2);
});

test("before the first peer a send waits", async () => {
  const world = poly();
  const sent = world.socket.send("early");
  expect(await isPending(sent)).toBe(true);
  const pipe = await world.peer();
  await sent;
  expect(pipe.sent.length).toBe(1);
});

test("a peer that is busy has a queue of two; what is beyond is dropped and counted", async () => {
  const world = poly({ sendBufferBytes: 1 });
  const drops = record(world.socket, "drop");
  const pipe = await world.peer();
  pipe.stall();
  for (let count = 0; count < 5; count++) await world.socket.send(String(count));
  expect(drops.map(({ reason }) => reason)).toEqual(["queue-full", "queue-full"]);
  pipe.drain();
  expect(pipe.sent.map((bytes) => new TextDecoder().decode(bytes.subarray(4)))).toEqual(["0", "1", "2"]);
});

test("sending to a peer that has gone is dropped and counted", async () => {
  const world = poly();
  const drops = record(world.socket, "drop");
  const pipe = await world.peer();
  await world.peer();
  pipe.deliver(hop, "bye");
  const message = await world.socket.receiveMessage();
  pipe.end();
  await turns(2);
  expect(message.pipe?.send("too late")).toBe(false);
  await world.socket.send(new Message("too late", { pipe: message.pipe }));
  expect(drops.map(({ reason }) => reason)).toEqual(["peer-gone", "peer-gone"]);
});

test("one busy peer does not hold up another", async () => {
  const world = poly({ sendBufferBytes: 1 });
  const stuck = await world.peer();
  const free = await world.peer();
  stuck.stall();
  const [, second] = [...world.socket.pipes];
  for (let count = 0; count < 10; count++) {
    world.socket.trySend("to the oldest");
    expect(second?.send(`to the second ${count}`)).toBe(true);
  }
  expect(free.sent.length).toBe(10);
});

test("polyamorous and monogamous pairs talk to each other", async () => {
  const hub = keep(new Pair1({ polyamorous: true }));
  await hub.listen("inproc://poly-hub");
  const spokes = [keep(new Pair1()), keep(new Pair1())] as const;
  for (const spoke of spokes) await spoke.dial("inproc://poly-hub");
  void (async () => {
    for await (const message of hub.messages()) message.pipe?.send(`you said ${message.text()}`);
  })();
  await spokes[0].send("one");
  await spokes[1].send("two");
  expect(await text(spokes[0].receive())).toBe("you said one");
  expect(await text(spokes[1].receive())).toBe("you said two");
});

test("pipe.send on any other socket is NotSupportedError", async () => {
  const world = new World((base) => new Pair0(base));
  await world.peer();
  const [pipe] = [...world.socket.pipes];
  expect(() => pipe?.send("x")).toThrow(expect.objectContaining({ code: "SP_ENOTSUP" }));
  const monogamous = new World((base) => new Pair1(base));
  await monogamous.peer();
  const [other] = [...monogamous.socket.pipes];
  expect(() => other?.send("x")).toThrow(expect.objectContaining({ code: "SP_ENOTSUP" }));
});

test("polyamorous is fixed from the start", () => {
  const pair = keep(new Pair1({ polyamorous: true }));
  expect(pair.polyamorous).toBe(true);
  expect(keep(new Pair1()).polyamorous).toBe(false);
  expect(() => new Pair0({ polyamorous: true } as object)).toThrow(
    expect.objectContaining({ code: "SP_ENOTSUP" }),
  );
});
