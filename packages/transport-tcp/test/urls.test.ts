/** Every form of URL in both roles (reference 3.2): what can never work is refused before anything is opened. */
import { AddressInvalidError, InvalidOperationError } from "@sprocket/core";
import { parseUrl } from "@sprocket/core/plugin";
import { describe, expect, test } from "vitest";
import { tcp } from "../src/index.js";
import { World } from "./support/world.js";

const invalid = AddressInvalidError;
const malformed = InvalidOperationError;
const long = `tcp://${"x".repeat(256)}:5555`;

const everywhere = [
  ["tcp://127.0.0.1:", malformed],
  ["tcp://127.0.0.1:99999", invalid],
  ["tcp://127.0.0.1:-1", invalid],
  ["tcp://127.0.0.1:0x10", invalid],
  ["tcp://127.0.0.1:nosuchservice", invalid],
  ["tcp://127.0.0.1:5555/abc", invalid],
  ["tcp://127.0.0.1:5555?q", invalid],
  ["tcp://127.0.0.1:5555#f", invalid],
  ["tcp://user@127.0.0.1:5555", invalid],
  ["tcp://a@b@127.0.0.1:5555", malformed],
  ["tcp://::1:5555", invalid],
  ["tcp://[::1:5555", malformed],
  ["tcp://[::1]5555", malformed],
  ["tcp://[nonsense]:5555", invalid],
  ["tcp://127.0.0.1;10.0.0.1:5555", invalid],
  ["tcp://host name:5555", invalid],
  ["tcp4://[::1]:5555", invalid],
  ["tcp6://127.0.0.1:5555", invalid],
  [long, malformed],
] as const;

const dialOnly = [
  ["tcp://127.0.0.1", invalid],
  ["tcp://127.0.0.1:0", invalid],
  ["tcp://:5555", invalid],
  ["tcp://*:5555", invalid],
  ["tcp://", invalid],
] as const;

describe.each([
  ["dial", [...everywhere, ...dialOnly]],
  ["listen", everywhere],
] as const)("%s", (role, table) => {
  test.each(table)("%s is refused at once", (url, type) => {
    expect(() => tcp().check?.(parseUrl(url), role)).toThrow(type);
  });

  test.each(table)("%s rejects the attempt with the same error", async (url, type) => {
    const world = new World();
    const attempt: Promise<unknown> = role === "dial" ? world.dial(url) : world.listen(url);
    await expect(attempt).rejects.toThrow(type);
    await world.close();
  });
});

test.each([
  "tcp://127.0.0.1:5555",
  "TCP://127.0.0.1:5555",
  "tcp://localhost:5555/",
  "tcp4://localhost:5555",
  "tcp6://localhost:5555",
  "tcp://[::1]:5555",
  "tcp://127.0.0.1:http",
  "tcp://example_host.internal:1",
])("%s is fine in both roles", (url) => {
  for (const role of ["dial", "listen"] as const) {
    expect(() => tcp().check?.(parseUrl(url), role)).not.toThrow();
  }
});

test.each(["tcp://*:5555", "tcp://:5555", "tcp://127.0.0.1", "tcp://", "tcp://*", "tcp6://*:0"])(
  "%s can be listened at",
  (url) => {
    expect(() => tcp().check?.(parseUrl(url), "listen")).not.toThrow();
  },
);
