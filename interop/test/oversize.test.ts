import { Pair0 } from "@sprocket/pair";
import { describe, expect } from "vitest";
import { nextEvent, untilArrived } from "../src/exchange.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

const quickly = { reconnectTimeMin: 20, reconnectTimeMax: 100 };
const limit = 1_000;

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    // A dialer of nng 1.5.2 with TLS that loses its connection sometimes never dials again.
    const forGood =
      library === "nng" && meeting.side === "we listen" && /^(tls\+tcp|wss)$/.test(meeting.route);
    describe(`messages above the limit over ${meeting.route}, ${meeting.side}`, () => {
      test("we drop the connection that brings one byte too many, say why, and go on with the next", async ({
        scene,
      }) => {
        const pair = scene.socket(new Pair0({ transports, receiveMaxSize: limit, ...quickly }));
        const peer = await scene.meet(pair, meeting, file, "pair0");
        await peer.sendPattern(limit, 1);
        expect((await pair.receive({ timeout: patience })).length).toBe(limit);

        const closed = nextEvent(pair, "pipeclose");
        await peer.sendPattern(limit + 1, 1);
        expect((await closed).error).toMatchObject({ code: "SP_EMSGSIZE" });

        // A nanomsg dialer ends for good at a close frame, and one of nng with TLS may: a new peer takes over.
        const over =
          (library === "nanomsg" && meeting.route === "ws" && meeting.side === "we listen") || forGood;
        if (over) await peer.kill();
        const next = over ? await scene.meet(pair, meeting, file, "pair0") : peer;
        const received = await untilArrived(
          () => next.sendPattern(limit, 2),
          pair.receive({ timeout: patience }),
        );
        expect(received.length).toBe(limit);
      });

      const theirs = "the peer drops our connection for one byte too many, and takes the next message";
      if (library === "nng" && meeting.route.startsWith("ws") && meeting.side === "we listen") {
        test.skip(`${theirs} (SKIPPED: nng 1.5.2 knows no limit of messages where it dials over ws)`, () => {});
        return;
      }
      test(theirs, async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports, ...quickly }));
        const peer = await scene.meet(pair, meeting, file, "pair0", { receiveMax: limit });
        await pair.send(new Uint8Array(limit));
        expect((await peer.receive()).length).toBe(limit);

        const closed = nextEvent(pair, "pipeclose");
        await pair.send(new Uint8Array(limit + 1));
        await closed;

        // A nanomsg dialer that dropped a connection itself closes every later one too, for ever: a new peer takes over.
        const stuck = (library === "nanomsg" && meeting.side === "we listen") || forGood;
        if (stuck) await peer.kill();
        const next = stuck ? await scene.meet(pair, meeting, file, "pair0") : peer;
        const received = await untilArrived(
          () => pair.send(new Uint8Array(limit), { timeout: 100 }).catch(() => {}),
          next.receive(),
        );
        expect(received.length).toBe(limit);
      });
    });
  }
});
