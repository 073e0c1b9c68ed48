/**
 * For every test of this workspace: no warning of the runtime, and no handle left open when a test is over.
 */
import { HandleWatch } from "@sprocket/testing";
import { afterAll, afterEach, expect } from "vitest";
import { cleanUp } from "./world.js";

const handles = new HandleWatch();
const warnings: Error[] = [];
const onWarning = (warning: Error): void => {
  warnings.push(warning);
};
process.on("warning", onWarning);

afterEach(async () => {
  await cleanUp();
  await handles.settled(10_000);
  expect([...new Set(warnings.splice(0).map(String))]).toEqual([]);
});

afterAll(() => {
  handles.stop();
  process.off("warning", onWarning);
});
