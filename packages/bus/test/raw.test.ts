/** A raw bus: a message names the pipe that it came from, and is not sent back to it. */
import { Message } from "@sprocket/core";
import { hex, toHex, u32 } from "@sprocket/testing";
import { expect, test } from "vitest";
import { RawBus0 } from "../src/index.js";
import { sent, World } from "./support/world.js";

test("a received header is the id of the pipe; sent back as it is, the message goes to everyone else", async () => {
  const world = new World((base) => new RawBus0(base));
  const pipes = [await world.peer(), await world.peer(), await world.peer()];
  pipes[1]?.deliver("hello");
  const message = await world.socket.receive();
  expect(message).toBeInstanceOf(Message);
  expect(toHex(message.header)).toBe(toHex(u32([...world.socket.pipes][1]?.id ?? 0)));
  expect(message.pipe).toBe([...world.socket.pipes][1]);
  await world.socket.send(message);
  expect(pipes.map(sent)).toEqual([["hello"], [], ["hello"]]);
});

test("without a header, with half a word, or with the id of nobody, it goes to all; a header never travels", async () => {
  const world = new World((base) => new RawBus0(base));
  const pipes = [await world.peer(), await world.peer()];
  const headers = ["", "0001", "7fffffff", "7fffffff 00000001"];
  for (const header of headers) await world.socket.send(new Message("x", { header: hex(header) }));
  for (const pipe of pipes) expect(pipe.sent.map(toHex)).toEqual(headers.map(() => "78"));
});

test("words behind the first are removed, too", async () => {
  const world = new World((base) => new RawBus0(base));
  const pipes = [await world.peer(), await world.peer()];
  const id = [...world.socket.pipes][0]?.id ?? 0;
  await world.socket.send(new Message("x", { header: new Uint8Array([...u32(id), 1, 2, 3, 4]) }));
  expect(pipes.map((pipe) => pipe.sent.map(toHex))).toEqual([[], ["78"]]);
});

test("a message that is only for its origin is no loss", async () => {
  const world = new World((base) => new RawBus0(base));
  const pipe = await world.peer();
  pipe.deliver("alone");
  await world.socket.send(await world.socket.receive());
  expect(pipe.sent.length).toBe(0);
  expect(world.socket.stats().drops).toEqual({});
});
