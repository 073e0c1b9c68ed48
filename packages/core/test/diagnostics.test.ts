import diagnostics from "node:diagnostics_channel";
import { afterEach, describe, expect, test, vi } from "vitest";
import { channel } from "../src/diagnostics.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a diagnostics channel", () => {
  test("is the runtime's own", () => {
    const heard: unknown[] = [];
    const listen = (message: unknown): void => void heard.push(message);
    const ours = channel("sprocket:test");
    expect(ours.hasSubscribers).toBe(false);
    diagnostics.subscribe("sprocket:test", listen);
    expect(ours.hasSubscribers).toBe(true);
    ours.publish({ fact: 1 });
    diagnostics.unsubscribe("sprocket:test", listen);
    expect(ours.hasSubscribers).toBe(false);
    expect(heard).toEqual([{ fact: 1 }]);
  });

  test.each([
    ["no process", undefined],
    ["a process without built-in modules", {}],
    ["a process that does not know the module", { getBuiltinModule: () => undefined }],
  ])("is silent in a runtime with %s", (name, runtime) => {
    vi.stubGlobal("process", runtime);
    const silent = channel(`sprocket:test:${name}`);
    silent.publish("nobody hears this");
    expect(silent.hasSubscribers).toBe(false);
  });
});
