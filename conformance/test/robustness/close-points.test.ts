/**
 * C1: a scenario is run again and again, closed at its n-th asynchronous callback, for every n. Every promise must
 * settle, nothing may be left, and nothing may be reported outside.
 */
import { createHook } from "node:async_hooks";
import type { Socket } from "@sprocket/core";
import { Pair0, Pair1 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { HandleWatch, within } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { keep, transports, turns } from "../support/world.js";

type Side = "left" | "right";

interface Scene {
  readonly targets: readonly Target[];
  readonly sockets: readonly Socket[];
  /** Runs the whole scenario; rejects when it is closed in between. Each side's calls give up when its signal aborts. */
  run(signals: Readonly<Record<Side, AbortSignal>>): Promise<unknown>;
}

interface Target {
  readonly name: string;
  /** Whose calls must settle by the close alone. The other side may wait for ever: it is told to give up. */
  readonly side?: Side;
  close(): unknown;
}

type MakeScene = (url: string) => Scene;

/** Calls `action` in a microtask of the n-th asynchronous callback from now on; never inside the hook itself. */
class Trigger {
  count = 0;
  readonly #hook;

  constructor(at: number, action: () => void) {
    this.#hook = createHook({
      before: () => {
        if (++this.count === at) queueMicrotask(action);
      },
    });
    this.#hook.enable();
  }

  stop(): void {
    this.#hook.disable();
  }
}

const reqrep: MakeScene = (url) => {
  const rep = keep(new Rep0({ transports, closeTimeout: 500 }));
  const req = keep(new Req0({ transports, closeTimeout: 500, reconnectTimeMin: 5 }));
  const context = req.context();
  rep.serve(async (request) => request.text());
  const parts: { listener?: { close(): unknown }; dialer?: { close(): unknown } } = {};
  return {
    sockets: [rep, req],
    targets: [
      { name: "rep", side: "left", close: () => rep.close() },
      { name: "req", side: "right", close: () => req.close() },
      { name: "rep, destroyed", side: "left", close: () => rep.destroy() },
      { name: "req, destroyed", side: "right", close: () => req.destroy() },
      { name: "context", close: () => context.close() },
      { name: "listener", close: () => parts.listener?.close() },
      { name: "dialer", close: () => parts.dialer?.close() },
      { name: "pipe", close: () => [...req.pipes][0]?.close() },
      { name: "pipe, with an error", close: () => [...rep.pipes][0]?.close(new Error("closed by the test")) },
    ],
    async run({ right }) {
      const signal = right;
      const listener = await rep.listen(url);
      parts.listener = listener;
      const dialer = await req.dial(listener.url, { signal });
      parts.dialer = dialer;
      await req.waitForPipes(1, { signal });
      await Promise.all([
        req.request("one", { signal }),
        req.request("two", { signal }),
        context.send("three", { signal }).then(() => context.receive({ signal })),
      ]);
      await dialer.close();
      await listener.close();
      await Promise.all([req.close(), rep.close()]);
    },
  };
};

const pair =
  (make: (options: object) => Pair0 | Pair1): MakeScene =>
  (url) => {
    const left = keep(make({ transports, closeTimeout: 500 }));
    const right = keep(make({ transports, closeTimeout: 500, reconnectTimeMin: 5 }));
    const parts: { listener?: { close(): unknown }; dialer?: { close(): unknown } } = {};
    return {
      sockets: [left, right],
      targets: [
        { name: "listening side", side: "left", close: () => left.close() },
        { name: "dialing side", side: "right", close: () => right.close() },
        { name: "listening side, destroyed", side: "left", close: () => left.destroy() },
        { name: "dialing side, destroyed", side: "right", close: () => right.destroy() },
        { name: "listener", close: () => parts.listener?.close() },
        { name: "dialer", close: () => parts.dialer?.close() },
        { name: "pipe", close: () => [...left.pipes][0]?.close() },
        {
          name: "pipe, with an error",
          close: () => [...right.pipes][0]?.close(new Error("closed by the test")),
        },
      ],
      async run(signals) {
        const listener = await left.listen(url);
        parts.listener = listener;
        const dialer = await right.dial(listener.url, { signal: signals.right });
        parts.dialer = dialer;
        await left.waitForPipes(1, { signal: signals.left });
        const bodies = [0, 1, 2];
        const send = async (from: Pair0 | Pair1, signal: AbortSignal): Promise<void> => {
          for (const _ of bodies) await from.send(new Uint8Array(2_000), { signal });
        };
        const receive = async (to: Pair0 | Pair1, signal: AbortSignal): Promise<void> => {
          for (const _ of bodies) await to.receive({ signal });
        };
        await Promise.all([
          send(left, signals.left),
          receive(right, signals.right),
          send(right, signals.right),
          receive(left, signals.left),
        ]);
        await dialer.close();
        await listener.close();
        await Promise.all([left.close(), right.close()]);
      },
    };
  };

const scenes: readonly (readonly [string, MakeScene])[] = [
  ["Pair0", pair((options) => new Pair0(options))],
  ["Pair1", pair((options) => new Pair1(options))],
  ["Req0 and Rep0", reqrep],
];

let names = 0;

describe.each(scenes)("C1: %s", (_, make) => {
  test.each([
    ["inproc", 1],
    // Every point over inproc; every third over tcp and every fifth over ws, where a close takes its time, beginning elsewhere for each target.
    ["tcp", 3],
    ["ws", 5],
  ] as const)(
    "over %s, closed at every point",
    async (transport, stride) => {
      const handles = new HandleWatch();
      const url = (): string =>
        transport === "inproc" ? `inproc://close-points-${++names}` : `${transport}://127.0.0.1:0`;
      const never = new AbortController().signal;
      const whole = new Trigger(-1, () => undefined);
      await make(url()).run({ left: never, right: never });
      whole.stop();
      const points = whole.count;
      expect(points).toBeGreaterThan(10);
      const { length } = make(url()).targets;
      for (let target = 0; target < length; target++) {
        for (let at = 1 + (target % stride); at <= points; at += stride) {
          const scene = make(url());
          const { name, side, close } = scene.targets[target] as Target;
          const aborts = { left: new AbortController(), right: new AbortController() };
          let closed: unknown;
          const trigger = new Trigger(at, () => {
            closed = close();
            void turns(30).then(() => {
              if (side !== "left") aborts.left.abort(new Error("the other side may wait for ever"));
              if (side !== "right") aborts.right.abort(new Error("the other side may wait for ever"));
            });
          });
          const where = `${name} closed at point ${at} of ${points}`;
          const run = scene.run({ left: aborts.left.signal, right: aborts.right.signal });
          await within(
            5_000,
            run.catch(() => undefined),
            `the scenario to settle: ${where}`,
          );
          trigger.stop();
          await within(5_000, Promise.resolve(closed), `close() to settle: ${where}`);
          await within(
            5_000,
            Promise.all(scene.sockets.map((socket) => socket.close())),
            `the last close() to settle: ${where}`,
          );
          for (const socket of scene.sockets) expect(socket.pipes.size, where).toBe(0);
        }
      }
      await handles.settled(5_000);
      handles.stop();
    },
    120_000,
  );
});
