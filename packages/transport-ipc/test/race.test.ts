/** Processes that want the same name at the same time: exactly one gets it (goal I1). */
import { readdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Child } from "./support/children.js";
import { World } from "./support/world.js";

let world: World;
let children: Child[];
beforeEach(() => {
  world = new World();
  children = [new Child(), new Child()];
});
afterEach(async () => {
  for (const child of children) await child.end();
  await world.close();
});

async function race(): Promise<void> {
  const answers = await Promise.all(children.map((child) => child.ask("listen", world.url())));
  expect(answers.map((answer) => answer.error ?? "won").sort()).toEqual(["SP_EADDRINUSE", "won"]);
  // Whoever won can be reached, so nobody replaced it.
  expect(await (children[0] as Child).ask("dial", world.url())).toHaveProperty("ok");
  expect(readdirSync(world.folder)).toEqual(["s"]);
  for (const child of children) await child.ask("close");
  expect(readdirSync(world.folder)).toEqual([]);
}

test("200 races for a free name have one winner each", { timeout: 60_000 }, async () => {
  for (let round = 0; round < 200; round++) await race();
});

test("200 races for the name of a dead socket have one winner each", { timeout: 60_000 }, async () => {
  for (let round = 0; round < 200; round++) {
    await world.deadSocket(world.path());
    await race();
  }
});

test("the name of a process that was killed is free for the next one", async () => {
  const [killed, next] = children as [Child, Child];
  expect(await killed.ask("listen", world.url())).toHaveProperty("ok");
  await killed.end("SIGKILL");
  expect(readdirSync(world.folder)).toEqual(["s"]);
  expect(await next.ask("listen", world.url())).toHaveProperty("ok");
  await next.ask("close");
  expect(readdirSync(world.folder)).toEqual([]);
});
