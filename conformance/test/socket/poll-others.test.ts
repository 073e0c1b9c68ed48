/** poll() beside others who use the same socket: what they leave over is found. */
import { poll } from "@sprocket/core";
import { Push0 } from "@sprocket/pipeline";
import { Rep0 } from "@sprocket/reqrep";
import { Respondent0 } from "@sprocket/survey";
import { hex, isPending, MockTransport, within } from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, turns } from "../support/world.js";

const ready = { receive: false, send: false, closed: false };

test("room that waiting sends leave over is found", async () => {
  const mock = new MockTransport();
  const push = keep(new Push0({ transports: [mock] }));
  await push.listen("mock://pullers");
  const sent = [push.send("one"), push.send("two")];
  const waiting = poll([{ socket: push, send: true }]);
  expect(await isPending(waiting)).toBe(true);
  mock.listener("pullers").connect();
  await Promise.all(sent);
  expect(await within(5_000, waiting, "the poll")).toEqual([{ ...ready, socket: push, send: true }]);
});

test("messages that a waiting receive leaves over are found", async () => {
  const mock = new MockTransport();
  const rep = keep(new Rep0({ transports: [mock] }));
  await rep.listen("mock://requesters");
  const received = rep.receive();
  const waiting = poll([{ socket: rep, receive: true }]);
  const pipes = [mock.listener("requesters").connect(), mock.listener("requesters").connect()];
  for (const pipe of pipes) pipe.deliver(hex("80000001"), "hello");
  await received;
  expect(await within(5_000, waiting, "the poll")).toEqual([{ ...ready, socket: rep, receive: true }]);
});

for (const Replier of [Rep0, Respondent0]) {
  test(`a context of ${Replier.name} is ready to receive when a question waits, and to send when it was received`, async () => {
    const mock = new MockTransport();
    const replier = keep(new Replier({ transports: [mock] }));
    await replier.listen("mock://questions");
    const context = replier.context();
    const receiving = poll([{ socket: context, receive: true }]);
    const sending = poll([{ socket: context, send: true }]);
    mock.listener("questions").connect().deliver(hex("80000001"), "hello");
    expect(await within(5_000, receiving, "the first poll")).toEqual([
      { ...ready, socket: context, receive: true },
    ]);
    expect(await isPending(sending)).toBe(true);
    expect(context.tryReceiveMessage()?.text()).toBe("hello");
    expect(await within(5_000, sending, "the second poll")).toEqual([
      { ...ready, socket: context, send: true },
    ]);
    context.close();
    await turns(1);
  });
}
