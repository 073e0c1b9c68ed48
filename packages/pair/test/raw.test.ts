/** Raw pairs: PAIR0 has no header, PAIR1 one hop count. */
import { Message } from "@sprocket/core";
import { hex, toHex } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Pair1, RawPair0, RawPair1 } from "../src/index.js";
import { failure, keep, text, World } from "./support.js";

test("a raw PAIR0 gives and takes whole messages", async () => {
  const world = new World((base) => new RawPair0(base));
  const pipe = await world.peer();
  pipe.deliver("hello");
  const message = await world.socket.receive();
  expect(message).toBeInstanceOf(Message);
  expect(message.text()).toBe("hello");
  expect(message.header.length).toBe(0);
  await world.socket.send(message);
  expect(pipe.sent.map(toHex)).toEqual(["68656c6c6f"]);
});

test("a raw PAIR1 keeps the hop count on receive and raises it by one on send", async () => {
  const world = new World((base) => new RawPair1(base));
  const pipe = await world.peer();
  pipe.deliver(hex("00000003"), "hi");
  const message = await world.socket.receive();
  expect(toHex(message.header)).toBe("00000003");
  await world.socket.send(message);
  expect(pipe.sent.map(toHex)).toEqual(["000000046869"]);
});

test("a raw PAIR1 refuses to send without a fitting header", async () => {
  const world = new World((base) => new RawPair1(base));
  const pipe = await world.peer();
  for (const header of ["", "000001", "000000ff", "00000100", "ffffffff", "0000000000000001"]) {
    expect(await failure(world.socket.send(new Message("x", { header: hex(header) })))).toMatchObject({
      code: "SP_EPROTO",
    });
  }
  expect(pipe.sent.length).toBe(0);
  await world.socket.send(new Message("x", { header: hex("000000fe") }));
  expect(pipe.sent.map(toHex)).toEqual(["000000ff78"]);
});

test("two raw PAIR1 are a device; a message that went through too many is dropped", async () => {
  const left = keep(new RawPair1());
  const right = keep(new RawPair1());
  await left.listen("inproc://pair-device-left");
  await right.listen("inproc://pair-device-right");
  const loops = [
    (async () => {
      for await (const message of left) await right.send(message);
    })(),
    (async () => {
      for await (const message of right) await left.send(message);
    })(),
  ];
  const one = keep(new Pair1());
  const two = keep(new Pair1());
  await one.dial("inproc://pair-device-left");
  await two.dial("inproc://pair-device-right");
  await one.send("there");
  expect(await text(two.receive())).toBe("there");
  await two.send("and back");
  expect(await text(one.receive())).toBe("and back");
  left.destroy();
  right.destroy();
  await Promise.all(loops);
});

test("a received message can be sent on by a cooked PAIR1, which sets the header anew", async () => {
  const world = new World((base) => new Pair1(base));
  const pipe = await world.peer();
  pipe.deliver(hex("00000005"), "bounce");
  await world.socket.send(await world.socket.receiveMessage());
  expect(pipe.sent.map(toHex)).toEqual(["00000001626f756e6365"]);
});
