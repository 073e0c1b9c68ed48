/** One peer at a time. */
import { expect, test } from "vitest";
import { Pair0, Pair1 } from "../src/index.js";
import { record, sent, text, turns, World } from "./support.js";

test.each([
  ["Pair0", (base: object) => new Pair0(base)],
  ["Pair1", (base: object) => new Pair1(base)],
] as const)(
  "%s refuses a second peer while the first lives, and takes the next one after it",
  async (name, make) => {
    const world = new World<Pair0 | Pair1>(make);
    const header = name === "Pair1" ? new Uint8Array([0, 0, 0, 1]) : new Uint8Array(0);
    const rejects = record(world.socket, "pipereject");
    const first = await world.peer();
    const second = await world.peer();
    expect(second.closing).toBe(true);
    expect(rejects[0]?.error).toMatchObject({ code: "SP_EBUSY" });
    first.deliver(header, "undisturbed");
    expect(await text(world.socket.receive())).toBe("undisturbed");
    first.end();
    await turns(2);
    const third = await world.peer();
    expect(third.closing).toBe(false);
    await world.socket.send("hello");
    expect(sent(third)[0]?.endsWith("hello")).toBe(true);
    expect(sent(second)).toEqual([]);
  },
);

test("a peer that is dialed is refused as well, and dialed again later", async () => {
  const world = new World((base) => new Pair0({ ...base, reconnectTimeMin: 100 }));
  const first = await world.peer();
  await world.socket.dial("mock://second", { mode: "background" });
  const refused = (await world.mock.nextDial()).accept();
  await turns();
  expect(refused.closing).toBe(true);
  first.end();
  await world.clock.advanceAsync(100);
  const again = (await world.mock.nextDial()).accept();
  await world.socket.waitForPipes(1);
  expect(again.closing).toBe(false);
});
