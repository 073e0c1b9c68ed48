/** Frames as they leave: masks, lengths, fragments, and what `ws` writes between them. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Message } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { ManualClock, SeededRandom, until } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { ws } from "../src/index.js";
import { applyMask, wordsOf } from "../src/mask.js";

test("a mask lies right at any place, for any length and phase", () => {
  const random = new SeededRandom(21);
  for (let round = 0; round < 2_000; round++) {
    const all = new Uint8Array(130).map(() => random.below(256));
    const bytes = all.subarray(random.below(9), 130 - random.below(9));
    const start = random.below(20);
    const end = start + random.below(bytes.length - start + 1);
    const key = new Uint8Array(4).map(() => random.below(256));
    const phase = random.below(1_000);
    const expected = bytes.map((byte, at) =>
      at >= start && at < end ? byte ^ (key[(at - start + phase) & 3] as number) : byte,
    );
    applyMask(bytes, wordsOf(bytes), start, end, key, phase);
    expect(Buffer.compare(bytes, expected), `seed 21, round ${round}`).toBe(0);
  }
});

const sizes = [0, 1, 64, 125, 126, 1_024, 1_025, 8_186, 8_192, 8_193, 65_535, 65_536, 65_537, 200_000];

describe.each(["dial", "listen"] as const)("frames of the one that %ss", (role) => {
  test("have a mask or none, the shortest length, at most 64 KiB, and leave the message as it was", async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
    await once(server, "listening");
    const pair = new Pair0({ transports: [ws()], receiveMaxSize: 0 });
    const seen: Buffer[] = [];
    try {
      let peer: WebSocket;
      if (role === "dial") {
        const connected = once(server, "connection");
        await pair.dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
        [peer] = (await connected) as [WebSocket];
      } else {
        const { url } = await pair.listen("ws://127.0.0.1:0/");
        peer = new WebSocket(url, ["pair.sp.nanomsg.org"]);
        await once(peer, "open");
        await pair.waitForPipes(1);
      }
      peer.on("message", (data: Buffer, isBinary: boolean) =>
        seen.push(isBinary ? data : Buffer.from("text")),
      );
      for (const size of sizes) {
        const body = Buffer.alloc(size, `${size}`);
        const given = Buffer.from(body);
        await pair.send(new Message(given));
        await pair.send(body);
        await until(() => seen.length === 2, "both messages");
        for (const each of seen.splice(0)) expect(each.equals(body), `${size} bytes`).toBe(true);
        expect(given.equals(body), `${size} bytes are untouched`).toBe(true);
      }
    } finally {
      await pair.close();
      for (const client of server.clients) client.terminate();
      server.close();
    }
  });

  test("are never parted by pongs, pings or a close of ws", async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
    await once(server, "listening");
    const clock = new ManualClock();
    const pair = new Pair0({ clock, transports: [ws({ pingInterval: 1_000 })], receiveMaxSize: 0 });
    const errors: Error[] = [];
    let pings = 0;
    let pongs = 0;
    let count = 0;
    const body = Buffer.from(Uint8Array.from({ length: 150_000 }, (_, at) => at % 251));
    try {
      let peer: WebSocket;
      if (role === "dial") {
        const connected = once(server, "connection");
        await pair.dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
        [peer] = (await connected) as [WebSocket];
      } else {
        const { url } = await pair.listen("ws://127.0.0.1:0/");
        peer = new WebSocket(url, ["pair.sp.nanomsg.org"]);
        await once(peer, "open");
        await pair.waitForPipes(1);
      }
      peer.on("error", (error) => errors.push(error));
      peer.on("ping", () => pings++);
      peer.on("pong", (data: Buffer) => {
        expect(String(data)).toBe("are you there?");
        pongs++;
      });
      peer.on("message", (data: Buffer) => {
        expect(data.equals(body)).toBe(true);
        count++;
        peer.ping("are you there?");
      });
      for (let sent = 0; sent < 150; sent++) {
        await pair.send(new Message(body));
        if (sent % 10 > 0) continue;
        // Heard before the first of two intervals and silent in the second: the peer is asked, in the midst of all that.
        for (let interval = 0; interval < 2; interval++) clock.advance(1_000);
        // What answers a message that comes from now on is heard after that.
        const next = count + 1;
        await until(() => pongs >= next, "a pong");
      }
      await until(() => pongs === 150, "all pongs", 10_000);
      expect(pings).toBe(15);
      const closed = once(peer, "close");
      for (let sent = 0; sent < 3; sent++) await pair.send(new Message(body));
      await pair.close();
      expect((await closed)[0]).toBe(1000);
      expect(count).toBe(153);
      expect(errors).toEqual([]);
    } finally {
      await pair.close();
      for (const client of server.clients) client.terminate();
      server.close();
    }
  });
});

test("every frame of a dialer has a mask of its own, its fragments as well", async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  const masks = new Set<string>();
  let bytes = Buffer.alloc(0);
  server.on("connection", (_, { socket }) => {
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
    });
  });
  await once(server, "listening");
  const pair = new Pair0({ transports: [ws()] });
  try {
    await pair.dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    for (let count = 0; count < 200; count++) await pair.send("hello");
    await pair.send(new Message(Buffer.alloc(640 * 1024)));
    await until(() => bytes.length >= 200 * 11 + 10 * (65_536 + 14), "all bytes");
    let frames = 0;
    for (let at = 0; at < bytes.length; frames++) {
      const short = (bytes[at + 1] as number) & 0x7f;
      expect((bytes[at + 1] as number) & 0x80).toBe(0x80);
      const [length, head] =
        short < 126
          ? [short, 2]
          : short === 126
            ? [bytes.readUInt16BE(at + 2), 4]
            : [bytes.readUInt32BE(at + 6), 10];
      masks.add(bytes.subarray(at + head, at + head + 4).toString("hex"));
      at += head + 4 + length;
    }
    expect(frames).toBe(210);
    expect(masks.size).toBeGreaterThan(200);
  } finally {
    await pair.close();
    for (const client of server.clients) client.terminate();
    server.close();
  }
});
