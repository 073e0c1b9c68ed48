/** How addresses of the system read as URLs, and what a port does to a URL. */
import { expect, test } from "vitest";
import { formatTcpAddress, withTcpPort } from "../src/stream/tcp-address.js";
import { parseUrl } from "../src/url.js";

test.each([
  ["127.0.0.1", 5555, "tcp://127.0.0.1:5555"],
  ["::1", 5555, "tcp://[::1]:5555"],
  ["::", 0, "tcp://[::]:0"],
  ["::ffff:192.0.2.1", 80, "tcp://192.0.2.1:80"],
  ["::FFFF:192.0.2.1", 80, "tcp://192.0.2.1:80"],
  ["::ffff:0:1", 80, "tcp://[::ffff:0:1]:80"],
  ["fe80::1%eth0", 80, "tcp://[fe80::1%eth0]:80"],
  [undefined, undefined, "tcp://unknown"],
])("%s and %s read %s", (address, port, url) => {
  expect(formatTcpAddress("tcp", address, port)).toBe(url);
});

test.each([
  ["tcp://127.0.0.1:0", "tcp://127.0.0.1:7"],
  ["tcp://127.0.0.1", "tcp://127.0.0.1:7"],
  ["tcp://127.0.0.1:0/", "tcp://127.0.0.1:7"],
  ["tcp://127.0.0.1/", "tcp://127.0.0.1:7"],
  ["tcp4://LocalHost:0", "tcp4://LocalHost:7"],
  ["tcp://*:0", "tcp://*:7"],
  ["tcp://*", "tcp://*:7"],
  ["tcp://:0", "tcp://:7"],
  ["tcp://", "tcp://:7"],
  ["tcp6://[::1]:0", "tcp6://[::1]:7"],
  ["tcp://[::1]", "tcp://[::1]:7"],
])("%s with the real port is %s", (url, real) => {
  expect(withTcpPort(parseUrl(url), 7)).toBe(real);
});
