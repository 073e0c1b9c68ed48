/** What nng sends for a URL without a path, in all the ways that bytes can come. */
import { once } from "node:events";
import { connect } from "node:net";
import { Pair0 } from "@sprocket/pair";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ws } from "../src/index.js";

const rest =
  "Host: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: pair.sp.nanomsg.org\r\n\r\n";

let pair: Pair0;
let port: number;
const errors: string[] = [];
beforeEach(async () => {
  errors.length = 0;
  pair = new Pair0({ transports: [ws()] });
  pair.addEventListener("handshakeerror", ({ error }) => errors.push(error.message));
  const { url } = await pair.listen("ws://127.0.0.1:0");
  port = Number(new URL(url).port);
});
afterEach(() => pair.destroy());

/** Sends the pieces, each when the one before has gone, and reads the first line of the answer. */
async function answerTo(pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  try {
    const answer = once(socket, "data");
    for (const piece of pieces) await new Promise((done) => socket.write(piece, done));
    return String(((await answer) as [Buffer])[0]).split("\r\n")[0] as string;
  } finally {
    socket.destroy();
  }
}

const accepted = "HTTP/1.1 101 Switching Protocols";

test("A target that is missing is the root", async () => {
  expect(await answerTo([`GET  HTTP/1.1\r\n${rest}`])).toBe(accepted);
});

test("So is it when every byte comes alone, as is the ordinary request", async () => {
  expect(await answerTo([...`GET  HTTP/1.1\r\n${rest}`])).toBe(accepted);
  expect(await answerTo(["G", "E", "T", " ", "/ HTTP/1.1\r\n", rest])).toBe(accepted);
});

test("A frame in the same segment as the request arrives", async () => {
  const frame = Buffer.from([0x82, 0x81, 0, 0, 0, 0, 0x37]);
  expect(await answerTo([Buffer.concat([Buffer.from(`GET  HTTP/1.1\r\n${rest}`), frame])])).toBe(accepted);
  expect(Buffer.from(await pair.receive({ timeout: 5_000 })).toString()).toBe("7");
});

test.each([
  ["GET  /x HTTP/1.1\r\n", /^HTTP\/1\.1 (400|404) /],
  ["GET  HTTX/1.1\r\n", /^HTTP\/1\.1 400 /],
  ["GET   HTTP/1.1\r\n", /^HTTP\/1\.1 400 /],
  ["PUT  HTTP/1.1\r\n", /^HTTP\/1\.1 400 /],
])("%j is not taken for it", async (line, status) => {
  expect(await answerTo([line + rest])).toMatch(status);
});

test("One that leaves in the middle of the first line is told", async () => {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  const told = new Promise((resolve) => pair.addEventListener("handshakeerror", resolve));
  socket.end("GET ");
  await told;
  expect(errors).toEqual([expect.stringContaining("closed the connection before its request was complete")]);
});
