/** Y1, Y2: error texts carry no payload and no control characters; options cannot be polluted. */
import { inspect } from "node:util";
import type { SocketEvent, SocketEventType } from "@sprocket/core";
import { Pair0, Pair1 } from "@sprocket/pair";
import { Rep0, type Req0 } from "@sprocket/reqrep";
import { concat, hex, ManualClock, protocolNumbers, u64, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { failure, keep, rawConnect, rawListen, rawPeer, transports } from "../support/world.js";

const MARKER = "t0p-s3cret-m4rker";
const SPOKEN: readonly SocketEventType[] = [
  "connecterror",
  "handshakeerror",
  "pipeclose",
  "pipereject",
  "drop",
  "notice",
];

/** Everything that an error says, however one looks at it. */
function spoken(value: unknown): string {
  const error = value as Error;
  return [
    String(error),
    error.stack,
    JSON.stringify(error),
    inspect(error, { depth: 6, showHidden: true }),
  ].join("\n");
}

test("Y1: no error and no event tells what was in a message", async () => {
  const heard: string[] = [];
  const listenTo = (socket: Pair1 | Rep0 | Req0 | Pair0): void => {
    for (const type of SPOKEN) {
      socket.addEventListener(type, (event: SocketEvent) => {
        if ("error" in event) heard.push(spoken(event.error));
        if ("text" in event) heard.push(event.text);
      });
    }
  };
  const pair = keep(new Pair1({ transports, receiveMaxSize: 100 }));
  const rep = keep(new Rep0({ transports, receiveMaxSize: 100 }));
  listenTo(pair);
  listenTo(rep);
  const { url: pairUrl } = await pair.listen("tcp://127.0.0.1:0");
  const { url: repUrl } = await rep.listen("tcp://127.0.0.1:0");

  const { pair1, req } = protocolNumbers;
  const attempts: (() => Promise<unknown>)[] = [
    // Too large, malformed, too many hops, cut off, another language: each with the marker in it.
    async () => {
      const peer = await rawPeer(pairUrl, pair1);
      await peer.sendFrame(hex("00000001"), MARKER.repeat(20));
      await peer.expectClosed();
    },
    async () => {
      const peer = await rawPeer(pairUrl, pair1);
      await peer.sendFrame(MARKER);
      await peer.expectClosed();
    },
    async () => {
      const peer = await rawPeer(pairUrl, pair1);
      await peer.sendFrame(hex("00000009"), MARKER);
      await until(() => (pair.stats().drops.ttl ?? 0) > 0, "the drop");
      await peer.send(concat(u64(90), MARKER));
      await peer.end();
      await peer.expectClosed();
    },
    async () => {
      const peer = await rawPeer(repUrl, req);
      await peer.sendFrame(`\u0001${MARKER}`);
      await peer.expectClosed();
    },
    async () => {
      const peer = await rawConnect(repUrl);
      await peer.send(`${MARKER}${MARKER}`);
      await peer.expectClosed();
    },
  ];
  for (const attempt of attempts) await attempt();
  await until(() => heard.length >= attempts.length, "the events");

  heard.push(
    spoken(await failure(pair.send(MARKER, { timeout: 0 }).then(() => pair.receive({ timeout: 0 })))),
  );
  heard.push(spoken(await failure(pair.send({ secret: MARKER } as unknown as string))));
  heard.push(spoken(await failure(rep.send(MARKER))));
  await pair.close();
  heard.push(spoken(await failure(pair.send(MARKER))));
  for (const line of heard) expect(line).not.toContain(MARKER);
  expect(heard.length).toBeGreaterThan(6);
});

test("Y1: what a peer or a URL says is never printed raw", async () => {
  const pair = keep(new Pair0({ transports }));
  const control = "\u001b[31m\u0007\r\nred";
  const server = await rawListen();
  const dialed = failure(pair.dial(server.url, { mode: "connect" }));
  const peer = await server.accept();
  await peer.send(`${control}${"x".repeat(500)}`);
  const texts = [(await dialed).message];
  for (const url of [`tcp://${control}:80`, `nope${control}://x`, `tcp://${"x".repeat(5_000)}:80`, control]) {
    texts.push((await failure(pair.dial(url))).message);
    texts.push((await failure(pair.listen(url))).message);
  }
  for (const text of texts) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(text.length).toBeLessThan(1_000);
  }
});

test("Y2: options from JSON cannot reach a prototype", () => {
  const polluted = JSON.parse('{"__proto__": {"receiveTimeout": 5, "polluted": true}}') as object;
  expect(() => new Pair0(polluted)).toThrow(expect.objectContaining({ code: "SP_ENOTSUP" }));
  for (const name of ["constructor", "prototype", "toString", "hasOwnProperty"]) {
    expect(() => new Pair0({ [name]: 5 } as object)).toThrow(expect.objectContaining({ code: "SP_ENOTSUP" }));
  }
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(Object.getOwnPropertyNames(Object.prototype).filter((name) => name.includes("eceive"))).toEqual([]);
});

test("Y2: what others put on Object.prototype is no option", async () => {
  const pollution = { receiveTimeout: 5, mode: "wait", acceptPipe: () => false };
  Object.assign(Object.prototype, pollution);
  try {
    const clock = new ManualClock();
    const left = keep(new Pair0({ clock }));
    const right = keep(new Pair0({ clock }));
    expect(left.receiveTimeout).toBe(Number.POSITIVE_INFINITY);
    await left.listen("inproc://polluted");
    await right.dial("inproc://polluted", {});
    await left.waitForPipes(1);
    expect(left.pipes.size).toBe(1);
  } finally {
    for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name);
  }
});

test("Y2: options are read once: changing the object later changes nothing", () => {
  const options = { receiveTimeout: 50 };
  const pair = keep(new Pair0(options));
  options.receiveTimeout = 1;
  expect(pair.receiveTimeout).toBe(50);
});

test("Y2: inherited and accessor options are not taken from a prototype", () => {
  class Config {
    get receiveTimeout(): number {
      return 5;
    }
  }
  expect(keep(new Pair0(new Config())).receiveTimeout).toBe(Number.POSITIVE_INFINITY);
  expect(keep(new Pair0(Object.create({ receiveTimeout: 5 }) as object)).receiveTimeout).toBe(
    Number.POSITIVE_INFINITY,
  );
});
