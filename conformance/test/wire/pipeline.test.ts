/** PUSH and PULL, cases 40 to 43. */
import type { Receiver } from "@sprocket/core";
import { Pull0, Push0 } from "@sprocket/pipeline";
import { ManualClock, protocolNumbers, until } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { failure, keep, rawPeer, record, streams, text, transports } from "../support/world.js";

const { pull: PULL, push: PUSH } = protocolNumbers;

for (const { name, url } of streams) {
  describe(`over ${name}`, () => {
    test("40: without a peer a send times out, and one that waits goes to the first that comes", async () => {
      const clock = new ManualClock();
      const push = keep(new Push0({ transports, clock }));
      const late = failure(push.send("late", { timeout: 300 }));
      clock.advance(300);
      expect(await late).toMatchObject({ code: "SP_ETIMEDOUT", errno: 5 });
      expect(push.trySend("not now")).toBe(false);
      const waiting = push.send("work");
      const { url: address } = await push.listen(url());
      const peer = await rawPeer(address, PULL);
      await waiting;
      expect(await text(peer.readFrame())).toBe("work");
    });

    test("40: a buffer takes as many as it has room for, and the first peer drains it in order", async () => {
      const push = keep(new Push0({ transports, sendBufferSize: 2 }));
      await push.send("one");
      await push.send("two");
      expect(push.trySend("not now")).toBe(false);
      const { url: address } = await push.listen(url());
      const peer = await rawPeer(address, PULL);
      for (const expected of ["one", "two"]) expect(await text(peer.readFrame())).toBe(expected);
    });

    test("41: two idle peers take turns", async () => {
      const push = keep(new Push0({ transports }));
      const { url: address } = await push.listen(url());
      const first = await rawPeer(address, PULL);
      await push.waitForPipes(1);
      const second = await rawPeer(address, PULL);
      await push.waitForPipes(2);
      for (const number of ["0", "1", "2", "3", "4", "5"]) await push.send(number);
      for (const expected of ["0", "2", "4"]) expect(await text(first.readFrame())).toBe(expected);
      for (const expected of ["1", "3", "5"]) expect(await text(second.readFrame())).toBe(expected);
    });

    test("42: what a puller sends is ignored, and the connection stays", async () => {
      const push = keep(new Push0({ transports }));
      const { url: address } = await push.listen(url());
      const drops = record(push, "drop");
      const peer = await rawPeer(address, PULL);
      await peer.sendFrame("what");
      await peer.sendFrame("");
      await until(() => drops.length === 2, "two dropped messages");
      expect(drops.map(({ reason }) => reason)).toEqual(["unexpected", "unexpected"]);
      await push.send("work");
      expect(await text(peer.readFrame())).toBe("work");
      expect(peer.ended).toBe(false);
    });

    test("43: pullers take from each pusher in turn, and keep the order of each", async () => {
      const pull = keep(new Pull0({ transports }));
      const { url: address } = await pull.listen(url());
      for (const pusher of ["a", "b", "c"]) {
        const peer = await rawPeer(address, PUSH);
        await peer.send(...["0", "1", "2"].map((number) => peer.frame(pusher + number)));
      }
      await pull.waitForPipes(3);
      for (const round of [0, 1, 2]) {
        await until(
          () => pull.stats().pipes.every(({ receivedMessages }) => receivedMessages > round),
          "a message of each pusher",
        );
        // One is parked for each pusher, and no more is read.
        expect(pull.stats().receivedMessages).toBe(3 * (round + 1));
        const texts = [await text(pull.receive()), await text(pull.receive()), await text(pull.receive())];
        expect(texts.sort()).toEqual([`a${round}`, `b${round}`, `c${round}`]);
      }
    });
  });
}

test("40: a pusher cannot receive, nor a puller send", async () => {
  const notSupported = { code: "SP_ENOTSUP", errno: 9 };
  const push = keep(new Push0());
  const pull = keep(new Pull0());
  expect(await failure((push as unknown as Receiver).receive())).toMatchObject(notSupported);
  expect(await failure((pull as unknown as Push0).send("x"))).toMatchObject(notSupported);
});
