import { Pair1 } from "@sprocket/pair";
import { expect } from "vitest";
import { bytes, text } from "../src/exchange.js";
import { routesOf, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

await withPeers(["nng"], (file, library) => {
  for (const route of routesOf(library)) {
    test(`over ${route}, our polyamorous PAIR1 answers each of several peers on its own pipe`, async ({
      scene,
    }) => {
      const poly = scene.socket(new Pair1({ transports, polyamorous: true }));
      const { url } = await poly.listen(scene.listenUrl(route));
      const names = ["ann", "bob", "eve"];
      const peers = await Promise.all(names.map(() => scene.dialingPeer(file, "pair1", url)));
      await poly.waitForPipes(3, { timeout: patience });
      await Promise.all(peers.map((peer, index) => peer.send(bytes(names[index] as string))));

      const pipes = new Set<unknown>();
      for (let count = 0; count < 3; count++) {
        const message = await poly.receiveMessage({ timeout: patience });
        if (message.pipe === undefined) throw new Error("the message does not say which pipe it came from");
        pipes.add(message.pipe);
        message.pipe.send(`hello ${message.text()}`);
      }
      expect(pipes.size).toBe(3);
      for (const [index, peer] of peers.entries()) {
        expect(text((await peer.receive()).bytes)).toBe(`hello ${names[index]}`);
      }
    });

    test(`over ${route}, a polyamorous peer tells our sockets apart`, async ({ scene }) => {
      const peer = await scene.peerAt(route, file, "pair1-poly");
      const names = ["ann", "bob", "eve"];
      const pairs = names.map(() => scene.socket(new Pair1({ transports })));
      for (const pair of pairs) await pair.dial(peer.url);
      await Promise.all(pairs.map((pair, index) => pair.send(names[index] as string, { timeout: patience })));

      for (let count = 0; count < 3; count++) {
        const message = await peer.receiveFrom();
        await peer.sendTo(message.before, bytes(`hello ${text(message.bytes)}`));
      }
      for (const [index, pair] of pairs.entries()) {
        expect(text(await pair.receive({ timeout: patience }))).toBe(`hello ${names[index]}`);
      }
    });

    test(`over ${route}, two polyamorous sockets talk`, async ({ scene }) => {
      const poly = scene.socket(new Pair1({ transports, polyamorous: true }));
      const peer = await scene.meet(poly, { route, side: "we dial" }, file, "pair1-poly");
      await poly.send("to the oldest pipe", { timeout: patience });
      const message = await peer.receiveFrom();
      expect(text(message.bytes)).toBe("to the oldest pipe");
      await peer.sendTo(message.before, bytes("back"));
      expect(text(await poly.receive({ timeout: patience }))).toBe("back");
    });
  }
});
