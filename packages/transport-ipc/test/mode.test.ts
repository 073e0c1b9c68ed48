/** Who may connect: the mode of a socket file, from the first moment on (goal I1). */
import { lstatSync, readdirSync } from "node:fs";
import { NotSupportedError } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ipc } from "../src/index.js";
import { Child } from "./support/children.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const modeOf = (path: string) => lstatSync(path).mode & 0o777;

test("only this user may connect unless the application says otherwise", async () => {
  await world.listen(world.url());
  expect(modeOf(world.path())).toBe(0o600);
});

test.each([0o660, 0o666, 0o777, 0o400, 0])("permissions %i are the mode of the file", async (permissions) => {
  await world.listen(world.url(), { permissions });
  expect(modeOf(world.path())).toBe(permissions);
});

test("a listener may have a mode of its own", async () => {
  const one = new Pair0({ transports: [ipc({ permissions: 0o666 })] });
  try {
    const own = await one.listen(world.url(), { transport: { permissions: 0 } });
    expect(modeOf(world.path())).toBe(0);
    await own.close();
    await one.listen(world.url(), { transport: { backlog: 1 } });
    expect(modeOf(world.path())).toBe(0o666);
    await expect(one.listen(world.url("t"), { transport: { permissions: -1 } })).rejects.toThrow("0o660");
    await expect(one.listen(world.url("t"), { transport: { mode: 0 } })).rejects.toThrow(NotSupportedError);
  } finally {
    await one.close();
  }
});

test("the umask has no say", async () => {
  const before = process.umask(0o777);
  try {
    await world.listen(world.url(), { permissions: 0o666 });
    expect(modeOf(world.path())).toBe(0o666);
  } finally {
    process.umask(before);
  }
});

test("binding leaves nothing but the socket beside the path, and closing nothing at all", async () => {
  const listening = await world.listen(world.url());
  expect(readdirSync(world.folder)).toEqual(["s"]);
  await listening.close();
  expect(readdirSync(world.folder)).toEqual([]);
});

test("the name never exists with another mode, whatever the umask", { timeout: 60_000 }, async () => {
  const watcher = new Child();
  const listener = new Child({ umask: 0 });
  try {
    await watcher.ask("watch", world.path());
    for (let round = 0; round < 200; round++) {
      expect(await listener.ask("listen", world.url())).toHaveProperty("ok");
      expect(await listener.ask("close")).toHaveProperty("ok");
    }
    expect(await watcher.ask("seen")).toEqual({ ok: [0o600] });
  } finally {
    await watcher.end();
    await listener.end();
  }
});
