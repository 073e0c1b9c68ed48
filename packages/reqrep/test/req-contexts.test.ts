/** Many conversations on one requester. */
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { answer, failure, parse, ReqWorld, text, turns } from "./support/world.js";

test("contexts ask side by side, and each gets its own answer in whatever order they come", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  const contexts = Array.from({ length: 10 }, () => world.req.context());
  await Promise.all(contexts.map((context, at) => context.send(`question ${at}`)));
  const received = contexts.map((context) => text(context.receive()));
  for (const request of [...pipe.sent].reverse()) answer(pipe, request, `answer to ${parse(request).body}`);
  expect(await Promise.all(received)).toEqual(contexts.map((_, at) => `answer to question ${at}`));
});

test("a context's state is its own", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  const context = world.req.context();
  await world.req.send("the socket's");
  expect(await failure(context.receive())).toMatchObject({ code: "SP_ESTATE" });
  await context.send("the context's");
  answer(pipe, pipe.sent[0], "to the socket");
  expect(await text(world.req.receive())).toBe("to the socket");
  expect(await isPending(context.receive())).toBe(true);
});

test("a context copies timeouts and resendTime when it opens, and changes its own only", async () => {
  const world = new ReqWorld({ receiveTimeout: 500, sendTimeout: 400, resendTime: 3_000 });
  const context = world.req.context();
  const own = world.req.context({ receiveTimeout: 5, resendTime: 7 });
  world.req.receiveTimeout = 1;
  expect([context.receiveTimeout, context.sendTimeout, context.resendTime]).toEqual([500, 400, 3_000]);
  expect([own.receiveTimeout, own.sendTimeout, own.resendTime]).toEqual([5, 400, 7]);
  context.receiveTimeout = 20;
  expect(world.req.receiveTimeout).toBe(1);
  const late = failure(context.send("x").then(() => undefined));
  await world.clock.advanceAsync(400);
  expect(await late).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("an option that is not a context's is refused by it", () => {
  const world = new ReqWorld();
  expect(() => world.req.context({ reconnectTimeMin: 5 } as object)).toThrow(
    expect.objectContaining({ code: "SP_ENOTSUP" }),
  );
  expect(() => world.req.context({ receiveTimeout: "5" } as object)).toThrow(
    expect.objectContaining({ code: "SP_EBADTYPE" }),
  );
});

test("closing a context abandons its request and nobody else's", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  const one = world.req.context();
  const two = world.req.context();
  await one.send("one");
  await two.send("two");
  const ended = failure(one.receive());
  const received = text(two.receive());
  one.close();
  one.close();
  expect(await ended).toMatchObject({ code: "SP_ECLOSED" });
  answer(pipe, pipe.sent[0], "too late");
  answer(pipe, pipe.sent[1], "in time");
  expect(await received).toBe("in time");
  expect(await failure(one.send("again"))).toMatchObject({ code: "SP_ECLOSED" });
});

test("request() asks on a context of its own: any number at once", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  const asked = Array.from({ length: 50 }, (_, at) => text(world.req.request(`question ${at}`)));
  await pipe.nthSent(50);
  for (const request of [...pipe.sent].reverse()) answer(pipe, request, `answer to ${parse(request).body}`);
  expect(await Promise.all(asked)).toEqual(asked.map((_, at) => `answer to question ${at}`));
});

test("request() does not touch the socket's own conversation", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  await world.req.send("mine");
  const mine = text(world.req.receive());
  const asked = text(world.req.request("another"));
  answer(pipe, pipe.sent[1], "to another");
  expect(await asked).toBe("to another");
  answer(pipe, pipe.sent[0], "to me");
  expect(await mine).toBe("to me");
});

test("request() has one budget for waiting and for the answer", async () => {
  const world = new ReqWorld();
  const asked = failure(world.req.request("hello", { timeout: 100 }));
  await world.clock.advanceAsync(60);
  const pipe = await world.peer();
  await pipe.nthSent(1);
  await turns();
  await world.clock.advanceAsync(39);
  expect(await isPending(asked)).toBe(true);
  await world.clock.advanceAsync(1);
  expect(await asked).toMatchObject({ code: "SP_ETIMEDOUT" });
  // Its context keeps the resend timer for the next request, until the socket closes.
  expect(world.clock.pending).toBe(1);
  world.req.destroy();
  expect(world.clock.pending).toBe(0);
});

test("request() without a peer ends by its timeout, and is never sent", async () => {
  const world = new ReqWorld();
  const asked = failure(world.req.request("hello", { timeout: 100 }));
  await world.clock.advanceAsync(100);
  expect(await asked).toMatchObject({ code: "SP_ETIMEDOUT" });
  const pipe = await world.peer();
  await turns();
  expect(pipe.sent.length).toBe(0);
});

test("request() rejects with the reason of its signal, before and after it was sent", async () => {
  const world = new ReqWorld();
  const reason = new Error("given up");
  expect(await failure(world.req.request("x", { signal: AbortSignal.abort(reason) }))).toBe(reason);
  const abort = new AbortController();
  const early = failure(world.req.request("early", { signal: abort.signal }));
  abort.abort(reason);
  expect(await early).toBe(reason);
  const pipe = await world.peer();
  const later = new AbortController();
  const asked = failure(world.req.request("later", { signal: later.signal }));
  await pipe.nthSent(1);
  later.abort(reason);
  expect(await asked).toBe(reason);
  answer(pipe, pipe.sent[0], "too late");
  expect(world.req.stats().drops).toEqual({ "unknown-id": 1 });
});

test("after failures, request() is as good as new", async () => {
  const world = new ReqWorld({ resendTime: 0 });
  for (let round = 0; round < 3; round++) {
    const pipe = await world.peer();
    const lost = failure(world.req.request("lost"));
    const late = failure(world.req.request("late", { timeout: 10 }));
    await pipe.nthSent(2);
    await world.clock.advanceAsync(10);
    await late;
    pipe.end();
    await lost;
    const good = await world.peer();
    const asked = text(world.req.request("good"));
    answer(good, await good.nthSent(1), "answer");
    expect(await asked).toBe("answer");
    good.end();
    await turns();
  }
});

test("request() rejects what is no data, and leaves nothing behind", async () => {
  const world = new ReqWorld();
  const pipe = await world.peer();
  expect(await failure(world.req.request(5 as unknown as string))).toMatchObject({ code: "SP_EBADTYPE" });
  expect(await failure(world.req.request("x", { timeout: -1 }))).toMatchObject({ code: "SP_EINVAL" });
  expect(pipe.sent.length).toBe(0);
  const asked = text(world.req.request("good"));
  answer(pipe, await pipe.nthSent(1), "answer");
  expect(await asked).toBe("answer");
});

test("closing the socket fails every request with ClosedError", async () => {
  const world = new ReqWorld();
  await world.peer();
  const asked = Array.from({ length: 5 }, () => failure(world.req.request("hello")));
  const context = world.req.context();
  await context.send("hello");
  asked.push(failure(context.receive()));
  await world.req.close();
  for (const error of await Promise.all(asked)) expect(error).toMatchObject({ code: "SP_ECLOSED" });
  expect(() => world.req.context()).toThrow(expect.objectContaining({ code: "SP_ECLOSED" }));
  expect(await failure(world.req.request("late"))).toMatchObject({ code: "SP_ECLOSED" });
});

test("a context is disposable", async () => {
  const world = new ReqWorld();
  let kept: { closed: boolean };
  {
    using context = world.req.context();
    kept = context;
    expect(kept.closed).toBe(false);
  }
  expect(kept.closed).toBe(true);
});
