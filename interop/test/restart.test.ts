import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { describe, expect } from "vitest";
import { bytes, nextEvent, talk, text, untilArrived } from "../src/exchange.js";
import { routesOf, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, testOfReturn, withPeers } from "../src/suite.js";

const quickly = { reconnectTimeMin: 20, reconnectTimeMax: 100 };

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const route of routesOf(library)) {
    describe(`restarts over ${route}`, () => {
      test("a listening peer is killed and started again: our dialer finds it", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports, ...quickly }));
        const first = await scene.peerAt(route, file, "pair0");
        await pair.dial(first.url);
        await talk(pair, first, "before");

        const closed = nextEvent(pair, "pipeclose");
        const opened = closed.then(() => nextEvent(pair, "pipeopen"));
        await first.kill();
        await closed;
        const second = await scene.listeningPeer(file, "pair0", first.url);
        await opened;
        await talk(pair, second, "after");
      });

      test("a dialing peer is killed and another one comes: our listener serves it", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const { url } = await pair.listen(scene.listenUrl(route));
        const first = await scene.dialingPeer(file, "pair0", url);
        await pair.waitForPipes(1, { timeout: patience });
        await talk(pair, first, "before");

        const closed = nextEvent(pair, "pipeclose");
        await first.kill();
        await closed;
        const second = await scene.dialingPeer(file, "pair0", url);
        await pair.waitForPipes(1, { timeout: patience });
        await talk(pair, second, "after");
      });

      testOfReturn(
        route,
        file,
        "we close and listen again at the same address: the peer's dialer finds us",
        async ({ scene }) => {
          const first = scene.socket(new Pair0({ transports }));
          const { url } = await first.listen(await scene.lastingUrl(route));
          const peer = await scene.dialingPeer(file, "pair0", url);
          await first.waitForPipes(1, { timeout: patience });
          await talk(first, peer, "before");

          await first.close();
          const second = scene.socket(new Pair0({ transports }));
          await second.listen(url);
          await second.waitForPipes(1, { timeout: patience });
          await talk(second, peer, "after");
        },
      );

      test("we dial again after a close: the peer's listener takes the new socket", async ({ scene }) => {
        const first = scene.socket(new Pair0({ transports }));
        const peer = await scene.peerAt(route, file, "pair0");
        await first.dial(peer.url);
        await talk(first, peer, "before");

        await first.close();
        const second = scene.socket(new Pair0({ transports, ...quickly }));
        await second.dial(peer.url);
        // The peer may refuse the new connection while it still holds the old one.
        const arrived = peer.receive();
        const received = await untilArrived(
          () => second.send("after", { timeout: 100 }).catch(() => {}),
          arrived,
        );
        expect(text(received.bytes)).toBe("after");
      });

      test("a dialer that starts before the peer listens connects when it does", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports, ...quickly }));
        const url = await scene.fixedUrl(route);
        await pair.dial(url, { mode: "background" });
        await nextEvent(pair, "connecterror");
        const peer = await scene.listeningPeer(file, "pair0", url);
        await pair.waitForPipes(1, { timeout: patience });
        await talk(pair, peer);
      });

      test("a request of ours survives the death of the replier and reaches the next one", async ({
        scene,
      }) => {
        const req = scene.socket(new Req0({ transports, receiveTimeout: patience }));
        const { url } = await req.listen(scene.listenUrl(route));
        const first = await scene.dialingPeer(file, "rep", url);
        await req.waitForPipes(1, { timeout: patience });
        await req.send("question");
        expect(text((await first.receive()).bytes)).toBe("question");

        const second = await scene.dialingPeer(file, "rep", url);
        await req.waitForPipes(2, { timeout: patience });
        await first.kill();
        expect(text((await second.receive()).bytes)).toBe("question");
        await second.send(bytes("answer"));
        expect(text(await req.receive())).toBe("answer");
      });

      test("a request of ours waits for the replier that died and comes back", async ({ scene }) => {
        const req = scene.socket(new Req0({ transports, ...quickly }));
        const first = await scene.peerAt(route, file, "rep");
        await req.dial(first.url);
        const answer = req.request("question", { timeout: patience });
        expect(text((await first.receive()).bytes)).toBe("question");

        await first.kill();
        const second = await scene.listeningPeer(file, "rep", first.url);
        expect(text((await second.receive()).bytes)).toBe("question");
        await second.send(bytes("answer"));
        expect(text(await answer)).toBe("answer");
      });

      test("a request of the peer survives the end of one of our sockets and reaches the other", async ({
        scene,
      }) => {
        const url = await scene.fixedUrl(route);
        const peer = await scene.listeningPeer(file, "req", url);
        const first = scene.socket(new Rep0({ transports, receiveTimeout: patience }));
        await first.dial(url);
        await peer.send(bytes("question"));
        expect(text(await first.receive())).toBe("question");

        const second = scene.socket(new Rep0({ transports, receiveTimeout: patience }));
        await second.dial(url);
        first.destroy();
        expect(text(await second.receive())).toBe("question");
        await second.send("answer");
        expect(text((await peer.receive()).bytes)).toBe("answer");
      });
    });
  }
});
