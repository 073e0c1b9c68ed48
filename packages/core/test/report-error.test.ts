import { afterEach, expect, test, vi } from "vitest";
import { reportUncaught } from "../src/report-error.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("an error that nobody waits for goes to reportError", () => {
  const reported: unknown[] = [];
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
  const error = new Error("lost");
  reportUncaught(error);
  expect(reported).toEqual([error]);
});

test("without reportError it is said on the console, and ends nothing", () => {
  vi.stubGlobal("reportError", undefined);
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const error = new Error("lost");
  reportUncaught(error);
  expect(said).toHaveBeenCalledTimes(1);
  expect(said.mock.calls[0]).toContain(error);
});
