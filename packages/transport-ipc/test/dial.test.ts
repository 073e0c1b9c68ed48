/** One attempt to connect: what it rejects with, and that nothing of it stays. */

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { ClosedError, ConnectionRefusedError, ConnectionShutdownError, TimeoutError } from "@sprocket/core";
import { HandleWatch, RawListener } from "@sprocket/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
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

test("a missing path is a place where nobody listens yet", async () => {
  for (const url of [world.url("missing"), world.url("missing/folder/s")]) {
    const attempt = world.dial(url);
    await expect(attempt).rejects.toThrow(ConnectionRefusedError);
    await expect(attempt).rejects.toMatchObject({ url, operation: "dial", cause: { code: "ENOENT" } });
  }
});

test("a dead socket, an ordinary file and a path through a file are refused connections", async () => {
  await world.deadSocket(world.path("dead"));
  writeFileSync(world.path("file"), "");
  for (const name of ["dead", "file", "file/s"]) {
    await expect(world.dial(world.url(name))).rejects.toThrow(ConnectionRefusedError);
  }
});

test("the addresses of both ends are URLs", async () => {
  const listening = await world.listen(world.url());
  const dialed = await world.dial(world.url());
  const accepted = await listening.pipe();
  expect([dialed.localAddress, dialed.remoteAddress]).toEqual(["ipc://", world.url()]);
  expect([accepted.localAddress, accepted.remoteAddress]).toEqual([world.url(), "ipc://"]);
});

test("a signal that aborted before ends the attempt before it begins", async () => {
  const reason = new ClosedError("closed by the test");
  await expect(world.dial(world.url(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const other = world.dial(world.url(), { signal: AbortSignal.abort("some reason") });
  await expect(other).rejects.toThrow(ClosedError);
  await expect(other).rejects.toMatchObject({ cause: "some reason" });
});

test("closing while it connects, or during the handshake, frees the connection", async () => {
  const silent = await RawListener.listen(world.url());
  world.defer(() => silent.close());
  for (const when of ["at once", "in the handshake"]) {
    const abort = new AbortController();
    const attempt = world.dial(world.url(), { signal: abort.signal });
    attempt.catch(() => undefined);
    if (when === "in the handshake") await (await silent.accept()).readHandshake();
    abort.abort(new ClosedError("closed by the test"));
    await expect(attempt).rejects.toThrow("closed by the test");
    if (when === "at once") await (await silent.accept()).expectClosed();
  }
});

test("a silent peer ends the attempt when the budget is used up", async () => {
  const server = createServer();
  server.listen(world.path());
  await once(server, "listening");
  world.defer(() => server.close());
  server.on("connection", (socket) => world.defer(() => socket.destroy()));
  await expect(world.dial(world.url(), { handshakeTimeout: 50 })).rejects.toThrow(TimeoutError);
});

test("a peer that hangs up in the handshake is told apart from one that is not there", async () => {
  await world.bareServer(world.path());
  await expect(world.dial(world.url())).rejects.toThrow(ConnectionShutdownError);
});
