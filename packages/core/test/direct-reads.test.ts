import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { DirectReads, directReads } from "../src/stream/direct-reads.js";
import { fromNodeSocket } from "../src/stream/node-socket.js";

/** A sink that keeps what it was given, as it was given. */
class Kept {
  readonly chunks: Uint8Array[] = [];
  ended = false;
  closed = false;
  onData(chunk: Uint8Array): void {
    this.chunks.push(chunk);
  }
  onEnd(): void {
    this.ended = true;
  }
  onClose(): void {
    this.closed = true;
  }
}

/** Plays the system: reads `bytes` bytes of one value. Tells the room that there was. */
function read(reads: DirectReads, bytes: number, value: number): number {
  const room = reads.onread.buffer();
  const count = Math.min(bytes, room.length);
  room.fill(value, 0, count);
  expect(reads.onread.callback(count)).toBe(true);
  return room.length;
}

test("What has been handed out is never read into again", () => {
  const reads = new DirectReads(Buffer.allocUnsafeSlow);
  const sink = new Kept();
  reads.sink = sink;
  for (let value = 0; value < 2_000; value++) read(reads, 1 + ((value * 37) % 500), value % 251);
  sink.chunks.forEach((chunk, value) => {
    expect(chunk.length).toBe(1 + ((value * 37) % 500));
    expect(chunk.every((byte) => byte === value % 251)).toBe(true);
  });
});

test("Small reads share a block, so that most of them allocate nothing", () => {
  const reads = new DirectReads(Buffer.allocUnsafeSlow);
  const sink = new Kept();
  reads.sink = sink;
  for (let value = 0; value < 1_000; value++) read(reads, 76, 1);
  const blocks = new Set(sink.chunks.map((chunk) => chunk.buffer));
  expect(blocks.size).toBeLessThan(1_000 / 25);
  expect(Math.max(...[...blocks].map((block) => block.byteLength))).toBe(4096);
});

test("What is given back at once is read into again; what others still have a view of is not", () => {
  const reads = new DirectReads(Buffer.allocUnsafeSlow);
  const sink = new Kept();
  reads.sink = sink;
  for (let full = 0; full < 4; full++) read(reads, 1_000_000, 1);
  const next = (): Uint8Array => {
    reads.onread.buffer();
    reads.onread.callback(50_000);
    return sink.chunks.at(-1) as Uint8Array;
  };
  const first = next();
  const second = next();
  reads.release(second);
  const third = next();
  expect([third.buffer, third.byteOffset]).toEqual([first.buffer, 50_000]);
  // Behind it lies what is still somebody's.
  reads.release(first);
  expect(next().byteOffset).toBe(100_000);
  reads.end();
});

test("What is given back late, when the next read is already under way, does not move that read", () => {
  const reads = new DirectReads(Buffer.allocUnsafeSlow);
  const sink = new Kept();
  reads.sink = sink;
  for (let full = 0; full < 4; full++) read(reads, 1_000_000, 1);
  read(reads, 50_000, 1);
  const early = sink.chunks.at(-1) as Uint8Array;
  const room = reads.onread.buffer();
  reads.release(early);
  room.fill(2, 0, 50_000);
  reads.onread.callback(50_000);
  const late = sink.chunks.at(-1) as Uint8Array;
  expect(late.every((byte) => byte === 2)).toBe(true);
  expect(late.length).toBe(50_000);
  const behind = reads.onread.buffer();
  expect(behind.byteOffset).toBeGreaterThanOrEqual(late.byteOffset + late.length);
  reads.end();
});

test("Beside several busy connections no read gets more room than 64 KiB, and 256 KiB again once they have ended", () => {
  const busy = Array.from({ length: 5 }, () => {
    const reads = new DirectReads(Buffer.allocUnsafeSlow);
    reads.sink = new Kept();
    for (let full = 0; full < 3; full++) read(reads, 1_000_000, 1);
    return reads;
  });
  const [last, ...others] = busy as [DirectReads, ...DirectReads[]];
  expect(Array.from({ length: 4 }, () => read(last, 1_000_000, 1))).toEqual([65536, 65536, 65536, 65536]);
  for (const reads of others) {
    reads.end();
    reads.end();
  }
  expect(Array.from({ length: 3 }, () => read(last, 1_000_000, 1))).toEqual([262144, 262144, 262144]);
  last.end();
});

test("Full reads get more room, up to 256 KiB, and small ones in a row give it back", () => {
  const reads = new DirectReads(Buffer.allocUnsafeSlow);
  reads.sink = new Kept();
  const rooms = Array.from({ length: 6 }, () => read(reads, 1_000_000, 1));
  expect(rooms).toEqual([1024, 4096, 16384, 65536, 262144, 262144]);
  for (let small = 0; small < 12; small++) read(reads, 10, 1);
  expect(reads.onread.buffer().length).toBeLessThanOrEqual(4096);
});

test("Connections with little to read share a block, and never see each other's bytes", () => {
  const all = Array.from({ length: 8 }, () => {
    const reads = new DirectReads(Buffer.allocUnsafeSlow);
    const sink = new Kept();
    reads.sink = sink;
    return { reads, sink };
  });
  const rooms = all.map(({ reads }) => reads.onread.buffer());
  expect(new Set(rooms.map(({ buffer }) => buffer)).size).toBe(1);
  for (let round = 0; round < 300; round++) {
    for (const [at, { reads }] of all.entries())
      read(reads, round % 50 === 0 ? 1_000_000 : 1 + ((round * 7) % 90), at + 1);
  }
  for (const [at, { sink }] of all.entries()) {
    expect(sink.chunks.length).toBe(300);
    expect(sink.chunks.every((chunk) => chunk.every((byte) => byte === at + 1))).toBe(true);
  }
});

test("It is left out where onread does not keep its contract", () => {
  expect(directReads({ node: "20.19.0" }, Buffer.allocUnsafeSlow)).toBeInstanceOf(DirectReads);
  expect(directReads({ node: "24.0.0", bun: "1.3.0" }, Buffer.allocUnsafeSlow)).toBeUndefined();
  expect(directReads({ node: "24.0.0", deno: "2.5.0" }, Buffer.allocUnsafeSlow)).toBeUndefined();
});

const open: { destroy(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.destroy();
});

async function connected(sink: Kept): Promise<{ peer: Socket; stream: ReturnType<typeof fromNodeSocket> }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  open.push({ destroy: () => server.close() });
  await once(server, "listening");
  const reads = new DirectReads(Buffer.allocUnsafeSlow);
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, onread: reads.onread });
  const accepted = once(server, "connection");
  await once(socket, "connect");
  const stream = fromNodeSocket(socket, { local: "a", remote: "b" }, reads);
  stream.start(sink);
  const [peer] = (await accepted) as [Socket];
  open.push(peer, socket);
  return { peer, stream };
}

const until = async (done: () => boolean): Promise<void> => {
  const deadline = performance.now() + 10_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error("not in time");
    await new Promise((resolve) => setImmediate(resolve));
  }
};
const total = (sink: Kept): number => sink.chunks.reduce((sum, chunk) => sum + chunk.length, 0);

test("A socket delivers every byte in order, then the end", async () => {
  const sink = new Kept();
  const { peer, stream } = await connected(sink);
  const bytes = Uint8Array.from({ length: 1_000_003 }, (_, at) => (at * 31) % 253);
  peer.end(bytes);
  await until(() => sink.ended);
  expect(Buffer.concat(sink.chunks).equals(bytes)).toBe(true);
  stream.destroy();
  await until(() => sink.closed);
});

test("A pause stops the reading, a resume goes on where it stopped", async () => {
  const sink = new Kept();
  const { peer, stream } = await connected(sink);
  peer.write(new Uint8Array(10));
  await until(() => total(sink) === 10);
  stream.pause();
  const size = 32 * 1024 * 1024;
  let written = false;
  peer.end(new Uint8Array(size), () => {
    written = true;
  });
  // The peer's system buffers are finite: it cannot get rid of all that while nobody reads.
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBe(false);
  expect(total(sink)).toBeLessThanOrEqual(10 + 256 * 1024);
  stream.resume();
  await until(() => sink.ended);
  expect(total(sink)).toBe(size + 10);
});

test("A reset is a close", async () => {
  const sink = new Kept();
  const { peer } = await connected(sink);
  peer.resetAndDestroy();
  await until(() => sink.closed);
});
