/** Hears a survey and answers once: reference 4.8. */
import { hex, isPending, toHex } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Respondent0, type Respondent0Options, Surveyor0 } from "../src/index.js";
import { failure, freshUrl, keep, record, text, turns, World } from "./support/world.js";

function responding(options: Respondent0Options = {}) {
  const world = new World((base) => new Respondent0({ ...base, ...options }));
  return { world, respondent: world.socket };
}

test("an answer goes back to its surveyor behind the same words", async () => {
  const { world, respondent } = responding();
  const pipes = [await world.peer(), await world.peer()];
  pipes[1]?.deliver(hex("00000005 80000001"), "hi");
  expect(await text(respondent.receive())).toBe("hi");
  expect(respondent.writable).toBe(true);
  await respondent.send("an");
  expect(pipes.map((pipe) => pipe.sent.map(toHex))).toEqual([[], ["0000000580000001616e"]]);
});

test("an answer without a survey is BadStateError, and so is a second one", async () => {
  const { world, respondent } = responding();
  const pipe = await world.peer();
  expect(await failure(respondent.send("x"))).toMatchObject({ code: "SP_ESTATE", errno: 11 });
  pipe.deliver(hex("80000001"), "hi");
  await respondent.receive();
  await respondent.send("one");
  expect(await failure(respondent.send("two"))).toMatchObject({ code: "SP_ESTATE" });
  expect(pipe.sent.length).toBe(1);
});

test("a new receive takes the place of a survey that was not answered", async () => {
  const { world, respondent } = responding();
  const pipe = await world.peer();
  pipe.deliver(hex("80000001"), "one");
  pipe.deliver(hex("80000002"), "two");
  await respondent.receive();
  await respondent.receive();
  await respondent.send("answer");
  expect(pipe.sent.map(toHex)).toEqual(["80000002616e73776572"]);
});

test("a second receive at the same time is BadStateError", async () => {
  const { respondent } = responding();
  const first = respondent.receive();
  first.catch(() => undefined);
  expect(await failure(respondent.receive())).toMatchObject({ code: "SP_ESTATE" });
  expect(await isPending(first)).toBe(true);
});

test("the answer to a surveyor that has gone is dropped, and the respondent goes on", async () => {
  const { world, respondent } = responding();
  const pipe = await world.peer();
  pipe.deliver(hex("80000001"), "hi");
  await respondent.receive();
  pipe.end(new Error("reset"));
  await respondent.send("nobody");
  expect(respondent.stats().drops).toEqual({ "peer-gone": 1 });
});

test("more words than ttlMax are dropped, a stack without an end closes the peer", async () => {
  const { world, respondent } = responding({ ttlMax: 2 });
  const drops = record(respondent, "drop");
  const pipe = await world.peer();
  pipe.deliver(hex("00000001 00000002 80000001"), "too far");
  pipe.deliver(hex("00000001 80000001"), "near");
  expect(await text(respondent.receive())).toBe("near");
  expect(pipe.closing).toBe(false);
  pipe.deliver(hex("00000001"));
  await turns(2);
  expect(pipe.closed).toBe(true);
  expect(drops.map(({ reason }) => reason)).toEqual(["ttl", "malformed"]);
  for (const ttlMax of [0, 16])
    expect(() => new Respondent0({ ttlMax })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
  respondent.ttlMax = 15;
  expect(respondent.ttlMax).toBe(15);
});

test("one survey is parked for each surveyor, which is then not read until it was heard", async () => {
  const { world, respondent } = responding();
  const pipe = await world.peer();
  for (let count = 1; count <= 3; count++) pipe.deliver(hex(`8000000${count}`), String(count));
  expect(pipe.undelivered).toBe(2);
  for (let count = 1; count <= 3; count++) expect(await text(respondent.receive())).toBe(String(count));
});

test("a surveyor that does not read its answers is not heard until it does", async () => {
  const { world, respondent } = responding({ sendBufferBytes: 1 });
  const pipe = await world.peer();
  pipe.stall();
  pipe.deliver(hex("80000001"), "one");
  await respondent.receive();
  await respondent.send("answer");
  pipe.deliver(hex("80000002"), "two");
  expect(respondent.tryReceive()).toBeUndefined();
  pipe.drain();
  expect(await text(respondent.receive())).toBe("two");
});

test("serve answers surveys until it is stopped", async () => {
  const respondent = keep(new Respondent0());
  const { url } = await respondent.listen(freshUrl());
  const surveyor = keep(new Surveyor0());
  await surveyor.dial(url);
  await respondent.waitForPipes(1);
  const serving = respondent.serve(async (survey) => `${survey.text()}!`);
  for (const question of ["one", "two"]) {
    const answers = surveyor.survey(question);
    expect((await answers.next()).value.text()).toBe(`${question}!`);
    await answers.return();
  }
  await serving.stop();
  await surveyor.send("three");
  await turns();
  expect(surveyor.tryReceive()).toBeUndefined();
  expect(await text(respondent.receive())).toBe("three");
});

test("a handler that fails costs its own answer only, or what onError supplies is sent", async () => {
  const { world, respondent } = responding();
  const failures = record(respondent, "handlererror");
  const pipe = await world.peer();
  const handler = (survey: { text(): string }): string => {
    if (survey.text() === "bad") throw new Error("cannot answer");
    return "fine";
  };
  const plain = respondent.serve(handler);
  pipe.deliver(hex("80000001"), "bad");
  pipe.deliver(hex("80000002"), "good");
  await turns(2);
  expect(pipe.sent.map(toHex)).toEqual(["8000000266696e65"]);
  expect(failures.length).toBe(1);
  await plain.stop();
  respondent.serve(handler, { onError: () => "sorry" });
  pipe.deliver(hex("80000003"), "bad");
  await turns(2);
  expect(pipe.sent.map(toHex).at(-1)).toBe("80000003736f727279");
});

test("an answer that comes after the survey is the surveyor's to discard", async () => {
  const respondent = keep(new Respondent0());
  const { url } = await respondent.listen(freshUrl());
  const world = new World((base) => new Surveyor0(base));
  await world.socket.dial(url);
  await respondent.waitForPipes(1);
  const all = world.socket.survey("quick!", { timeout: 10 }).toArray();
  await respondent.receive();
  world.clock.advance(10);
  expect(await all).toEqual([]);
  await respondent.send("sorry, I was asleep");
  await turns();
  expect(world.socket.stats().drops).toEqual({ late: 1 });
});
