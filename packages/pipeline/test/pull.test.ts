/** A puller takes from all pushers, and slows them when it is slow. */
import { expect, test } from "vitest";
import { Pull0, RawPull0 } from "../src/index.js";
import { failure, record, text, turns, World } from "./support.js";

test("one message is parked for each pusher, which is then not read any further", async () => {
  const world = new World((base) => new Pull0(base));
  const pipes = [await world.peer(), await world.peer()];
  for (const pipe of pipes) for (let count = 0; count < 3; count++) pipe.deliver(String(count));
  expect(pipes.map((pipe) => pipe.undelivered)).toEqual([2, 2]);
  await text(world.socket.receive());
  await turns(2);
  expect(pipes.map((pipe) => pipe.undelivered)).toEqual([1, 2]);
});

test("pushers are served in turn, and each in its own order", async () => {
  const world = new World((base) => new Pull0(base));
  const pipes = [await world.peer(), await world.peer()];
  for (const [at, pipe] of pipes.entries())
    for (let count = 0; count < 4; count++) pipe.deliver(`${"ab"[at]}${count}`);
  const received: string[] = [];
  for (let count = 0; count < 8; count++) {
    received.push(await text(world.socket.receive()));
    await turns(2);
  }
  expect(received).toEqual(["a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3"]);
});

test("the parked message of a pusher whose connection broke is lost and counted", async () => {
  const world = new World((base) => new Pull0(base));
  const drops = record(world.socket, "drop");
  const broken = await world.peer();
  const sound = await world.peer();
  broken.deliver("lost");
  sound.deliver("kept");
  broken.end(new Error("reset"));
  expect(drops.map(({ reason }) => reason)).toEqual(["reset"]);
  expect(await text(world.socket.receive())).toBe("kept");
  expect(await failure(world.socket.receive({ timeout: 0 }))).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("a receive that gave up has taken no message", async () => {
  const world = new World((base) => new Pull0(base));
  const pipe = await world.peer();
  const stop = new AbortController();
  const gaveUp = failure(world.socket.receive({ signal: stop.signal }));
  stop.abort(new Error("enough"));
  pipe.deliver("still here");
  expect(await gaveUp).toMatchObject({ message: "enough" });
  expect(await text(world.socket.receive())).toBe("still here");
});

test("a raw puller gives whole messages", async () => {
  const world = new World((base) => new RawPull0(base));
  const pipe = await world.peer();
  pipe.deliver("job");
  const message = await world.socket.receive();
  expect([message.text(), message.header.length]).toEqual(["job", 0]);
  expect(message.pipe).toBe([...world.socket.pipes][0]);
});
