import { getEventListeners } from "node:events";
import { describe, expect, test, vi } from "vitest";
import { watchAbort } from "../src/signals.js";

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;
const target = () => ({ aborted: vi.fn<(reason: unknown) => void>() });

describe("watching a signal", () => {
  test("tells each watcher once, with the reason, in the order in which they came", () => {
    const controller = new AbortController();
    const told: [string, unknown][] = [];
    for (const name of ["a", "b", "c"]) {
      watchAbort(controller.signal, { aborted: (reason) => told.push([name, reason]) });
    }
    controller.abort("stop");
    controller.abort("again");
    expect(told).toEqual([
      ["a", "stop"],
      ["b", "stop"],
      ["c", "stop"],
    ]);
    expect(listeners(controller.signal)).toBe(0);
  });

  test("takes one listener for any number of watchers, and none once they have left", () => {
    const { signal } = new AbortController();
    const watches = Array.from({ length: 5 }, () => watchAbort(signal, target()));
    expect(listeners(signal)).toBe(1);
    for (const watch of watches.slice(1)) watch.cancel();
    expect(listeners(signal)).toBe(1);
    watches[0]?.cancel();
    expect(listeners(signal)).toBe(0);
  });

  test("works again after the last watcher left", () => {
    const controller = new AbortController();
    watchAbort(controller.signal, target()).cancel();
    const watcher = target();
    watchAbort(controller.signal, watcher);
    expect(listeners(controller.signal)).toBe(1);
    controller.abort();
    expect(watcher.aborted).toHaveBeenCalledTimes(1);
  });

  test("raises no warning with 10,000 watchers", async () => {
    const warning = vi.fn();
    process.on("warning", warning);
    const { signal } = new AbortController();
    const watches = Array.from({ length: 10_000 }, () => watchAbort(signal, target()));
    // Warnings come in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    for (const watch of watches) watch.cancel();
    process.off("warning", warning);
    expect(warning).not.toHaveBeenCalled();
    expect(listeners(signal)).toBe(0);
  });

  test("one target may watch several times", () => {
    const controller = new AbortController();
    const watcher = target();
    const first = watchAbort(controller.signal, watcher);
    watchAbort(controller.signal, watcher);
    first.cancel();
    controller.abort();
    expect(watcher.aborted).toHaveBeenCalledTimes(1);
  });

  test("is over after cancel, which may come twice", () => {
    const controller = new AbortController();
    const first = target();
    const second = target();
    const watch = watchAbort(controller.signal, first);
    watchAbort(controller.signal, second);
    watch.cancel();
    watch.cancel();
    controller.abort();
    watch.cancel();
    expect(first.aborted).not.toHaveBeenCalled();
    expect(second.aborted).toHaveBeenCalledTimes(1);
  });

  test("a watcher that is told may end the watch of another", () => {
    const controller = new AbortController();
    const victim = target();
    const last = target();
    watchAbort(controller.signal, { aborted: () => watch.cancel() });
    const watch = watchAbort(controller.signal, victim);
    watchAbort(controller.signal, last);
    controller.abort();
    expect(victim.aborted).not.toHaveBeenCalled();
    expect(last.aborted).toHaveBeenCalledTimes(1);
  });

  test("of a signal that has aborted tells at once and adds no listener", () => {
    const signal = AbortSignal.abort("before");
    const watcher = target();
    watchAbort(signal, watcher).cancel();
    expect(watcher.aborted.mock.calls).toEqual([["before"]]);
    expect(listeners(signal)).toBe(0);
  });

  test("a watcher that throws is reported and stops no other", () => {
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    const controller = new AbortController();
    const error = new Error("watcher");
    const other = target();
    watchAbort(controller.signal, {
      aborted: () => {
        throw error;
      },
    });
    watchAbort(controller.signal, other);
    controller.abort();
    vi.unstubAllGlobals();
    expect(reported).toEqual([error]);
    expect(other.aborted).toHaveBeenCalledTimes(1);
  });
});
