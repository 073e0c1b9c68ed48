/** Whose certificate a dialer accepts, and what it says about the host in its handshake. */
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { AuthenticationError, ConnectionRefusedError } from "@sprocket/core";
import { parseUrl } from "@sprocket/core/plugin";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TlsOptions, tls } from "../src/index.js";
import { hasIpv6 } from "./support/ipv6.js";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

/** The name in the handshake of a dialer, whatever becomes of the attempt. */
async function nameSent(url: string, options: TlsOptions): Promise<string | false | null> {
  const listener = await world.rawListener(pki.server);
  const secured = once(listener.server, "secureConnection") as Promise<[TLSSocket]>;
  const port = /\d+$/.exec(listener.url)?.[0];
  const attempt = world.dial(`tls+tcp://${url}:${port}`, { authMode: "none", ...options });
  attempt.catch(() => undefined);
  const [socket] = await secured;
  await (await listener.accept()).close();
  await expect(attempt).rejects.toThrow();
  return socket.servername;
}

describe.skipIf(noOpenssl)("the host of the URL (needs openssl)", () => {
  test.each(["localhost", "LOCALHOST", "127.0.0.1", ...(hasIpv6 ? ["[::1]"] : [])])(
    "%s is checked, and is in the certificate",
    async (host) => {
      const listening = await world.listen(
        pki.server,
        {},
        host.startsWith("[") ? "tls+tcp://[::1]:0" : undefined,
      );
      const pipe = await world.dial(listening.at(host), { ca: pki.ca });
      expect(pipe.properties.get("tls.authorized")).toBe(true);
    },
  );

  test("its name goes into the handshake, an address never does", async () => {
    expect(await nameSent("LocalHost", {})).toBe("localhost");
    expect(await nameSent("127.0.0.1", {})).toBe(false);
  });

  test("the address counts, not the name that stands for it in the certificate", async () => {
    const named = await pki.ours.issue({ altNames: ["DNS:127.0.0.1"] });
    const listening = await world.listen(named);
    await expect(world.dial(listening.url, { ca: pki.ca })).rejects.toThrow(AuthenticationError);
  });
});

describe.skipIf(noOpenssl)("serverName (needs openssl)", () => {
  test("is checked in place of the host, and goes into the handshake", async () => {
    const listening = await world.listen(pki.otherName);
    await world.dial(listening.url, { ca: pki.ca, serverName: "other.test" });
    await world.dial(listening.url, { ca: pki.ca, serverName: "Other.Test." });
    expect(await nameSent("127.0.0.1", { serverName: "other.test" })).toBe("other.test");
    const wrong = world.dial(listening.url, { ca: pki.ca, serverName: "another.test" });
    await expect(wrong).rejects.toThrow("is not for another.test");
  });

  test("may be an address, which does not go into the handshake", async () => {
    const far = await pki.ours.issue({ altNames: ["IP:192.0.2.7", "IP:2001:db8::7"] });
    const listening = await world.listen(far);
    await world.dial(listening.at("localhost"), { ca: pki.ca, serverName: "192.0.2.7" });
    await world.dial(listening.at("localhost"), { ca: pki.ca, serverName: "2001:DB8:0::7" });
    expect(await nameSent("localhost", { serverName: "192.0.2.7" })).toBe(false);
    await expect(world.dial(listening.at("localhost"), { ca: pki.ca })).rejects.toThrow(AuthenticationError);
  });

  test("in another script is what name servers would see", async () => {
    const swiss = await pki.ours.issue({ altNames: ["DNS:xn--zrich-kva.test"] });
    const listening = await world.listen(swiss);
    await world.dial(listening.url, { ca: pki.ca, serverName: "zürich.test" });
    expect(await nameSent("127.0.0.1", { serverName: "zürich.test" })).toBe("xn--zrich-kva.test");
  });

  test("matches a wildcard as the runtime has it: one label, the first", async () => {
    const wild = await pki.ours.issue({ altNames: ["DNS:*.calc.test"] });
    const listening = await world.listen(wild);
    await world.dial(listening.url, { ca: pki.ca, serverName: "a.calc.test" });
    for (const serverName of ["calc.test", "a.b.calc.test"]) {
      await expect(world.dial(listening.url, { ca: pki.ca, serverName })).rejects.toThrow(
        AuthenticationError,
      );
    }
  });
});

describe.skipIf(noOpenssl)("checkServerIdentity (needs openssl)", () => {
  test("decides in place of the runtime", async () => {
    const listening = await world.listen(pki.otherName);
    const asked: [string, string | string[] | undefined][] = [];
    const pipe = await world.dial(listening.at("localhost"), {
      ca: pki.ca,
      checkServerIdentity(host, certificate) {
        asked.push([host, certificate.subject.CN]);
        return undefined;
      },
    });
    expect(asked).toEqual([["localhost", "other.test"]]);
    expect(pipe.properties.get("tls.authorized")).toBe(true);
  });

  test("refuses with an error, which is the cause of ours", async () => {
    const listening = await world.listen(pki.server);
    const cause = new Error("not this one");
    const attempt = world.dial(listening.url, { ca: pki.ca, checkServerIdentity: () => cause });
    await expect(attempt).rejects.toThrow(AuthenticationError);
    await expect(attempt).rejects.toMatchObject({ cause });
  });

  test("that throws refuses, and nothing else happens", async () => {
    const listening = await world.listen(pki.server);
    for (const thrown of [new Error("oops"), "oops", undefined]) {
      const attempt = world.dial(listening.url, {
        ca: pki.ca,
        checkServerIdentity() {
          throw thrown;
        },
      });
      await expect(attempt).rejects.toThrow(AuthenticationError);
    }
  });

  test("is not asked about a chain that is no good", async () => {
    const listening = await world.listen(pki.strangers.server);
    let asked = 0;
    const checkServerIdentity = () => {
      asked++;
      return undefined;
    };
    await expect(world.dial(listening.url, { ca: pki.ca, checkServerIdentity })).rejects.toThrow(
      AuthenticationError,
    );
    expect(asked).toBe(0);
  });
});

describe("URLs", () => {
  test.each(["tls+tcp", "tls+tcp4", "tls+tcp6"])("%s:// is answered", (scheme) => {
    expect(tls().schemes).toContain(scheme);
    for (const role of ["dial", "listen"] as const) {
      expect(() => tls().check?.(parseUrl(`${scheme}://localhost:5555`), role)).not.toThrow();
    }
  });

  test.each([
    "tls+tcp4://[::1]:5555",
    "tls+tcp6://127.0.0.1:5555",
    "tls+tcp://h:1/path",
    "tls+tcp://h:99999",
  ])("%s is refused at once", (url) => {
    expect(() => tls().check?.(parseUrl(url), "dial")).toThrow();
    expect(() => tls().check?.(parseUrl(url), "listen")).toThrow();
  });

  test.skipIf(noOpenssl)("addresses of pipes and listeners are tls+tcp URLs (needs openssl)", async () => {
    const listening = await world.listen(pki.server, {}, "tls+tcp4://*:0");
    expect(listening.url).toBe(`tls+tcp4://*:${listening.port}`);
    expect(listening.listener.address).toBe(`tls+tcp://0.0.0.0:${listening.port}`);
    const pipe = await world.dial(`tls+tcp4://localhost:${listening.port}`, { ca: pki.ca });
    expect(pipe.remoteAddress).toBe(`tls+tcp://127.0.0.1:${listening.port}`);
    expect(pipe.localAddress).toBe((await listening.pipe()).remoteAddress);
  });

  test.skipIf(noOpenssl)("where nobody listens, the connection is refused (needs openssl)", async () => {
    const listening = await world.listen(pki.server);
    await listening.listener.close();
    const attempt = world.dial(listening.url, { ca: pki.ca });
    await expect(attempt).rejects.toThrow(ConnectionRefusedError);
  });
});
