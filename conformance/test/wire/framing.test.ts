/** Messages on the stream, cases 14 to 24. PAIR0 adds no header, so it stands for PUSH and PULL here. */
import { execFileSync } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { Message } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { Rep0 } from "@sprocket/reqrep";
import {
  absurdLengths,
  concat,
  hex,
  isPending,
  protocolNumbers,
  reqrepVectors,
  toHex,
  u64,
  until,
} from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import {
  failure,
  freshFolder,
  ipcUrl,
  keep,
  nextEvent,
  rawConnect,
  rawPeer,
  record,
  streams,
  text,
  transports,
} from "../support/world.js";

const { pair0, req } = protocolNumbers;

for (const { name, url } of streams) {
  /** What stands before a length on this transport. */
  const type = name === "ipc" ? new Uint8Array([1]) : new Uint8Array(0);

  describe(`over ${name}`, () => {
    test("14: an empty frame is an empty message", async () => {
      const pair = keep(new Pair0({ transports }));
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair0);
      await peer.sendFrame("");
      expect((await pair.receive()).length).toBe(0);
      await pair.send("");
      expect((await peer.readFrame()).length).toBe(0);
    });

    test("15: an absurd length closes at once; the receive waits on and other pipes are fine", async () => {
      for (const receiveMaxSize of [1_048_576, 0]) {
        const rep = keep(new Rep0({ transports, receiveMaxSize }));
        const { url: address } = await rep.listen(url());
        const good = await rawPeer(address, req);
        const received = rep.receive();
        // Without a limit, only lengths that no runtime can hold are refused.
        const refused = receiveMaxSize === 0 ? absurdLengths.slice(1) : absurdLengths;
        for (const length of refused) {
          const peer = await rawPeer(address, req);
          await peer.send(concat(type, hex(length)));
          await peer.expectClosed();
        }
        expect(await isPending(received)).toBe(true);
        await good.sendFrame(hex(reqrepVectors.request));
        expect(await text(received)).toBe("hi");
      }
    });

    test("16: a body of exactly receiveMaxSize is delivered; one byte more closes without reading it", async () => {
      const pair = keep(new Pair0({ transports, receiveMaxSize: 100 }));
      const { url: address } = await pair.listen(url());
      const drops = record(pair, "drop");
      const closed = nextEvent(pair, "pipeclose");
      const peer = await rawPeer(address, pair0);
      await peer.sendFrame(new Uint8Array(100));
      expect((await pair.receive()).length).toBe(100);
      // The length alone: the body is never asked for.
      await peer.send(concat(type, u64(101)));
      await peer.expectClosed();
      const { error } = await closed;
      expect(error).toMatchObject({ code: "SP_EMSGSIZE", errno: 17 });
      expect(error?.message, "names both sizes and the option").toMatch(
        /101.*100.*receiveMaxSize|receiveMaxSize.*100/s,
      );
      expect(drops.map(({ reason }) => reason)).toEqual(["oversize"]);
      expect(pair.stats().drops.oversize).toBe(1);
    });

    test("16: the limit is fixed for a pipe when it opens, and a listener may have its own", async () => {
      const pair = keep(new Pair0({ transports, receiveMaxSize: 100 }));
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair0);
      await pair.waitForPipes(1);
      pair.receiveMaxSize = 10;
      await peer.sendFrame(new Uint8Array(50));
      expect((await pair.receive()).length).toBe(50);
      const other = keep(new Pair0({ transports, receiveMaxSize: 100 }));
      const { url: narrow } = await other.listen(url(), { receiveMaxSize: 10 });
      const second = await rawPeer(narrow, pair0);
      await second.sendFrame(new Uint8Array(50));
      await second.expectClosed();
    });

    test("17: a message cut off by a close is no message, and the next connection works", async () => {
      const pair = keep(new Pair0({ transports }));
      const { url: address } = await pair.listen(url());
      const received = pair.receive();
      const gone = nextEvent(pair, "pipeclose");
      const first = await rawPeer(address, pair0);
      await first.send(concat(type, u64(10), "abc"));
      await first.end();
      await gone;
      expect(await isPending(received)).toBe(true);
      const second = await rawPeer(address, pair0);
      await second.sendFrame("whole");
      expect(await text(received)).toBe("whole");
    });

    test("18: a message in single bytes is delivered whole", async () => {
      const pair = keep(new Pair0({ transports }));
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair0);
      const bytes = peer.frame("one byte at a time");
      await peer.dribble(Array.from(bytes, (byte) => new Uint8Array([byte])));
      expect(await text(pair.receive())).toBe("one byte at a time");
    });

    test("19: three frames in one write are three messages in order", async () => {
      const pair = keep(new Pair0({ transports }));
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair0);
      await peer.send(concat(peer.frame("one"), peer.frame("two"), peer.frame("three")));
      expect(await text(pair.receive())).toBe("one");
      expect(await text(pair.receive())).toBe("two");
      expect(await text(pair.receive())).toBe("three");
    });

    test("what a peer sent before it closed in good order is delivered", async () => {
      const pair = keep(new Pair0({ transports, receiveBufferSize: 10 }));
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair0);
      const gone = nextEvent(pair, "pipeclose");
      await peer.send(concat(peer.frame("one"), peer.frame("two")));
      await peer.end();
      await gone;
      expect(await text(pair.receive())).toBe("one");
      expect(await text(pair.receive())).toBe("two");
    });
  });
}

describe("over ipc", () => {
  test("20: the type byte 1 stands before each message; any other closes", async () => {
    const pair = keep(new Pair0({ transports }));
    const { url: address } = await pair.listen(ipcUrl());
    const good = await rawPeer(address, pair0);
    await good.send(hex("01 0000000000000002 6869"));
    expect(await text(pair.receive())).toBe("hi");
    const gone = nextEvent(pair, "pipeclose");
    await good.close();
    await gone;
    for (const type of ["00", "02", "ff"]) {
      const closed = nextEvent(pair, "pipeclose");
      const bad = await rawPeer(address, pair0);
      await bad.send(hex(`${type} 0000000000000002 6869`));
      await bad.expectClosed();
      expect((await closed).error).toMatchObject({ code: "SP_EPROTO" });
    }
  });

  test("21: a type byte and an empty frame are an empty message", async () => {
    const pair = keep(new Pair0({ transports }));
    const { url: address } = await pair.listen(ipcUrl());
    const peer = await rawPeer(address, pair0);
    await peer.send(hex("01 0000000000000000"));
    expect((await pair.receive()).length).toBe(0);
  });

  test("22: abc is sent as type byte, length, abc", async () => {
    const pair = keep(new Pair0({ transports }));
    const { url: address } = await pair.listen(ipcUrl());
    const peer = await rawPeer(address, pair0);
    await pair.send("abc");
    expect(toHex(await peer.readExactly(12))).toBe("010000000000000003616263");
    await pair.send(new Message("abc"));
    expect(toHex(await peer.readExactly(12))).toBe("010000000000000003616263");
  });

  test.skipIf(process.platform === "win32")(
    "23: a stale socket file is replaced, a live one is in use",
    async () => {
      const path = `${freshFolder()}/s`;
      // A process that is killed leaves its socket file behind.
      const dies = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
      expect(() => execFileSync(process.execPath, ["-e", dies], { stdio: "ignore" })).toThrow();
      expect(statSync(path).isSocket()).toBe(true);
      const pair = keep(new Pair0({ transports }));
      await pair.listen(`ipc://${path}`);
      const second = keep(new Pair0({ transports }));
      expect(await failure(second.listen(`ipc://${path}`))).toMatchObject({
        code: "SP_EADDRINUSE",
        errno: 10,
      });
      const peer = await rawPeer(`ipc://${path}`, pair0);
      await peer.sendFrame("still the first");
      expect(await text(pair.receive())).toBe("still the first");
    },
  );

  test.skipIf(process.platform === "win32")("23: an ordinary file in the way is left alone", async () => {
    const path = `${freshFolder()}/file`;
    writeFileSync(path, "precious");
    const pair = keep(new Pair0({ transports }));
    await failure(pair.listen(`ipc://${path}`));
    expect(statSync(path).isFile()).toBe(true);
  });

  test.skipIf(process.platform === "win32")("24: the file is gone when the listener has closed", async () => {
    const address = ipcUrl();
    const pair = keep(new Pair0({ transports }));
    const listener = await pair.listen(address);
    const path = address.slice("ipc://".length);
    expect(existsSync(path)).toBe(true);
    await listener.close();
    await until(() => !existsSync(path), "the file to go");
  });

  test("dialing where nobody listens is refused, also when there is no such folder", async () => {
    const pair = keep(new Pair0({ transports }));
    const missing = await failure(pair.dial(ipcUrl(), { mode: "connect" }));
    expect(missing).toMatchObject({ code: "SP_ECONNREFUSED", errno: 6 });
  });
});

test("a peer that is not served sends no more than the system's buffers hold", async () => {
  const rep = keep(new Rep0({ transports }));
  const { url: address } = await rep.listen("tcp://127.0.0.1:0");
  const peer = await rawConnect(address);
  await peer.handshake(req);
  const frame = peer.frame(concat(hex("80000001"), new Uint8Array(60_000)));
  let written = 0;
  let blocked = false;
  while (!blocked && written < 5_000) {
    blocked = !peer.socket.write(frame);
    written++;
    if (blocked) {
      // Blocked for good, or only until the loop has turned?
      const drained = new Promise<boolean>((resolve) => {
        peer.socket.once("drain", () => resolve(true));
        setTimeout(() => resolve(false), 200);
      });
      blocked = !(await drained);
    }
  }
  expect(blocked, `${written} requests were read that nobody asked for`).toBe(true);
  expect(rep.stats().receivedMessages).toBeLessThan(5);
});
