/** Sockets, dialers, listeners and contexts, cases 77 to 83. */
import { device } from "@sprocket/core";
import { Pair0, Pair1, RawPair0 } from "@sprocket/pair";
import { RawRep0, RawReq0, Rep0, Req0 } from "@sprocket/reqrep";
import { isPending, ManualClock, MockTransport, protocolNumbers, until } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import {
  failure,
  keep,
  nextEvent,
  rawConnect,
  rawListen,
  rawPeer,
  record,
  recordPipes,
  streams,
  text,
  transports,
  turns,
} from "../support/world.js";

const { pair0 } = protocolNumbers;

for (const { name, url, lasting } of streams) {
  describe(`over ${name}`, () => {
    test("77: a pending receive ends with ClosedError when the socket closes, and so do later calls", async () => {
      const pair = keep(new Pair0({ transports }));
      const { url: address } = await pair.listen(url());
      const peer = await rawPeer(address, pair0);
      await pair.waitForPipes(1);
      const received = failure(pair.receive());
      await pair.close();
      expect(await received).toMatchObject({ code: "SP_ECLOSED", errno: 7 });
      expect(await failure(pair.receive())).toMatchObject({ code: "SP_ECLOSED" });
      expect(await failure(pair.send("x"))).toMatchObject({ code: "SP_ECLOSED" });
      expect(await failure(pair.listen(url()))).toMatchObject({ code: "SP_ECLOSED" });
      expect(await failure(pair.dial(address))).toMatchObject({ code: "SP_ECLOSED" });
      await peer.expectClosed();
    });

    test("78: acceptPipe that refuses, or closes the pipe, keeps the peer out; the peer sees the close", async () => {
      const verdicts = [
        () => false,
        () => {
          throw new Error("not you");
        },
        (pipe: { close(): void }) => pipe.close(),
        () => Promise.resolve(false),
        () => Promise.reject(new Error("not you")),
        async (pipe: { close(): void }) => pipe.close(),
      ];
      for (const acceptPipe of verdicts) {
        const pair = keep(new Pair0({ transports, acceptPipe }));
        const { url: address } = await pair.listen(url());
        const words = recordPipes(pair);
        const rejected = nextEvent(pair, "pipereject");
        const peer = await rawConnect(address);
        await peer.handshake(pair0);
        await peer.expectClosed();
        await rejected;
        expect(words).toEqual(["reject"]);
        expect(pair.pipes.size).toBe(0);
      }
    });

    test("79: a refused dial in mode connect rejects and is not repeated", async () => {
      const clock = new ManualClock({ random: [0] });
      const gone = await rawListen(await lasting());
      await gone.close();
      const pair = keep(new Pair0({ transports, clock }));
      expect(await failure(pair.dial(gone.url, { mode: "connect" }))).toMatchObject({
        code: "SP_ECONNREFUSED",
        errno: 6,
      });
      expect(clock.pending).toBe(0);
      expect(pair.dialers.size).toBe(0);
    });

    test("79: a refused dial in the background is repeated until a listener appears", async () => {
      const clock = new ManualClock({ random: [0.1] });
      const gone = await rawListen(await lasting());
      await gone.close();
      const pair = keep(new Pair0({ transports, clock }));
      const errors = record(pair, "connecterror");
      const dialer = await pair.dial(gone.url, { mode: "background" });
      for (let attempt = 1; attempt <= 3; attempt++) {
        await until(
          () => errors.length >= attempt && dialer.state === "waiting",
          `attempt ${attempt} to fail`,
        );
        expect(errors[attempt - 1]?.error).toMatchObject({ code: "SP_ECONNREFUSED" });
        if (attempt < 3) await clock.advanceAsync(100);
      }
      const server = await rawListen(gone.url);
      await clock.advanceAsync(100);
      const peer = await server.accept();
      await peer.handshake(pair0);
      await dialer.connected();
      expect(dialer.state).toBe("connected");
    });

    test("82: a listener that is closed twice is closed once, and its address is free again", async () => {
      const pair = keep(new Pair0({ transports }));
      const listener = await pair.listen(await lasting());
      const second = keep(new Pair0({ transports }));
      expect(await failure(second.listen(listener.url))).toMatchObject({ code: "SP_EADDRINUSE" });
      await Promise.all([listener.close(), listener.close()]);
      await listener.close();
      expect(listener.closed).toBe(true);
      expect(pair.listeners.size).toBe(0);
      await second.listen(listener.url);
    });

    test("82: closing a listener closes the pipes that came from it, and only those", async () => {
      const pair = keep(new Pair1({ transports, polyamorous: true }));
      const one = await pair.listen(url());
      const two = await pair.listen(url());
      const first = await rawPeer(one.url, protocolNumbers.pair1);
      const second = await rawPeer(two.url, protocolNumbers.pair1);
      await pair.waitForPipes(2);
      await one.close();
      await first.expectClosed();
      await turns();
      expect(second.ended).toBe(false);
      expect(pair.pipes.size).toBe(1);
    });
  });
}

test("80: only Req0 and Rep0 have contexts among pair and reqrep; raw sockets have none", () => {
  for (const socket of [new Pair0(), new Pair1(), new RawPair0(), new RawReq0(), new RawRep0()]) {
    keep(socket);
    const open = (socket as unknown as { context(): unknown }).context.bind(socket);
    expect(open).toThrow(expect.objectContaining({ code: "SP_ENOTSUP", errno: 9 }));
  }
  for (const socket of [new Req0(), new Rep0()]) {
    const context = keep(socket).context();
    expect(context.closed).toBe(false);
    context.close();
    context.close();
    expect(context.closed).toBe(true);
  }
});

test("80: a closed context refuses with ClosedError, and closing the socket closes its contexts", async () => {
  const rep = keep(new Rep0());
  const one = rep.context();
  const two = rep.context();
  const waiting = failure(one.receive());
  const other = failure(two.receive());
  one.close();
  expect(await waiting).toMatchObject({ code: "SP_ECLOSED" });
  expect(await failure(one.receive())).toMatchObject({ code: "SP_ECLOSED" });
  expect(await isPending(other)).toBe(true);
  await rep.close();
  expect(await other).toMatchObject({ code: "SP_ECLOSED" });
  expect(two.closed).toBe(true);
});

test("81: a device of cooked or mismatched sockets is refused, and harms neither", async () => {
  const rep = keep(new Rep0());
  const rawRep = keep(new RawRep0());
  const rawReq = keep(new RawReq0());
  const rawPair = keep(new RawPair0());
  const wrong = [
    [rep, rawReq],
    [rawRep, keep(new Req0())],
    [rawRep, rawPair],
    [rawRep, keep(new RawRep0())],
    [rawRep, undefined],
  ] as const;
  for (const [front, back] of wrong) {
    expect(await failure(device(front, back))).toMatchObject({ code: "SP_EINVAL", errno: 3 });
  }
  const abort = new AbortController();
  const reason = new Error("enough");
  const running = failure(device(rawRep, rawReq, { signal: abort.signal }));
  abort.abort(reason);
  expect(await running).toBe(reason);
  expect(rawRep.closed || rawReq.closed).toBe(false);
});

/** Delays before each reconnect to a peer that accepts and drops, by what chance says. */
async function delays(random: readonly number[], attempts: number, options: object): Promise<number[]> {
  const clock = new ManualClock({ random });
  const mock = new MockTransport();
  const pair = keep(new Pair0({ transports: [mock], clock }));
  const found = record(pair, "reconnecting");
  await pair.dial("mock://flaky", { mode: "background", ...options });
  for (let count = 1; count <= attempts; count++) {
    const pipe = (await mock.nextDial()).accept();
    await until(() => pipe.started, "the pipe to open");
    pipe.end();
    await until(() => found.length === count, "the next reconnect");
    await clock.advanceAsync(found[count - 1]?.delay ?? 0);
  }
  return found.map(({ delay }) => delay);
}

test("83: delays double from reconnectTimeMin to reconnectTimeMax, each drawn below its bound", async () => {
  const options = { reconnectTimeMin: 50, reconnectTimeMax: 800 };
  expect(await delays([0.999_999], 7, options)).toEqual([49, 99, 199, 399, 799, 799, 799]);
  expect(await delays([0], 4, options)).toEqual([0, 0, 0, 0]);
  expect(await delays([0.5], 5, options)).toEqual([25, 50, 100, 200, 400]);
});

test("83: without reconnectTimeMax the bound stays", async () => {
  expect(await delays([0.999_999], 4, { reconnectTimeMin: 1_000 })).toEqual([999, 999, 999, 999]);
});

test("83: a connection that lasted longer than its delay starts the delays anew", async () => {
  const clock = new ManualClock({ random: [0.999_999] });
  const mock = new MockTransport();
  const pair = keep(new Pair0({ transports: [mock], clock }));
  const found = record(pair, "reconnecting");
  await pair.dial("mock://flaky", { mode: "background", reconnectTimeMin: 50, reconnectTimeMax: 800 });
  for (const lasts of [0, 0, 0, 10_000, 0]) {
    const pipe = (await mock.nextDial()).accept();
    await until(() => pipe.started, "the pipe to open");
    clock.advance(lasts);
    const count = found.length + 1;
    pipe.end();
    await until(() => found.length === count, "the next reconnect");
    await clock.advanceAsync(found[count - 1]?.delay ?? 0);
  }
  expect(found.map(({ delay }) => delay)).toEqual([49, 99, 199, 49, 99]);
});

test("83: a dialer reconnects after its listener comes back, and messages flow again", async () => {
  for (const { lasting } of streams) {
    const rep = keep(new Rep0({ transports }));
    const listener = await rep.listen(await lasting());
    rep.serve((request) => request.body);
    const req = keep(new Req0({ transports, reconnectTimeMin: 5, reconnectTimeMax: 20 }));
    await req.dial(listener.url);
    expect(await text(req.request("one"))).toBe("one");
    const lost = nextEvent(req, "pipeclose");
    await listener.close();
    await lost;
    await rep.listen(listener.url);
    expect(await text(req.request("two", { timeout: 5_000 }))).toBe("two");
  }
});
