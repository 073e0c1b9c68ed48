import { Pair0 } from "@sprocket/pair";
import { expect, test } from "vitest";
import { everywhere, keep, transports } from "../support/world.js";

for (const { name, url } of everywhere) {
  test(`a socket that closes delivers what waits to the peer that it is connecting with, over ${name}`, async () => {
    const listening = keep(new Pair0({ transports }));
    const listener = await listening.listen(url());
    const sending = keep(new Pair0({ transports, sendBufferSize: 3, closeTimeout: 5_000 }));
    await sending.dial(listener.url, { mode: "background" });
    for (const word of ["one", "two", "three"]) await sending.send(word);
    const closed = sending.close();
    const received = [];
    for (let count = 0; count < 3; count++) received.push((await listening.receiveMessage()).text());
    expect(received).toEqual(["one", "two", "three"]);
    expect(await closed).toEqual({ undelivered: 0 });
  });
}

test("without a peer, what waits counts as undelivered after closeTimeout", async () => {
  const sending = keep(new Pair0({ transports, sendBufferSize: 3, closeTimeout: 30 }));
  await sending.dial("inproc://nobody-ever", { mode: "background" });
  await sending.send("one");
  await sending.send("two");
  expect(await sending.close()).toEqual({ undelivered: 2 });
  expect(sending.stats().drops).toEqual({ closed: 2 });
});

test("a peer that nothing waits for is not taken any more", async () => {
  const closing = keep(new Pair0({ transports }));
  const listener = await closing.listen("tcp://127.0.0.1:0");
  const dialing = keep(new Pair0({ transports }));
  const closed = closing.close();
  await dialing.dial(listener.url, { mode: "background" });
  await closed;
  expect(closing.pipes.size).toBe(0);
});
