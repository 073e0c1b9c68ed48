/**
 * wss: who is let in and who is not is as with `tls()` (goal X1). Whatever fails fails with its own error, no byte of HTTP
 * reaches a listener that is not verified, and whoever refused goes on.
 */
import { once } from "node:events";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import {
  AddressInUseError,
  AuthenticationError,
  ConnectionShutdownError,
  CryptoError,
  InvalidOperationError,
  NotSupportedError,
  ProtocolError,
} from "@sprocket/core";
import { parseUrl, type TransportPipe } from "@sprocket/core/plugin";
import { ManualClock, until } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Issued } from "../../transport-tls/test/support/certificates.js";
import { noOpenssl } from "../../transport-tls/test/support/openssl.js";
import { pki } from "../../transport-tls/test/support/pki.js";
import { type WsOptions, ws } from "../src/index.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const ANY = "wss://127.0.0.1:0/x";
/** Old versions need old ciphers. */
const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

const listen = (tls: WsOptions["tls"], url = ANY) => world.listen({ tls }, {}, url);
const at = (url: string, host: string) => url.replace("127.0.0.1", host);
const factsOf = ({ properties }: TransportPipe) => Object.fromEntries(properties);
const required = () => ({ ...pki.server, ca: pki.ca, authMode: "required" }) as const;

describe.skipIf(noOpenssl)("a dialer refuses a listener (needs openssl)", () => {
  const certificates: [string, () => Issued, string, string][] = [
    ["that has expired", () => pki.expired, "CERT_HAS_EXPIRED", "localhost"],
    ["that is not valid yet", () => pki.notYetValid, "CERT_NOT_YET_VALID", "localhost"],
    ["of another name", () => pki.otherName, "is not for localhost", "localhost"],
    ["whose address is not among its names", () => pki.withoutAltName, "is not for 127.0.0.1", "127.0.0.1"],
    ["that vouches for itself", () => pki.selfSigned, "DEPTH_ZERO_SELF_SIGNED_CERT", "localhost"],
    ["of another authority", () => pki.strangers.server, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "localhost"],
    ["that is for dialers only", () => pki.forClientsOnly, "INVALID_PURPOSE", "localhost"],
  ];
  describe.each(["TLSv1.2", "TLSv1.3"] as const)("over %s", (maxVersion) => {
    test.each(certificates)("with a certificate %s", async (_, issued, text, host) => {
      const server = createTlsServer({ ...issued(), maxVersion }).listen(0, "127.0.0.1");
      world.defer(() => server.close());
      await once(server, "listening");
      const received: Buffer[] = [];
      server.on("secureConnection", (socket) => socket.on("data", (chunk) => received.push(chunk)));
      const gone = once(server, "connection").then(([socket]) => once(socket as Socket, "close"));
      const url = `wss://${host}:${(server.address() as AddressInfo).port}/x`;
      const options = { tls: { ca: pki.ca }, headers: { Authorization: "Bearer secret" } };
      const error: unknown = await world.dial(url, options).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ code: "SP_EPEERAUTH", errno: 27, url, operation: "dial" });
      expect((error as Error).message).toContain(text);
      await gone;
      expect(received, "bytes of the dialer").toEqual([]);
    });
  });

  test("that nobody vouches for, where no ca was given", async () => {
    const listening = await listen(pki.server);
    await expect(world.dial(listening.url, {})).rejects.toThrow(AuthenticationError);
  });

  test("that speaks TLS 1.1 at most", async () => {
    const listener = await world.rawListener({ ...pki.server, ...old });
    const attempt = world.dial(listener.url, { tls: { ca: pki.ca } });
    await expect(attempt).rejects.toThrow(CryptoError);
    await expect(attempt).rejects.toThrow("no version of TLS in common");
  });

  test("that speaks ws in plain text, and that one hears of it and goes on", async () => {
    const listening = await world.listen({});
    const attempt = world.dial(listening.url.replace("ws:", "wss:"), { tls: { ca: pki.ca } });
    await expect(attempt).rejects.toThrow(CryptoError);
    await expect(attempt).rejects.toThrow("is not TLS");
    expect(await listening.reject()).toBeInstanceOf(ProtocolError);
    await world.dial(listening.url, {});
  });

  test("that proves who it is, and then gives no valid answer", async () => {
    const listener = await world.rawListener(pki.server);
    const attempt = world.dial(listener.url, { tls: { ca: pki.ca } });
    attempt.catch(() => undefined);
    const raw = await listener.accept();
    await raw.welcome({ "Sec-WebSocket-Accept": "wrong" });
    await expect(attempt).rejects.toThrow(ProtocolError);
    await raw.peer.expectClosed();
  });
});

describe.skipIf(noOpenssl)("a listener refuses a dialer (needs openssl)", () => {
  const dialers: [string, () => Issued | object, string][] = [
    ["without a certificate", () => ({}), "gave no certificate"],
    ["with one of another authority", () => pki.strangers.client, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["with one that vouches for itself", () => pki.selfSigned, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["with one that has expired", () => pki.expired, "CERT_HAS_EXPIRED"],
    ["with one that is for listeners only", () => pki.forServersOnly, "INVALID_PURPOSE"],
  ];
  describe.each(["TLSv1.2", "TLSv1.3"] as const)("over %s", (maxVersion) => {
    test.each(dialers)("%s", async (_, issued, text) => {
      const listening = await listen(required());
      // The runtime may see the refusal before or after it takes the handshake for finished.
      const raw = await world
        .raw(listening.url, { ca: pki.ca, maxVersion, ...issued() })
        .catch(() => undefined);
      await raw?.request();
      const error = await listening.reject();
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ code: "SP_EPEERAUTH", errno: 27, operation: "accept" });
      expect(error.message).toContain(text);
      await raw?.peer.expectClosed();
      expect(raw?.peer.received ?? 0, "bytes of the listener").toBe(0);
      expect(listening.pipes).toEqual([]);

      await world.dial(listening.url, { tls: { ca: pki.ca, ...pki.client } });
      await listening.pipe();
      expect(listening.rejects).toHaveLength(1);
    });
  });

  test("and the dialer gets an error of its own", async () => {
    const listening = await listen(required());
    for (const own of [{}, pki.strangers.client]) {
      const error: unknown = await world
        .dial(listening.url, { tls: { ca: pki.ca, ...own } })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: expect.stringMatching(/^SP_(?:EPEERAUTH|ECONNSHUT|ECONNRESET)$/) });
    }
  });

  test("that speaks TLS 1.1 at most", async () => {
    const listening = await listen(pki.server);
    await expect(world.raw(listening.url, { ca: pki.ca, ...old })).rejects.toThrow("alert");
    expect(await listening.reject()).toBeInstanceOf(CryptoError);
  });

  test.each([
    ["HTTP", "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["SP", "\0SP\0\0\x10\0\0"],
    ["TLS records without sense", "\x16\x03\x01\x00\x05hello"],
  ])("that speaks %s in plain text", async (_, text) => {
    const listening = await listen(pki.server);
    const raw = await world.raw(listening.url.replace("wss", "ws"));
    await raw.peer.send(Buffer.from(text, "latin1"));
    expect(await listening.reject()).toBeInstanceOf(CryptoError);
    await raw.peer.expectClosed();
    await world.dial(listening.url, { tls: { ca: pki.ca } });
    expect(listening.rejects).toHaveLength(1);
  });

  test("that dials ws where wss is spoken, and gets an error of its own", async () => {
    const listening = await listen(pki.server);
    await expect(world.dial(listening.url.replace("wss", "ws"), {})).rejects.toMatchObject({
      code: expect.stringMatching(/^SP_(?:EPROTO|ECONNSHUT|ECONNRESET)$/),
    });
    expect(await listening.reject()).toBeInstanceOf(CryptoError);
  });

  test("that goes away in the middle of the TLS handshake", async () => {
    const listening = await listen(pki.server);
    const raw = await world.raw(listening.url.replace("wss", "ws"));
    await raw.peer.send(Buffer.from("\x16\x03\x01\x02\x00", "latin1"));
    await raw.peer.close();
    expect(await listening.reject()).toBeInstanceOf(ConnectionShutdownError);
  });

  test("that goes away behind the TLS handshake", async () => {
    const listening = await listen(pki.server);
    const raw = await world.raw(listening.url, { ca: pki.ca });
    await raw.peer.send("GET /x");
    await raw.peer.close();
    expect((await listening.reject()).message).toMatch(/closed|request/);
  });

  test("that never finishes the TLS handshake, in the time for all handshakes", async () => {
    const clock = new ManualClock();
    const listening = await world.listen({ tls: pki.server }, { clock, handshakeTimeout: 10_000 }, ANY);
    const raw = await world.raw(listening.url.replace("wss", "ws"));
    await until(() => clock.pending > 0, "its timer");
    await clock.advanceAsync(10_000);
    await raw.peer.expectClosed();
    expect(await listening.reject()).toMatchObject({ code: "SP_ETIMEDOUT" });
    const slow = await world.raw(listening.url, { ca: pki.ca });
    await slow.peer.send("GET /x HTTP/1.1\r\n");
    await clock.advanceAsync(10_000);
    await slow.peer.expectClosed();
    expect(await listening.reject(1)).toMatchObject({ code: "SP_ETIMEDOUT" });
  });
});

describe.skipIf(noOpenssl)("what the pipes tell (needs openssl)", () => {
  test("mutual TLS: both know and trust their peer", async () => {
    const listening = await listen(required());
    const dialed = factsOf(await world.dial(listening.url, { tls: { ca: pki.ca, ...pki.client } }));
    const accepted = factsOf(await listening.pipe());
    expect(dialed).toMatchObject({
      "tls.authorized": true,
      "tls.peerCommonName": "listener",
      "ws.path": "/x",
    });
    expect(accepted).toMatchObject({
      "tls.authorized": true,
      "tls.peerCommonName": "dialer",
      "ws.path": "/x",
    });
  });

  test('with authMode "optional" a stranger comes in, and it shows', async () => {
    const listening = await listen({ ...required(), authMode: "optional" });
    await world.dial(listening.url, { tls: { ca: pki.ca, ...pki.strangers.client } });
    expect(factsOf(await listening.pipe())).toMatchObject({
      "tls.authorized": false,
      "tls.authorizationError": "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
  });

  test("on an https server of the application's", async () => {
    const server = createHttpsServer({ ...pki.server, requestCert: true, ca: pki.ca });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    world.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    const listening = await world.listen({ server }, {}, "wss://localhost/x");
    expect(listening.url).toBe(`wss://localhost:${(server.address() as AddressInfo).port}/x`);
    await world.dial(listening.url, { tls: { ca: pki.ca, ...pki.client } });
    expect(factsOf(await listening.pipe())).toMatchObject({
      "tls.authorized": true,
      "tls.peerCommonName": "dialer",
    });
    await expect(world.listen({ server }, {}, "ws://localhost/y")).rejects.toThrow(InvalidOperationError);
  });

  test("a shared key proves both, instead of certificates", async () => {
    const psk = Buffer.alloc(32, 7);
    const tls = { pskCallback: () => ({ identity: "somebody", psk }) };
    const listening = await listen(tls);
    const dialed = factsOf(await world.dial(listening.url, { tls }));
    expect(dialed["tls.authorized"]).toBe(true);
    expect(factsOf(await listening.pipe())["tls.pskIdentity"]).toBe("somebody");
    const wrong = { pskCallback: () => ({ identity: "somebody", psk: Buffer.alloc(32, 8) }) };
    await expect(world.dial(listening.url, { tls: wrong })).rejects.toThrow();
    expect(await listening.reject()).toMatchObject({
      code: expect.stringMatching(/^SP_(?:EPEERAUTH|ECRYPTO)$/),
    });
  });
});

describe.skipIf(noOpenssl)("credentials (need openssl)", () => {
  test("may be replaced while a listener is bound, and open connections go on", async () => {
    const transport = ws({ tls: pki.expired });
    const listening = await world.listen(transport, {}, ANY);
    const dialer = { tls: { ca: pki.ca } };
    await expect(world.dial(listening.url, dialer)).rejects.toThrow(AuthenticationError);
    transport.reload(pki.server);
    const pipe = await world.dial(listening.url, dialer);
    expect(() => transport.reload({ cert: "nonsense" })).toThrow(InvalidOperationError);
    transport.reload(await pki.ours.issue({ commonName: "renewed", altNames: ["IP:127.0.0.1"] }));
    const second = await world.dial(listening.url, dialer);
    expect(factsOf(pipe)["tls.peerCommonName"]).toBe("listener");
    expect(factsOf(second)["tls.peerCommonName"]).toBe("renewed");
  });

  test("a name for one endpoint", async () => {
    const listening = await listen(pki.otherName);
    const transport = ws({ tls: { ca: pki.ca } });
    const transportOptions = transport.readOptions?.({ tls: { serverName: "other.test" } }, "dial");
    const pipe = await transport.dial(parseUrl(listening.url), world.context({ transportOptions }));
    pipe.close(new Error("the test is over"));
    await expect(world.dial(listening.url, transport)).rejects.toThrow("is not for 127.0.0.1");
  });

  test("are wrong at once, in the words of tls()", async () => {
    expect(() => ws({ tls: { cert: pki.server.cert } })).toThrow("ws({ tls }) do not fit together");
    expect(() => ws({ tls: { cert: pki.server.cert, key: pki.client.key } })).toThrow(CryptoError);
    expect(() => ws({ tls: { passphrase: "x" } })).toThrow(InvalidOperationError);
    expect(() => ws({ tls: { servername: "x" } as object })).toThrow(NotSupportedError);
    expect(() => ws().readOptions?.({ tls: { cert: pki.server.cert } }, "dial")).toThrow(
      InvalidOperationError,
    );
    await expect(listen(undefined)).rejects.toThrow("a listener needs cert and key");
    await expect(listen({ ...pki.server, authMode: "required" })).rejects.toThrow("needs ca");
  });

  test("of one transport serve several paths of a port, and those of another cannot join", async () => {
    const transport = ws({ tls: pki.server });
    const first = await world.listen(transport, {}, ANY);
    const second = await world.listen(transport, {}, first.url.replace("/x", "/y"));
    for (const listening of [first, second]) {
      await world.dial(at(listening.url, "localhost"), { tls: { ca: pki.ca } });
      await listening.pipe();
    }
    const others: WsOptions[] = [{ tls: pki.server }, {}];
    for (const other of others) {
      const url = first.url.replace("/x", "/z").replace("wss", other.tls === undefined ? "ws" : "wss");
      await expect(world.listen(other, {}, url)).rejects.toThrow(AddressInUseError);
    }
  });

  test("what of tcp is given with them is checked, as with tls()", () => {
    expect(() => ws({ tls: { noDelay: "yes" } as object })).toThrow("noDelay");
    expect(() => ws({ tls: { ca: pki.ca, noDelay: false, localAddress: "127.0.0.1" } })).not.toThrow();
  });
});
