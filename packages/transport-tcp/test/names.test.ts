/** Names: resolved at each attempt, both families tried, and what happens when there is no such name. */
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { isIP } from "node:net";
import {
  AddressInvalidError,
  ClosedError,
  ConnectionRefusedError,
  DestinationUnreachableError,
} from "@sprocket/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { freePort } from "../../../scripts/free-port.js";
import { hasIpv6 } from "./support/ipv6.js";
import { stalledPort } from "./support/stalled.js";
import { World } from "./support/world.js";

type Callback = (error: Error | null, addresses?: dns.LookupAddress[] | string, family?: number) => void;

function failure(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code}`), { code });
}

let world: World;
/** What names stand for; no name server is asked. */
let hosts: Map<string, string[] | Error>;
const lookups: string[] = [];

beforeEach(() => {
  world = new World();
  hosts = new Map();
  lookups.length = 0;
  const real = dns.lookup;
  const answer = (name: string, options: dns.LookupOptions, callback: Callback): void => {
    // The system asks this way for addresses too.
    if (isIP(name) !== 0 || callback === undefined) {
      (real as (...given: unknown[]) => void)(name, options, callback);
      return;
    }
    lookups.push(name);
    process.nextTick(() => {
      const found = hosts.get(name) ?? failure("ENOTFOUND");
      if (found instanceof Error) {
        callback(found);
        return;
      }
      const addresses = found
        .map((address) => ({ address, family: isIP(address) }))
        .filter(({ family }) => !options.family || family === options.family);
      const [first] = addresses;
      if (first === undefined) callback(failure("ENOTFOUND"));
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  vi.spyOn(dns, "lookup").mockImplementation(answer as unknown as typeof dns.lookup);
  syncBuiltinESMExports();
});
afterEach(async () => {
  await world.close();
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

test("a name is resolved anew at each attempt", async () => {
  const listening = await world.listen("tcp://127.0.0.1:0");
  hosts.set("moving.test", ["127.0.0.2"]);
  await expect(world.dial(`tcp4://moving.test:${listening.port}`)).rejects.toThrow(ConnectionRefusedError);
  hosts.set("moving.test", ["127.0.0.1"]);
  await world.dial(`tcp4://moving.test:${listening.port}`);
  expect(lookups).toEqual(["moving.test", "moving.test"]);
});

describe.skipIf(!hasIpv6)("a name with an address of each family (needs IPv6)", () => {
  beforeEach(() => {
    hosts.set("both.test", ["::1", "127.0.0.1"]);
  });

  test("leads to a listener of either family", async () => {
    const ipv4 = await world.listen("tcp4://127.0.0.1:0");
    expect((await world.dial(`tcp://both.test:${ipv4.port}`)).remoteAddress).toBe(
      `tcp://127.0.0.1:${ipv4.port}`,
    );
    const ipv6 = await world.listen("tcp6://[::1]:0");
    expect((await world.dial(`tcp://both.test:${ipv6.port}`)).remoteAddress).toBe(
      ipv6.url.replace("tcp6", "tcp"),
    );
  });

  test("is tried in the one family that the scheme allows", async () => {
    const ipv4 = await world.listen(`tcp4://127.0.0.1:${await freePort()}`);
    await expect(world.dial(`tcp6://both.test:${ipv4.port}`)).rejects.toThrow(ConnectionRefusedError);
    await world.dial(`tcp4://both.test:${ipv4.port}`);
  });

  test("does not wait for an address that stays silent", async () => {
    const port = await freePort();
    await world.listen(`tcp4://127.0.0.1:${port}`);
    await stalledPort(world, "::1", port);
    const pipe = await world.dial(`tcp://both.test:${port}`);
    expect(pipe.remoteAddress).toBe(`tcp://127.0.0.1:${port}`);
  });

  test("is refused when both refuse", async () => {
    await expect(world.dial(`tcp://both.test:${await freePort()}`)).rejects.toThrow(ConnectionRefusedError);
  });

  test("is bound to the first address", async () => {
    const listening = await world.listen("tcp://both.test:0");
    expect(listening.url).toBe(`tcp://both.test:${listening.port}`);
    expect(listening.listener.address).toBe(`tcp://[::1]:${listening.port}`);
    const ipv4 = await world.listen("tcp4://both.test:0");
    expect(ipv4.listener.address).toBe(`tcp://127.0.0.1:${ipv4.port}`);
  });
});

test("a name is bound to its first address that this machine has", async () => {
  hosts.set("moved.test", ["192.0.2.1", "127.0.0.1"]);
  const listening = await world.listen("tcp://moved.test:0");
  expect(listening.listener.address).toBe(`tcp://127.0.0.1:${listening.port}`);
});

test("an unknown name is an invalid address for both sides", async () => {
  await expect(world.dial("tcp://unknown.test:5555")).rejects.toThrow(AddressInvalidError);
  await expect(world.listen("tcp://unknown.test:0")).rejects.toThrow(AddressInvalidError);
});

test("a name server that does not answer is another matter: it may, later", async () => {
  hosts.set("later.test", failure("EAI_AGAIN"));
  await expect(world.dial("tcp://later.test:5555")).rejects.toThrow(DestinationUnreachableError);
});

test("closing while a name is looked up ends the attempt at once", async () => {
  vi.mocked(dns.lookup).mockImplementation((() => undefined) as unknown as typeof dns.lookup);
  syncBuiltinESMExports();
  for (const role of ["dial", "listen"] as const) {
    const abort = new AbortController();
    const attempt: Promise<unknown> = world[role]("tcp://slow.test:5555", {}, { signal: abort.signal });
    attempt.catch(() => undefined);
    abort.abort(new ClosedError("closed by the test"));
    await expect(attempt).rejects.toThrow("closed by the test");
  }
});
