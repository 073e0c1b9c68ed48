/** How large text is cut: nanomsg refuses fragments that part in the middle of a character. */
import { once } from "node:events";
import { connect } from "node:net";
import { Pair0 } from "@sprocket/pair";
import { until } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ws } from "../src/index.js";

let left: Pair0;
beforeEach(() => {
  left = new Pair0({ transports: [ws({ text: true })] });
});
afterEach(() => left.destroy());

/** The payloads of the frames in these bytes, as far as they have come, which a server sent: without masks. */
function frames(bytes: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = (bytes[at + 1] as number) & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + header > bytes.length) break;
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    payloads.push(bytes.subarray(at + header, at + header + length));
    at += header + length;
  }
  return payloads;
}

async function sent(data: string | Uint8Array): Promise<Buffer[]> {
  const { url } = await left.listen("ws://127.0.0.1:0/");
  const { host, port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  let bytes = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  await once(socket, "connect");
  socket.write(
    [
      ...["GET / HTTP/1.1", `Host: ${host}`, "Upgrade: websocket", "Connection: Upgrade"],
      ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
      "Sec-WebSocket-Protocol: pair.sp.nanomsg.org\r\n\r\n",
    ].join("\r\n"),
  );
  await left.waitForPipes(1);
  await left.send(data);
  const size = Buffer.byteLength(data as string);
  const payloads = (): Buffer[] => {
    const head = bytes.indexOf("\r\n\r\n");
    return head < 0 ? [] : frames(bytes.subarray(head + 4));
  };
  await until(() => Buffer.concat(payloads()).length === size, "the message");
  socket.destroy();
  return payloads();
}

describe("large text", () => {
  test.each(["€", "ä", "😀", "a€", "abc😀"])("of %s is cut between characters", async (unit) => {
    const text = unit.repeat(70_000);
    const parts = await sent(text);
    expect(parts.length).toBeGreaterThan(1);
    const strict = new TextDecoder("utf-8", { fatal: true });
    expect(parts.map((part) => strict.decode(part)).join("")).toBe(text);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(65_536);
  });

  test("that is none is cut all the same, into as many frames", async () => {
    const bytes = new Uint8Array(200_000).fill(0x80);
    const parts = await sent(bytes);
    expect(parts.length).toBe(4);
    expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
  });
});
