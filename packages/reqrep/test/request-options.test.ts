import { expect, test } from "vitest";
import { answer, failure, ReqWorld, turns } from "./support/world.js";

test("request() follows the options that the socket has now", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  const first = world.req.request("one");
  await pipe.nthSent(1);
  answer(pipe, pipe.sent[0], "done");
  await first;
  world.req.receiveTimeout = 50;
  const asked = [failure(world.req.request("two")), failure(world.req.request("three"))];
  await turns();
  await world.clock.advanceAsync(50);
  for (const outcome of asked) expect(await outcome).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("receiveTimeout is the budget of a request that finds no peer, too", async () => {
  const world = new ReqWorld({ receiveTimeout: 50 });
  const asked = failure(world.req.request("anybody?"));
  await world.clock.advanceAsync(50);
  expect(await asked).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("a time of a socket or a context that is set to undefined is never over", () => {
  const world = new ReqWorld({ receiveTimeout: 50, resendTime: 10 });
  const context = world.req.context();
  context.receiveTimeout = undefined;
  world.req.resendTime = undefined;
  expect(context.receiveTimeout).toBe(Number.POSITIVE_INFINITY);
  expect(world.req.resendTime).toBe(Number.POSITIVE_INFINITY);
});
