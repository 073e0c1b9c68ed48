/** What closing a listener removes: its own file, nobody else's. */

import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { ClosedError, ConnectionRefusedError } from "@sprocket/core";
import { HandleWatch, RawPeer } from "@sprocket/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

test("the name is gone when close resolves, and free at once", async () => {
  for (let round = 0; round < 20; round++) {
    const listening = await world.listen(world.url());
    await listening.close();
    expect(existsSync(world.path())).toBe(false);
  }
  await expect(world.dial(world.url())).rejects.toThrow(ConnectionRefusedError);
});

test("a file that took the place of ours is not removed", async () => {
  const listening = await world.listen(world.url());
  unlinkSync(world.path());
  writeFileSync(world.path(), "precious");
  await listening.close();
  expect(readFileSync(world.path(), "utf8")).toBe("precious");
});

test("a socket that took the place of ours is not removed", async () => {
  const listening = await world.listen(world.url());
  unlinkSync(world.path());
  const other = await world.bareServer(world.path());
  await listening.close();
  expect(lstatSync(world.path()).isSocket()).toBe(true);
  const socket = connect(world.path());
  await once(socket, "connect");
  socket.destroy();
  expect(other.listening).toBe(true);
});

test("a name that was moved away is no reason to fail", async () => {
  const listening = await world.listen(world.url());
  renameSync(world.path(), world.path("elsewhere"));
  await listening.close();
  expect(readdirSync(world.folder)).toEqual(["elsewhere"]);
});

test("closing twice is closing once", async () => {
  const listening = await world.listen(world.url());
  await Promise.all([listening.listener.close(), listening.listener.close()]);
  await world.listen(world.url());
  await listening.listener.close();
  expect(existsSync(world.path())).toBe(true);
});

test("half-open connections go with the listener, and nothing is left", async () => {
  const watch = new HandleWatch();
  try {
    const listening = await world.listen(world.url());
    const silent = await RawPeer.connect(world.url());
    await silent.readHandshake();
    await listening.close();
    await silent.expectClosed();
    await silent.close();
    expect(listening.pipes).toEqual([]);
    await watch.settled(5_000);
  } finally {
    watch.stop();
  }
});

test("an endpoint that closes while it binds leaves nothing behind", async () => {
  const abort = new AbortController();
  const attempt = world.listen(world.url(), {}, { signal: abort.signal });
  abort.abort(new ClosedError("closed by the test"));
  await expect(attempt).rejects.toThrow(ClosedError);
  expect(readdirSync(world.folder)).toEqual([]);
  await expect(world.listen(world.url(), {}, { signal: abort.signal })).rejects.toThrow(ClosedError);
});
