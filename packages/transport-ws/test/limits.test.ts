/** What strangers can hold of a listener, and for how long (goals H1, H2, W3), and what they cannot keep from others. */
import { BusyError, ConnectionShutdownError, TimeoutError } from "@sprocket/core";
import type { ListenContext, TransportPipe } from "@sprocket/core/plugin";
import { ManualClock, until } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../../scripts/free-port.js";
import { frame, RawWs } from "./support/raw-ws.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const ignore = { onMessage: () => undefined, onDrain: () => undefined, onClose: () => undefined };

describe("the time for a handshake", () => {
  test.each([
    ["says nothing", ""],
    ["sends half a request", "GET /x HTTP/1.1\r\nHost: x\r\n"],
    ["sends half a line", "GE"],
  ])("is over for a peer that %s", async (_, said) => {
    const clock = new ManualClock();
    const listening = await world.listen({}, { clock, handshakeTimeout: 10_000 });
    const raw = await world.raw(listening.url);
    await raw.peer.send(said);
    await until(() => clock.pending > 0, "its timer");
    clock.advance(9_999);
    expect(listening.rejects).toEqual([]);
    clock.advance(1);
    expect(await listening.reject()).toBeInstanceOf(TimeoutError);
    await raw.peer.expectClosed();
  });

  test("is one for all its bytes, however steadily they drip", async () => {
    const listening = await world.listen({}, { handshakeTimeout: 150 });
    const raw = await world.raw(listening.url);
    await raw.peer.send("GET /x HTTP/1.1\r\nX: ");
    while (!raw.peer.ended) await raw.peer.dribble([Buffer.from("x")], 5);
    expect(await listening.reject()).toBeInstanceOf(TimeoutError);
  });

  test("counts on while the application thinks about the pipe", async () => {
    const clock = new ManualClock();
    const listening = await world.listen({}, { clock, handshakeTimeout: 1_000 });
    const raw = await world.raw(listening.url);
    await until(() => clock.pending > 0, "its timer");
    clock.advance(600);
    await raw.upgrade();
    const pipe = await listening.pipe();
    clock.advance(399);
    expect(raw.peer.ended).toBe(false);
    clock.advance(1);
    expect(await raw.readClose()).toBe(1011);
    await raw.peer.expectClosed();
    const ends: (Error | undefined)[] = [];
    pipe.start({ ...ignore, onClose: (error) => ends.push(error) });
    expect(ends[0]).toBeInstanceOf(TimeoutError);
  });

  test("has no end once the pipe is started", async () => {
    const clock = new ManualClock();
    const listening = await world.listen({}, { clock, handshakeTimeout: 1_000 });
    const raw = await world.rawWs(listening.url);
    (await listening.pipe()).start(ignore);
    clock.advance(100_000);
    await raw.peer.expectAlive(50);
  });
});

describe("connections that are half-open", () => {
  test("of too many that say nothing the oldest goes, and a good one is served", async () => {
    const listening = await world.listen({}, { maxPendingHandshakes: 3 });
    const silent = [];
    for (let count = 0; count < 5; count++) silent.push(await world.raw(listening.url));
    await world.dial(listening.url, {});
    await listening.pipe();
    await silent[0]?.peer.expectClosed();
    await silent[1]?.peer.expectClosed();
    expect((await listening.reject()).message).toContain("maxPendingHandshakes");
    expect(silent[4]?.peer.ended).toBe(false);
  });

  test("of too many that nobody has decided about the oldest goes", async () => {
    const listening = await world.listen(
      { authorize: () => new Promise<boolean>(() => undefined) },
      { maxPendingHandshakes: 2 },
    );
    const asked = [];
    for (let count = 0; count < 3; count++) {
      const raw = await world.raw(listening.url);
      await raw.request();
      asked.push(raw);
    }
    await asked[0]?.peer.expectClosed();
    expect((await listening.reject()).message).toContain("maxPendingHandshakes");
  });

  test("300 silent ones do not keep a good one out, and all are gone when their time is over", async () => {
    const clock = new ManualClock();
    const listening = await world.listen({}, { clock, handshakeTimeout: 10_000 });
    const silent = await Promise.all(Array.from({ length: 300 }, () => world.raw(listening.url)));
    await world.dial(listening.url, {});
    await listening.pipe();
    clock.advance(10_000);
    await Promise.all(silent.map((raw) => raw.peer.expectClosed()));
    expect(listening.rejects.every((error) => error instanceof TimeoutError)).toBe(true);
    expect(listening.rejects).toHaveLength(300);
  });
});

test("above maxConnections a request is refused with 503, live ones go on, and a place that is free is given away", async () => {
  const listening = await world.listen({}, { maxConnections: 2 });
  const [first] = [await world.rawWs(listening.url), await world.rawWs(listening.url)];
  for (const at of [0, 1]) (await listening.pipe(at)).start(ignore);
  const third = await world.raw(listening.url);
  expect((await third.ask()).status).toBe(503);
  expect(await listening.reject()).toBeInstanceOf(BusyError);
  await first?.peer.expectAlive(30);
  await first?.peer.close();
  await until(() => listening.pipes.length === 2, "both pipes");
  for (let tries = 0; ; tries++) {
    const raw = await world.raw(listening.url);
    if ((await raw.ask()).status === 101) break;
    expect(tries).toBeLessThan(100);
  }
  await listening.pipe(2);
});

describe("W3: many small pieces", () => {
  async function open(overrides: Partial<ListenContext> = {}) {
    const listening = await world.listen({}, overrides);
    const raw = await world.rawWs(listening.url);
    const pipe: TransportPipe = await listening.pipe();
    const seen = { sizes: [] as number[], error: undefined as Error | undefined, closed: false };
    pipe.start({
      onMessage: (message) => seen.sizes.push(message.length),
      onDrain: () => undefined,
      onClose(error) {
        seen.closed = true;
        seen.error = error;
      },
    });
    return { raw, seen };
  }

  test("a message in tiny fragments ends the connection long before it is whole", async () => {
    for (const size of [0, 1, 200]) {
      const { raw, seen } = await open();
      await raw.send(frame(Buffer.alloc(size), { fin: false }));
      const one = frame(Buffer.alloc(size), { opcode: 0, fin: false });
      await raw.send(...Array.from({ length: 5_000 }, () => one));
      expect(await raw.readClose()).toBe(1008);
      await raw.peer.expectClosed();
      expect(seen.error?.message).toContain("fragments");
    }
  });

  test("a message in fragments of a decent size may have as many as it likes, and a few tiny ones", async () => {
    const { raw, seen } = await open();
    const body = Buffer.alloc(256);
    await raw.send(
      frame(body, { fin: false }),
      ...Array.from({ length: 3_000 }, () => frame(body, { opcode: 0, fin: false })),
      frame("", { opcode: 0 }),
      frame("a", { fin: false }),
      ...Array.from({ length: 200 }, () => frame("a", { opcode: 0, fin: false })),
      frame("", { opcode: 0 }),
    );
    await until(() => seen.sizes.length === 2, "both messages");
    expect(seen.sizes).toEqual([3_001 * 256, 201]);
  });

  test("pongs without end within a message end the connection", async () => {
    const { raw, seen } = await open();
    const pong = frame(Buffer.alloc(125), { opcode: 10 });
    await raw.send(frame("a", { fin: false }), ...Array.from({ length: 1_000 }, () => pong));
    expect(await raw.readClose()).toBe(1008);
    await until(() => seen.closed, "the end");
    // Between messages they are harmless.
    const other = await open();
    await other.raw.send(...Array.from({ length: 1_000 }, () => pong), frame("x"));
    await until(() => other.seen.sizes.length === 1, "the message");
  });

  test("a large frame that comes in single bytes is held in little more than its bytes", async () => {
    const { raw, seen } = await open();
    const bytes = frame(Buffer.alloc(100_000, "x"));
    await raw.send(bytes.subarray(0, 60_000));
    const before = process.memoryUsage();
    for (let at = 60_000; at < 68_000; at++) {
      raw.peer.socket.write(bytes.subarray(at, at + 1));
      if (at % 100 === 0) await raw.peer.dribble([Buffer.alloc(0)]);
    }
    await raw.peer.dribble([Buffer.alloc(0)]);
    const held = process.memoryUsage().arrayBuffers - before.arrayBuffers;
    expect(held).toBeLessThan(1_048_576);
    await raw.send(bytes.subarray(68_000));
    await until(() => seen.sizes.length === 1, "the message");
  });
});

describe("one port for several paths", () => {
  test("sockets of several protocols are found by their paths, and one that closes leaves the others", async () => {
    const pair1 = {
      id: 0x11,
      name: "pair1",
      peerId: 0x11,
      peerName: "pair1",
      className: "Pair1",
      peerClassName: "Pair1",
      raw: false,
    };
    const first = await world.listen({}, {}, `ws://127.0.0.1:${await freePort()}/one`);
    const second = await world.listen({}, { protocol: pair1 }, first.url.replace("one", "two"));
    await world.dial(first.url, {});
    await world.dial(second.url, {}, { protocol: pair1 });
    await first.pipe();
    await second.pipe();
    await expect(world.dial(second.url, {})).rejects.toMatchObject({ code: "SP_EPROTO" });
    await first.listener.close();
    await expect(world.dial(first.url, {})).rejects.toMatchObject({ code: "SP_ECONNREFUSED" });
    await world.dial(second.url, {}, { protocol: pair1 });
    await second.listener.close();
    // The last one frees the port.
    await world.listen({}, {}, first.url);
  });

  test("what names no path is told to the listener that has been there longest", async () => {
    const first = await world.listen({}, {}, "ws://127.0.0.1:0/one");
    const second = await world.listen({}, {}, first.url.replace("one", "two"));
    await (await world.raw(second.url)).peer.close();
    expect(await first.reject()).toBeInstanceOf(ConnectionShutdownError);
    const raw = await world.raw(first.url.replace("one", "three"));
    expect((await raw.ask()).status).toBe(404);
    await first.reject(1);
    expect(second.rejects).toEqual([]);
  });

  test("a listener that goes while a peer asks for it leaves that peer an answer", async () => {
    const first = await world.listen({}, {}, "ws://127.0.0.1:0/one");
    const second = await world.listen({}, {}, first.url.replace("one", "two"));
    const raw = await world.raw(second.url);
    await second.listener.close();
    expect((await raw.ask()).status).toBe(404);
    expect(RawWs.headers("h")).toHaveLength(6);
  });
});

describe("pings", () => {
  test("a peer that is silent is asked, and given up when it does not answer", async () => {
    const clock = new ManualClock();
    const listening = await world.listen({ pingInterval: 1_000 }, { clock });
    const raw = await world.rawWs(listening.url);
    const ends: (Error | undefined)[] = [];
    (await listening.pipe()).start({ ...ignore, onClose: (error) => ends.push(error) });
    // The request was heard after the clock began.
    clock.advance(1_000);
    clock.advance(1_000);
    expect(await raw.readFrame()).toMatchObject({ opcode: 9, fin: true });
    clock.advance(1_000);
    await raw.peer.expectClosed();
    await until(() => ends.length === 1, "the end");
    expect(ends[0]).toBeInstanceOf(TimeoutError);
    expect(ends[0]?.message).toContain("pingInterval");
  });

  test("a peer that answers, or says anything, lives on", async () => {
    const clock = new ManualClock();
    const listening = await world.listen({ pingInterval: 1_000 }, { clock });
    const raw = await world.rawWs(listening.url);
    let messages = 0;
    (await listening.pipe()).start({ ...ignore, onMessage: () => void messages++ });
    clock.advance(1_000);
    for (let round = 0; round < 5; round++) {
      clock.advance(1_000);
      const ping = await raw.readFrame();
      expect(ping.opcode).toBe(9);
      await raw.send(frame(ping.body, { opcode: 10 }), frame("x"));
      await until(() => messages === round + 1, "the message");
      clock.advance(1_000);
    }
    await raw.peer.expectAlive(30);
  });

  test("a peer that we do not read is not asked", async () => {
    const clock = new ManualClock();
    const listening = await world.listen({ pingInterval: 1_000 }, { clock });
    const raw = await world.rawWs(listening.url);
    const pipe = await listening.pipe();
    let messages = 0;
    pipe.start({
      ...ignore,
      onMessage() {
        messages++;
        pipe.pause();
      },
    });
    await raw.send(frame("a"), frame("b"));
    await until(() => messages === 1, "the first");
    for (let round = 0; round < 5; round++) clock.advance(1_000);
    await raw.peer.expectAlive(30);
    pipe.resume();
    await until(() => messages === 2, "the second");
  });

  test("two of ours keep each other alive", async () => {
    // An answer may take one interval: time enough on a busy machine.
    const listening = await world.listen({ pingInterval: 1_000 });
    const pipe = await world.dial(listening.url, { pingInterval: 1_000 });
    const ends: unknown[] = [];
    for (const each of [pipe, await listening.pipe()])
      each.start({ ...ignore, onClose: (error) => ends.push(error) });
    const raw = await world.rawWs(listening.url);
    (await listening.pipe(1)).start(ignore);
    await raw.peer.expectClosed();
    expect(ends).toEqual([]);
  });
});
