/** What a listener does with the connections that come, and with a system that is short of something. */
import { createServer } from "node:net";
import { BusyError, OutOfFilesError, SystemError, TimeoutError } from "@sprocket/core";
import { RawPeer, until, within } from "@sprocket/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { World } from "./support/world.js";

vi.mock("node:net", { spy: true });

const ANY = "tcp://127.0.0.1:0";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

/** The server behind the listener that was made last. */
function lastServer() {
  const result = vi.mocked(createServer).mock.results.at(-1);
  return result?.value as ReturnType<typeof createServer>;
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`accept ${code}`), { code, syscall: "accept" });
}

test("a peer that breaks the handshake is reported, and the next one is served", async () => {
  const listening = await world.listen(ANY);
  const rude = await RawPeer.connect(listening.url);
  await rude.send("GET / HTTP/1.0\r\n\r\n");
  await until(() => listening.rejects.length === 1, "the report of a bad handshake");
  await rude.close();
  await world.dial(listening.url);
  await listening.pipe();
});

test("too many connections are refused and counted, and room is used again", async () => {
  const listening = await world.listen(ANY, {}, { maxConnections: 2 });
  const first = await world.dial(listening.url);
  await world.dial(listening.url);
  await expect(world.dial(listening.url)).rejects.toThrow();
  await until(() => listening.rejects.length === 1, "the refusal");
  expect(listening.rejects[0]).toBeInstanceOf(BusyError);
  first.close(new Error("make room"));
  (await listening.pipe()).close(new Error("make room"));
  const retry = async (): Promise<unknown> => world.dial(listening.url).catch(retry);
  await within(5_000, retry(), "room for another connection");
});

test("a silent peer is dropped for a new one when too many are half-open", async () => {
  const listening = await world.listen(ANY, {}, { maxPendingHandshakes: 1 });
  const silent = await RawPeer.connect(listening.url);
  await silent.readHandshake();
  await world.dial(listening.url);
  await silent.expectClosed();
  expect(listening.rejects[0]).toBeInstanceOf(TimeoutError);
});

test("a shortage of descriptors is reported, and listening goes on", async () => {
  const listening = await world.listen(ANY);
  for (const code of ["EMFILE", "ENFILE"]) lastServer().emit("error", failure(code));
  expect(listening.rejects).toHaveLength(2);
  expect(listening.rejects[0]).toBeInstanceOf(OutOfFilesError);
  expect(listening.errors).toEqual([]);
  await world.dial(listening.url);
});

test("a shortage that repeats without end in one turn ends the listener instead of the process", async () => {
  const listening = await world.listen(ANY);
  for (let round = 0; round < 1_000; round++) lastServer().emit("error", failure("EMFILE"));
  expect(listening.errors).toHaveLength(1);
  expect(listening.errors[0]).toBeInstanceOf(OutOfFilesError);
  expect(listening.rejects.length).toBeLessThan(100);
  expect(lastServer().listening).toBe(false);
});

test("any other error of the server is its end, told once", async () => {
  const listening = await world.listen(ANY);
  lastServer().emit("error", failure("EWEIRD"));
  lastServer().emit("error", failure("EWEIRD"));
  expect(listening.errors).toHaveLength(1);
  expect(listening.errors[0]).toBeInstanceOf(SystemError);
  expect(lastServer().listening).toBe(false);
});
