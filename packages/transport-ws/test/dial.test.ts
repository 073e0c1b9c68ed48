/** What a dialer sends, and which answers it takes: cases 75 and 76 of the protocol reference. */
import {
  AddressInvalidError,
  ClosedError,
  ConnectionRefusedError,
  ConnectionShutdownError,
  Message,
  MessageTooLargeError,
  PermissionDeniedError,
  ProtocolError,
  TimeoutError,
} from "@sprocket/core";
import { parseUrl, type TransportPipe } from "@sprocket/core/plugin";
import { ManualClock, RawListener, until } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ws } from "../src/index.js";
import { frame, type RawWs } from "./support/raw-ws.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

function record(pipe: TransportPipe) {
  const seen = { messages: [] as string[], error: undefined as Error | undefined, closed: false };
  pipe.start({
    onMessage: (message) => seen.messages.push(message.text()),
    onDrain: () => undefined,
    onClose(error) {
      seen.closed = true;
      seen.error = error;
    },
  });
  return seen;
}

describe("the request", () => {
  test("has one subprotocol, no extensions, and is small enough for nanomsg", async () => {
    const listener = await world.rawListener();
    const attempt = world.dial(`${listener.url}/y%7e?q=1`, {});
    const raw = await listener.accept();
    const request = await raw.welcome();
    await attempt;
    const [line, ...headers] = request.split("\r\n");
    expect(line).toBe("GET /x/y~?q=1 HTTP/1.1");
    const names = headers.map((each) => each.slice(0, each.indexOf(":")).toLowerCase()).sort();
    expect(names).toEqual([
      "connection",
      "host",
      "sec-websocket-key",
      "sec-websocket-protocol",
      "sec-websocket-version",
      "upgrade",
    ]);
    expect(request).toContain("\r\nSec-WebSocket-Protocol: pair.sp.nanomsg.org");
    expect(request).toMatch(/\r\nHost: 127\.0\.0\.1:\d+\r\n/);
  });

  test("has the headers that the application gave, for all endpoints or for one", async () => {
    const listener = await world.rawListener();
    const transport = ws({ headers: { Authorization: "Bearer 7", Origin: "https://app.example" } });
    for (const overrides of [undefined, { headers: { Cookie: "a=b", Host: "virtual.example" } }]) {
      const transportOptions =
        overrides === undefined ? undefined : transport.readOptions?.(overrides, "dial");
      const attempt = transport.dial(parseUrl(listener.url), world.context({ transportOptions }));
      const request = await (await listener.accept()).welcome();
      (await attempt).close(new Error("the test is over"));
      if (overrides === undefined) {
        expect(request).toContain("\r\nAuthorization: Bearer 7\r\n");
        expect(request).toContain("\r\nOrigin: https://app.example\r\n");
      } else {
        expect(request).not.toContain("Authorization");
        expect(request).toContain("\r\nCookie: a=b\r\n");
        expect(request).toContain("\r\nHost: virtual.example\r\n");
      }
    }
  });

  test("tells what the listener answered, in the pipe's properties", async () => {
    const listener = await world.rawListener();
    const attempt = world.dial(`${listener.url}?q=1`, {});
    await (await listener.accept()).welcome({ "X-Node": "7" });
    const { properties, localAddress, remoteAddress } = await attempt;
    expect(properties.get("ws.path")).toBe("/x");
    expect(properties.get("ws.query")).toBe("q=1");
    expect(properties.get("ws.protocol")).toBe("pair.sp.nanomsg.org");
    expect(properties.get("ws.headers")).toMatchObject({ "x-node": "7", upgrade: "websocket" });
    expect(Object.isFrozen(properties.get("ws.headers"))).toBe(true);
    expect(remoteAddress).toBe(listener.url.replace("/x", ""));
    expect(localAddress).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
  });
});

describe("75: answers that are wrong", () => {
  const wrong: [string, Parameters<RawWs["welcome"]>][] = [
    ["no subprotocol", [{ "Sec-WebSocket-Protocol": undefined }]],
    ["another subprotocol", [{ "Sec-WebSocket-Protocol": "pull.sp.nanomsg.org" }]],
    ["a list", [{ "Sec-WebSocket-Protocol": "pair.sp.nanomsg.org, foo" }]],
    ["a wrong accept key", [{ "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }]],
    ["no accept key", [{ "Sec-WebSocket-Accept": undefined }]],
    ["Upgrade: WebSocket", [{ Upgrade: "WebSocket" }]],
    ["no Upgrade", [{ Upgrade: undefined }]],
    ["no Connection", [{ Connection: undefined }]],
    ["an extension", [{ "Sec-WebSocket-Extensions": "permessage-deflate" }]],
    ["400", [{}, { status: "400 Bad Request" }]],
    ["200", [{}, { status: "200 OK" }]],
    ["302", [{ Location: "ws://elsewhere.test/" }, { status: "302 Found" }]],
    ["500", [{}, { status: "500 Internal Server Error" }]],
  ];
  test.each(wrong)("%s: EPROTO", async (_, answer) => {
    const listener = await world.rawListener();
    const attempt = world.dial(listener.url, {});
    attempt.catch(() => undefined);
    const raw = await listener.accept();
    await raw.welcome(...answer);
    await expect(attempt).rejects.toThrow(ProtocolError);
    await expect(attempt).rejects.toMatchObject({ errno: 13, url: listener.url, operation: "dial" });
    await raw.peer.expectClosed();
  });

  test.each([
    ["401 Unauthorized", PermissionDeniedError, 16],
    ["403 Forbidden", PermissionDeniedError, 16],
    ["404 Not Found", ConnectionRefusedError, 6],
    ["405 Method Not Allowed", ConnectionRefusedError, 6],
    ["501 Not Implemented", ConnectionRefusedError, 6],
    ["503 Service Unavailable", ConnectionRefusedError, 6],
  ] as const)("%s", async (status, type, errno) => {
    const listener = await world.rawListener();
    const attempt = world.dial(listener.url, {});
    attempt.catch(() => undefined);
    const raw = await listener.accept();
    await raw.welcome({ "Content-Length": "3" }, { status, after: "no\n" });
    await expect(attempt).rejects.toThrow(type);
    await expect(attempt).rejects.toMatchObject({ errno });
    await expect(attempt).rejects.toThrow(status.slice(0, 3));
    await raw.peer.expectClosed();
  });

  test.each(["\0SP\0\0\x10\0\0", "220 smtp.test ready\r\n", "HTTP/1.1 101\r\n\r\n"])(
    "no HTTP that makes sense: EPROTO (%j)",
    async (text) => {
      const listener = await world.rawListener();
      const attempt = world.dial(listener.url, {});
      attempt.catch(() => undefined);
      const raw = await listener.accept();
      await raw.readHead();
      await raw.peer.send(text);
      await expect(attempt).rejects.toThrow(ProtocolError);
      await raw.peer.expectClosed();
    },
  );

  test("a peer that hangs up", async () => {
    const listener = await world.rawListener();
    const attempt = world.dial(listener.url, {});
    attempt.catch(() => undefined);
    const raw = await listener.accept();
    await raw.readHead();
    await raw.peer.end();
    await expect(attempt).rejects.toThrow(ConnectionShutdownError);
    await raw.peer.expectClosed();
  });

  for (const said of [
    "",
    "HTTP/1.1 101 Switch",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n",
  ]) {
    test(`silence after ${said.length} bytes: ETIMEDOUT, and the connection is freed`, async () => {
      const listener = await world.rawListener();
      const clock = new ManualClock();
      const attempt = world.dial(listener.url, {}, { clock, handshakeTimeout: 10_000 });
      attempt.catch(() => undefined);
      const raw = await listener.accept();
      await raw.readHead();
      await raw.peer.send(said);
      await clock.advanceAsync(9_999);
      expect(raw.peer.ended).toBe(false);
      await clock.advanceAsync(1);
      await expect(attempt).rejects.toThrow(TimeoutError);
      await expect(attempt).rejects.toThrow("handshakeTimeout");
      await raw.peer.expectClosed();
    });
  }

  test("an answer of one byte at a time that is never done outlasts no budget", async () => {
    const listener = await world.rawListener();
    const attempt = world.dial(listener.url, {}, { handshakeTimeout: 150 });
    attempt.catch(() => undefined);
    const raw = await listener.accept();
    let over = false;
    attempt.catch(() => {
      over = true;
    });
    await raw.peer.send("HTTP/1.1 101 Switching Protocols\r\nX: ");
    while (!over && !raw.peer.ended) await raw.peer.dribble([Buffer.from("x")], 5);
    await expect(attempt).rejects.toThrow(TimeoutError);
  });

  test("an attempt that is aborted in the middle of the upgrade frees its connection", async () => {
    const listener = await world.rawListener();
    const abort = new AbortController();
    const attempt = world.dial(listener.url, {}, { signal: abort.signal });
    attempt.catch(() => undefined);
    const raw = await listener.accept();
    await raw.readHead();
    abort.abort(new ClosedError("enough"));
    await expect(attempt).rejects.toThrow("enough");
    await raw.peer.expectClosed();
  });
});

describe("76: frames that are wrong", () => {
  async function open(overrides = {}) {
    const listener = await world.rawListener();
    const attempt = world.dial(listener.url, {}, overrides);
    const raw = await listener.accept();
    await raw.welcome({}, { after: frame("early", { mask: false }) });
    return { raw, seen: record(await attempt) };
  }

  test.each([
    ["a masked frame", frame("x"), 1002],
    ["a text frame", frame("x", { mask: false, opcode: 1 }), 1003],
    ["a length that is too long", frame("x", { mask: false, lengthBytes: 2 }), 1002],
  ])("%s ends the connection", async (_, bytes, code) => {
    const { raw, seen } = await open();
    await raw.send(bytes);
    expect(await raw.readClose()).toBe(code);
    await raw.peer.expectClosed();
    expect(seen.messages).toEqual(["early"]);
    expect(seen.error).toBeInstanceOf(ProtocolError);
  });

  test("a dialer keeps its receive limit, for frames and for their sum", async () => {
    for (const frames of [
      [frame("", { mask: false, length: 101n })],
      [
        frame(Buffer.alloc(60), { mask: false, fin: false }),
        frame(Buffer.alloc(60), { mask: false, opcode: 0 }),
      ],
    ]) {
      const { raw, seen } = await open({ receiveMaxSize: 100 });
      await raw.send(...frames);
      expect(await raw.readClose()).toBe(1009);
      await until(() => seen.closed, "the end");
      expect(seen.error).toBeInstanceOf(MessageTooLargeError);
    }
  });

  test("our frames are masked, each with a mask of its own that is not zero", async () => {
    const listener = await world.rawListener();
    const attempt = world.dial(listener.url, {});
    const raw = await listener.accept();
    await raw.welcome();
    const pipe = await attempt;
    for (let at = 0; at < 20; at++) pipe.send(new Message("x".repeat(at * 10)));
    const masks = new Set<string>();
    for (let at = 0; at < 20; at++) {
      const head = await raw.peer.readExactly(2);
      expect((head[1] as number) & 0x80).toBe(0x80);
      if (((head[1] as number) & 0x7f) === 126) await raw.peer.readExactly(2);
      masks.add(Buffer.from(await raw.peer.readExactly(4)).toString("hex"));
      await raw.peer.readExactly(at * 10);
    }
    expect(masks.size).toBeGreaterThan(18);
    expect(masks.has("00000000")).toBe(false);
  });
});

describe("addresses", () => {
  test.each([
    ["ws://", AddressInvalidError],
    ["ws://*:80/x", AddressInvalidError],
    ["ws://h:0/x", AddressInvalidError],
    ["ws://h:1/x#f", AddressInvalidError],
    ["ws://user@h:1/x", AddressInvalidError],
    ["ws4://[::1]:1/x", AddressInvalidError],
    ["ws6://127.0.0.1:1/x", AddressInvalidError],
  ])("%s cannot be dialed", (url, type) => {
    expect(() => ws().check?.(parseUrl(url), "dial")).toThrow(type);
  });

  test("a query is for dialers", () => {
    const url = parseUrl("ws://127.0.0.1:1/x?q");
    expect(() => ws().check?.(url, "dial")).not.toThrow();
    expect(() => ws().check?.(url, "listen")).toThrow(AddressInvalidError);
  });

  test.each(["ws", "ws4"])("%s:// reaches a listener of the same scheme", async (scheme) => {
    const listening = await world.listen({}, {}, `${scheme}://localhost:0/x`);
    await world.dial(listening.url, {});
    expect((await listening.pipe()).localAddress).toMatch(new RegExp(`^${scheme}://`));
  });

  test("where a tcp socket of SP listens there is an error, not a pipe", async () => {
    const listener = await RawListener.listen();
    world.defer(() => listener.close());
    const attempt = world.dial(listener.url.replace("tcp", "ws"), {}, { handshakeTimeout: 2_000 });
    attempt.catch(() => undefined);
    const peer = await listener.accept();
    await peer.send("\0SP\0\0\x10\0\0");
    await peer.end();
    await expect(attempt).rejects.toThrow(ProtocolError);
  });
});
