/** What `tcp()` takes. */
import { Socket } from "node:net";
import { BadTypeError, InvalidOperationError, NotSupportedError } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { expect, test, vi } from "vitest";
import { type TcpOptions, tcp } from "../src/index.js";

const given = (options: unknown) => () => tcp(options as TcpOptions);

test("the transport answers tcp, tcp4 and tcp6", () => {
  expect(tcp()).toMatchObject({ name: "tcp", schemes: ["tcp", "tcp4", "tcp6"] });
});

test("every option can be given, and undefined is the default", () => {
  const all = {
    noDelay: false,
    keepAlive: true,
    keepAliveInitialDelay: 1_000,
    backlog: 1,
    ipv6Only: true,
    localAddress: "127.0.0.1",
  };
  expect(given(all)).not.toThrow();
  expect(given(Object.fromEntries(Object.keys(all).map((name) => [name, undefined])))).not.toThrow();
});

test.each([
  { noDelay: 1 },
  { keepAlive: "true" },
  { keepAliveInitialDelay: "1000" },
  { backlog: null },
  { ipv6Only: 0 },
  { localAddress: 127 },
  "tcp",
  null,
  [],
])("%j has the wrong type", (options) => {
  expect(given(options)).toThrow(BadTypeError);
});

test.each([
  { keepAliveInitialDelay: -1 },
  { keepAliveInitialDelay: 2 ** 31 },
  { backlog: 0 },
  { backlog: 65_536 },
  { localAddress: "localhost" },
  { localAddress: "[::1]" },
  { localAddress: "127.0.0.1:5555" },
])("%j is out of range", (options) => {
  expect(given(options)).toThrow(InvalidOperationError);
});

test.each([
  [{ nodelay: true }, "noDelay"],
  [{ keep_alive: true }, "keepAlive"],
  [{ localAdress: "::1" }, "localAddress"],
  [{ "local-address": "::1" }, "localAddress"],
])("%j is an unknown option, and the error says what was meant", (options, name) => {
  expect(given(options)).toThrow(NotSupportedError);
  expect(given(options)).toThrow(name);
});

test("nothing is taken from a prototype", () => {
  expect(given(JSON.parse('{ "__proto__": { "noDelay": 1 } }'))).toThrow(NotSupportedError);
  expect(given(Object.create({ noDelay: 1 }))).not.toThrow();
});

test("an endpoint may have options of its own, and the others are as the transport was made", async () => {
  const noDelay = vi.spyOn(Socket.prototype, "setNoDelay");
  const keepAlive = vi.spyOn(Socket.prototype, "setKeepAlive");
  const transports = [tcp({ noDelay: false, keepAliveInitialDelay: 7_000 })];
  const [one, two] = [new Pair0({ transports }), new Pair0({ transports })];
  try {
    const { url } = await one.listen("tcp://127.0.0.1:0", { transport: { backlog: 1 } });
    await two.dial(url, { transport: { keepAlive: true } });
    expect(noDelay).toHaveBeenLastCalledWith(false);
    expect(keepAlive).toHaveBeenLastCalledWith(true, 7_000);
    await expect(two.dial(url, { transport: { keepAlive: 1 } })).rejects.toThrow(BadTypeError);
    await expect(two.listen(url, { transport: { noDely: true } })).rejects.toThrow("noDelay");
  } finally {
    await two.close();
    await one.close();
  }
});
