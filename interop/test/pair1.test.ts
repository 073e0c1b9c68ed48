import { Message } from "@sprocket/core";
import { Pair1, RawPair1 } from "@sprocket/pair";
import { describe, expect } from "vitest";
import { bytes, talk, talkInBulk, talkInOrder, text } from "../src/exchange.js";
import { hex } from "../src/pattern.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

const MiB = 1024 * 1024;

// nanomsg knows PAIR0 only.
await withPeers(["nng"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`PAIR1 over ${meeting.route}, ${meeting.side}`, () => {
      test("messages go both ways", async ({ scene }) => {
        const pair = scene.socket(new Pair1({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair1");
        await talk(pair, peer);
      });

      test("an empty message arrives as an empty message", async ({ scene }) => {
        const pair = scene.socket(new Pair1({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair1");
        await pair.send("");
        expect((await peer.receive()).length).toBe(0);
        await peer.send(new Uint8Array(0));
        expect((await pair.receive({ timeout: patience })).length).toBe(0);
      });

      test("1 MiB passes when the limit leaves room for the hop count", async ({ scene }) => {
        const pair = scene.socket(new Pair1({ transports, receiveMaxSize: MiB + 4 }));
        const peer = await scene.meet(pair, meeting, file, "pair1");
        await talkInBulk(pair, peer, MiB);
      });

      test("5,000 messages keep their order each way", async ({ scene }) => {
        const pair = scene.socket(new Pair1({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair1");
        await talkInOrder(pair, peer, 5_000);
      });

      test("a message starts with hop count 1 on either side", async ({ scene }) => {
        const pair = scene.socket(new Pair1({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair1");
        await pair.send("ours");
        expect((await peer.receiveWithHeader()).before).toBe("00000001");

        const raw = scene.socket(new RawPair1({ transports }));
        const second = await scene.meet(raw, meeting, file, "pair1");
        await second.send(bytes("theirs"));
        const message = await raw.receive({ timeout: patience });
        expect(hex(message.header)).toBe("00000001");
        expect(text(message.body)).toBe("theirs");
      });

      test("a raw socket adds one to the hop count it is given", async ({ scene }) => {
        const raw = scene.socket(new RawPair1({ transports }));
        const peer = await scene.meet(raw, meeting, file, "pair1");
        await raw.send(new Message("forwarded", { header: Uint8Array.of(0, 0, 0, 3) }));
        const received = await peer.receiveWithHeader();
        expect(received.before).toBe("00000004");
        expect(text(received.bytes)).toBe("forwarded");
      });
    });
  }
});
