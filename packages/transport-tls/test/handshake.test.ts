/** Time and room for handshakes, and peers that do strange things in them and after. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { ClosedError, ConnectionShutdownError, Message, TimeoutError } from "@sprocket/core";
import type { PipeSink, TransportPipe } from "@sprocket/core/plugin";
import {
  collectGarbage,
  FaultProxy,
  fuzz,
  HandleWatch,
  ManualClock,
  mutate,
  RawListener,
  RawPeer,
  spHeader,
  until,
  within,
} from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { type Listening, World } from "./support/world.js";

let world: World;
let watch: HandleWatch;
beforeEach(() => {
  world = new World();
  watch = new HandleWatch();
});
afterEach(async () => {
  await world.close();
  // The runtime lets go of the inner half of a tls socket only when it collects it, and this world knows some.
  world = new World();
  for (const end = performance.now() + 5_000; watch.count > 0 && performance.now() < end; )
    await collectGarbage();
  await watch.settled();
  watch.stop();
});

/** A connection that speaks no TLS, or not yet. */
async function plainPeer({ port }: Listening): Promise<RawPeer> {
  const peer = await RawPeer.connect(`tcp://127.0.0.1:${port}`);
  world.defer(() => peer.close());
  return peer;
}

/** What a dialer begins with. */
async function clientHello(): Promise<Uint8Array> {
  const plain = await RawListener.listen("tcp://127.0.0.1:0");
  const attempt = world.dial(`tls+${plain.url}`, { ca: pki.ca });
  attempt.catch(() => undefined);
  const peer = await plain.accept();
  const header = await peer.readExactly(5);
  const body = await peer.readExactly(((header[3] as number) << 8) | (header[4] as number));
  await plain.close();
  await expect(attempt).rejects.toThrow();
  return Buffer.concat([header, body]);
}

function record(pipe: TransportPipe) {
  const seen = { messages: 0, closed: false, error: undefined as Error | undefined };
  const sink: PipeSink = {
    onMessage: () => {
      seen.messages++;
    },
    onDrain: () => undefined,
    onClose: (error) => {
      seen.closed = true;
      seen.error = error;
    },
  };
  pipe.start(sink);
  return seen;
}

describe.skipIf(noOpenssl)("time (needs openssl)", () => {
  test("a peer that says nothing is dropped when the budget is spent, not before", async () => {
    const clock = new ManualClock();
    const listening = await world.listen(pki.server, { clock, handshakeTimeout: 10_000 });
    const peer = await plainPeer(listening);
    await until(() => clock.pending > 0, "the budget's timer");
    await clock.advanceAsync(9_999);
    expect(peer.ended).toBe(false);
    await clock.advanceAsync(1);
    await peer.expectClosed();
    expect(await listening.reject()).toBeInstanceOf(TimeoutError);
    expect(peer.received).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test("a byte of TLS now and then does not renew the budget", async () => {
    const hello = await clientHello();
    const clock = new ManualClock();
    const listening = await world.listen(pki.server, { clock, handshakeTimeout: 10_000 });
    const peer = await plainPeer(listening);
    await until(() => clock.pending > 0, "the budget's timer");
    for (const byte of hello.subarray(0, 6)) {
      if (peer.ended) break;
      await peer.send(new Uint8Array([byte]));
      await clock.advanceAsync(2_000);
    }
    await peer.expectClosed();
    expect(await listening.reject()).toBeInstanceOf(TimeoutError);
  });

  test("TLS and SP share the budget", async () => {
    const clock = new ManualClock();
    const listening = await world.listen(pki.server, { clock, handshakeTimeout: 10_000 });
    const proxy = await FaultProxy.start({ target: listening.url, up: { kind: "stall", after: 20 } });
    world.defer(() => proxy.close());
    const connecting = world.rawPeer(proxy.url, { ca: pki.ca });
    await until(() => clock.pending > 0, "the budget's timer");
    await clock.advanceAsync(6_000);
    proxy.heal();
    const peer = await connecting;
    await peer.readHandshake();
    await clock.advanceAsync(3_999);
    expect(peer.ended).toBe(false);
    await clock.advanceAsync(1);
    await peer.expectClosed();
    expect(await listening.reject()).toBeInstanceOf(TimeoutError);
  });

  test("a dialer waits for TLS no longer than the budget, and says how far it came", async () => {
    const silent = await RawListener.listen("tcp://127.0.0.1:0");
    world.defer(() => silent.close());
    const clock = new ManualClock();
    const attempt = world.dial(`tls+${silent.url}`, { ca: pki.ca }, { clock, handshakeTimeout: 10_000 });
    attempt.catch(() => undefined);
    const peer = await silent.accept();
    // It is connected, and says so.
    await peer.readExactly(5);
    await clock.advanceAsync(9_999);
    expect(peer.ended).toBe(false);
    await clock.advanceAsync(1);
    await expect(attempt).rejects.toThrow(TimeoutError);
    await expect(attempt).rejects.toThrow("took the connection");
    await peer.expectClosed();
  });

  test("a dialer's budget covers TLS and SP together", async () => {
    const clock = new ManualClock();
    const listener = await world.rawListener(pki.server);
    const attempt = world.dial(listener.url, { ca: pki.ca }, { clock, handshakeTimeout: 10_000 });
    attempt.catch(() => undefined);
    const peer = await listener.accept();
    await peer.readHandshake();
    await clock.advanceAsync(9_999);
    expect(peer.ended).toBe(false);
    await clock.advanceAsync(1);
    await expect(attempt).rejects.toThrow(TimeoutError);
    await peer.expectClosed();
  });

  test("a dialer that closes in its TLS handshake frees the connection", async () => {
    const silent = await RawListener.listen("tcp://127.0.0.1:0");
    world.defer(() => silent.close());
    const abort = new AbortController();
    const attempt = world.dial(`tls+${silent.url}`, { ca: pki.ca }, { signal: abort.signal });
    attempt.catch(() => undefined);
    const peer = await silent.accept();
    await peer.readExactly(5);
    abort.abort(new ClosedError("closed by the test"));
    await expect(attempt).rejects.toThrow("closed by the test");
    await peer.expectClosed();
  });

  test("a listener that closes drops handshakes under way", async () => {
    const listening = await world.listen(pki.server);
    const peers = [await plainPeer(listening), await plainPeer(listening)];
    await peers[1]?.send((await clientHello()).subarray(0, 50));
    const secured = await world.rawPeer(listening.url, { ca: pki.ca });
    await secured.readHandshake();
    await listening.listener.close();
    for (const peer of [...peers, secured]) await peer.expectClosed();
    expect(listening.rejects).toEqual([]);
  });
});

describe.skipIf(noOpenssl)("room (needs openssl)", () => {
  test("a TLS handshake counts as half-open: the oldest makes room for a new peer", async () => {
    const listening = await world.listen(pki.server, { maxPendingHandshakes: 2 });
    const silent = [await plainPeer(listening)];
    await world.rawPeer(listening.url, { ca: pki.ca });
    silent.push(await plainPeer(listening));
    await silent[0]?.expectClosed();
    expect(silent[1]?.ended).toBe(false);
    await world.dial(listening.url, { ca: pki.ca });
    await listening.pipe();
  });

  test("it counts as a connection: too many are refused, and room is used again", async () => {
    const listening = await world.listen(pki.server, { maxConnections: 1 });
    const silent = await plainPeer(listening);
    const second = await plainPeer(listening);
    await second.expectClosed();
    expect(await listening.reject()).toMatchObject({ code: "SP_EBUSY" });
    await silent.close();
    await listening.reject(1);
    await world.dial(listening.url, { ca: pki.ca });
  });
});

describe.skipIf(noOpenssl)("peers (needs openssl)", () => {
  test("that leave in the middle of TLS are reported at once, and forgotten", async () => {
    const hello = await clientHello();
    const listening = await world.listen(pki.server);
    let count = 0;
    for (const length of [0, 1, 5, 100, hello.length]) {
      for (const leave of ["end", "reset"] as const) {
        const peer = await plainPeer(listening);
        await peer.send(hello.subarray(0, length));
        // The listener's answer, if there is one: it comes before the end.
        if (length === hello.length) await peer.readExactly(5);
        await peer[leave]();
        const error = await listening.reject(count++);
        expect(error).toMatchObject({ code: expect.stringMatching(/^SP_ECONN(?:SHUT|RESET)$/) });
        await peer.close();
      }
    }
    expect(listening.rejects).toHaveLength(count);
    expect(listening.pipes).toEqual([]);
    await world.dial(listening.url, { ca: pki.ca });
  });

  test("that leave between TLS and SP are reported too", async () => {
    const listening = await world.listen(pki.server);
    const peer = await world.rawPeer(listening.url, { ca: pki.ca });
    await peer.readHandshake();
    await peer.end();
    expect(await listening.reject()).toBeInstanceOf(ConnectionShutdownError);
  });

  test("that want to renegotiate get nothing, whichever side asks", async () => {
    const listening = await world.listen(pki.server);
    const peer = await world.rawPeer(listening.url, { ca: pki.ca, maxVersion: "TLSv1.2" });
    await peer.handshake(0x10);
    const accepted = record(await listening.pipe());
    const socket = peer.socket as TLSSocket;
    let renegotiated = false;
    socket.renegotiate({}, (error) => {
      renegotiated = error === null;
    });
    await until(() => accepted.closed || socket.destroyed, "the end of the connection");
    await peer.close();
    await until(() => accepted.closed, "the end of the pipe");
    expect(renegotiated).toBe(false);

    const listener = await world.rawListener({ ...pki.server, maxVersion: "TLSv1.2" });
    const attempt = world.dial(listener.url, { ca: pki.ca });
    const other = await listener.accept();
    await other.handshake(0x10);
    const dialed = record(await attempt);
    (other.socket as TLSSocket).renegotiate({}, (error) => {
      renegotiated = error === null;
    });
    await until(() => dialed.closed || other.socket.destroyed, "the end of the connection");
    await other.close();
    await until(() => dialed.closed, "the end of the pipe");
    expect(renegotiated).toBe(false);
    await world.dial(listening.url, { ca: pki.ca });
  });

  test("whose bytes change on the way lose the connection, not more", async () => {
    const listening = await world.listen(pki.server);
    const proxy = await FaultProxy.start({
      target: listening.url,
      up: { kind: "flip", at: 20_000, bit: 3 },
      times: 1,
    });
    world.defer(() => proxy.close());
    const dialed = await world.dial(proxy.url, { ca: pki.ca });
    const [one, two] = [record(dialed), record(await listening.pipe())];
    for (let count = 0; count < 10; count++) dialed.send(new Message(new Uint8Array(10_000)));
    await until(() => one.closed && two.closed, "the end of both pipes");
    expect(two.error).toMatchObject({ code: "SP_ECRYPTO" });
    expect(two.messages).toBeLessThan(3);
    await world.dial(proxy.url, { ca: pki.ca });
  });

  test("that send anything at all leave the listener as it was", async () => {
    const hello = await clientHello();
    const listening = await world.listen({ ...pki.server, ca: pki.ca, authMode: "required" });
    const sockets = new Set<Socket>();
    await fuzz({ runs: 300, budget: 5_000 }, async (random) => {
      const bytes = random.chance(0.2) ? random.bytes(random.below(500)) : mutate(hello, random);
      const socket = connect(listening.port, "127.0.0.1");
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => sockets.delete(socket));
      socket.resume();
      await once(socket, "connect");
      socket.write(bytes);
      const leave = random.pick(["end", "reset", "stay"]);
      if (leave === "end") socket.end();
      else if (leave === "reset") socket.resetAndDestroy();
      // Not one after the other: some of them are always under way.
      if (sockets.size > 20) for (const old of sockets) old.destroy();
    });
    for (const socket of sockets) socket.destroy();
    expect(listening.pipes).toEqual([]);
    expect(listening.errors).toEqual([]);
    await within(10_000, world.dial(listening.url, { ca: pki.ca, ...pki.client }), "a good peer");
    await listening.pipe();
  });

  test("that are cut off after any number of bytes leave nothing behind", async () => {
    const listening = await world.listen({ ...pki.server, ca: pki.ca, authMode: "required" });
    for (let after = 0; after < 3_000; after += 149) {
      const proxy = await FaultProxy.start({
        target: listening.url,
        up: { kind: "close", after },
        down: { kind: "reset", after: after * 2 },
      });
      // Far enough, it may come through and end later.
      const pipe = await world.dial(proxy.url, { ca: pki.ca, ...pki.client }).catch(() => undefined);
      pipe?.close(new Error("enough"));
      await proxy.close();
    }
    for (const pipe of listening.pipes) pipe.close(new Error("enough"));
    await world.dial(listening.url, { ca: pki.ca, ...pki.client });
    expect(listening.errors).toEqual([]);
  });

  test("that send SP before they could know us are heard after TLS, as any other", async () => {
    const listening = await world.listen(pki.server);
    const peer = await world.rawPeer(listening.url, { ca: pki.ca });
    await peer.send(spHeader(0x10), peer.frame("early"));
    const accepted = record(await listening.pipe());
    await until(() => accepted.messages === 1, "the message");
  });
});
