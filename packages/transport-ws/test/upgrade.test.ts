/**
 * What a request must be, cases 68 to 70 of the protocol reference, and requests that want to do harm (goal W2). Each is
 * answered, the connection ends, the listener hears of it and goes on.
 */
import { PermissionDeniedError, ProtocolError } from "@sprocket/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RawWs } from "./support/raw-ws.js";
import { type Listening, World } from "./support/world.js";

let world: World;
let listening: Listening;
beforeEach(async () => {
  world = new World();
  listening = await world.listen({});
});
afterEach(() => world.close());

type Asked = Parameters<RawWs["ask"]>;

async function refused(status: number, ...asked: Asked): Promise<string> {
  const raw = await world.raw(listening.url);
  const answer = await raw.ask(...asked);
  expect(answer.status).toBe(status);
  expect(answer.headers.connection).toBe("close");
  await raw.peer.expectClosed();
  const error = await listening.reject();
  expect(error).toBeInstanceOf(status === 403 ? PermissionDeniedError : ProtocolError);
  expect(listening.pipes).toHaveLength(0);
  // The next one is served.
  await world.dial(listening.url, {});
  await listening.pipe();
  return answer.body;
}

async function accepted(...asked: Asked): Promise<Record<string, string>> {
  const raw = await world.raw(listening.url);
  const answer = await raw.ask(...asked);
  expect(answer.status).toBe(101);
  await listening.pipe();
  return answer.headers;
}

describe("68: the subprotocol", () => {
  test("is echoed, and the answer is as nng wants it", async () => {
    expect(await accepted()).toEqual({
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      "sec-websocket-protocol": "pair.sp.nanomsg.org",
    });
  });

  test("may stand in a list, of which ours is echoed as the peer spells it", async () => {
    const list = "pull.sp.nanomsg.org, Pair.SP.nanomsg.org,foo";
    expect((await accepted({ "Sec-WebSocket-Protocol": list }))["sec-websocket-protocol"]).toBe(
      "Pair.SP.nanomsg.org",
    );
  });

  test("may come in several headers", async () => {
    await accepted({ "Sec-WebSocket-Protocol": ["foo", "pair.sp.nanomsg.org"] });
  });

  for (const [what, value] of [
    ["missing", undefined],
    ["another one", "pair1.sp.nanomsg.org"],
    ["a list without ours", "foo, bar"],
    ["empty", ""],
    ["malformed", "pair.sp.nanomsg.org,,"],
    ["only the name", "pair"],
  ] as const) {
    test(`${what}: 400, and the answer says which it must be`, async () => {
      const body = await refused(400, { "Sec-WebSocket-Protocol": value });
      expect(body).toContain("pair.sp.nanomsg.org");
    });
  }
});

describe("69: the path", () => {
  for (const path of ["/y", "/x/y", "/", "/X", "/xx", "/x//y"]) {
    test(`${path} at a listener of /x: 404`, async () => {
      await refused(404, {}, { line: `GET ${path} HTTP/1.1` });
    });
  }
  for (const path of ["/x", "/x/", "//x", "/./x", "/y/../x", "/%78", "/x?token=1&x=/y"]) {
    test(`${path} is /x`, async () => {
      await accepted({}, { line: `GET ${path} HTTP/1.1` });
    });
  }
  for (const path of ["/%zz", "/%", "/%ff", "x", "*", "http://h/x"]) {
    test(`${path} is no path: 400`, async () => {
      await refused(400, {}, { line: `GET ${path} HTTP/1.1` });
    });
  }

  test("a path with characters that URLs escape is found", async () => {
    const odd = await world.listen({}, {}, "ws://127.0.0.1:0/ä b|{c}".replace(" ", "%20"));
    await world.dial(odd.url, {});
    expect((await odd.pipe()).properties.get("ws.path")).toBe("/%C3%A4%20b%7C%7Bc%7D");
  });

  test("the query is the application's", async () => {
    await accepted({}, { line: "GET /x?token=1&x=%20 HTTP/1.1" });
    expect((await listening.pipe()).properties.get("ws.query")).toBe("token=1&x=%20");
  });
});

describe("70: the rest of the request", () => {
  test("POST: 405", () => refused(405, {}, { line: "POST /x HTTP/1.1" }).then(() => undefined));
  test("POST without an upgrade: 405", async () => {
    await refused(405, { Upgrade: undefined, Connection: undefined }, { line: "POST /x HTTP/1.1" });
  });
  test("HEAD: 400", async () => {
    const raw = await world.raw(listening.url);
    await raw.request({}, { line: "HEAD /x HTTP/1.1" });
    expect(await raw.readHead()).toMatch(/^HTTP\/1.1 400 /);
  });
  for (const [what, changes] of [
    ["no Upgrade", { Upgrade: undefined }],
    ["another Upgrade", { Upgrade: "h2c" }],
    ["no Connection", { Connection: undefined }],
    ["another Connection", { Connection: "keep-alive" }],
    ["version 8", { "Sec-WebSocket-Version": "8" }],
    ["no version", { "Sec-WebSocket-Version": undefined }],
    ["two versions", { "Sec-WebSocket-Version": "13, 8" }],
    ["no key", { "Sec-WebSocket-Key": undefined }],
    ["a short key", { "Sec-WebSocket-Key": "c2hvcnQ=" }],
    ["a key that is no base64", { "Sec-WebSocket-Key": "!!!!!!!!!!!!!!!!!!!!!!==" }],
    ["a long key", { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZSBpcyBsb25n" }],
    ["no Host", { Host: undefined }],
  ] as const) {
    test(`${what}: 400`, async () => {
      await refused(400, changes);
    });
  }
  for (const [what, changes] of [
    ["Upgrade in another case", { Upgrade: "WebSocket" }],
    ["Connection as a list", { Connection: "keep-alive,Upgrade" }],
    ["Host of another name, from no page", { Host: "other.test" }],
    ["Host with another port", { Host: "127.0.0.1:1" }],
    ["extensions, of which none is taken", { "Sec-WebSocket-Extensions": "permessage-deflate" }],
  ] as const) {
    test(`${what} is taken`, async () => {
      const headers = await accepted(changes);
      expect(headers["sec-websocket-extensions"]).toBeUndefined();
    });
  }
  test("a body: 413", async () => {
    await refused(413, { "Content-Length": "5" }, { after: "hello" });
  });
  test("a chunked body: 413", async () => {
    await refused(413, { "Transfer-Encoding": "chunked" }, { after: "0\r\n\r\n" });
  });
});

describe("W2: harm", () => {
  test("2,000 headers: 431", async () => {
    const many = Object.fromEntries(Array.from({ length: 1_990 }, (_, at) => [`a${at}`, "b"]));
    await refused(431, many);
  });
  test("101 headers, the right ones last: 431", async () => {
    const raw = await world.raw(listening.url);
    const many = Array.from({ length: 100 }, (_, at) => `a${at}: b`).join("\r\n");
    await raw.request({}, { line: `GET /x HTTP/1.1\r\n${many}` });
    expect((await raw.readAnswer()).status).toBe(431);
  });
  test("a header of 64 KiB: 431", async () => {
    await refused(431, { Cookie: "c".repeat(65_536) });
  });
  test("a subprotocol header of 10,000 tokens is read in one pass", async () => {
    await refused(400, {
      "Sec-WebSocket-Protocol": Array.from({ length: 10_000 }, () => "a")
        .join(",")
        .slice(0, 8_000),
    });
  });
  test("no HTTP at all: 400", async () => {
    const raw = await world.raw(listening.url);
    await raw.peer.send("\0SP\0\0\x10\0\0 and more of it\r\n\r\n");
    expect((await raw.readAnswer()).status).toBe(400);
    expect(await listening.reject()).toBeInstanceOf(ProtocolError);
  });
  test("nothing of a request is repeated in the answer, nor in the error", async () => {
    const marker = "S3CR3T-marker";
    const body = await refused(400, {
      "Sec-WebSocket-Protocol": marker,
      Cookie: marker,
      Authorization: marker,
    });
    expect(body).not.toContain(marker);
    expect((await listening.reject()).message).not.toContain(marker);
  });
  test("a request that ends in the middle is reported", async () => {
    const raw = await world.raw(listening.url);
    await raw.peer.send("GET /x HTTP/1.1\r\nHost: ");
    await raw.peer.close();
    expect((await listening.reject()).message).toMatch(/closed|request/);
  });
});
