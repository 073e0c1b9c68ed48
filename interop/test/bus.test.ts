import { Bus0 } from "@sprocket/bus";
import { describe, expect } from "vitest";
import { receiveSeries, receiveUntil, sendSeries, talk, talkInBulk, untilArrived } from "../src/exchange.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`BUS over ${meeting.route}, ${meeting.side}`, () => {
      test("messages go both ways, empty ones too, and none comes back to its sender", async ({ scene }) => {
        const bus = scene.socket(new Bus0({ transports }));
        const peer = await scene.meet(bus, meeting, file, "bus");
        await peer.waitForPipes(1);
        await talk(bus, peer, "first");
        await bus.send("");
        expect((await peer.receive()).length).toBe(0);
        await peer.send(new Uint8Array(0));
        expect((await bus.receive({ timeout: patience })).length).toBe(0);
        await talk(bus, peer, "last");
      });

      test("every size arrives unchanged", async ({ scene }) => {
        const bus = scene.socket(new Bus0({ transports }));
        const peer = await scene.meet(bus, meeting, file, "bus");
        await peer.waitForPipes(1);
        for (const size of [1, 1023, 1024, 65_537, 1024 * 1024]) await talkInBulk(bus, peer, size);
      });

      test("5,000 messages of ours at once: we drop none, and the peer hears them all in order", async ({
        scene,
      }) => {
        const bus = scene.socket(new Bus0({ transports }));
        const peer = await scene.meet(bus, meeting, file, "bus");
        await Promise.all([peer.receiveSeries(5_000), sendSeries(bus, 5_000)]);
        expect(bus.stats()).toMatchObject({ sentMessages: 5_000, drops: {} });
      });

      test("5,000 messages of the peer at once: we drop none of those it sends, and hear them in order", async ({
        scene,
      }) => {
        const bus = scene.socket(new Bus0({ transports }));
        const peer = await scene.meet(bus, meeting, file, "bus");
        await peer.waitForPipes(1);
        const counted = receiveUntil(bus, 4_999);
        await peer.sendSeries(5_000);
        // nng drops what exceeds 16, nanomsg what exceeds none: the last one may be missing.
        const heard = await untilArrived(() => peer.sendSeries(1, 4_999), counted);
        expect(heard).toBeGreaterThan(1);
        expect(bus.stats().drops).toEqual({});
      });

      // nanomsg has no queue, so nobody can know how many at once it takes.
      if (library === "nng") {
        test("5,000 messages of the peer, as many at once as its queue holds, all arrive", async ({
          scene,
        }) => {
          const bus = scene.socket(new Bus0({ transports }));
          const peer = await scene.meet(bus, meeting, file, "bus");
          await peer.waitForPipes(1);
          for (let first = 0; first < 5_000; first += 16) {
            const count = Math.min(16, 5_000 - first);
            await Promise.all([receiveSeries(bus, count, first), peer.sendSeries(count, first)]);
          }
        });
      }
    });
  }
});
