import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock, TimerWheel } from "../src/timers.js";

describe("with a clock that the test drives", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    // First: a spy on a fake timer would put the fake one back.
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test("a timer fires once, when its delay has passed and not before", () => {
    const fired = vi.fn();
    new TimerWheel().setTimer(100, fired);
    vi.advanceTimersByTime(99);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.advanceTimersByTime(1_000);
    expect(fired).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a cancelled timer does not fire; cancelling again, or after it fired, is harmless", () => {
    const wheel = new TimerWheel();
    const cancelled = vi.fn();
    const fired = vi.fn();
    const first = wheel.setTimer(10, cancelled);
    const second = wheel.setTimer(10, fired);
    first.cancel();
    first.cancel();
    vi.advanceTimersByTime(10);
    second.cancel();
    expect(cancelled).not.toHaveBeenCalled();
    expect(fired).toHaveBeenCalledTimes(1);
  });

  test("timers of one delay fire in the order in which they were set and share one native timer", () => {
    const native = vi.spyOn(globalThis, "setTimeout");
    const wheel = new TimerWheel();
    const order: number[] = [];
    for (let name = 0; name < 1_000; name++) wheel.setTimer(50, () => order.push(name));
    expect(native).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(50);
    expect(order).toEqual(Array.from({ length: 1_000 }, (_, name) => name));
  });

  test("setting and cancelling in turn costs one native timer in all", () => {
    const native = vi.spyOn(globalThis, "setTimeout");
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    const wheel = new TimerWheel();
    for (let count = 0; count < 1_000; count++) wheel.setTimer(5_000, () => undefined).cancel();
    expect([native.mock.calls.length, cleared.mock.calls.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(5_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a list that is used again fires on time, although its native timer was armed for another", () => {
    const wheel = new TimerWheel();
    wheel.setTimer(100, () => undefined).cancel();
    vi.advanceTimersByTime(60);
    const fired = vi.fn();
    wheel.setTimer(100, fired);
    vi.advanceTimersByTime(99);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledTimes(1);
  });

  test("ever new delays that are all cancelled leave few native timers behind", () => {
    const wheel = new TimerWheel();
    for (let delay = 1; delay <= 10_000; delay++) wheel.setTimer(delay, () => undefined).cancel();
    expect(vi.getTimerCount()).toBeLessThanOrEqual(64);
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("lists that are idle, used again and gone are counted right", () => {
    const wheel = new TimerWheel();
    for (let round = 0; round < 5; round++) {
      for (let delay = 1; delay <= 100; delay++) wheel.setTimer(delay, () => undefined).cancel();
      expect(vi.getTimerCount()).toBe(64);
      const fired = vi.fn();
      for (let delay = 1; delay <= 100; delay++) wheel.setTimer(delay, fired);
      vi.advanceTimersByTime(100);
      expect(fired).toHaveBeenCalledTimes(100);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  test("a timer may set and cancel timers of its own delay while it fires", () => {
    const wheel = new TimerWheel();
    const order: string[] = [];
    wheel.setTimer(10, () => {
      order.push("first");
      victim.cancel();
      wheel.setTimer(10, () => order.push("grandchild"));
      wheel.setTimer(10, () => order.push("never")).cancel();
    });
    const victim = wheel.setTimer(10, () => order.push("victim"));
    wheel.setTimer(10, () => order.push("last"));
    vi.advanceTimersByTime(10);
    expect(order).toEqual(["first", "last"]);
    vi.advanceTimersByTime(10);
    expect(order).toEqual(["first", "last", "grandchild"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a timer that keeps setting itself again lets other timers have their turn", () => {
    const wheel = new TimerWheel();
    let rounds = 0;
    const again = (): void => {
      rounds++;
      wheel.setTimer(0, again);
    };
    wheel.setTimer(0, again);
    vi.advanceTimersByTime(5);
    expect(rounds).toBe(5);
  });

  test("a callback that throws is reported and stops no other", () => {
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    const wheel = new TimerWheel();
    const fired = vi.fn();
    const error = new Error("callback");
    wheel.setTimer(10, () => {
      throw error;
    });
    wheel.setTimer(10, fired);
    vi.advanceTimersByTime(10);
    vi.unstubAllGlobals();
    expect(reported).toEqual([error]);
    expect(fired).toHaveBeenCalledTimes(1);
  });

  test("an infinite delay never fires and costs nothing", () => {
    const fired = vi.fn();
    const timer = new TimerWheel().setTimer(Number.POSITIVE_INFINITY, fired);
    expect(vi.getTimerCount()).toBe(0);
    timer.cancel();
    vi.advanceTimersByTime(10_000);
    expect(fired).not.toHaveBeenCalled();
  });

  test("a delay that native timers cannot count is waited for in pieces", () => {
    const long = 2 ** 31 + 5_000;
    const fired = vi.fn();
    new TimerWheel().setTimer(long, fired);
    vi.advanceTimersByTime(long - 1);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledTimes(1);
  });

  test.each([0, -1, Number.NaN, 0.2])(
    "a delay of %d means at once, but never before the call returns",
    (delay) => {
      const fired = vi.fn();
      new TimerWheel().setTimer(delay, fired);
      expect(fired).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(fired).toHaveBeenCalledTimes(1);
    },
  );

  test("a native timer that comes early is armed again for the rest", () => {
    let now = 1_000;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const fired = vi.fn();
    new TimerWheel().setTimer(10, fired);
    now = 1_009.4;
    vi.advanceTimersByTime(10);
    expect(fired).not.toHaveBeenCalled();
    now = 1_010.1;
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledTimes(1);
  });

  test("where timers are plain numbers, an empty list clears its native timer", () => {
    let handles = 0;
    const cleared: unknown[] = [];
    vi.spyOn(globalThis, "setTimeout").mockImplementation((() => ++handles) as never);
    vi.spyOn(globalThis, "clearTimeout").mockImplementation((handle) => void cleared.push(handle));
    const wheel = new TimerWheel();
    wheel.setTimer(10, () => undefined).cancel();
    wheel.setTimer(10, () => undefined).cancel();
    expect([handles, cleared]).toEqual([2, [1, 2]]);
  });

  test("every timer fires at its time or is cancelled, whatever else happens", () => {
    const operation = fc.oneof(
      fc.record({ name: fc.constant("set" as const), value: fc.double({ min: 0, max: 12, noNaN: true }) }),
      fc.record({ name: fc.constant("cancel" as const), value: fc.nat(40) }),
      fc.record({ name: fc.constant("advance" as const), value: fc.integer({ min: 1, max: 8 }) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const wheel = new TimerWheel();
        const timers: { cancel(): void; due: number; fired: number[]; cancelled: boolean }[] = [];
        for (const { name, value } of operations) {
          if (name === "set") {
            const fired: number[] = [];
            const timer = wheel.setTimer(value, () => fired.push(performance.now()));
            const due = performance.now() + Math.max(1, Math.ceil(value));
            timers.push({ cancel: () => timer.cancel(), due, fired, cancelled: false });
          } else if (name === "cancel") {
            const timer = timers[value];
            timer?.cancel();
            if (timer !== undefined && timer.fired.length === 0) timer.cancelled = true;
          } else vi.advanceTimersByTime(value);
        }
        vi.advanceTimersByTime(20);
        for (const { due, fired, cancelled } of timers) expect(fired).toEqual(cancelled ? [] : [due]);
        expect(vi.getTimerCount()).toBe(0);
      }),
    );
  });
});

describe("with the clock of the system", () => {
  test("no timer keeps the process alive: whoever waits for one does", () => {
    const held = (): number => process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;
    const wheel = new TimerWheel();
    const before = held();
    const timer = wheel.setTimer(60_000, () => undefined);
    expect(held()).toBe(before);
    timer.cancel();
    wheel.setTimer(60_000, () => undefined).cancel();
    expect(held()).toBe(before);
  });

  test("no timer is ever early", async () => {
    const wheel = new TimerWheel();
    const waits = Array.from({ length: 200 }, (_, name) => {
      const delay = (name * 7.3) % 41;
      const start = performance.now();
      return new Promise<number>((resolve) =>
        wheel.setTimer(delay, () => resolve(performance.now() - start - delay)),
      );
    });
    for (const late of await Promise.all(waits)) expect(late).toBeGreaterThanOrEqual(0);
  });

  test("systemClock gives time that goes forward, chance, and timers", async () => {
    const start = systemClock.now();
    await new Promise<void>((resolve) => systemClock.setTimer(5, resolve));
    expect(systemClock.now()).toBeGreaterThanOrEqual(start + 5);
    const chances = Array.from({ length: 100 }, () => systemClock.random());
    expect(chances.every((chance) => chance >= 0 && chance < 1)).toBe(true);
    expect(new Set(chances).size).toBeGreaterThan(90);
  });
});
