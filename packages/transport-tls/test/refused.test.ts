/**
 * The table of goal X1: certificates and peers that must not pass. Each fails with its own error, no byte of SP goes
 * either way, and whoever refused goes on.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { AuthenticationError, ConnectionShutdownError, CryptoError, ProtocolError } from "@sprocket/core";
import { parseUrl } from "@sprocket/core/plugin";
import { RawListener, spHeader, until } from "@sprocket/testing";
import { tcp } from "@sprocket/transport-tcp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Issued } from "./support/certificates.js";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

/** Old versions need old ciphers. */
const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

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
      const url = `tls+tcp://${host}:${(server.address() as AddressInfo).port}`;
      const error: unknown = await world.dial(url, { ca: pki.ca }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ code: "SP_EPEERAUTH", errno: 27, url, operation: "dial" });
      expect((error as Error).message).toContain(text);
      await gone;
      expect(received, "bytes of the dialer").toEqual([]);
    });
  });

  test("whose certificate was taken back", async () => {
    const revoked = await pki.ours.issue({ altNames: ["DNS:localhost"] });
    await pki.ours.revoke(revoked);
    const listening = await world.listen(revoked);
    const crl = await pki.ours.crl();
    const attempt = world.dial(listening.at("localhost"), { ca: pki.ca, crl });
    await expect(attempt).rejects.toThrow(AuthenticationError);
    await expect(attempt).rejects.toThrow("CERT_REVOKED");
    const other = await world.listen(pki.server);
    await world.dial(other.at("localhost"), { ca: pki.ca, crl });
  });

  test("that speaks TLS 1.1 at most", async () => {
    const listener = await world.rawListener({ ...pki.server, ...old });
    const error: unknown = await world.dial(listener.url, { ca: pki.ca }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CryptoError);
    expect(error).toMatchObject({ code: "SP_ECRYPTO", errno: 26 });
    expect((error as Error).message).toContain("no version of TLS in common");
  });

  test("that speaks TLS 1.2, where 1.3 is asked for", async () => {
    const listener = await world.rawListener({ ...pki.server, maxVersion: "TLSv1.2" });
    const attempt = world.dial(listener.url, { ca: pki.ca, minVersion: "TLSv1.3" });
    await expect(attempt).rejects.toThrow(CryptoError);
    await expect(attempt).rejects.toThrow("no version of TLS in common");
  });

  test("with no cipher in common", async () => {
    const listening = await world.listen({
      ...pki.server,
      minVersion: "TLSv1.3",
      ciphers: "TLS_AES_128_GCM_SHA256",
    });
    const attempt = world.dial(listening.url, { ca: pki.ca, ciphers: "TLS_AES_256_GCM_SHA384" });
    await expect(attempt).rejects.toThrow(CryptoError);
    await expect(attempt).rejects.toThrow("no cipher in common");
    expect(await listening.reject()).toBeInstanceOf(CryptoError);
    await world.dial(listening.url, { ca: pki.ca });
  });

  test("that speaks SP in plain text", async () => {
    const plain = await RawListener.listen("tcp://127.0.0.1:0");
    world.defer(() => plain.close());
    const attempt = world.dial(`tls+${plain.url}`, { ca: pki.ca });
    const peer = await plain.accept();
    await peer.send(spHeader(0x10));
    await expect(attempt).rejects.toThrow(CryptoError);
    await expect(attempt).rejects.toThrow("is not TLS");
    await peer.expectClosed();
  });

  test("that hangs up", async () => {
    const server = createServer((socket) => socket.resume().end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    world.defer(() => server.close());
    const { port } = server.address() as { port: number };
    const attempt = world.dial(`tls+tcp://127.0.0.1:${port}`, { ca: pki.ca });
    await expect(attempt).rejects.toThrow(ConnectionShutdownError);
    await expect(attempt).rejects.toThrow("during the TLS handshake");
  });

  test("that proves who it is, and then does not speak SP", async () => {
    const listener = await world.rawListener(pki.server);
    const attempt = world.dial(listener.url, { ca: pki.ca });
    const peer = await listener.accept();
    await peer.send("220 smtp.test ready\r\n");
    await expect(attempt).rejects.toMatchObject({ code: "SP_EPROTO", reason: "bad-magic" });
  });
});

describe.skipIf(noOpenssl)("a listener refuses a dialer (needs openssl)", () => {
  const required = () => ({ ...pki.server, ca: pki.ca, authMode: "required" }) as const;
  const dialers: [string, () => Issued | object, string][] = [
    ["without a certificate", () => ({}), "gave no certificate"],
    ["with one of another authority", () => pki.strangers.client, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["with one that vouches for itself", () => pki.selfSigned, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["with one that has expired", () => pki.expired, "CERT_HAS_EXPIRED"],
    ["with one that is not valid yet", () => pki.notYetValid, "CERT_NOT_YET_VALID"],
    ["with one that is for listeners only", () => pki.forServersOnly, "INVALID_PURPOSE"],
  ];
  describe.each(["TLSv1.2", "TLSv1.3"] as const)("over %s", (maxVersion) => {
    test.each(dialers)("%s", async (_, issued, text) => {
      const listening = await world.listen(required());
      // The runtime may see the refusal before or after it takes the handshake for finished.
      const peer = await world
        .rawPeer(listening.url, { ca: pki.ca, maxVersion, ...issued() })
        .catch(() => undefined);
      await peer?.send(spHeader(0x10), new Uint8Array(8));
      const error = await listening.reject();
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ code: "SP_EPEERAUTH", errno: 27, operation: "accept" });
      expect(error.message).toContain(text);
      await peer?.expectClosed();
      expect(peer?.received ?? 0, "bytes of the listener").toBe(0);
      expect(listening.pipes).toEqual([]);

      await world.dial(listening.url, { ca: pki.ca, ...pki.client });
      await listening.pipe();
      expect(listening.rejects).toHaveLength(1);
    });
  });

  test("whose certificate was taken back", async () => {
    const revoked = await pki.ours.issue();
    await pki.ours.revoke(revoked);
    const listening = await world.listen({ ...required(), crl: await pki.ours.crl() });
    await expect(world.dial(listening.url, { ca: pki.ca, ...revoked })).rejects.toThrow(
      ConnectionShutdownError,
    );
    expect((await listening.reject()).message).toContain("CERT_REVOKED");
    await world.dial(listening.url, { ca: pki.ca, ...pki.client });
  });

  test("and a dialer hears what it can do about it", async () => {
    const listening = await world.listen(required());
    const without: unknown = await world.dial(listening.url, { ca: pki.ca }).catch((error: unknown) => error);
    expect(without).toMatchObject({ code: expect.stringMatching(/^SP_(?:EPEERAUTH|ECONNSHUT)$/) });
    expect((without as Error).message).toContain("ive cert and key");
    const wrong = world.dial(listening.url, { ca: pki.ca, ...pki.strangers.client });
    await expect(wrong).rejects.toThrow("may not accept our certificate");
  });

  test("that speaks TLS 1.1 at most", async () => {
    const listening = await world.listen(pki.server);
    await expect(world.rawPeer(listening.url, { ca: pki.ca, ...old })).rejects.toThrow("alert");
    const error = await listening.reject();
    expect(error).toBeInstanceOf(CryptoError);
    expect(error.message).toContain("no version of TLS in common");
  });

  test.each([
    ["SP", "\0SP\0\0\x10\0\0"],
    ["HTTP", "GET / HTTP/1.1\r\n\r\n"],
    ["nonsense", "x".repeat(1_000)],
    ["TLS records without sense", "\x16\x03\x01\x00\x05hello"],
  ])("that speaks %s in plain text", async (_, text) => {
    const listening = await world.listen(pki.server);
    const socket = connect(listening.port, "127.0.0.1");
    socket.on("error", () => undefined);
    const closed = once(socket, "close");
    const received: Buffer[] = [];
    socket.on("data", (chunk) => received.push(chunk));
    await once(socket, "connect");
    socket.write(text, "latin1");
    const error = await listening.reject();
    expect(error).toBeInstanceOf(CryptoError);
    expect(error.message).toMatch(/is not TLS|TLS failed/);
    await closed;
    expect(Buffer.concat(received).includes("SP")).toBe(false);
    expect(listening.pipes).toEqual([]);
    await world.dial(listening.url, { ca: pki.ca });
  });
});

describe.skipIf(noOpenssl)("tcp and tls mixed up (needs openssl)", () => {
  test("a tcp dialer at a tls listener fails, and so does the listener, each with its own error", async () => {
    const listening = await world.listen(pki.server);
    const attempt = tcp().dial(parseUrl(`tcp://127.0.0.1:${listening.port}`), world.context());
    const error: unknown = await attempt.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: expect.stringMatching(/^SP_(?:EPROTO|ECONNSHUT|ECONNRESET)$/) });
    expect(await listening.reject()).toBeInstanceOf(CryptoError);
    await world.dial(listening.url, { ca: pki.ca });
  });

  test("a tls dialer at a tcp listener fails, and so does the listener, each with its own error", async () => {
    const rejects: Error[] = [];
    const context = {
      ...world.context(),
      maxConnections: 10,
      maxPendingHandshakes: 10,
      onPipe: () => undefined,
      onReject: (error: Error) => rejects.push(error),
      onError: () => undefined,
    };
    const listener = await tcp().listen?.(parseUrl("tcp://127.0.0.1:0"), context);
    world.defer(() => listener?.close());
    await expect(world.dial(`tls+${listener?.url}`, { ca: pki.ca })).rejects.toThrow(CryptoError);
    await until(() => rejects.length === 1, "the rejection");
    expect(rejects[0]).toBeInstanceOf(ProtocolError);
    expect(rejects[0]?.message).toContain("speaks TLS");
  });
});
