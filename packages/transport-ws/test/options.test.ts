/** What `ws()` takes, what it refuses, and what it never tells. */
import { createServer } from "node:http";
import { inspect } from "node:util";
import { BadTypeError, InvalidOperationError, NotSupportedError } from "@sprocket/core";
import { parseUrl } from "@sprocket/core/plugin";
import { Pair0 } from "@sprocket/pair";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type WsOptions, ws } from "../src/index.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const given = (options: unknown) => () => ws(options as WsOptions);

test("the transport answers ws and wss, each with 4 and 6", () => {
  expect(ws()).toMatchObject({ name: "ws", schemes: ["ws", "ws4", "ws6", "wss", "wss4", "wss6"] });
});

test.each([
  { text: "yes" },
  { headers: "Cookie: a" },
  { headers: { Cookie: 7 } },
  { responseHeaders: [] },
  { authorize: true },
  { allowedOrigins: "https://app.test" },
  { allowedOrigins: [7] },
  { allowedHosts: {} },
  { requireOrigin: 1 },
  { pingInterval: "1s" },
  { server: 8080 },
  { server: {} },
  { tls: true },
  { tls: [] },
  { noDelay: 1 },
  "ws",
  null,
])("%j has the wrong type", (options) => {
  expect(given(options)).toThrow(BadTypeError);
});

test.each([
  { headers: { "Bad Name": "x" } },
  { headers: { Cookie: "a\r\nX-Smuggled: 1" } },
  { headers: { Cookie: "a\u0100" } },
  { headers: { "Sec-WebSocket-Protocol": "x" } },
  { headers: { upgrade: "x" } },
  { responseHeaders: { "SEC-WebSocket-Accept": "x" } },
  { responseHeaders: { Connection: "close" } },
  { allowedOrigins: ["app.test"] },
  { allowedOrigins: ["https://app.test/path"] },
  { allowedHosts: ["app.test:80"] },
  { allowedHosts: ["https://app.test"] },
  { pingInterval: 0 },
  { pingInterval: -1 },
])("%j is out of range", (options) => {
  expect(given(options)).toThrow(InvalidOperationError);
});

test("what it does not have it refuses, and says what was probably meant", () => {
  expect(given({ origin: "x" })).toThrow(NotSupportedError);
  expect(given({ authorise: () => true })).toThrow("Did you mean authorize?");
  expect(given({ perMessageDeflate: true })).toThrow(NotSupportedError);
  expect(given(JSON.parse('{"__proto__": {"text": true}}'))).toThrow(NotSupportedError);
});

describe("for one endpoint", () => {
  test("each may be given, and is checked", async () => {
    const pair = new Pair0({ transports: [ws()] });
    world.defer(() => pair.destroy());
    await expect(pair.dial("ws://127.0.0.1:1/x", { transport: { text: 1 } })).rejects.toThrow(BadTypeError);
    await expect(pair.listen("ws://127.0.0.1:0/x", { transport: { requireOrigin: "no" } })).rejects.toThrow(
      BadTypeError,
    );
    const { url } = await pair.listen("ws://127.0.0.1:0/x", {
      transport: { responseHeaders: { "X-Node": "7" }, requireOrigin: true },
    });
    expect((await (await world.raw(url)).ask()).status).toBe(403);
    const raw = await world.raw(url);
    expect((await raw.ask({ Origin: new URL(url).origin.replace("ws", "http") })).headers["x-node"]).toBe(
      "7",
    );
  });

  test("a server of the application's may be given to one listener alone", async () => {
    const server = createServer();
    const pair = new Pair0({ transports: [ws()] });
    world.defer(() => pair.destroy());
    await pair.listen("ws:///x", { transport: { server } });
    expect(server.listenerCount("upgrade")).toBe(1);
    await pair.listen("ws://127.0.0.1:0/x");
    expect(server.listenerCount("upgrade")).toBe(1);
  });
});

test("what is given later does not change a transport that was made", async () => {
  const headers: Record<string, string> = { "X-Node": "7" };
  const listening = await world.listen({ responseHeaders: headers });
  headers["X-Node"] = "8\r\nX-Smuggled: 1";
  expect((await (await world.raw(listening.url)).ask()).headers["x-node"]).toBe("7");
});

test("nothing that is secret shows in a transport, a socket or an error", async () => {
  const marker = "S3CR3T-marker";
  const transport = ws({ headers: { Authorization: marker, Cookie: marker } });
  const pair = new Pair0({ transports: [transport] });
  world.defer(() => pair.destroy());
  const error: unknown = await transport
    .dial(parseUrl("ws://127.0.0.1:1/x"), world.context())
    .catch((reason: unknown) => reason);
  for (const shown of [transport, pair, error]) {
    expect(inspect(shown, { depth: 10, showHidden: true })).not.toContain(marker);
  }
});
