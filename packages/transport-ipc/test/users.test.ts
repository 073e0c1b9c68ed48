/** What another user of the machine may do: nothing. Needs root, to become somebody else. */
import { chmodSync, lstatSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Child } from "./support/children.js";
import { World } from "./support/world.js";

const NOBODY = 65_534;

describe.skipIf(process.getuid?.() !== 0)("another user (needs root)", () => {
  let world: World;
  let stranger: Child;
  beforeEach(async () => {
    world = new World();
    chmodSync(world.folder, 0o777);
    stranger = new Child();
    await stranger.ask("become", NOBODY);
  });
  afterEach(async () => {
    await stranger.end();
    await world.close();
  });

  test("may not connect by default", async () => {
    await world.listen(world.url());
    expect(await stranger.ask("dial", world.url())).toEqual({ error: "SP_EPERM" });
  });

  test("may connect when the permissions say so", async () => {
    await world.listen(world.url(), { permissions: 0o666 });
    expect(await stranger.ask("dial", world.url())).toEqual({ ok: world.url() });
  });

  test("cannot take over our dead socket, though the folder would allow it", async () => {
    await world.deadSocket(world.path());
    chmodSync(world.path(), 0o777);
    const before = lstatSync(world.path(), { bigint: true });
    expect(await stranger.ask("listen", world.url())).toEqual({ error: "SP_EADDRINUSE" });
    expect(lstatSync(world.path(), { bigint: true }).ino).toBe(before.ino);
  });

  test("may not listen in a folder that is not theirs", async () => {
    chmodSync(world.folder, 0o755);
    expect(await stranger.ask("listen", world.url())).toEqual({ error: "SP_EPERM" });
  });
});
