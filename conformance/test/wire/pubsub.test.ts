/** PUB and SUB, cases 31 to 39. */
import type { Receiver } from "@sprocket/core";
import { Pub0, RawSub0, Sub0 } from "@sprocket/pubsub";
import { concat, protocolNumbers, type RawPeer, u32, until } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { failure, keep, nextEvent, rawPeer, record, streams, text, transports } from "../support/world.js";

const { pub: PUB, sub: SUB } = protocolNumbers;

/** Everything in one segment, as a publisher in a hurry sends it. */
function burst(peer: RawPeer, messages: readonly (Uint8Array | string)[]): Promise<void> {
  return peer.send(...messages.map((message) => peer.frame(message)));
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => String(from + at));

/** What a subscriber has kept of a burst, after it has dropped as many as it should. */
async function kept(sub: Sub0 | RawSub0, drops: number): Promise<string[]> {
  await until(() => sub.stats().drops["queue-full"] === drops, `${drops} dropped messages`);
  const texts: string[] = [];
  for (let message = sub.tryReceiveMessage(); message !== undefined; message = sub.tryReceiveMessage())
    texts.push(message.text());
  return texts;
}

for (const { name, url } of streams) {
  describe(`over ${name}`, () => {
    test("31: without a topic nothing is received, and a topic does not look back", async () => {
      const sub = keep(new Sub0({ transports }));
      const { url: address } = await sub.listen(url());
      const peer = await rawPeer(address, PUB);
      await burst(peer, ["a", "", "after"]);
      await until(() => sub.stats().receivedMessages === 3, "three messages");
      sub.subscribe("");
      expect(sub.tryReceive()).toBeUndefined();
      await peer.sendFrame("now");
      expect(await text(sub.receive())).toBe("now");
      expect(sub.stats().drops).toEqual({});
    });

    test("32: a topic is the beginning of a message, and a shorter message does not match", async () => {
      const sub = keep(new Sub0({ transports, topics: "a" }));
      const { url: address } = await sub.listen(url());
      const peer = await rawPeer(address, PUB);
      await burst(peer, ["b", "", "a", "ba", "abc", "A", "a, the last"]);
      expect(await text(sub.receive())).toBe("a");
      expect(await text(sub.receive())).toBe("abc");
      expect(await text(sub.receive())).toBe("a, the last");
    });

    test("32: topics are bytes", async () => {
      const sub = keep(new Sub0({ transports, topics: [new Uint8Array([0, 255]), "ü"] }));
      const { url: address } = await sub.listen(url());
      const peer = await rawPeer(address, PUB);
      await burst(peer, [
        new Uint8Array([0]),
        new Uint8Array([0, 254]),
        new Uint8Array([0xc3]),
        new Uint8Array([0, 255, 1]),
        "über",
      ]);
      expect([...(await sub.receive())]).toEqual([0, 255, 1]);
      expect(await text(sub.receive())).toBe("über");
    });

    test("33: the empty topic takes everything, also an empty message", async () => {
      const sub = keep(new Sub0({ transports, topics: "" }));
      const { url: address } = await sub.listen(url());
      const peer = await rawPeer(address, PUB);
      await burst(peer, ["", "x"]);
      expect(await text(sub.receive())).toBe("");
      expect(await text(sub.receive())).toBe("x");
    });

    test("34: an unsubscribe takes what waits for that topic alone, and what comes later", async () => {
      const sub = keep(new Sub0({ transports, topics: ["a", "b", "ab"] }));
      const { url: address } = await sub.listen(url());
      const peer = await rawPeer(address, PUB);
      await burst(peer, ["a1", "ab1", "b1"]);
      await until(() => sub.stats().receivedMessages === 3, "three messages");
      sub.unsubscribe("a");
      await burst(peer, ["a2", "ab2", "b2"]);
      for (const expected of ["ab1", "b1", "ab2", "b2"]) expect(await text(sub.receive())).toBe(expected);
    });

    test("35: of 200 unread messages the newest 128 stay, and the publisher with them", async () => {
      const sub = keep(new Sub0({ transports, topics: "" }));
      const { url: address } = await sub.listen(url());
      const peer = await rawPeer(address, PUB);
      await burst(peer, numbers(0, 200));
      expect(await kept(sub, 72)).toEqual(numbers(72, 200));
      await peer.sendFrame("next");
      expect(await text(sub.receive())).toBe("next");
    });

    test("35: with drop-newest the oldest 128 stay", async () => {
      const sub = keep(new Sub0({ transports, topics: "", onOverflow: "drop-newest" }));
      const { url: address } = await sub.listen(url());
      const peer = await rawPeer(address, PUB);
      await burst(peer, numbers(0, 200));
      expect(await kept(sub, 72)).toEqual(numbers(0, 128));
      await peer.sendFrame("next");
      expect(await text(sub.receive())).toBe("next");
    });

    test("35: a context has its own topics, queue and policy", async () => {
      const sub = keep(new Sub0({ transports, topics: "" }));
      const context = sub.context({ topics: "1", receiveBufferSize: 2, onOverflow: "drop-newest" });
      const deaf = sub.context();
      const { url: address } = await sub.listen(url());
      const peer = await rawPeer(address, PUB);
      await burst(peer, ["1a", "2a", "1b", "1c", "1d"]);
      await until(() => sub.stats().drops["queue-full"] === 2, "two dropped messages");
      for (const expected of ["1a", "2a", "1b", "1c", "1d"]) expect(await text(sub.receive())).toBe(expected);
      for (const expected of ["1a", "1b"]) expect(await text(context.receive())).toBe(expected);
      expect(context.tryReceive()).toBeUndefined();
      expect(deaf.tryReceive()).toBeUndefined();
    });

    test("35: a raw subscriber takes every message", async () => {
      const sub = keep(new RawSub0({ transports }));
      const { url: address } = await sub.listen(url());
      const peer = await rawPeer(address, PUB);
      await burst(peer, ["a", "", "b"]);
      for (const expected of ["a", "", "b"]) expect((await sub.receive()).text()).toBe(expected);
    });

    test("37: a published message is its payload alone, to every subscriber", async () => {
      const pub = keep(new Pub0({ transports }));
      const { url: address } = await pub.listen(url());
      const one = await rawPeer(address, SUB);
      const two = await rawPeer(address, SUB);
      await pub.waitForPipes(2);
      await pub.send("news");
      await pub.send("");
      for (const peer of [one, two]) {
        expect(await text(peer.readFrame())).toBe("news");
        expect((await peer.readFrame()).length).toBe(0);
      }
    });

    test("38: a subscriber that sends is closed, and the others are not disturbed", async () => {
      const pub = keep(new Pub0({ transports }));
      const { url: address } = await pub.listen(url());
      const quiet = await rawPeer(address, SUB);
      await pub.waitForPipes(1);
      const loud = await rawPeer(address, SUB);
      await pub.waitForPipes(2);
      const drops = record(pub, "drop");
      const closed = nextEvent(pub, "pipeclose");
      await loud.sendFrame("me too");
      await loud.expectClosed();
      expect((await closed).error).toMatchObject({ code: "SP_EPROTO" });
      expect(drops.map(({ reason }) => reason)).toEqual(["unexpected"]);
      await pub.send("news");
      expect(await text(quiet.readFrame())).toBe("news");
    });

    test("39: to a subscriber that stalls go the first few and the last 16 of 60 big messages, in order", async () => {
      const pub = keep(new Pub0({ transports, sendBufferSize: 16 }));
      const { url: address } = await pub.listen(url());
      const peer = await rawPeer(address, SUB);
      await pub.waitForPipes(1);
      peer.pause();
      const filling = new Uint8Array(1_000_000);
      for (let number = 0; number < 60; number++) await pub.send(concat(u32(number), filling));
      peer.resume();
      const arrived: number[] = [];
      while (arrived.at(-1) !== 59) {
        const message = await peer.readFrame();
        arrived.push(new DataView(message.buffer, message.byteOffset).getUint32(0));
      }
      expect(arrived[0]).toBe(0);
      expect(arrived.slice(-16)).toEqual(numbers(44, 60).map(Number));
      expect(arrived).toEqual([...arrived].sort((one, other) => one - other));
      expect(pub.stats().drops).toEqual({ "queue-full": 60 - arrived.length });
      expect(arrived.length).toBeLessThan(60);
      await pub.send("next");
      expect(await text(peer.readFrame())).toBe("next");
    });
  });
}

test("34: subscribing twice is the same as once, and a second unsubscribe is NoEntryError", () => {
  const sub = keep(new Sub0({ topics: "a" }));
  const noEntry = expect.objectContaining({ code: "SP_ENOENT", errno: 12 });
  sub.subscribe("a");
  sub.unsubscribe("a");
  expect(() => sub.unsubscribe("a")).toThrow(noEntry);
  sub.subscribe("ab");
  for (const topic of ["a", "abc", ""]) expect(() => sub.unsubscribe(topic)).toThrow(noEntry);
  sub.unsubscribe("ab");
});

test("36: a buffer of 0 or of 8193 messages is out of range", () => {
  const outOfRange = expect.objectContaining({ code: "SP_EINVAL" });
  const sub = keep(new Sub0());
  const pub = keep(new Pub0());
  for (const size of [0, 8193, -1, 1.5]) {
    expect(() => new Sub0({ receiveBufferSize: size })).toThrow(outOfRange);
    expect(() => new Pub0({ sendBufferSize: size })).toThrow(outOfRange);
    expect(() => {
      sub.receiveBufferSize = size;
    }).toThrow(outOfRange);
    expect(() => {
      pub.sendBufferSize = size;
    }).toThrow(outOfRange);
  }
  for (const size of [1, 8192]) {
    sub.receiveBufferSize = size;
    pub.sendBufferSize = size;
  }
  expect([sub.receiveBufferSize, pub.sendBufferSize]).toEqual([8192, 8192]);
});

test("37: without peers a send succeeds; a publisher cannot receive, nor a subscriber send", async () => {
  const pub = keep(new Pub0());
  await pub.send("for nobody");
  expect(pub.trySend("for nobody")).toBe(true);
  expect(pub.stats().drops).toEqual({ "no-peers": 2 });
  const notSupported = { code: "SP_ENOTSUP", errno: 9 };
  expect(await failure((pub as unknown as Receiver).receive())).toMatchObject(notSupported);
  const sub = keep(new Sub0());
  expect(await failure((sub as unknown as Pub0).send("x"))).toMatchObject(notSupported);
});
