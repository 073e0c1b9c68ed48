/** When a request is sent again, and when not. */
import { ConnectionResetError } from "@sprocket/core";
import { isPending, toHex, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { answer, failure, parse, ReqWorld, record, text, turns } from "./support/world.js";

test("without an answer the same bytes go out after each resendTime, and the deadline is renewed", async () => {
  const world = new ReqWorld({ resendTime: 2_000 });
  const pipe = await world.peer();
  await world.req.send("hello");
  for (const at of [2_000, 4_000, 6_000]) {
    await world.clock.advanceAsync(1_999);
    expect(pipe.sent.length).toBe(at / 2_000);
    await world.clock.advanceAsync(1);
    expect(pipe.sent.length).toBe(at / 2_000 + 1);
  }
  expect(new Set(pipe.sent.map(toHex)).size).toBe(1);
});

test("the default resendTime is a minute", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  expect(world.req.resendTime).toBe(60_000);
  await world.req.send("hello");
  await world.clock.advanceAsync(59_999);
  expect(pipe.sent.length).toBe(1);
  await world.clock.advanceAsync(1);
  expect(pipe.sent.length).toBe(2);
});

test("a resendTime of 0 or Infinity never resends", async () => {
  for (const resendTime of [0, Number.POSITIVE_INFINITY, undefined]) {
    const world = new ReqWorld();
    world.req.resendTime = resendTime === undefined ? 0 : resendTime;
    const pipe = await world.peer();
    await world.req.send("hello");
    await world.clock.advanceAsync(1_000_000);
    expect(pipe.sent.length).toBe(1);
  }
});

test("an answer ends the resends", async () => {
  const world = new ReqWorld({ resendTime: 100 });
  const pipe = await world.peer();
  await world.req.send("hello");
  answer(pipe, pipe.sent[0], "olleh");
  await world.clock.advanceAsync(1_000);
  expect(pipe.sent.length).toBe(1);
  expect(world.clock.pending).toBe(0);
});

test("an abandoned request is not sent again", async () => {
  const world = new ReqWorld({ resendTime: 100 });
  const pipe = await world.peer();
  await world.req.send("hello");
  const late = failure(world.req.receive({ timeout: 50 }));
  await world.clock.advanceAsync(50);
  expect(await late).toMatchObject({ code: "SP_ETIMEDOUT" });
  await world.clock.advanceAsync(1_000);
  expect(pipe.sent.length).toBe(1);
});

test("a resend may go to another peer, and the answer of either counts", async () => {
  for (const answering of [0, 1]) {
    const world = new ReqWorld({ resendTime: 100 });
    const pipes = [await world.peer(), await world.peer()] as const;
    await world.req.send("hello");
    await world.clock.advanceAsync(100);
    expect(pipes.map((pipe) => pipe.sent.length)).toEqual([1, 1]);
    answer(pipes[answering] as (typeof pipes)[0], pipes[0].sent[0], "olleh");
    expect(await text(world.req.receive())).toBe("olleh");
  }
});

test("when its pipe goes, a request goes to another peer at once", async () => {
  const world = new ReqWorld();
  const one = await world.peer();
  const two = await world.peer();
  await world.req.send("hello");
  one.end(new ConnectionResetError("gone"));
  expect(two.sent.map(toHex)).toEqual(one.sent.map(toHex));
  answer(two, two.sent[0], "olleh");
  expect(await text(world.req.receive())).toBe("olleh");
});

test("when a pipe goes that the request has left for another, nothing is sent again", async () => {
  const world = new ReqWorld({ resendTime: 100 });
  const one = await world.peer();
  const two = await world.peer();
  await world.req.send("hello");
  await world.clock.advanceAsync(100);
  one.end();
  await turns();
  expect(two.sent.length).toBe(1);
});

test("a request that loses pipe after pipe waits longer and longer, and an event says why", async () => {
  const world = new ReqWorld({ reconnectTimeMin: 100, reconnectTimeMax: 800 }, [0.999_999]);
  const notices = record(world.req, "notice");
  await world.peer();
  await world.peer();
  const third = await world.peer();
  const spare = await world.peer();
  const pipes = [...world.mock.attempts].length;
  expect(pipes).toBe(4);
  await world.req.send("too large for everyone");
  const holders = async (): Promise<number> => {
    await turns();
    return [...world.req.pipes].length;
  };
  // The first loss costs nothing: the request is at the second peer at once.
  const [first, second] = [...world.req.pipes];
  first?.close(new Error("refused"));
  await holders();
  expect(notices.length).toBe(0);
  second?.close(new Error("refused"));
  await holders();
  expect(notices.length).toBe(1);
  expect(notices[0]?.text).toContain("receiveMaxSize");
  expect(third.sent.length).toBe(0);
  await world.clock.advanceAsync(98);
  expect(third.sent.length).toBe(0);
  await world.clock.advanceAsync(1);
  expect(third.sent.length).toBe(1);
  third.end(new Error("refused"));
  await turns();
  expect(notices.length).toBe(2);
  await world.clock.advanceAsync(198);
  expect(spare.sent.length).toBe(0);
  await world.clock.advanceAsync(1);
  expect(spare.sent.length).toBe(1);
});

test("the caller's timeout ends a request that nobody keeps", async () => {
  const world = new ReqWorld({ reconnectTimeMin: 1_000 }, [0.5]);
  const asked = failure(world.req.request("hello", { timeout: 3_000 }));
  for (let round = 0; round < 3; round++) {
    const pipe = await world.peer();
    await turns();
    pipe.end(new Error("refused"));
    await turns();
  }
  await world.clock.advanceAsync(3_000);
  expect(await asked).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("with resending forbidden, a lost pipe fails the pending receive, or the next one", async () => {
  const world = new ReqWorld({ resendTime: 0 });
  const one = await world.peer();
  await world.req.send("hello");
  const pending = failure(world.req.receive());
  one.end();
  expect(await pending).toMatchObject({ code: "SP_ECONNRESET", errno: 19 });
  const two = await world.peer();
  await world.req.send("hello again");
  two.end();
  await until(() => world.req.pipes.size === 0, "the pipe to go");
  expect(await failure(world.req.receive())).toMatchObject({ code: "SP_ECONNRESET" });
  expect(await failure(world.req.receive())).toMatchObject({ code: "SP_ESTATE" });
});

test("with resending forbidden, request() rejects when its peer goes", async () => {
  const world = new ReqWorld({ resendTime: 0 });
  const pipe = await world.peer();
  const asked = failure(world.req.request("hello"));
  await pipe.nthSent(1);
  pipe.end();
  expect(await asked).toMatchObject({ code: "SP_ECONNRESET" });
});

test("resendTime is checked, and a change counts for a request that waits", async () => {
  const world = new ReqWorld({ resendTime: 10_000 });
  const pipe = await world.peer();
  await world.req.send("hello");
  world.req.resendTime = 100;
  await world.clock.advanceAsync(100);
  expect(pipe.sent.length).toBe(2);
  expect(() => {
    world.req.resendTime = -1;
  }).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
});

test("a request that waits for a peer while a resend is due goes out once", async () => {
  const world = new ReqWorld({ resendTime: 100 });
  const one = await world.peer();
  await world.req.send("hello");
  one.end();
  await turns();
  await world.clock.advanceAsync(99);
  const two = await world.peer();
  expect(two.sent.map((bytes) => parse(bytes).body)).toEqual(["hello"]);
  const received = world.req.receive();
  expect(await isPending(received)).toBe(true);
  answer(two, two.sent[0], "olleh");
  expect(await text(received)).toBe("olleh");
});
