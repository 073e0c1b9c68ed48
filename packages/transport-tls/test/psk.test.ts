/** A key that both sides share, instead of certificates. */
import nodeTls, { type SecureVersion } from "node:tls";
import { inspect } from "node:util";
import { AuthenticationError, BadTypeError, InvalidOperationError } from "@sprocket/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PskDialCallback, PskListenCallback } from "../src/index.js";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const psk = Buffer.from("a key that nobody else has");
const keys: PskListenCallback = (identity) => (identity === "bob" ? psk : undefined);
const bob: PskDialCallback = () => ({ identity: "bob", psk });
const newest = nodeTls.DEFAULT_MAX_VERSION;
/** For the whole process, as nothing else has a say in it. */
function speakAtMost(version: SecureVersion): void {
  nodeTls.DEFAULT_MAX_VERSION = version;
}
afterEach(() => speakAtMost(newest));

describe.each(["TLSv1.2", "TLSv1.3"] as const)("over %s", (protocol) => {
  beforeEach(() => speakAtMost(protocol));

  test("both sides are authorized, and the listener knows who came", async () => {
    for (const authMode of [undefined, "required"] as const) {
      const listening = await world.listen({ pskCallback: keys, authMode });
      const dialed = await world.dial(listening.url, { pskCallback: bob });
      const accepted = await listening.pipe();
      expect(Object.fromEntries(dialed.properties)).toEqual({
        "tls.authorized": true,
        "tls.protocol": protocol,
        "tls.cipher": expect.any(String),
      });
      expect(Object.fromEntries(accepted.properties)).toMatchObject({
        "tls.authorized": true,
        "tls.protocol": protocol,
        "tls.pskIdentity": "bob",
      });
    }
  });

  test("one callback may serve both sides", async () => {
    const listening = await world.listen({ pskCallback: bob });
    await world.dial(listening.url, { pskCallback: bob });
  });

  test.each<[string, PskDialCallback]>([
    ["an identity that the listener does not know", () => ({ identity: "eve", psk })],
    ["another key", () => ({ identity: "bob", psk: Buffer.from("a guess") })],
    ["no key", () => undefined],
  ])("a dialer with %s is refused", async (_, pskCallback) => {
    const listening = await world.listen({ pskCallback: keys });
    const attempt = world.dial(listening.url, { pskCallback });
    await expect(attempt).rejects.toMatchObject({ code: expect.stringMatching(/^SP_E(?:CRYPTO|PEERAUTH)$/) });
    expect(await listening.reject()).toMatchObject({
      code: expect.stringMatching(/^SP_E(?:CRYPTO|PEERAUTH|CONNSHUT)$/),
    });
    expect(listening.pipes).toEqual([]);
    await world.dial(listening.url, { pskCallback: bob });
  });

  test("a callback that throws refuses its own connection, and its error is the cause", async () => {
    const cause = new Error("the database is away");
    const broken = () => {
      throw cause;
    };
    const good = await world.listen({ pskCallback: keys });
    const attempt = world.dial(good.url, { pskCallback: broken });
    await expect(attempt).rejects.toThrow(AuthenticationError);
    await expect(attempt).rejects.toMatchObject({ cause });

    const bad = await world.listen({ pskCallback: broken });
    await expect(world.dial(bad.url, { pskCallback: bob })).rejects.toThrow();
    expect(await bad.reject()).toMatchObject({ code: "SP_EPEERAUTH", cause });
  });

  test.each<[string, unknown, unknown, new () => Error]>([
    ["a string", "bob", undefined, BadTypeError as never],
    ["a promise", Promise.resolve({ identity: "bob", psk }), undefined, BadTypeError as never],
    ["a key that is a string", { identity: "bob", psk: "geheim" }, undefined, BadTypeError as never],
    ["an empty key", { identity: "bob", psk: Buffer.alloc(0) }, undefined, InvalidOperationError as never],
    [
      "a key that is too long",
      { identity: "bob", psk: Buffer.alloc(10_000, "geheim") },
      undefined,
      InvalidOperationError as never,
    ],
  ])("an answer that is %s refuses the connection, on both sides", async (_, answer, __, type) => {
    const pskCallback = (() => answer) as PskDialCallback;
    const good = await world.listen({ pskCallback: keys });
    const dialed: unknown = await world.dial(good.url, { pskCallback }).catch((error: unknown) => error);
    expect(dialed).toBeInstanceOf(type);
    const bad = await world.listen({ pskCallback });
    await expect(world.dial(bad.url, { pskCallback: bob })).rejects.toThrow();
    const rejected = await bad.reject();
    expect(rejected).toBeInstanceOf(type);
    expect(inspect([dialed, rejected], { depth: 9, showHidden: true })).not.toMatch(/geheim|67 65 68/);
  });

  test.each([
    ["no identity", { psk }, BadTypeError],
    ["an empty one", { identity: "", psk }, InvalidOperationError],
    ["one of 129 bytes", { identity: `${"ü".repeat(64)}x`, psk }, InvalidOperationError],
  ])("a dialer with %s is an error of its own", async (_, answer, type) => {
    const listening = await world.listen({ pskCallback: keys });
    const pskCallback = (() => answer) as PskDialCallback;
    await expect(world.dial(listening.url, { pskCallback })).rejects.toThrow(type);
  });

  test.skipIf(noOpenssl)("certificates are possible beside it (needs openssl)", async () => {
    const listening = await world.listen({
      ...pki.server,
      ca: pki.ca,
      authMode: "required",
      pskCallback: keys,
    });
    await world.dial(listening.url, { pskCallback: bob });
    expect((await listening.pipe()).properties.get("tls.pskIdentity")).toBe("bob");
    await world.dial(listening.url, { ca: pki.ca, ...pki.client });
    expect((await listening.pipe(1)).properties.get("tls.peerCommonName")).toBe("dialer");
    // Neither a key nor a certificate, or one that is worth nothing.
    await expect(world.dial(listening.url, { ca: pki.ca })).rejects.toThrow();
    expect(await listening.reject()).toMatchObject({ code: "SP_EPEERAUTH" });
    await expect(world.dial(listening.url, { ca: pki.ca, ...pki.strangers.client })).rejects.toThrow();
    expect(await listening.reject(1)).toMatchObject({ code: "SP_EPEERAUTH" });
    expect(listening.pipes).toHaveLength(2);
  });
});

test("the hint of the listener reaches the dialer, over TLS 1.2", async () => {
  speakAtMost("TLSv1.2");
  const listening = await world.listen({ pskCallback: keys, pskIdentityHint: "who are you?" });
  const hints: unknown[] = [];
  const pskCallback: PskDialCallback = (hint) => {
    hints.push(hint);
    return { identity: "bob", psk };
  };
  await world.dial(listening.url, { pskCallback });
  expect(hints).toEqual(["who are you?"]);
  const without = await world.listen({ pskCallback: keys });
  await world.dial(without.url, { pskCallback });
  expect(hints).toEqual(["who are you?", undefined]);
});

test.skipIf(noOpenssl)("a dialer that has a key still verifies a certificate (needs openssl)", async () => {
  const good = await world.listen(pki.server);
  const pipe = await world.dial(good.url, { ca: pki.ca, pskCallback: bob });
  expect(pipe.properties.get("tls.peerCommonName")).toBe("listener");
  for (const own of [pki.strangers.server, pki.expired, pki.otherName]) {
    const bad = await world.listen(own);
    await expect(world.dial(bad.url, { ca: pki.ca, pskCallback: bob })).rejects.toThrow(AuthenticationError);
  }
});
