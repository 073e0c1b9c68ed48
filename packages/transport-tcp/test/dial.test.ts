/** One attempt to connect: what it rejects with, and that nothing of it stays. */

import { once } from "node:events";
import { createServer, Socket } from "node:net";
import {
  AddressInvalidError,
  ClosedError,
  ConnectionRefusedError,
  ConnectionShutdownError,
  TimeoutError,
} from "@sprocket/core";
import { HandleWatch, RawListener, until } from "@sprocket/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { freePort } from "../../../scripts/free-port.js";
import { stalledPort } from "./support/stalled.js";
import { World } from "./support/world.js";

let world: World;
let watch: HandleWatch;
beforeEach(() => {
  world = new World();
  watch = new HandleWatch();
});
afterEach(async () => {
  await world.close();
  await watch.settled(5_000);
  watch.stop();
});

test("where nobody listens, the connection is refused", async () => {
  const url = `tcp://127.0.0.1:${await freePort()}`;
  const attempt = world.dial(url);
  await expect(attempt).rejects.toThrow(ConnectionRefusedError);
  await expect(attempt).rejects.toMatchObject({ url, operation: "dial", cause: { code: "ECONNREFUSED" } });
});

test("a signal that aborted before ends the attempt before it begins", async () => {
  const reason = new ClosedError("closed by the test");
  const url = "tcp://127.0.0.1:1";
  await expect(world.dial(url, {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await expect(world.dial(url, {}, { signal: AbortSignal.abort("why") })).rejects.toMatchObject({
    cause: "why",
  });
});

test("closing while it connects frees the connection at once", async () => {
  const port = await stalledPort(world);
  const abort = new AbortController();
  const before = watch.count;
  const attempt = world.dial(`tcp://127.0.0.1:${port}`, {}, { signal: abort.signal });
  attempt.catch(() => undefined);
  await until(() => watch.count > before, "the attempt to begin");
  abort.abort(new ClosedError("closed by the test"));
  await expect(attempt).rejects.toThrow("closed by the test");
  await watch.settled(5_000, before);
});

test("connecting ends when the budget of the handshake is used up", async () => {
  const port = await stalledPort(world);
  const before = watch.count;
  const attempt = world.dial(`tcp://127.0.0.1:${port}`, {}, { handshakeTimeout: 50 });
  await expect(attempt).rejects.toThrow(TimeoutError);
  await expect(attempt).rejects.toMatchObject({ url: `tcp://127.0.0.1:${port}`, operation: "dial" });
  await watch.settled(5_000, before);
});

test("closing during the handshake frees the connection", async () => {
  const silent = await RawListener.listen("tcp://127.0.0.1:0");
  world.defer(() => silent.close());
  const abort = new AbortController();
  const attempt = world.dial(silent.url, {}, { signal: abort.signal });
  attempt.catch(() => undefined);
  const peer = await silent.accept();
  await peer.readHandshake();
  abort.abort(new ClosedError("closed by the test"));
  await expect(attempt).rejects.toThrow("closed by the test");
  await peer.expectClosed();
});

test("a peer that stays silent ends the attempt when the budget is used up", async () => {
  const silent = await RawListener.listen("tcp://127.0.0.1:0");
  world.defer(() => silent.close());
  await expect(world.dial(silent.url, {}, { handshakeTimeout: 50 })).rejects.toThrow(TimeoutError);
});

test("a peer that hangs up in the handshake is told apart from one that is not there", async () => {
  const server = createServer((socket) => socket.resume().end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  world.defer(() => server.close());
  const { port } = server.address() as { port: number };
  await expect(world.dial(`tcp://127.0.0.1:${port}`)).rejects.toThrow(ConnectionShutdownError);
});

test("the address to dial from can be chosen", async () => {
  const listening = await world.listen("tcp://127.0.0.1:0");
  const pipe = await world.dial(listening.url, { localAddress: "127.0.0.1" });
  expect(pipe.localAddress).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
  // An address that this machine does not have.
  const attempt = world.dial(listening.url, { localAddress: "192.0.2.1" });
  await expect(attempt).rejects.toThrow(AddressInvalidError);
  // One that cannot reach what the scheme asks for.
  await expect(world.dial("tcp4://localhost:5555", { localAddress: "::1" })).rejects.toThrow("is for IPv4");
});

test("small messages leave at once, and idle connections are probed, as the options say", async () => {
  const noDelay = vi.spyOn(Socket.prototype, "setNoDelay");
  const keepAlive = vi.spyOn(Socket.prototype, "setKeepAlive");
  const listening = await world.listen("tcp://127.0.0.1:0");
  await world.dial(listening.url);
  expect(noDelay).toHaveBeenLastCalledWith(true);
  expect(keepAlive).not.toHaveBeenCalled();
  await world.dial(listening.url, { noDelay: false, keepAlive: true, keepAliveInitialDelay: 5_000 });
  expect(noDelay).toHaveBeenLastCalledWith(false);
  expect(keepAlive).toHaveBeenLastCalledWith(true, 5_000);
});
