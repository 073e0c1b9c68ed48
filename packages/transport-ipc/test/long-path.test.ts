/** Paths up to the system's limit work, relative ones too, and what is made on the way fits as well. */
import { mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { basename, join } from "node:path";
import { AddressInvalidError, ConnectionRefusedError, NoEntryError } from "@sprocket/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { longestPath } from "../src/path.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
  vi.stubEnv("TMPDIR", world.folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  return world.close();
});

/** A folder whose path, with a slash and a name of one letter behind it, is as long as a socket path can be. */
function longFolder(): string {
  const folder = world.path("d".repeat(longestPath(process.platform) - world.folder.length - 3));
  mkdirSync(folder);
  return folder;
}

test("a path of the greatest length can be listened at and dialed", async () => {
  const folder = longFolder();
  const path = join(folder, "s");
  expect(Buffer.byteLength(path)).toBe(longestPath(process.platform));
  const listening = await world.listen(`ipc://${path}`);
  await world.dial(`ipc://${path}`);
  await listening.pipe();
  await expect(world.listen(`ipc://${path}`)).rejects.toThrow("listens");
  expect(readdirSync(folder)).toEqual(["s"]);
  await listening.close();
  expect(readdirSync(folder)).toEqual([]);
  expect(readdirSync(world.folder)).toEqual([basename(folder)]);
});

test("a dead socket is replaced at such a path too, even when its lock must be broken", async () => {
  const folder = longFolder();
  const path = join(folder, "s");
  await world.deadSocket(path);
  mkdirSync(join(folder, ".s.lock"));
  await world.deadSocket(join(folder, ".s.lock", "1234"));
  const listening = await world.listen(`ipc://${path}`);
  await world.dial(`ipc://${path}`);
  await listening.pipe();
  expect(readdirSync(folder)).toEqual(["s"]);
  expect(readdirSync(world.folder)).toEqual([basename(folder)]);
});

test("one byte more is refused at once, by both sides", async () => {
  const path = join(longFolder(), "ss");
  await expect(world.listen(`ipc://${path}`)).rejects.toThrow(AddressInvalidError);
  await expect(world.dial(`ipc://${path}`)).rejects.toThrow(AddressInvalidError);
});

test("a relative path may stand in a folder whose own path is longer than any socket path", async () => {
  const folder = world.path(`${"x".repeat(100)}/${"y".repeat(100)}`);
  mkdirSync(folder, { recursive: true });
  const before = process.cwd();
  process.chdir(folder);
  try {
    const listening = await world.listen("ipc://s");
    expect(listening.url).toBe("ipc://s");
    expect(listening.listener.address).toBe(`ipc://${folder}/s`);
    await world.dial("ipc://s");
    await world.dial("ipc://./s");
    process.chdir(world.folder);
    // Removed where it was made, wherever the process is by now.
    await listening.close();
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    process.chdir(before);
  }
});

test("a relative path in a directory that is gone is an error of Sprocket", async () => {
  const folder = world.path("gone");
  mkdirSync(folder);
  const before = process.cwd();
  process.chdir(folder);
  try {
    rmdirSync(folder);
    await expect(world.listen("ipc://s")).rejects.toThrow(NoEntryError);
    await expect(world.dial("ipc://s")).rejects.toThrow(ConnectionRefusedError);
  } finally {
    process.chdir(before);
  }
});
