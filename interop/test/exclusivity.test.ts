import { Pair0, Pair1 } from "@sprocket/pair";
import { describe, expect } from "vitest";
import { bytes, nextEvent, talk, text, untilArrived } from "../src/exchange.js";
import { routesOf, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { refusedDialerMayEnd, test, withPeers } from "../src/suite.js";

const quickly = { reconnectTimeMin: 20, reconnectTimeMax: 100 };

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const route of routesOf(library)) {
    for (const protocol of library === "nng" ? (["pair0", "pair1"] as const) : (["pair0"] as const)) {
      const Pair = protocol === "pair0" ? Pair0 : Pair1;
      describe(`later peers of ${protocol} over ${route}`, () => {
        test("we refuse the second peer, the first is not disturbed, and its place is free when it goes", async ({
          scene,
        }) => {
          const pair = scene.socket(new Pair({ transports }));
          const { url } = await pair.listen(scene.listenUrl(route));
          const first = await scene.dialingPeer(file, protocol, url);
          await pair.waitForPipes(1, { timeout: patience });

          const rejected = nextEvent(pair, "pipereject");
          const second = await scene.dialingPeer(file, protocol, url);
          await rejected;
          await talk(pair, first);

          await first.kill();
          const replaced = refusedDialerMayEnd(route, library);
          if (replaced) await second.kill();
          const next = replaced ? await scene.dialingPeer(file, protocol, url) : second;
          // A connection that we refused may have taken a message along: so more than one may be needed.
          const received = await untilArrived(
            () => next.send(bytes("next")),
            pair.receive({ timeout: patience }),
          );
          expect(text(received)).toBe("next");
        });

        test("the peer refuses our second socket, and takes it when the first has gone", async ({
          scene,
        }) => {
          const peer = await scene.peerAt(route, file, protocol);
          const first = scene.socket(new Pair({ transports }));
          await first.dial(peer.url);
          await talk(first, peer);

          const second = scene.socket(new Pair({ transports, ...quickly }));
          const refused = nextEvent(second, "pipeclose");
          await second.dial(peer.url, { mode: "background" });
          await refused;
          await talk(first, peer);

          await first.close();
          const received = await untilArrived(
            () => peer.send(bytes("to second")),
            second.receive({ timeout: patience }),
          );
          expect(text(received)).toBe("to second");
        });
      });
    }
  }
});
