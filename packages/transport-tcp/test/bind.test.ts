/** Where a listener is bound, and what its URL says then. */

import { once } from "node:events";
import { createServer } from "node:net";
import { AddressInUseError, AddressInvalidError, ClosedError } from "@sprocket/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../../scripts/free-port.js";
import { hasIpv6 } from "./support/ipv6.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

test("port 0, or none, becomes the real one, and the host stays as it was written", async () => {
  for (const url of ["tcp://127.0.0.1:0", "tcp://127.0.0.1", "tcp://127.0.0.1:0/"]) {
    const listening = await world.listen(url);
    expect(listening.url).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(listening.listener.address).toBe(listening.url);
    await world.dial(listening.url);
  }
});

test("a given port leaves the URL as it is", async () => {
  const port = await freePort();
  const listening = await world.listen(`tcp://127.0.0.1:${port}/`);
  expect(listening.url).toBe(`tcp://127.0.0.1:${port}/`);
  expect(listening.listener.address).toBe(`tcp://127.0.0.1:${port}`);
});

test("a name is resolved, and stays in the URL", async () => {
  const listening = await world.listen("tcp4://LocalHost:0");
  expect(listening.url).toBe(`tcp4://LocalHost:${listening.port}`);
  expect(listening.listener.address).toBe(`tcp://127.0.0.1:${listening.port}`);
  await world.dial(listening.url);
});

test.each(["tcp://*:0", "tcp://:0", "tcp://"])("%s is every interface", async (url) => {
  const listening = await world.listen(url);
  expect(listening.url).toBe(`tcp://${url.includes("*") ? "*" : ""}:${listening.port}`);
  await world.dial(`tcp://127.0.0.1:${listening.port}`);
  if (hasIpv6) {
    expect(listening.listener.address).toBe(`tcp://[::]:${listening.port}`);
    await world.dial(`tcp://[::1]:${listening.port}`);
  }
});

test("an IPv4 peer of a listener for both families is shown as IPv4", async () => {
  const listening = await world.listen("tcp://*:0");
  const dialed = await world.dial(`tcp://127.0.0.1:${listening.port}`);
  const accepted = await listening.pipe();
  expect(accepted.localAddress).toBe(`tcp://127.0.0.1:${listening.port}`);
  expect(accepted.remoteAddress).toBe(dialed.localAddress);
  expect(dialed.remoteAddress).toBe(accepted.localAddress);
});

test("tcp4 takes IPv4 only", async () => {
  const listening = await world.listen("tcp4://*:0");
  expect(listening.listener.address).toBe(`tcp://0.0.0.0:${listening.port}`);
  await world.dial(`tcp4://127.0.0.1:${listening.port}`);
  if (hasIpv6) await expect(world.dial(`tcp://[::1]:${listening.port}`)).rejects.toThrow();
});

describe.skipIf(!hasIpv6)("with IPv6 on this machine", () => {
  test.each([
    ["tcp6://*", {}],
    ["tcp://*", { ipv6Only: true }],
    ["tcp://[::]", { ipv6Only: true }],
  ] as const)("%s with %j takes IPv6 only", async (place, options) => {
    // One that the system chose may be in use on the IPv4 half.
    const listening = await world.listen(`${place}:${await freePort()}`, options);
    expect(listening.listener.address).toBe(`tcp://[::]:${listening.port}`);
    await world.dial(`tcp6://localhost:${listening.port}`).catch(() => undefined);
    await world.dial(`tcp6://[::1]:${listening.port}`);
    await expect(world.dial(`tcp://127.0.0.1:${listening.port}`)).rejects.toThrow();
    // The IPv4 half of the port is free for others.
    await world.listen(`tcp4://*:${listening.port}`);
  });

  test("an address is shown in brackets", async () => {
    const listening = await world.listen("tcp://[::1]:0");
    expect(listening.url).toBe(`tcp://[::1]:${listening.port}`);
    const dialed = await world.dial(listening.url);
    expect(dialed.remoteAddress).toBe(listening.url);
    expect(dialed.localAddress).toMatch(/^tcp:\/\/\[::1\]:\d+$/);
  });
});

test("an address in use is refused, whoever uses it", async () => {
  const ours = await world.listen("tcp://127.0.0.1:0");
  await expect(world.listen(ours.url)).rejects.toThrow(AddressInUseError);
  const server = createServer().listen(0, "127.0.0.1");
  world.defer(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const attempt = world.listen(`tcp://127.0.0.1:${port}`);
  await expect(attempt).rejects.toThrow(AddressInUseError);
  await expect(attempt).rejects.toMatchObject({ url: `tcp://127.0.0.1:${port}`, operation: "listen" });
});

test("every interface includes the ones that are in use", async () => {
  const one = await world.listen("tcp://127.0.0.1:0");
  await expect(world.listen(`tcp://*:${one.port}`)).rejects.toThrow(AddressInUseError);
});

test("an address that is not of this machine is invalid", async () => {
  await expect(world.listen("tcp://192.0.2.1:0")).rejects.toThrow(AddressInvalidError);
});

test("the port is free when close has resolved", async () => {
  const url = `tcp://127.0.0.1:${await freePort()}`;
  for (let round = 0; round < 20; round++) await (await world.listen(url)).listener.close();
});

test("an endpoint that closes while it binds leaves nothing bound", async () => {
  const url = `tcp://127.0.0.1:${await freePort()}`;
  const abort = new AbortController();
  const attempt = world.listen(url, {}, { signal: abort.signal });
  abort.abort(new ClosedError("closed by the test"));
  await expect(attempt).rejects.toThrow("closed by the test");
  await world.listen(url);
});
