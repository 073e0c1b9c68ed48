/** Credentials that are replaced while a listener is bound and connections are open. */
import { CryptoError, InvalidOperationError, Message, NotSupportedError } from "@sprocket/core";
import { type PipeSink, parseUrl, type TransportPipe } from "@sprocket/core/plugin";
import { until } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TlsCredentials, type TlsOptions, tls } from "../src/index.js";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { type Listening, World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const nameOf = ({ properties }: TransportPipe) => properties.get("tls.peerCommonName");

function record(pipe: TransportPipe): { messages: string[]; closed: boolean } {
  const seen = { messages: [] as string[], closed: false };
  const sink: PipeSink = {
    onMessage: (message) => seen.messages.push(message.text()),
    onDrain: () => undefined,
    onClose: () => {
      seen.closed = true;
    },
  };
  pipe.start(sink);
  return seen;
}

describe.skipIf(noOpenssl)("reload (needs openssl)", () => {
  test("a listener shows its new certificate from then on, and open connections go on", async () => {
    const transport = tls(pki.server);
    const listening = await world.listen(transport);
    const first = await world.dial(listening.url, { ca: pki.ca });
    const before = record(await listening.pipe());
    record(first);
    const renewed = await pki.ours.issue({ commonName: "renewed", altNames: ["IP:127.0.0.1"] });
    transport.reload(renewed);
    const second = await world.dial(listening.url, { ca: pki.ca });
    expect([nameOf(first), nameOf(second)]).toEqual(["listener", "renewed"]);
    first.send(new Message("still here"));
    await until(() => before.messages.length === 1, "a message over the old connection");
    expect(before).toEqual({ messages: ["still here"], closed: false });
  });

  test("every listener of the transport has it, one that is being bound as well", async () => {
    const transport = tls(pki.server);
    const bound = [await world.listen(transport), await world.listen(transport)];
    const binding = world.listen(transport);
    const renewed = await pki.ours.issue({ commonName: "renewed", altNames: ["IP:127.0.0.1"] });
    const also = world.listen(transport);
    transport.reload(renewed);
    for (const listening of [...bound, await binding, await also, await world.listen(transport)]) {
      expect(nameOf(await world.dial(listening.url, { ca: pki.ca }))).toBe("renewed");
    }
  });

  test("what is not given stays", async () => {
    const transport = tls({ ...pki.server, ca: pki.ca, authMode: "required" });
    const listening = await world.listen(transport);
    transport.reload({ ...pki.server, ca: undefined });
    await world.dial(listening.url, { ca: pki.ca, ...pki.client });
    await expect(world.dial(listening.url, { ca: pki.ca })).rejects.toThrow();
  });

  test("a new ca decides about clients from then on, also about those that were here before", async () => {
    const transport = tls({ ...pki.server, ca: pki.ca, authMode: "required" });
    const listening = await world.listen(transport);
    const dialer = tls({ ca: pki.ca, ...pki.client });
    await world.dial(listening.url, dialer);
    transport.reload({ ca: pki.theirs.cert });
    await expect(world.dial(listening.url, dialer)).rejects.toThrow();
    await world.dial(listening.url, { ca: pki.ca, ...pki.strangers.client });
    transport.reload({ ca: [pki.ca, pki.theirs.cert] });
    await world.dial(listening.url, dialer);
    // A dialer may be through before the listener is.
    await listening.pipe(2);
    expect(listening.pipes).toHaveLength(3);
  });

  test("a new list keeps out who was taken back, without a way round by resumption", async () => {
    const visitor = await pki.ours.issue({ commonName: "visitor" });
    const crl = await pki.ours.crl();
    const transport = tls({ ...pki.server, ca: pki.ca, crl, authMode: "required" });
    const listening = await world.listen(transport);
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const peer = await world.rawPeer(listening.url, { ca: pki.ca, ...visitor, maxVersion });
      // The listener's greeting: it took the peer.
      await peer.readHandshake();
    }
    await pki.ours.revoke(visitor);
    transport.reload({ crl: await pki.ours.crl() });
    await expect(world.dial(listening.url, { ca: pki.ca, ...visitor })).rejects.toThrow();
    expect((await listening.reject()).message).toContain("CERT_REVOKED");
    transport.reload({ crl: [] });
    await world.dial(listening.url, { ca: pki.ca, ...visitor });
  });

  test("sessions cannot be resumed", async () => {
    const listening = await world.listen(pki.server);
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const sessions: Buffer[] = [];
      const options = { ca: pki.ca, maxVersion };
      const first = await world.rawPeer(listening.url, options);
      first.socket.on("session", (session: Buffer) => sessions.push(session));
      await first.readHandshake();
      const held = (first.socket as unknown as { getSession(): Buffer }).getSession();
      for (const session of [held, ...sessions]) {
        const again = await world.rawPeer(listening.url, { ...options, session });
        await again.readHandshake();
        expect((again.socket as unknown as { isSessionReused(): boolean }).isSessionReused()).toBe(false);
      }
    }
  });

  test("a dialer's next attempt uses what is new", async () => {
    const listening = await world.listen(pki.server);
    const transport = tls({ ca: pki.theirs.cert });
    await expect(world.dial(listening.url, transport)).rejects.toThrow("not in ca");
    transport.reload({ ca: pki.ca });
    await world.dial(listening.url, transport);
  });

  test.each<[string, () => TlsCredentials, new () => Error]>([
    ["a key of another pair", () => ({ cert: pki.server.cert, key: pki.client.key }), CryptoError as never],
    ["a new certificate with the old key", () => ({ cert: pki.client.cert }), CryptoError as never],
    ["no PEM", () => ({ cert: "listener.crt", key: "listener.key" }), InvalidOperationError as never],
    ["another option", () => ({ authMode: "none" }) as TlsCredentials, NotSupportedError as never],
  ])("%s changes nothing", async (_, change, type) => {
    const transport = tls({ ...pki.server, ca: pki.ca });
    const listening = await world.listen(transport);
    expect(() => transport.reload(change())).toThrow(type);
    expect(nameOf(await world.dial(listening.url, transport))).toBe("listener");
  });

  test("what an endpoint was given for itself stays, and what it was not given is new", async () => {
    const transport = tls({ ...pki.server, ca: pki.ca });
    const listen = (given: TlsOptions) =>
      world.listen(transport, { transportOptions: transport.readOptions?.(given, "listen") });
    const nameAt = async ({ url }: Listening) => nameOf(await world.dial(url, transport));
    const special = await listen(await pki.ours.issue({ commonName: "own", altNames: ["IP:127.0.0.1"] }));
    const usual = await listen({ backlog: 5 });
    const renewed = await pki.ours.issue({ commonName: "renewed", altNames: ["IP:127.0.0.1"] });
    transport.reload(renewed);
    expect([await nameAt(special), await nameAt(usual)]).toEqual(["own", "renewed"]);

    // Where an endpoint's own conflicts with what would be new, nothing changes anywhere.
    const tied = await listen({ key: renewed.key });
    expect(() => transport.reload(pki.server)).toThrow(CryptoError);
    expect(await nameAt(usual)).toBe("renewed");
    await tied.listener.close();
    transport.reload(pki.server);
    expect(await nameAt(usual)).toBe("listener");
  });

  test("a listener that has closed is forgotten", async () => {
    const transport = tls(pki.server);
    for (let round = 0; round < 3; round++) await (await world.listen(transport)).listener.close();
    const abort = new AbortController();
    const given = transport.listen?.(parseUrl("tls+tcp://127.0.0.1:0"), {
      ...(await world.listen(transport)).context,
      signal: abort.signal,
    });
    abort.abort(new Error("given up"));
    await expect(given).rejects.toThrow();
    transport.reload(pki.server);
  });
});
