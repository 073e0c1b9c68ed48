import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { HandleWatch, heldBytes, isCollected, RawListener, RawPeer } from "../src/index.js";

test("handles are counted by kind while they are open, unref'd or not", async () => {
  const watch = new HandleWatch();
  onTestFinished(() => watch.stop());
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  expect(watch.open).toEqual({ TCPSERVERWRAP: 1 });
  await expect(watch.settled(20)).rejects.toThrow("TCPSERVERWRAP");
  await new Promise((resolve) => server.close(resolve));
  await watch.settled();
  expect(watch.count).toBe(0);
});

test("connections count on both sides", async () => {
  const watch = new HandleWatch();
  onTestFinished(() => watch.stop());
  const listener = await RawListener.listen();
  const peer = await RawPeer.connect(listener.url);
  await listener.accept();
  expect(watch.open).toEqual({ TCPSERVERWRAP: 1, TCPWRAP: 2 });
  await peer.close();
  await listener.close();
  await watch.settled();
});

test("timers count when asked for", async () => {
  const watch = new HandleWatch({ timers: true });
  const timer = setTimeout(() => undefined, 100_000);
  expect(watch.open.Timeout).toBe(1);
  clearTimeout(timer);
  watch.reset();
  expect(watch.count).toBe(0);
  watch.stop();
});

test("held bytes follow what is alive", async () => {
  const before = await heldBytes();
  let kept: Uint8Array | undefined = new Uint8Array(20_000_000);
  expect((await heldBytes()) - before).toBeGreaterThan(15_000_000);
  expect(kept.length).toBe(20_000_000);
  kept = undefined;
  expect((await heldBytes()) - before).toBeLessThan(15_000_000);
});

test("an object that nobody holds is collected, one that is held is not", async () => {
  const held = { name: "held" };
  expect(await isCollected(new WeakRef(held))).toBe(false);
  expect(await isCollected(new WeakRef(Object.assign({}, held)))).toBe(true);
  expect(held.name).toBe("held");
});
