/** What `tls()` takes, what it refuses, and what it never tells. */
import { Socket } from "node:net";
import { inspect } from "node:util";
import { BadTypeError, CryptoError, InvalidOperationError, NotSupportedError } from "@sprocket/core";
import { parseUrl } from "@sprocket/core/plugin";
import { Pair0 } from "@sprocket/pair";
import { ManualClock } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type TlsOptions, tls } from "../src/index.js";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const given = (options: unknown) => () => tls(options as TlsOptions);
const PASSPHRASE = "correct horse battery staple";

describe("without certificates", () => {
  test("the transport answers tls+tcp, tls+tcp4 and tls+tcp6", () => {
    expect(tls()).toMatchObject({ name: "tls", schemes: ["tls+tcp", "tls+tcp4", "tls+tcp6"] });
  });

  test.each([
    { ca: 1 },
    { ca: [1] },
    { ca: null },
    { cert: {} },
    { cert: new ArrayBuffer(8) },
    { crl: true },
    { passphrase: 7 },
    { authMode: 2 },
    { serverName: false },
    { minVersion: 1.2 },
    { ciphers: [] },
    { pskCallback: "secret" },
    { pskIdentityHint: 1 },
    { checkServerIdentity: true },
    { noDelay: 1 },
    "tls",
    null,
    [],
  ])("%j has the wrong type", (options) => {
    expect(given(options)).toThrow(BadTypeError);
  });

  test.each([
    { ca: "" },
    { ca: "ca.crt" },
    { ca: new Uint8Array(0) },
    { ca: ["-----BEGIN PRIVATE KEY-----"] },
    { cert: [], key: [] },
    { authMode: "require" },
    { serverName: "" },
    { serverName: "localhost:5555" },
    { serverName: "[::1]" },
    { serverName: "two words" },
    { minVersion: "TLSv1.1" },
    { minVersion: "1.2" },
    { ciphers: "" },
    { keepAliveInitialDelay: -1 },
  ])("%j is out of range", (options) => {
    expect(given(options)).toThrow(InvalidOperationError);
    expect(given(options)).toThrow(/Option \w+(?:\[\d\])? was given/);
  });

  test.each([
    [{ servername: "x" }, "serverName"],
    [{ server_name: "x" }, "serverName"],
    [{ authmode: "none" }, "authMode"],
    [{ "auth-mode": "none" }, "authMode"],
    [{ rejectUnauthorized: false }, "authMode"],
    [{ minversion: "TLSv1.2" }, "minVersion"],
  ])("%j is an unknown option, and the error says what was meant", (options, name) => {
    expect(given(options)).toThrow(NotSupportedError);
    expect(given(options)).toThrow(name);
  });

  test("ciphers that nobody has are refused", () => {
    expect(given({ ciphers: "ROT13" })).toThrow(CryptoError);
  });

  test("nothing is taken from a prototype", () => {
    expect(given(JSON.parse('{ "__proto__": { "authMode": "none" } }'))).toThrow(NotSupportedError);
    expect(given(Object.create({ authMode: 7 }))).not.toThrow();
  });

  test("a listener needs something to prove who it is", async () => {
    await expect(world.listen({})).rejects.toThrow(InvalidOperationError);
    await expect(world.listen({})).rejects.toThrow("cert and key");
  });
});

describe.skipIf(noOpenssl)("with certificates (needs openssl)", () => {
  test.each<[string, () => object, string]>([
    ["cert without key", () => ({ cert: pki.server.cert }), "key is missing"],
    ["key without cert", () => ({ key: pki.server.key }), "cert is missing"],
    ["passphrase without key", () => ({ passphrase: PASSPHRASE }), "key is missing"],
    ["pskIdentityHint without pskCallback", () => ({ pskIdentityHint: "x" }), "pskCallback is missing"],
    [
      "checkServerIdentity with nobody asked",
      () => ({ authMode: "none", checkServerIdentity: () => undefined }),
      "never asked",
    ],
  ])("%s is a contradiction", (_, options, text) => {
    expect(given(options())).toThrow(InvalidOperationError);
    expect(given(options())).toThrow(text);
  });

  test("crl without ca is a contradiction", async () => {
    const crl = await pki.ours.crl();
    expect(given({ crl })).toThrow("ca is missing");
    expect(given({ crl, ca: pki.ca })).not.toThrow();
  });

  test.each(["optional", "required"] as const)(
    'a listener with "%s" and no ca would ask for what it cannot judge',
    async (authMode) => {
      await expect(world.listen({ ...pki.server, authMode })).rejects.toThrow("needs ca");
    },
  );

  test("a key of another pair is refused at once", () => {
    expect(given({ cert: pki.server.cert, key: pki.client.key })).toThrow(CryptoError);
    expect(given({ cert: pki.server.cert, key: pki.client.key })).toThrow("not of one pair");
  });

  test("what is cut off is refused at once, and the error says which it is", async () => {
    const cut = (pem: string) => pem.replace(/^(-----BEGIN .*\n.*\n).*\n/, "$1");
    const { cert, key } = pki.server;
    expect(given({ cert: cut(cert), key })).toThrow(/Option cert .* cannot be read/);
    expect(given({ cert, key: cut(key) })).toThrow(/Option key .* cannot be read/);
    expect(given({ ca: cut(cert) })).toThrow(/Option ca .* cannot be read/);
    // The second of two: OpenSSL would read the first and say nothing.
    expect(given({ ca: pki.ca + cut(cert) })).toThrow(/Option ca .* cannot be read/);
    expect(given({ ca: pki.ca, crl: cut(await pki.ours.crl()) })).toThrow(/Option crl .* cannot be read/);
  });

  test("PEM may be text or bytes, one or several, and what becomes of the bytes later has no effect", async () => {
    const bytes = new TextEncoder().encode(pki.ca);
    const dialers = [
      tls({ ca: pki.ca }),
      tls({ ca: Buffer.from(pki.ca) }),
      tls({ ca: bytes }),
      tls({ ca: [pki.theirs.cert, bytes] }),
      tls({ ca: pki.theirs.cert + pki.ca }),
    ];
    bytes.fill(0);
    const { cert, key } = pki.server;
    const listening = await world.listen({ cert: Buffer.from(cert), key: [new TextEncoder().encode(key)] });
    for (const dialer of dialers) await world.dial(listening.url, dialer);
  });

  test("an encrypted key needs its passphrase", async () => {
    const locked = await pki.ours.issue({ altNames: ["IP:127.0.0.1"], passphrase: PASSPHRASE });
    expect(locked.key).toContain("ENCRYPTED");
    expect(given(locked)).toThrow("Then give passphrase");
    expect(given({ ...locked, passphrase: "wrong" })).toThrow("with this passphrase");
    expect(given({ ...locked, passphrase: "" })).toThrow(CryptoError);
    const listening = await world.listen({ ...locked, passphrase: PASSPHRASE });
    await world.dial(listening.url, { ca: pki.ca });
    // A passphrase that is not needed does no harm.
    await world.listen({ ...pki.server, passphrase: PASSPHRASE });
  });

  test("values that count as false are values", async () => {
    const listening = await world.listen(pki.server);
    // No authority at all, not the default ones.
    await expect(world.dial(listening.url, { ca: [] })).rejects.toThrow("not in ca");
    const noDelay = vi.spyOn(Socket.prototype, "setNoDelay");
    await world.dial(listening.url, { ca: pki.ca, noDelay: false });
    expect(noDelay).toHaveBeenCalledWith(false);
    const keepAlive = vi.spyOn(Socket.prototype, "setKeepAlive");
    await world.dial(listening.url, { ca: pki.ca, keepAlive: true, keepAliveInitialDelay: 0 });
    expect(keepAlive).toHaveBeenLastCalledWith(true, 0);
    // A real clock is not asked: on a quick machine a handshake needs less than the millisecond of its shortest timer.
    const clock = new ManualClock();
    const late = world.dial(listening.url, { ca: pki.ca }, { clock, handshakeTimeout: 0 });
    late.catch(() => undefined);
    clock.advance(0);
    await expect(late).rejects.toMatchObject({ code: "SP_ETIMEDOUT" });
    // No list of who was taken back, not the one of the transport.
    const crl = await pki.theirs.crl();
    const pair = new Pair0({ transports: [tls({ ca: pki.ca, crl })] });
    world.defer(() => pair.close());
    await expect(pair.dial(listening.url)).rejects.toThrow("crl");
    await pair.dial(listening.url, { transport: { crl: [] } });
  });

  test("undefined is the default", async () => {
    const names = [
      "ca",
      "crl",
      "cert",
      "key",
      "passphrase",
      "authMode",
      "serverName",
      "minVersion",
      "ciphers",
    ];
    const none = Object.fromEntries([...names, "pskCallback", "noDelay"].map((name) => [name, undefined]));
    expect(given(none)).not.toThrow();
    const listening = await world.listen({ ...none, ...pki.server });
    await world.dial(listening.url, { ...none, ca: pki.ca });
  });

  test("an endpoint may have options of its own", async () => {
    const [one, two] = [new Pair0({ transports: [tls()] }), new Pair0({ transports: [tls({ ca: pki.ca })] })];
    world.defer(() => Promise.all([one.close(), two.close()]));
    const { url } = await one.listen("tls+tcp://127.0.0.1:0", { transport: pki.otherName });
    await expect(two.dial(url)).rejects.toThrow("is not for 127.0.0.1");
    await two.dial(url, { transport: { serverName: "other.test" } });
    await one.waitForPipes(1, { timeout: 5_000 });
    // Checked at once, also where dialing goes on in the background, and together with those of the transport.
    const background = { mode: "background" } as const;
    for (const transport of [{ serverName: "a b" }, { cert: pki.client.cert }, { server_name: "x" }]) {
      await expect(two.dial(url, { ...background, transport })).rejects.toThrow(/serverName|key is missing/);
    }
    await expect(one.listen("tls+tcp://127.0.0.1:0", { transport: {} })).rejects.toThrow("cert and key");
  });

  test("no error and no inspection shows a key, a passphrase or a certificate", async () => {
    const locked = await pki.ours.issue({
      commonName: "marker-of-the-subject",
      altNames: ["DNS:marker-of-the-name.test"],
      passphrase: PASSPHRASE,
    });
    const options = { ...locked, ca: pki.ca, passphrase: PASSPHRASE };
    const transport = tls(options);
    const shown: unknown[] = [transport];
    for (const broken of [
      { ...options, passphrase: `${PASSPHRASE}!` },
      { ...options, key: locked.key.replace(/\n.*\n/, "\n") },
      { ...options, cert: pki.client.cert },
      { ...options, key: 7, cert: [locked.key] },
      { ...options, serverName: PASSPHRASE },
      { ...options, ciphers: PASSPHRASE },
      { passphrase: PASSPHRASE },
      { ...options, authMode: PASSPHRASE.slice(0, 3) },
    ]) {
      try {
        tls(broken as TlsOptions);
        expect.unreachable();
      } catch (error) {
        shown.push(error);
      }
    }
    const listening = await world.listen(transport);
    const pair = new Pair0({ transports: [transport] });
    world.defer(() => pair.close());
    const listener = await pair.listen("tls+tcp://127.0.0.1:0", { transport: { ...options } });
    const dialer = await pair.dial(listening.at("localhost"), {
      mode: "background",
      transport: { ...options, serverName: "elsewhere.test" },
    });
    await vi.waitUntil(() => dialer.lastError !== undefined, { timeout: 5_000 });
    shown.push(pair, listener, dialer, dialer.lastError, listening.listener, ...listening.rejects);
    // A name that does not fit: the runtime's own error holds the whole certificate.
    shown.push(await world.dial(listening.at("localhost"), { ca: pki.ca }).catch((error: unknown) => error));
    shown.push(transport.readOptions?.({ backlog: 7 }, "dial"), parseUrl(listening.url));
    const text = inspect(shown, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null });
    const secrets = [locked.key, locked.cert, pki.ca].map((pem) => pem.split("\n")[3] as string);
    for (const secret of [...secrets, PASSPHRASE, "marker-of-the-subject", "marker-of-the-name"]) {
      expect(text).not.toContain(secret);
    }
  });
});
