import { expect, onTestFinished, test } from "vitest";
import { type Fault, FaultProxy, RawListener, RawPeer, SeededRandom, toHex } from "../src/index.js";

async function through(
  up: Fault,
  times?: number,
): Promise<{
  near: RawPeer;
  far: RawPeer;
  proxy: FaultProxy;
  next: () => Promise<{ near: RawPeer; far: RawPeer }>;
}> {
  const listener = await RawListener.listen();
  onTestFinished(() => listener.close());
  const proxy = await FaultProxy.start({
    target: listener.url,
    up,
    ...(times === undefined ? {} : { times }),
  });
  onTestFinished(() => proxy.close());
  const next = async (): Promise<{ near: RawPeer; far: RawPeer }> => {
    const near = await RawPeer.connect(proxy.url);
    onTestFinished(() => near.close());
    return { near, far: await listener.accept() };
  };
  return { ...(await next()), proxy, next };
}

const bytes = new SeededRandom(1).bytes(5_000);

test.each<Fault>([
  { kind: "none" },
  { kind: "slice", size: 7 },
  { kind: "shred", most: 100, seed: 1 },
  { kind: "latency", delay: 20, jitter: 15 },
  { kind: "bandwidth", bytesPerSecond: 100_000 },
  { kind: "stall", after: 1_000, ms: 30 },
])("$kind passes everything on, in order, and the answer too", async (fault) => {
  const { near, far } = await through(fault);
  void near.send(bytes.subarray(0, 2_000)).then(() => near.send(bytes.subarray(2_000)));
  expect(toHex(await far.readExactly(5_000))).toBe(toHex(bytes));
  await far.send("answer");
  expect(new TextDecoder().decode(await near.readExactly(6))).toBe("answer");
  await near.end();
  await far.expectClosed();
  await near.expectClosed();
});

test("slices come as segments of their own", async () => {
  const { near, far } = await through({ kind: "slice", size: 1 });
  const chunks: number[] = [];
  far.socket.on("data", (chunk: Uint8Array) => chunks.push(chunk.length));
  await near.send(bytes.subarray(0, 1_000));
  await far.readExactly(1_000);
  // The system may join many while it is busy with others; it cannot join all of them.
  expect(chunks.length).toBeGreaterThan(10);
});

test("a flip turns one bit over", async () => {
  const { near, far } = await through({ kind: "flip", at: 3, bit: 0 });
  await near.send(bytes.subarray(0, 2));
  await far.readExactly(2);
  await near.send(bytes.subarray(2, 6));
  const got = await far.readExactly(4);
  expect(got[1]).toBe((bytes[3] as number) ^ 1);
  expect(got[0]).toBe(bytes[2]);
});

test.each([0, 1, 100])("a close after %i bytes passes exactly those, and ends both sides", async (after) => {
  const { near, far } = await through({ kind: "close", after });
  void near.send(bytes.subarray(0, 200));
  expect(toHex(await far.readExactly(after))).toBe(toHex(bytes.subarray(0, after)));
  await far.expectClosed();
  await near.expectClosed();
  expect(far.received).toBe(after);
});

test("a reset after some bytes resets both sides", async () => {
  const { near, far } = await through({ kind: "reset", after: 10 });
  const errors: string[] = [];
  near.socket.on("error", (error: NodeJS.ErrnoException) => errors.push(error.code ?? ""));
  void near.send(bytes.subarray(0, 200));
  await far.expectClosed();
  await near.closed;
  expect(errors).toContain("ECONNRESET");
});

test("a stall holds everything back until it is healed", async () => {
  const { near, far, proxy } = await through({ kind: "stall", after: 10 });
  void near.send(bytes.subarray(0, 30));
  await far.readExactly(10);
  await far.expectAlive(50);
  expect(far.buffered).toBe(0);
  proxy.heal();
  await far.readExactly(20);
});

test("what is swallowed never comes", async () => {
  const { near, far } = await through({ kind: "swallow", after: 10 });
  await near.send(bytes.subarray(0, 30));
  await far.readExactly(10);
  await near.end();
  await far.expectClosed();
  expect(far.received).toBe(10);
});

test("times limits the fault to the first connections", async () => {
  const { near, far, proxy, next } = await through({ kind: "close", after: 5 }, 1);
  void near.send(bytes.subarray(0, 10));
  await far.expectClosed();
  const second = await next();
  await second.near.send(bytes.subarray(0, 10));
  await second.far.readExactly(10);
  expect(proxy.accepted).toBe(2);
});

test("resetAll and endAll end every connection, and new ones are taken", async () => {
  const { near, proxy, next } = await through({ kind: "none" });
  proxy.resetAll();
  await near.closed;
  const second = await next();
  proxy.endAll();
  await second.near.expectClosed();
  await second.far.expectClosed();
  await next();
  expect(proxy.connections).toBeGreaterThan(0);
});

test("a target that refuses ends the dialer's connection", async () => {
  // Nobody's, and never given away: a port of a listener that has gone may be somebody else's, even the proxy's own.
  const proxy = await FaultProxy.start({ target: "tcp://127.0.0.1:1" });
  onTestFinished(() => proxy.close());
  const peer = await RawPeer.connect(proxy.url);
  await peer.expectClosed();
});
