/** `rep.serve`: handlers, how many, their failures, their end. */
import type { Message } from "@sprocket/core";
import { isPending, type MockPipe, until, within } from "@sprocket/testing";
import { afterEach, expect, test, vi } from "vitest";
import { ask, parse, RepWorld, record, text, turns } from "./support/world.js";

afterEach(() => vi.unstubAllGlobals());

/** A handler whose answers the test gives. */
class Desk {
  readonly requests: string[] = [];
  readonly #answers: ((reply: string | Error) => void)[] = [];
  readonly handler = (request: Message): Promise<string> => {
    this.requests.push(request.text());
    return new Promise((resolve, reject) => {
      this.#answers.push((reply) => (reply instanceof Error ? reject(reply) : resolve(reply)));
    });
  };

  answer(at: number, reply: string | Error): void {
    this.#answers[at]?.(reply);
  }
}

test("a handler answers each request, synchronously or not", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  world.rep.serve((request) => (request.length > 3 ? Promise.resolve(`long ${request.text()}`) : "short"));
  ask(pipe, 1, "abc");
  ask(pipe, 2, "abcd");
  await pipe.nthSent(2);
  expect(pipe.sent.map((bytes) => parse(bytes))).toEqual([
    { id: 0x8000_0001, body: "short" },
    { id: 0x8000_0002, body: "long abcd" },
  ]);
});

test("concurrency bounds the handlers at work; the rest wait at their peers", async () => {
  const world = new RepWorld();
  const desk = new Desk();
  const pipes: MockPipe[] = [];
  for (let count = 0; count < 6; count++) pipes.push(await world.peer());
  world.rep.serve(desk.handler, { concurrency: 2 });
  pipes.forEach((pipe, at) => {
    ask(pipe, at, `question ${at}`);
  });
  await turns();
  expect(desk.requests).toEqual(["question 0", "question 1"]);
  desk.answer(1, "done");
  await until(() => desk.requests.length === 3, "a third request");
  desk.answer(0, "done");
  desk.answer(2, "done");
  await until(() => desk.requests.length === 5, "two more");
  await turns();
  expect(desk.requests.length).toBe(5);
});

test("the default concurrency is 16", async () => {
  const world = new RepWorld();
  const desk = new Desk();
  const pipe = await world.peer();
  world.rep.serve(desk.handler);
  for (let number = 0; number < 20; number++) ask(pipe, number, `question ${number}`);
  await turns();
  expect(desk.requests.length).toBe(16);
});

test("a concurrency that is no count is refused, and so is a handler that is none", () => {
  const world = new RepWorld();
  for (const concurrency of [0, -1, 1.5, Number.NaN]) {
    expect(() => world.rep.serve(() => "", { concurrency })).toThrow(
      expect.objectContaining({ code: "SP_EINVAL" }),
    );
  }
  expect(() => world.rep.serve(undefined as unknown as () => string)).toThrow(
    expect.objectContaining({ code: "SP_EBADTYPE" }),
  );
});

test("a handler that fails is an event; its requester gets no reply, the others do", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  const errors = record(world.rep, "handlererror");
  world.rep.serve((request) => {
    if (request.text() === "sync") throw new Error("thrown");
    if (request.text() === "async") return Promise.reject(new Error("rejected"));
    return "fine";
  });
  ask(pipe, 1, "sync");
  ask(pipe, 2, "async");
  ask(pipe, 3, "fine");
  await pipe.nthSent(1);
  await until(() => errors.length === 2, "both errors");
  expect(errors.map(({ error, request }) => [String(error), request.text()])).toEqual([
    ["Error: thrown", "sync"],
    ["Error: rejected", "async"],
  ]);
  expect(pipe.sent.map((bytes) => parse(bytes).id)).toEqual([0x8000_0003]);
});

test("onError may supply the reply, later too; without one none is sent", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  world.rep.serve(
    (request) => {
      throw new Error(request.text());
    },
    {
      onError: (error) => {
        const { message } = error as Error;
        if (message === "none") return undefined;
        return message === "later" ? Promise.resolve("sorry, later") : `sorry, ${message}`;
      },
    },
  );
  for (const [at, body] of ["now", "none", "later"].entries()) ask(pipe, at + 1, body);
  await pipe.nthSent(2);
  await turns();
  expect(pipe.sent.map((bytes) => parse(bytes).body)).toEqual(["sorry, now", "sorry, later"]);
});

test("an onError that fails is an event as well, and serving goes on", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  const errors = record(world.rep, "handlererror");
  world.rep.serve(
    (request) => {
      if (request.text() === "good") return "good";
      throw new Error("first");
    },
    {
      onError: (_, request) => {
        if (request.text() === "bad data") return 5 as unknown as string;
        if (request.text() === "async") return Promise.reject(new Error("second"));
        throw new Error("second");
      },
    },
  );
  for (const [at, body] of ["sync", "async", "bad data", "good"].entries()) ask(pipe, at + 1, body);
  await pipe.nthSent(1);
  await until(() => errors.length === 6, "every error");
  expect(parse(pipe.sent[0] as Uint8Array).body).toBe("good");
});

test("a handler that returns what is no data fails like one that throws", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  const errors = record(world.rep, "handlererror");
  world.rep.serve((() => undefined) as unknown as () => string);
  ask(pipe, 1, "hello");
  await until(() => errors.length === 1, "the error");
  expect(errors[0]?.error).toMatchObject({ code: "SP_EBADTYPE" });
  expect(pipe.sent.length).toBe(0);
});

test("stop takes no more requests, lets handlers finish and send, and is idempotent", async () => {
  const world = new RepWorld();
  const desk = new Desk();
  const pipe = await world.peer();
  const handle = world.rep.serve(desk.handler, { concurrency: 4 });
  ask(pipe, 1, "at work");
  await until(() => desk.requests.length === 1, "the request");
  const stopped = handle.stop();
  const again = handle.stop();
  ask(pipe, 2, "too late for serve");
  await turns();
  expect(desk.requests).toEqual(["at work"]);
  expect(await isPending(stopped)).toBe(true);
  desk.answer(0, "done");
  await within(5_000, Promise.all([stopped, again, handle.stop()]), "stop()");
  expect(pipe.sent.map((bytes) => parse(bytes).body)).toEqual(["done"]);
  expect(await text(world.rep.receive())).toBe("too late for serve");
});

test("stop of an idle serve resolves at once, and the process has nothing left to wait for", async () => {
  const world = new RepWorld();
  await world.peer();
  const handle = world.rep.serve(() => "");
  await within(5_000, handle.stop(), "stop()");
});

test("when the socket closes, the signal of the handlers aborts and late replies are dropped and counted", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  const drops = record(world.rep, "drop");
  let finish!: () => void;
  const signals: AbortSignal[] = [];
  world.rep.serve((_, { signal }) => {
    signals.push(signal);
    return new Promise<string>((resolve) => {
      finish = () => resolve("too late");
    });
  });
  ask(pipe, 1, "hello");
  await until(() => signals.length === 1, "the request");
  expect(signals[0]?.aborted).toBe(false);
  await world.rep.close();
  expect(signals[0]?.aborted).toBe(true);
  finish();
  await turns();
  expect(pipe.sent.length).toBe(0);
  expect(world.rep.stats().drops.closed ?? drops.length).toBeGreaterThan(0);
});

test("two serves and a receive share the requests, each taken once", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  const seen: string[] = [];
  const take = (request: Message): string => {
    seen.push(request.text());
    return "ok";
  };
  world.rep.serve(take, { concurrency: 1 });
  world.rep.serve(take, { concurrency: 1 });
  for (let number = 0; number < 20; number++) ask(pipe, number, `question ${number}`);
  await pipe.nthSent(20);
  expect([...seen].sort()).toEqual(Array.from({ length: 20 }, (_, at) => `question ${at}`).sort());
});

test("serve on a closed socket is ClosedError", async () => {
  const world = new RepWorld();
  await world.rep.close();
  expect(() => world.rep.serve(() => "")).toThrow(expect.objectContaining({ code: "SP_ECLOSED" }));
});

test("a request keeps its bytes while its handler works", async () => {
  const world = new RepWorld();
  const desk = new Desk();
  const pipe = await world.peer();
  const bodies: string[] = [];
  world.rep.serve(async (request) => {
    await desk.handler(request);
    bodies.push(request.text());
    return request.body;
  });
  for (let number = 0; number < 8; number++) ask(pipe, number, `question ${number}`);
  await until(() => desk.requests.length === 8, "every request");
  for (let number = 7; number >= 0; number--) desk.answer(number, "");
  await pipe.nthSent(8);
  expect([...bodies].sort()).toEqual([...desk.requests].sort());
});
