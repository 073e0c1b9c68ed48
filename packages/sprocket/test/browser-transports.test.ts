/** What stands in the place of the transports under the condition `browser`. In real browsers: the workspace `browser`. */
import { expect, test } from "vitest";
import * as here from "../src/browser-transports.js";
import * as node from "../src/transports.js";

test("every function that Node's transports export is there", () => {
  expect(Object.keys(here)).toEqual(expect.arrayContaining(Object.keys(node)));
});

test.each([
  ["tcp", here.tcp],
  ["ipc", here.ipc],
  ["tls", here.tls],
])("%s() says why it is not there when it is called", (name, call) => {
  const text = `${name}() needs Node, Bun or Deno. A browser reaches peers over ws:// and wss://`;
  expect(() => call()).toThrow(expect.objectContaining({ code: "SP_ENOTSUP" }));
  expect(() => call()).toThrow(text);
});

test("the default is ws", () => {
  expect(here.defaultTransports().map(({ name }) => name)).toEqual(["ws"]);
  expect(here.defaultTransports()).toBe(here.defaultTransports());
});
