/** L1: opening, talking, giving up and closing, 3,000 times: nothing stays behind. */
import { getEventListeners } from "node:events";
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { collectGarbage, HandleWatch, isCollected, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Child } from "../support/child.js";
import { keep, transports } from "../support/world.js";

const ROUNDS = 9;

/** By how much the values rise from one to the next: the median of what every two of them say, so single jumps do not count. */
function slope(values: readonly number[]): number {
  const slopes = values
    .flatMap((value, at) => values.slice(0, at).map((earlier, index) => (value - earlier) / (at - index)))
    .sort((one, other) => one - other);
  return slopes[slopes.length >> 1] as number;
}

// In a process of its own, where nobody else's garbage blurs the sight: 13 rounds of lives each, 4 of them to warm up.
test.each([
  ["inproc", 500],
  ["tcp", 200],
  // The heap grows for more than a thousand lives here, by some 200 bytes each, before it stays as it is.
  ["ws", 200],
] as const)(
  "over %s, %i lives a round: no memory, handle, timer or listener is left",
  async (transport, lives) => {
    const child = new Child("cycles", transport, String(lives), String(ROUNDS));
    const left = JSON.parse(await child.line(300_000)) as {
      bytes: number[];
      listeners: number;
      handles: string[];
      timers: number;
    };
    // What one forgotten listener costs is 500 bytes a life; the garbage of a round is worth some 40. The first value is
    // left out: the heap shrinks once more after the warm-up.
    expect(slope(left.bytes.slice(1)) / lives, JSON.stringify(left.bytes)).toBeLessThan(250);
    expect(left.handles).toEqual([]);
    expect(left.listeners).toBeLessThanOrEqual(1);
    // Timers of one delay share one of the system, which is kept a while for the next; a busy machine has more delays.
    expect(left.timers).toBeLessThan(lives / 2);
  },
  330_000,
);

test("a socket that was closed is collected, with its pipes and contexts", async () => {
  const references: WeakRef<object>[] = [];
  await (async () => {
    const rep = new Rep0({ transports });
    const req = new Req0({ transports });
    const { url } = await rep.listen("tcp://127.0.0.1:0");
    rep.serve((request) => request.copy());
    await req.dial(url);
    await req.request("hello");
    const context = req.context();
    references.push(new WeakRef(rep), new WeakRef(req), new WeakRef(context));
    for (const pipe of [...req.pipes, ...rep.pipes]) references.push(new WeakRef(pipe));
    await Promise.all([req.close(), rep.close()]);
  })();
  for (const [at, reference] of references.entries())
    expect(await isCollected(reference), `object ${at}`).toBe(true);
});

test("a socket that lives on lets go of the peers that have gone", async () => {
  const rep = keep(new Rep0({ transports }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  rep.serve((request) => request.copy());
  const references: WeakRef<object>[] = [];
  const visit = async (): Promise<void> => {
    const req = new Req0({ transports });
    await req.dial(url);
    await req.request("hello");
    for (const pipe of [...rep.pipes, ...req.pipes]) references.push(new WeakRef(pipe));
    await req.close();
  };
  for (let count = 0; count < 20; count++) await visit();
  await until(() => rep.pipes.size === 0, "the last peer to go");
  expect(references.length).toBeGreaterThanOrEqual(40);
  // The last of them may still be on somebody's stack or in a register. The others can go together: to collect for each
  // of them again takes a busy machine longer than a test has.
  const left = (): number =>
    references.slice(0, -4).filter((reference) => reference.deref() !== undefined).length;
  for (let round = 0; round < 5 && left() > 0; round++) await collectGarbage();
  expect(left()).toBe(0);
});

test("10,000 receives that end by timeout or signal leave no timer and no listener", async () => {
  const handles = new HandleWatch({ timers: true });
  const pair = new Pair0();
  const abort = new AbortController();
  const waiting = Array.from({ length: 10_000 }, (_, at) =>
    pair.receive(at % 2 === 0 ? { timeout: 5 + (at % 7) } : { signal: abort.signal }).catch(() => undefined),
  );
  expect(getEventListeners(abort.signal, "abort").length).toBe(1);
  expect(handles.count).toBeLessThan(50);
  abort.abort();
  await Promise.all(waiting);
  expect(getEventListeners(abort.signal, "abort").length).toBe(0);
  await pair.close();
  handles.stop();
});
