import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hex, RawListener, RawPeer, toHex } from "../src/index.js";

async function connected(
  url: string,
): Promise<{ dialed: RawPeer; accepted: RawPeer; listener: RawListener }> {
  const listener = await RawListener.listen(url);
  onTestFinished(() => listener.close());
  const dialed = await RawPeer.connect(listener.url);
  onTestFinished(() => dialed.close());
  return { dialed, accepted: await listener.accept(), listener };
}

function ipcUrl(): string {
  if (process.platform === "win32") return `ipc://raw-peer-${process.pid}-${Math.random()}`;
  const folder = mkdtempSync(join(tmpdir(), "sp-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return `ipc://${folder}/s`;
}

test.each([
  ["tcp", "0000000000000002 6869"],
  ["ipc", "01 0000000000000002 6869"],
] as const)("over %s: both sides shake hands and exchange frames", async (transport, wire) => {
  const { dialed, accepted } = await connected(transport === "ipc" ? ipcUrl() : "tcp://127.0.0.1:0");
  expect(await Promise.all([dialed.handshake(0x30), accepted.handshake(0x31)])).toEqual([0x31, 0x30]);
  await dialed.sendFrame("h", "i");
  expect(new TextDecoder().decode(await accepted.readFrame())).toBe("hi");
  await accepted.send(hex(wire));
  expect(new TextDecoder().decode(await dialed.readFrame())).toBe("hi");
  await accepted.sendFrame("");
  expect((await dialed.readFrame()).length).toBe(0);
});

test("reads take exactly what they ask for, across segments", async () => {
  const { dialed, accepted } = await connected("tcp://127.0.0.1:0");
  await dialed.dribble([hex("0102"), hex("03"), hex("040506")]);
  expect(toHex(await accepted.readExactly(4))).toBe("01020304");
  expect(toHex(await accepted.readExactly(1))).toBe("05");
  expect(toHex(await accepted.readExactly(0))).toBe("");
  expect(toHex(await accepted.readExactly(1))).toBe("06");
  expect(accepted.received).toBe(6);
  expect(accepted.buffered).toBe(0);
});

test("a read fails in words when the other side ends, or nothing comes", async () => {
  const { dialed, accepted } = await connected("tcp://127.0.0.1:0");
  await expect(accepted.readExactly(1, 20)).rejects.toThrow("1 bytes from the other side");
  await dialed.send(hex("01"));
  await dialed.end();
  await expect(accepted.readExactly(2)).rejects.toThrow("ended after 1 of 2 bytes");
});

test("expectClosed and expectAlive tell an end, a reset and neither apart", async () => {
  const ended = await connected("tcp://127.0.0.1:0");
  await ended.accepted.expectAlive(20);
  await expect(ended.accepted.expectClosed(20)).rejects.toThrow("close the connection");
  await ended.dialed.end();
  await ended.accepted.expectClosed();
  const reset = await connected("tcp://127.0.0.1:0");
  const alive = expect(reset.accepted.expectAlive(5_000)).rejects.toThrow("closed the connection");
  await reset.dialed.reset();
  await alive;
  await reset.accepted.expectClosed();
});

test("what is no SP header is said to be none", async () => {
  const { dialed, accepted } = await connected("tcp://127.0.0.1:0");
  await dialed.send("HTTP/1.1");
  await expect(accepted.readHandshake()).rejects.toThrow("not an SP header");
});

test("sending into a closed connection resolves", async () => {
  const { dialed } = await connected("tcp://127.0.0.1:0");
  await dialed.close();
  await dialed.send("nobody");
  await dialed.end();
  await dialed.close();
});

test("a URL that is neither tcp nor ipc is refused", async () => {
  await expect(RawPeer.connect("ws://127.0.0.1:1")).rejects.toThrow("a raw peer speaks");
});
