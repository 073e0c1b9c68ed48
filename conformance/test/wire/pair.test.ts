/** PAIR, cases 25 to 30. */
import { Pair0, Pair1 } from "@sprocket/pair";
import { concat, hex, ManualClock, pair1Vectors, protocolNumbers, toHex } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import {
  failure,
  keep,
  nextEvent,
  rawConnect,
  rawPeer,
  record,
  recordPipes,
  streams,
  text,
  transports,
} from "../support/world.js";

const { pair0, pair1 } = protocolNumbers;

for (const { name, url } of streams) {
  describe(`over ${name}`, () => {
    test("25: a second peer is closed, the first is not disturbed, and the next is served when it has gone", async () => {
      const pair = keep(new Pair0({ transports }));
      const { url: address } = await pair.listen(url());
      const words = recordPipes(pair);
      const first = await rawPeer(address, pair0);
      await pair.waitForPipes(1);
      const rejected = nextEvent(pair, "pipereject");
      const second = await rawConnect(address);
      await second.handshake(pair0);
      await second.expectClosed();
      expect((await rejected).error).toMatchObject({ code: "SP_EBUSY" });
      await first.sendFrame("still here");
      expect(await text(pair.receive())).toBe("still here");
      await pair.send("you too");
      expect(new TextDecoder().decode(await first.readFrame())).toBe("you too");
      const gone = nextEvent(pair, "pipeclose");
      await first.close();
      await gone;
      const third = await rawPeer(address, pair0);
      await third.sendFrame("next");
      expect(await text(pair.receive())).toBe("next");
      expect(words).toEqual(["open", "reject", "close", "open"]);
    });

    test("26: without a peer and a buffer a send times out, and trySend is false", async () => {
      const clock = new ManualClock();
      const pair = keep(new Pair0({ transports, clock }));
      const sent = failure(pair.send("x", { timeout: 300 }));
      clock.advance(300);
      expect(await sent).toMatchObject({ code: "SP_ETIMEDOUT", errno: 5 });
      expect(pair.trySend("x")).toBe(false);
    });

    test("26: with a buffer of one the first send is accepted and waits for a peer, the second times out", async () => {
      const clock = new ManualClock();
      const pair = keep(new Pair0({ transports, clock, sendBufferSize: 1 }));
      await pair.send("first");
      const second = failure(pair.send("second", { timeout: 300 }));
      clock.advance(300);
      expect(await second).toMatchObject({ code: "SP_ETIMEDOUT" });
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair0);
      expect(new TextDecoder().decode(await peer.readFrame())).toBe("first");
      await pair.send("third");
      expect(new TextDecoder().decode(await peer.readFrame())).toBe("third");
    });

    test("27: PAIR1 refuses PAIR0, and the other way round", async () => {
      for (const [socket, number] of [
        [new Pair1({ transports }), pair0],
        [new Pair0({ transports }), pair1],
      ] as const) {
        const { url: address } = await keep(socket).listen(url());
        const peer = await rawConnect(address);
        await peer.handshake(number);
        await peer.expectClosed();
      }
    });

    test("28: PAIR1 sends a hop count of 1 in front of the payload", async () => {
      const pair = keep(new Pair1({ transports }));
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair1);
      await pair.send("yo");
      expect(toHex(await peer.readFrame())).toBe(`${pair1Vectors.originated}796f`);
      await pair.send("");
      expect(toHex(await peer.readFrame())).toBe(pair1Vectors.originated);
    });

    test("29: PAIR1 accepts hop counts up to its TTL and drops more, keeping the connection", async () => {
      const pair = keep(new Pair1({ transports }));
      const { url: address } = await pair.listen(url());
      const drops = record(pair, "drop");
      const peer = await rawPeer(address, pair1);
      for (const hop of pair1Vectors.accepted) {
        await peer.sendFrame(hex(hop), hop);
        expect(await text(pair.receive())).toBe(hop);
      }
      for (const hop of pair1Vectors.dropped) await peer.sendFrame(hex(hop), "dropped");
      await peer.sendFrame(hex("00000001"), "after");
      expect(await text(pair.receive())).toBe("after");
      expect(drops.map(({ reason }) => reason)).toEqual(["ttl", "ttl"]);
      expect(peer.ended).toBe(false);
    });

    test("29: a PAIR1 header that is short or beyond a byte closes the connection", async () => {
      const pair = keep(new Pair1({ transports }));
      const { url: address } = await pair.listen(url());
      for (const malformed of pair1Vectors.malformed) {
        const closed = nextEvent(pair, "pipeclose");
        const peer = await rawPeer(address, pair1);
        await peer.sendFrame(hex(malformed));
        await peer.expectClosed();
        expect((await closed).error).toMatchObject({ code: "SP_EPROTO" });
      }
    });

    test("29: a PAIR1 message of the header alone is an empty message", async () => {
      const pair = keep(new Pair1({ transports }));
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair1);
      await peer.sendFrame(hex("00000001"));
      expect((await pair.receive()).length).toBe(0);
    });

    test("29: ttlMax moves the border", async () => {
      const pair = keep(new Pair1({ transports, ttlMax: 15 }));
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair1);
      await peer.send(concat(peer.frame(hex("00000010 78")), peer.frame(hex("0000000f 79"))));
      expect(await text(pair.receive())).toBe("y");
    });

    test("30: a polyamorous PAIR1 keeps every peer and sends to the oldest when none is named", async () => {
      const pair = keep(new Pair1({ transports, polyamorous: true }));
      const { url: address } = await pair.listen(url());
      const first = await rawPeer(address, pair1);
      await pair.waitForPipes(1);
      const second = await rawPeer(address, pair1);
      await pair.waitForPipes(2);
      await pair.send("to whom");
      expect(toHex(await first.readFrame())).toBe("00000001746f2077686f6d");
      await second.sendFrame(hex("00000001"), "ping");
      const message = await pair.receiveMessage();
      expect(message.text()).toBe("ping");
      message.pipe?.send("pong");
      expect(toHex(await second.readFrame())).toBe("00000001706f6e67");
      expect(first.buffered).toBe(0);
      expect(first.ended || second.ended).toBe(false);
    });
  });
}
