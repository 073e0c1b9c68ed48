import { Message } from "@sprocket/core";
import { type EndpointContext, type ListenContext, type PipeSink, parseUrl } from "@sprocket/core/plugin";
import { expect, test } from "vitest";
import { ManualClock, type MockPipe, MockTransport, toHex, utf8 } from "../src/index.js";

const url = parseUrl("mock://peer");

function context(overrides: Partial<ListenContext> = {}): ListenContext {
  return {
    protocol: {
      id: 0x10,
      name: "pair",
      peerId: 0x10,
      peerName: "pair",
      className: "Pair0",
      peerClassName: "Pair0",
      raw: false,
    },
    receiveMaxSize: 1_000,
    handshakeTimeout: 1_000,
    highWaterBytes: 10,
    signal: new AbortController().signal,
    clock: new ManualClock(),
    maxPendingHandshakes: 10,
    maxConnections: 10,
    onPipe: () => undefined,
    onReject: () => undefined,
    onError: () => undefined,
    ...overrides,
  };
}

interface Seen extends PipeSink {
  readonly log: string[];
}

function sink(): Seen {
  const log: string[] = [];
  return {
    log,
    onMessage: (message: Message) => log.push(message.text()),
    onDrain: () => log.push("drain"),
    onClose: (error?: Error) => log.push(`close ${error?.message ?? "in good order"}`),
  };
}

async function opened(overrides: Partial<EndpointContext> = {}): Promise<{ pipe: MockPipe; seen: Seen }> {
  const mock = new MockTransport();
  void mock.dial(url, context(overrides));
  const pipe = (await mock.nextDial()).accept();
  const seen = sink();
  pipe.start(seen);
  return { pipe, seen };
}

test("an attempt waits for its answer, and takes the first one only", async () => {
  const mock = new MockTransport();
  const attempt = mock.dial(url, context());
  const dial = await mock.nextDial();
  expect(dial.settled).toBe(false);
  const pipe = dial.accept({ peerProtocol: 0x31, remoteAddress: "mock://elsewhere" });
  dial.refuse();
  expect(await attempt).toBe(pipe);
  expect([pipe.peerProtocol, pipe.remoteAddress]).toEqual([0x31, "mock://elsewhere"]);
});

test("attempts follow a script, then the default", async () => {
  const mock = new MockTransport({ dials: "accept" });
  const reason = new Error("scripted");
  mock.script.push("refuse", reason, "accept");
  await expect(mock.dial(url, context())).rejects.toMatchObject({ code: "SP_ECONNREFUSED" });
  await expect(mock.dial(url, context())).rejects.toBe(reason);
  await mock.dial(url, context());
  await mock.dial(url, context());
  expect(mock.attempts.length).toBe(4);
});

test("an attempt that is given up rejects, and what is accepted then is closed", async () => {
  const abort = new AbortController();
  const mock = new MockTransport();
  const attempt = mock.dial(url, context({ signal: abort.signal }));
  const dial = await mock.nextDial();
  abort.abort(new Error("given up"));
  await expect(attempt).rejects.toThrow("given up");
  expect(dial.accept().closing).toBe(true);
});

test("a listener hands over peers, failures and its own death, and frees its name", async () => {
  const mock = new MockTransport();
  const log: string[] = [];
  const listener = await mock.listen(
    url,
    context({
      onPipe: () => log.push("pipe"),
      onReject: (error) => log.push(`reject ${error.message}`),
      onError: (error) => log.push(`error ${error.message}`),
    }),
  );
  await expect(mock.listen(url, context())).rejects.toMatchObject({ code: "SP_EADDRINUSE" });
  mock.listener("peer").connect();
  mock.listener("peer").reject(new Error("bad"));
  mock.listener("peer").fail(new Error("dead"));
  expect(log).toEqual(["pipe", "reject bad", "error dead"]);
  await listener.close();
  expect(() => mock.listener("peer")).toThrow("nothing listens");
  mock.listenError = new Error("not now");
  await expect(mock.listen(url, context())).rejects.toThrow("not now");
});

test("messages wait for start and for resume, and come before a good end", async () => {
  const mock = new MockTransport();
  void mock.dial(url, context());
  const pipe = (await mock.nextDial()).accept();
  const seen = sink();
  pipe.deliver("one");
  pipe.start(seen);
  pipe.pause();
  pipe.deliver("two");
  pipe.end();
  expect(seen.log).toEqual(["one"]);
  expect(pipe.undelivered).toBe(1);
  pipe.resume();
  expect(seen.log).toEqual(["one", "two", "close in good order"]);
  expect([pipe.pauses, pipe.resumes]).toEqual([1, 1]);
});

test("a reset drops what waits", async () => {
  const { pipe, seen } = await opened();
  pipe.pause();
  pipe.deliver("lost");
  pipe.end(new Error("reset"));
  expect(seen.log).toEqual(["close reset"]);
  expect(() => pipe.deliver("late")).toThrow("has gone");
});

test("a stalled pipe answers false from the high-water mark on, and tells when it drained", async () => {
  const { pipe, seen } = await opened();
  pipe.stall();
  expect(pipe.send(new Message("12345"))).toBe(true);
  expect(pipe.send(new Message("67890", { header: utf8("h") }))).toBe(false);
  expect([pipe.pendingMessages, pipe.pendingBytes]).toEqual([2, 11]);
  pipe.drain();
  expect(seen.log).toEqual(["drain"]);
  expect(pipe.pendingMessages).toBe(0);
  expect(toHex(await pipe.nthSent(2))).toBe("683637383930");
});

test("a good close waits for what is pending; one with an error does not", async () => {
  const first = await opened();
  first.pipe.stall();
  first.pipe.send(new Message("x"));
  first.pipe.close();
  await Promise.resolve();
  expect(first.seen.log).toEqual([]);
  first.pipe.drain();
  expect(first.seen.log).toEqual(["close in good order"]);
  const second = await opened();
  second.pipe.stall();
  second.pipe.send(new Message("x"));
  second.pipe.close();
  second.pipe.close(new Error("enough"));
  await Promise.resolve();
  expect(second.seen.log).toEqual(["close enough"]);
  expect(second.pipe.closeError?.message).toBe("enough");
});

test("a close before start is reported at start, and onClose comes once", async () => {
  const mock = new MockTransport();
  void mock.dial(url, context());
  const pipe = (await mock.nextDial()).accept();
  pipe.close();
  await Promise.resolve();
  const seen = sink();
  pipe.start(seen);
  pipe.close(new Error("again"));
  await Promise.resolve();
  expect(seen.log).toEqual(["close in good order"]);
});
