import { Pair0 } from "@sprocket/pair";
import { type TlsOptions, tls } from "@sprocket/transport-tls";
import { ws } from "@sprocket/transport-ws";
import { describe, expect } from "vitest";
import type { Route } from "../src/addresses.js";
import { nextEvent, talk } from "../src/exchange.js";
import { type Issued, pem } from "../src/pki.js";
import { certificates, routesOf, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

const quickly = { reconnectTimeMin: 20, reconnectTimeMax: 100 };
const certificateOf = ({ cert, key }: Issued) => ({ cert: pem(cert), key: pem(key) });

/** The same without TLS. */
const plain: Partial<Record<Route, Route>> = { "tls+tcp": "tcp", wss: "ws" };

await withPeers(["nng"], (file) => {
  for (const route of routesOf("nng").filter((route) => route in plain)) {
    const pki = certificates();
    const ca = pem(pki.ca);
    const over = (options: TlsOptions) => [route === "wss" ? ws({ tls: options }) : tls(options)];
    const without = plain[route] as Route;

    describe(`who is who over ${route}`, () => {
      test("we know the peer that listens by its certificate, and which TLS it speaks", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports: over({ ca }) }));
        const peer = await scene.peerAt(route, file, "pair0");
        await pair.dial(peer.url);
        const [pipe] = pair.pipes;
        expect(Object.fromEntries(pipe?.properties ?? [])).toMatchObject({
          "tls.authorized": true,
          "tls.peerCommonName": "server",
          // All that nng 1.5.2 has.
          "tls.protocol": "TLSv1.2",
        });
        await talk(pair, peer);
      });

      test("we know the peer that dials by its certificate, where we ask for one", async ({ scene }) => {
        const transports = over({ ca, ...certificateOf(pki.server), authMode: "required" });
        const pair = scene.socket(new Pair0({ transports }));
        const { url } = await pair.listen(scene.listenUrl(route));
        const peer = await scene.dialingPeer(file, "pair0", url, { tls: { cert: pki.client } });
        await pair.waitForPipes(1, { timeout: patience });
        const [pipe] = pair.pipes;
        expect(pipe?.properties.get("tls.peerCommonName")).toBe("client");
        await talk(pair, peer);
      });

      test("a peer that wants our certificate gets it", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports: over({ ca, ...certificateOf(pki.client) }) }));
        const peer = await scene.peerAt(route, file, "pair0", { tls: { mutual: true } });
        await pair.dial(peer.url);
        await talk(pair, peer);
      });
    });

    describe(`refusals over ${route}`, () => {
      for (const [who, cert, words] of [
        ["whose certificate comes from another authority", pki.strangers.server, /not in ca/],
        ["whose certificate is for another name", pki.otherName, /not for localhost/],
      ] as const) {
        test(`we leave a listener ${who}, and find the right one in its place`, async ({ scene }) => {
          const pair = scene.socket(new Pair0({ transports: over({ ca }), ...quickly }));
          const wrong = await scene.peerAt(route, file, "pair0", { tls: { cert } });
          await expect(pair.dial(wrong.url, { mode: "connect" })).rejects.toMatchObject({
            code: "SP_EPEERAUTH",
            message: expect.stringMatching(words),
          });
          const failed = nextEvent(pair, "connecterror");
          await pair.dial(wrong.url, { mode: "background" });
          expect((await failed).error).toMatchObject({ code: "SP_EPEERAUTH" });
          await wrong.kill();
          const right = await scene.listeningPeer(file, "pair0", wrong.url);
          await pair.waitForPipes(1, { timeout: patience });
          await talk(pair, right);
        });
      }

      for (const [who, cert, words] of [
        ["without a certificate", "none", /gave no certificate/],
        ["whose certificate comes from another authority", pki.strangers.client, /not in ca/],
      ] as const) {
        test(`we turn a dialer ${who} away, and take the right one`, async ({ scene }) => {
          const transports = over({ ca, ...certificateOf(pki.server), authMode: "required" });
          const pair = scene.socket(new Pair0({ transports }));
          const { url } = await pair.listen(scene.listenUrl(route));
          const refused = nextEvent(pair, "handshakeerror");
          const wrong = await scene.dialingPeer(file, "pair0", url, { tls: { cert } });
          expect((await refused).error).toMatchObject({
            code: "SP_EPEERAUTH",
            message: expect.stringMatching(words),
          });
          expect(pair.pipes.size).toBe(0);
          await wrong.kill();
          const right = await scene.dialingPeer(file, "pair0", url, { tls: { cert: pki.client } });
          await pair.waitForPipes(1, { timeout: patience });
          await talk(pair, right);
        });
      }

      test("a dialer that does not trust our authority says so, and another one is served", async ({
        scene,
      }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const { url } = await pair.listen(scene.listenUrl(route));
        const refused = nextEvent(pair, "handshakeerror");
        const wrong = await scene.dialingPeer(file, "pair0", url, { tls: { ca: pki.strangers.ca } });
        expect((await refused).error).toMatchObject({
          code: "SP_EPEERAUTH",
          message: expect.stringMatching(/not accept our certificate/),
        });
        await wrong.kill();
        const right = await scene.dialingPeer(file, "pair0", url);
        await pair.waitForPipes(1, { timeout: patience });
        await talk(pair, right);
      });

      for (const [who, credentials, code] of [
        // mbedTLS hangs up without a word.
        ["without a certificate", {}, "SP_ECONNSHUT"],
        ["with the certificate of another authority", certificateOf(pki.strangers.client), "SP_EPEERAUTH"],
      ] as const) {
        test(`a listener that wants our certificate turns us away ${who}`, async ({ scene }) => {
          const peer = await scene.peerAt(route, file, "pair0", { tls: { mutual: true } });
          const stranger = scene.socket(new Pair0({ transports: over({ ca, ...credentials }) }));
          await expect(stranger.dial(peer.url, { mode: "connect" })).rejects.toMatchObject({ code });
          const pair = scene.socket(new Pair0({ transports }));
          await pair.dial(peer.url);
          await talk(pair, peer);
        });
      }
    });

    describe(`${route} and ${without} do not go together`, () => {
      test(`a listener of the peer for ${without} is left by our dialer for ${route}`, async ({ scene }) => {
        const peer = await scene.peerAt(without, file, "pair0");
        const pair = scene.socket(new Pair0({ transports }));
        const url = peer.url.replace(`${without}://127.0.0.1`, `${route}://localhost`);
        await expect(pair.dial(url, { mode: "connect" })).rejects.toMatchObject(
          without === "tcp"
            ? { code: "SP_ECRYPTO", message: expect.stringMatching(/not TLS/) }
            : // nng's HTTP server hangs up without a word.
              { code: "SP_ECONNSHUT" },
        );
      });

      test(`a listener of the peer for ${route} is left by our dialer for ${without}`, async ({ scene }) => {
        const peer = await scene.peerAt(route, file, "pair0");
        const pair = scene.socket(new Pair0({ transports }));
        const url = peer.url.replace(`${route}://`, `${without}://`);
        await expect(pair.dial(url, { mode: "connect" })).rejects.toMatchObject({ code: "SP_ECONNSHUT" });
      });

      test(`a dialer of the peer for ${without} is turned away by our listener for ${route}`, async ({
        scene,
      }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const { url } = await pair.listen(scene.listenUrl(route));
        const refused = nextEvent(pair, "handshakeerror");
        await scene.dialingPeer(file, "pair0", url.replace(`${route}://`, `${without}://`));
        expect((await refused).error).toMatchObject({
          code: "SP_ECRYPTO",
          message: expect.stringMatching(/not TLS/),
        });
        expect(pair.pipes.size).toBe(0);
      });

      test(`a dialer of the peer for ${route} is turned away by our listener for ${without}`, async ({
        scene,
      }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const { url } = await pair.listen(`${without}://localhost:0`);
        const refused = nextEvent(pair, "handshakeerror");
        await scene.dialingPeer(file, "pair0", url.replace(`${without}://`, `${route}://`));
        expect((await refused).error).toMatchObject({ code: "SP_EPROTO" });
        expect(pair.pipes.size).toBe(0);
      });
    });
  }
});
