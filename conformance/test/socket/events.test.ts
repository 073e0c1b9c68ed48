/** What a socket tells about itself, and what its listeners cannot break. */
import { getEventListeners } from "node:events";
import { ConnectionResetError, type SocketEvent } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { MockTransport, until } from "@sprocket/testing";
import { afterEach, expect, test, vi } from "vitest";
import { failure, keep, nextEvent, record, text, turns } from "../support/world.js";

afterEach(() => vi.unstubAllGlobals());

async function listening(): Promise<{ mock: MockTransport; pair: Pair0 }> {
  const mock = new MockTransport();
  const pair = keep(new Pair0({ transports: [mock] }));
  await pair.listen("mock://here");
  return { mock, pair };
}

test("a socket's life is told in order, with its facts", async () => {
  const mock = new MockTransport();
  const pair = keep(new Pair0({ transports: [mock] }));
  const events = record(
    pair,
    "listening",
    "pipeopen",
    "pipeclose",
    "handshakeerror",
    "pipereject",
    "closing",
    "close",
  );
  const listener = await pair.listen("mock://here");
  const broken = new Error("no SP");
  mock.listener("here").reject(broken);
  const first = mock.listener("here").connect();
  const second = mock.listener("here").connect();
  const gone = new ConnectionResetError("reset");
  first.end(gone);
  await pair.close();
  expect(events.map(({ type }) => type)).toEqual([
    "listening",
    "handshakeerror",
    "pipeopen",
    "pipereject",
    "pipeclose",
    "closing",
    "close",
  ]);
  expect(events[0]).toMatchObject({ listener, url: "mock://here" });
  expect(events[1]).toMatchObject({ listener, url: "mock://here", error: broken });
  const [, , opened, rejected, closed] = events as [
    unknown,
    unknown,
    SocketEvent<"pipeopen">,
    SocketEvent<"pipereject">,
    SocketEvent<"pipeclose">,
  ];
  expect(opened.pipe.listener).toBe(listener);
  expect(opened.pipe.dialer).toBeUndefined();
  expect(opened.pipe.closed).toBe(true);
  expect(opened.pipe.id).toBeGreaterThan(0);
  expect(rejected.pipe).not.toBe(opened.pipe);
  expect(rejected.error).toMatchObject({ code: "SP_EBUSY" });
  expect(closed.pipe).toBe(opened.pipe);
  expect(closed.error).toBe(gone);
  expect(second.closing).toBe(true);
});

test("a peer that leaves in good order closes its pipe without an error", async () => {
  const { mock, pair } = await listening();
  const closed = nextEvent(pair, "pipeclose");
  mock.listener("here").connect().end();
  expect("error" in (await closed)).toBe(false);
});

test("a listener that throws is reported and stops nobody", async () => {
  const reported: unknown[] = [];
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
  const { mock, pair } = await listening();
  const bug = new Error("a bug of the application");
  pair.addEventListener("pipeopen", () => {
    throw bug;
  });
  const opened = nextEvent(pair, "pipeopen");
  const pipe = mock.listener("here").connect();
  await opened;
  pipe.deliver("still works");
  expect(await text(pair.receive())).toBe("still works");
  expect(reported).toEqual([bug]);
});

test("where the runtime has no reportError, the console hears of it", async () => {
  vi.stubGlobal("reportError", undefined);
  const heard = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { mock, pair } = await listening();
  const bug = new Error("a bug of the application");
  pair.addEventListener("pipeopen", () => {
    throw bug;
  });
  mock.listener("here").connect();
  expect(heard.mock.calls.flat()).toContain(bug);
});

test("once, signal and removeEventListener each end a listener", async () => {
  const { mock, pair } = await listening();
  const heard: string[] = [];
  const abort = new AbortController();
  const removed = (): void => {
    heard.push("removed");
  };
  pair.addEventListener("pipeopen", () => heard.push("once"), { once: true });
  pair.addEventListener("pipeopen", () => heard.push("signal"), { signal: abort.signal });
  pair.addEventListener("pipeopen", removed);
  pair.addEventListener("pipeopen", removed);
  pair.addEventListener("pipeopen", () => heard.push("never"), { signal: AbortSignal.abort() });
  const closed = nextEvent(pair, "pipeclose");
  mock.listener("here").connect().end();
  await closed;
  expect(heard).toEqual(["once", "signal", "removed"]);
  abort.abort();
  pair.removeEventListener("pipeopen", removed);
  mock.listener("here").connect();
  await turns();
  expect(heard.length).toBe(3);
});

test("a socket that has closed leaves nothing on the signals of its listeners", async () => {
  const { pair } = await listening();
  const abort = new AbortController();
  pair.addEventListener("pipeopen", () => undefined, { signal: abort.signal });
  pair.addEventListener("close", () => undefined, { signal: abort.signal });
  expect(getEventListeners(abort.signal, "abort").length).toBe(1);
  await pair.close();
  expect(getEventListeners(abort.signal, "abort").length).toBe(0);
  pair.addEventListener("close", () => undefined, { signal: abort.signal });
  expect(getEventListeners(abort.signal, "abort").length).toBe(0);
});

test("a listener that is added or removed during a dispatch does not change that dispatch", async () => {
  const { mock, pair } = await listening();
  const heard: string[] = [];
  const second = (): void => {
    heard.push("second");
  };
  pair.addEventListener("pipeopen", () => {
    heard.push("first");
    pair.removeEventListener("pipeopen", second);
    pair.addEventListener("pipeopen", () => heard.push("third"));
  });
  pair.addEventListener("pipeopen", second);
  const closed = nextEvent(pair, "pipeclose");
  mock.listener("here").connect().end();
  await closed;
  expect(heard).toEqual(["first", "second"]);
});

test("a listener may close the socket, the pipe or send inside its event", async () => {
  const { mock, pair } = await listening();
  pair.addEventListener("pipeopen", ({ pipe }) => {
    expect(pair.trySend("welcome")).toBe(true);
    pipe.close();
    pair.destroy();
  });
  const pipe = mock.listener("here").connect();
  await until(() => pipe.closed, "the pipe to close");
  expect(pipe.sent.length).toBe(1);
  expect(pair.closed).toBe(true);
});

test("events() gives every event until the socket has closed, and ends", async () => {
  const { mock, pair } = await listening();
  const types: string[] = [];
  const reading = (async () => {
    for await (const event of pair.events()) types.push(event.type);
  })();
  mock.listener("here").connect();
  await pair.close();
  await reading;
  expect(types).toEqual(["pipeopen", "closing", "pipeclose", "close"]);
});

test("events({ replay: true }) begins with what is there", async () => {
  const { mock, pair } = await listening();
  mock.listener("here").connect();
  const seen = [];
  for await (const event of pair.events({ replay: true })) {
    seen.push(event.type);
    if (seen.length === 2) break;
  }
  expect(seen).toEqual(["listening", "pipeopen"]);
});

test("events() of a socket that has closed ends at once", async () => {
  const { pair } = await listening();
  await pair.close();
  for await (const event of pair.events()) expect.unreachable(event.type);
});

test("a reader of events() that leaves hears no more, and one that waits when the socket closes ends", async () => {
  const { pair } = await listening();
  const iterator = pair.events();
  const next = iterator.next();
  await iterator.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  const waiting = pair.events().next();
  pair.destroy();
  expect((await waiting).value?.type).toBe("closing");
});

test("an unknown event type is an error of the caller's types only: it hears nothing", async () => {
  const { mock, pair } = await listening();
  pair.addEventListener("nothing" as "close", () => expect.unreachable());
  mock.listener("here").connect();
  await pair.close();
});

test("a listener that dies closes its endpoint and says so", async () => {
  const { mock, pair } = await listening();
  const told = nextEvent(pair, "handshakeerror");
  const died = new Error("the system took it away");
  mock.listener("here").fail(died);
  expect((await told).error).toBe(died);
  await until(() => pair.listeners.size === 0, "the listener to go");
});

test("listening again on an address that failed works", async () => {
  const mock = new MockTransport();
  const pair = keep(new Pair0({ transports: [mock] }));
  mock.listenError = new Error("not yet");
  expect((await failure(pair.listen("mock://here"))).message).toBe("not yet");
  expect(pair.listeners.size).toBe(0);
  await pair.listen("mock://here");
});
