import { Pull0, Push0 } from "@sprocket/pipeline";
import { describe, expect } from "vitest";
import { receiveSeries, sendSeries } from "../src/exchange.js";
import { checksum, pattern } from "../src/pattern.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

const MiB = 1024 * 1024;
const large = pattern(100_000, 3);
const sizes = [0, 1, 1023, 1024, 65_537, MiB];

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`PUSH and PULL over ${meeting.route}, ${meeting.side}`, () => {
      test("the peer pulls what we push, of every size", async ({ scene }) => {
        const push = scene.socket(new Push0({ transports }));
        const peer = await scene.meet(push, meeting, file, "pull");
        for (const size of sizes) {
          const body = pattern(size, 2);
          const [, received] = await Promise.all([push.send(body, { timeout: patience }), peer.receive()]);
          expect(received).toMatchObject({ length: size, checksum: checksum(body) });
        }
      });

      test("we pull what the peer pushes, of every size", async ({ scene }) => {
        const pull = scene.socket(new Pull0({ transports, receiveTimeout: patience }));
        const peer = await scene.meet(pull, meeting, file, "push");
        for (const size of sizes) {
          const [received] = await Promise.all([pull.receive(), peer.sendPattern(size, 2)]);
          expect([received.length, checksum(received)]).toEqual([size, checksum(pattern(size, 2))]);
        }
      });

      test("5,000 messages of ours arrive in order", async ({ scene }) => {
        const push = scene.socket(new Push0({ transports }));
        const peer = await scene.meet(push, meeting, file, "pull");
        await Promise.all([peer.receiveSeries(5_000), sendSeries(push, 5_000)]);
      });

      test("5,000 messages of the peer arrive in order", async ({ scene }) => {
        const pull = scene.socket(new Pull0({ transports }));
        const peer = await scene.meet(pull, meeting, file, "push");
        await Promise.all([receiveSeries(pull, 5_000), peer.sendSeries(5_000)]);
      });

      test("a peer that does not pull makes us wait, and gets everything when it does", async ({ scene }) => {
        const push = scene.socket(new Push0({ transports, sendBufferBytes: 65_536 }));
        const peer = await scene.meet(push, meeting, file, "pull");
        let accepted = 0;
        // The system's buffers take some in each turn of the event loop, and then no more.
        for (let waits = false; !waits; accepted += waits ? 0 : 1) {
          waits = await push.send(large, { timeout: 100 }).then(
            () => false,
            () => true,
          );
        }
        expect(accepted).toBeGreaterThan(0);
        for (let count = 0; count < accepted; count++) {
          expect(await peer.receive()).toMatchObject({ length: large.length, checksum: checksum(large) });
        }
      });

      test("a peer that pushes faster than we pull waits, and everything arrives", async ({ scene }) => {
        const pull = scene.socket(new Pull0({ transports }));
        const peer = await scene.meet(pull, meeting, file, "push");
        await peer.waitForPipes(1);
        const sent = Array.from({ length: 100 }, () => peer.sendPattern(large.length, 3));
        await sent[0];
        for (let count = 0; count < sent.length; count++) {
          expect(checksum(await pull.receive({ timeout: patience }))).toBe(checksum(large));
        }
        await Promise.all(sent);
      });
    });
  }
});
