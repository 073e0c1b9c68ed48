/** Listening where something stands already (goal I1): only a dead socket makes way. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { AddressInUseError, NoEntryError, SprocketError } from "@sprocket/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

test("an ordinary file is left untouched, and the error says what it is", async () => {
  writeFileSync(world.path(), "precious");
  const attempt = world.listen(world.url());
  await expect(attempt).rejects.toThrow(AddressInUseError);
  await expect(attempt).rejects.toThrow("an ordinary file");
  expect(readFileSync(world.path(), "utf8")).toBe("precious");
  expect(readdirSync(world.folder)).toEqual(["s"]);
});

test("a directory is left untouched", async () => {
  mkdirSync(world.path());
  await expect(world.listen(world.url())).rejects.toThrow("a directory");
  expect(lstatSync(world.path()).isDirectory()).toBe(true);
});

test("a symbolic link is not followed, not even to a dead socket or to nothing", async () => {
  await world.deadSocket(world.path("dead"));
  for (const target of ["dead", "nowhere"]) {
    const link = world.path(`to-${target}`);
    symlinkSync(world.path(target), link);
    const attempt = world.listen(`ipc://${link}`);
    await expect(attempt).rejects.toThrow(AddressInUseError);
    await expect(attempt).rejects.toThrow("a symbolic link");
    expect(readlinkSync(link)).toBe(world.path(target));
  }
  expect(readdirSync(world.folder).sort()).toEqual(["dead", "to-dead", "to-nowhere"]);
});

test("a path through a linked directory is fine", async () => {
  mkdirSync(world.path("real"));
  symlinkSync(world.path("real"), world.path("link"));
  await world.listen(world.url("link/s"));
  expect(readdirSync(world.path("real"))).toEqual(["s"]);
  await world.dial(world.url("real/s"));
});

test("a dead socket is replaced", async () => {
  await world.deadSocket(world.path());
  const dead = lstatSync(world.path(), { bigint: true });
  const listening = await world.listen(world.url());
  expect(lstatSync(world.path(), { bigint: true }).ctimeNs).not.toBe(dead.ctimeNs);
  await world.dial(world.url());
  await listening.pipe();
  expect(readdirSync(world.folder)).toEqual(["s"]);
});

test("a live listener of ours keeps its address", async () => {
  const first = await world.listen(world.url());
  await expect(world.listen(world.url())).rejects.toThrow(AddressInUseError);
  await world.dial(world.url());
  await first.pipe();
  expect(readdirSync(world.folder)).toEqual(["s"]);
});

test("a live listener of another program keeps its address", async () => {
  await world.bareServer(world.path());
  const { ino, ctimeNs } = lstatSync(world.path(), { bigint: true });
  await expect(world.listen(world.url())).rejects.toThrow(AddressInUseError);
  expect(lstatSync(world.path(), { bigint: true })).toMatchObject({ ino, ctimeNs });
});

test("a missing directory is an error that names it", async () => {
  const attempt = world.listen(world.url("missing/s"));
  await expect(attempt).rejects.toThrow(NoEntryError);
  await expect(attempt).rejects.toThrow(world.path("missing"));
});

test("a file where a directory should be is the same error", async () => {
  writeFileSync(world.path("file"), "");
  await expect(world.listen(world.url("file/s"))).rejects.toThrow(NoEntryError);
});

test("every error carries the url and the operation", async () => {
  writeFileSync(world.path(), "");
  for (const url of [world.url(), world.url("missing/s")]) {
    const error = await world.listen(url).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SprocketError);
    expect(error).toMatchObject({ url, operation: "listen" });
  }
});
