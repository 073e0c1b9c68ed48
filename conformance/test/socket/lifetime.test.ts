/** What keeps a process alive: an open socket with an endpoint, a pipe or a pending call, unless `unref` was called. */
import { within } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Child } from "../support/child.js";
import { ipcUrl } from "../support/world.js";

const tcpUrl = "tcp://127.0.0.1:0";

test.for([
  ["idle", tcpUrl],
  ["unref", tcpUrl],
  ["unref later", tcpUrl],
  ["closed", tcpUrl],
  ["closed", "ipc"],
  ["closed", "inproc://closed"],
  ["closed without awaiting", tcpUrl],
  ["destroyed", tcpUrl],
  ["destroyed", "ipc"],
  ["endpoints closed", tcpUrl],
] as const)("a process ends by itself: %s over %s", async ([scenario, url]) => {
  const child = new Child("lifetime", scenario, url === "ipc" ? ipcUrl() : url);
  expect(await child.line()).toBe("ready");
  expect(await within(10_000, child.exited, "the process to end by itself")).toEqual([0, null]);
});

test("a receive with a timeout holds the process until it is over", async () => {
  const child = new Child("lifetime", "timeout", tcpUrl);
  expect(await child.line()).toBe("ready");
  expect(await child.line()).toBe("timed out");
  expect(await within(10_000, child.exited, "the process to end by itself")).toEqual([0, null]);
});

test.for([
  ["listener", tcpUrl],
  ["listener", "ipc"],
  ["listener", "inproc://lifetime"],
  ["dialer", "tcp://127.0.0.1:9"],
  ["receive", tcpUrl],
  ["ref again", tcpUrl],
  ["inproc", tcpUrl],
] as const)("a process stays: %s over %s", async ([scenario, url]) => {
  const child = new Child("lifetime", scenario, url === "ipc" ? ipcUrl() : url);
  expect(await child.line()).toBe("ready");
  // There is no event for what does not happen. A process that ends does so within its next turns.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(child.running).toBe(true);
});
