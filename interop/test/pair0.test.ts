import { Pair0 } from "@sprocket/pair";
import { describe, expect } from "vitest";
import { talk, talkInBulk, talkInOrder } from "../src/exchange.js";
import { checksum, pattern } from "../src/pattern.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

const MiB = 1024 * 1024;

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`PAIR0 over ${meeting.route}, ${meeting.side}`, () => {
      test("messages go both ways", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair0");
        await talk(pair, peer);
      });

      test("an empty message arrives as an empty message", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair0");
        await pair.send(new Uint8Array(0));
        expect((await peer.receive()).length).toBe(0);
        await peer.send(new Uint8Array(0));
        expect((await pair.receive({ timeout: patience })).length).toBe(0);
      });

      test("every size around a power of two arrives unchanged", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair0");
        for (const size of [1, 7, 8, 9, 255, 256, 1023, 1024, 1025, 65_535, 65_536, 65_537]) {
          await talkInBulk(pair, peer, size);
        }
      });

      test("1 MiB passes under the default limits of both sides", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair0");
        await talkInBulk(pair, peer, MiB);
      });

      test("4 MiB passes with a raised limit", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports, receiveMaxSize: 4 * MiB }));
        const peer = await scene.meet(pair, meeting, file, "pair0", { receiveMax: 0 });
        await talkInBulk(pair, peer, 4 * MiB);
      });

      // The rest is the same decoder.
      if (["tcp", "ipc"].includes(meeting.route)) {
        test("64 MiB passes with a raised limit", async ({ scene }) => {
          const pair = scene.socket(new Pair0({ transports, receiveMaxSize: 64 * MiB }));
          const peer = await scene.meet(pair, meeting, file, "pair0", { receiveMax: 0 });
          const sent = pair.send(large.bytes, { timeout: patience });
          expect(await peer.receive()).toMatchObject({ length: 64 * MiB, checksum: large.checksum });
          await sent;
          const [received] = await Promise.all([
            pair.receive({ timeout: patience }),
            peer.sendPattern(64 * MiB, largeSeed),
          ]);
          expect(received.length).toBe(64 * MiB);
          expect(checksum(received)).toBe(large.checksum);
        });
      }

      test("5,000 messages keep their order each way", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair0");
        await talkInOrder(pair, peer, 5_000);
      });
    });
  }
});

const largeSeed = 3;
// Made when first needed, once for the file.
const large = {
  get bytes(): Uint8Array {
    const bytes = pattern(64 * MiB, largeSeed);
    Object.defineProperty(this, "bytes", { value: bytes });
    return bytes;
  },
  get checksum(): string {
    const sum = checksum(this.bytes);
    Object.defineProperty(this, "checksum", { value: sum });
    return sum;
  },
};
