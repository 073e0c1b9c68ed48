/** The lock under which a dead socket is replaced: it waits for the living and does not outlast the killed. */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { AddressInUseError, ClosedError } from "@sprocket/core";
import { isPending } from "@sprocket/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const lockOf = () => world.path(".s.lock");

test("a lock whose owner was killed is broken", async () => {
  await world.deadSocket(world.path());
  mkdirSync(lockOf());
  await world.deadSocket(`${lockOf()}/1234`);
  await world.listen(world.url());
  expect(readdirSync(world.folder)).toEqual(["s"]);
});

test("a lock that its owner left empty is taken over", async () => {
  await world.deadSocket(world.path());
  mkdirSync(lockOf());
  await world.listen(world.url());
  expect(readdirSync(world.folder)).toEqual(["s"]);
});

test("while another process holds the lock, listening waits, and takes what it finds afterwards", async () => {
  await world.deadSocket(world.path());
  mkdirSync(lockOf());
  const owner = await world.bareServer(`${lockOf()}/1234`);
  const attempt = world.listen(world.url());
  attempt.catch(() => undefined);
  expect(await isPending(attempt)).toBe(true);
  // The other process goes its way: replaces the dead socket by its own, then unlocks.
  unlinkSync(world.path());
  linkSync(`${lockOf()}/1234`, world.path());
  unlinkSync(`${lockOf()}/1234`);
  rmSync(lockOf(), { recursive: true });
  await expect(attempt).rejects.toThrow(AddressInUseError);
  expect(owner.listening).toBe(true);
  expect(readdirSync(world.folder)).toEqual(["s"]);
});

test("waiting for the lock ends when the endpoint closes", async () => {
  await world.deadSocket(world.path());
  mkdirSync(lockOf());
  await world.bareServer(`${lockOf()}/1234`);
  const abort = new AbortController();
  const attempt = world.listen(world.url(), {}, { signal: abort.signal });
  attempt.catch(() => undefined);
  expect(await isPending(attempt)).toBe(true);
  abort.abort(new ClosedError("closed by the test"));
  await expect(attempt).rejects.toThrow("closed by the test");
  expect(readdirSync(world.folder).sort()).toEqual([".s.lock", "s"]);
});

test("what is no lock of ours is left untouched and named", async () => {
  await world.deadSocket(world.path());
  mkdirSync(lockOf());
  writeFileSync(`${lockOf()}/notes.txt`, "precious");
  await expect(world.listen(world.url())).rejects.toThrow("notes.txt");
  expect(existsSync(`${lockOf()}/notes.txt`)).toBe(true);
  renameSync(`${lockOf()}/notes.txt`, world.path("notes.txt"));
  rmSync(lockOf(), { recursive: true });
  writeFileSync(lockOf(), "precious");
  await expect(world.listen(world.url())).rejects.toThrow(AddressInUseError);
  expect(readdirSync(world.folder).sort()).toEqual([".s.lock", "notes.txt", "s"]);
});
