/** What waits for a subscriber's application, and what is dropped. */
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Sub0, type Sub0Options } from "../src/index.js";
import { drain, text, turns, World } from "./support.js";

async function subscriber(options: Sub0Options = {}) {
  const world = new World((base) => new Sub0({ ...base, topics: "", ...options }));
  return { sub: world.socket, pipe: await world.peer() };
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
}

test("the order of what is kept is the order in which it came, from each publisher", async () => {
  const world = new World((base) => new Sub0({ ...base, topics: "", receiveBufferSize: 8 }));
  const pipes = [await world.peer(), await world.peer()];
  for (let round = 0; round < 100; round++) pipes[round % 2]?.deliver(String(round));
  await turns();
  const kept = drain(world.socket).map(Number);
  expect(kept.length).toBe(8);
  for (const parity of [0, 1]) {
    const ours = kept.filter((each) => each % 2 === parity);
    expect(ours).toEqual([...ours].sort((a, b) => a - b));
  }
  expect(world.socket.stats().drops).toEqual({ "queue-full": 92 });
});

test("several receives wait, and are served in order", async () => {
  const { sub, pipe } = await subscriber();
  const waiting = [sub.receive(), sub.receive(), sub.receive()];
  for (const body of numbers(1, 4)) pipe.deliver(body);
  expect(await Promise.all(waiting.map(text))).toEqual(["1", "2", "3"]);
  expect(drain(sub)).toEqual(["4"]);
});

test("another option that changes costs the reader no message", async () => {
  const { sub, pipe } = await subscriber({ receiveBufferSize: 1 });
  pipe.deliver("1");
  pipe.deliver("2");
  sub.receiveTimeout = 1_000;
  expect(drain(sub)).toEqual(["1", "2"]);
  expect(sub.stats().drops).toEqual({});
});

test("receive, tryReceive, receiveBatch, messages and the iterator share one queue", async () => {
  const { sub, pipe } = await subscriber();
  for (const body of numbers(1, 7)) pipe.deliver(body);
  expect(await text(sub.receive())).toBe("1");
  expect((await sub.receiveMessage()).pipe?.id).toBe([...sub.pipes][0]?.id);
  expect((await sub.receiveBatch(2)).length).toBe(2);
  for await (const message of sub.messages()) {
    expect(message.text()).toBe("5");
    break;
  }
  for await (const bytes of sub) {
    expect(new TextDecoder().decode(bytes)).toBe("6");
    break;
  }
  expect(sub.tryReceiveMessage()?.text()).toBe("7");
  expect(await isPending(sub.receive({ timeout: 5 }))).toBe(true);
  sub.destroy();
});
