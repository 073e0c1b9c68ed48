/**
 * Faults of the network and of peers, over ws: in the upgrade, between frames and within them. After each: what arrived is
 * whole, in order and once; each request has its own reply or an error in time; a fresh peer is served; nothing is left open.
 */
import { Rep0, Req0 } from "@sprocket/reqrep";
import { type Fault, RawPeer, SeededRandom, until } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { overWs } from "../support/fault-routes.js";
import {
  expectIncreasing,
  numbers,
  quick,
  requester,
  servesAnother,
  type Trouble,
  troubles,
} from "../support/fault-scenes.js";
import { defer, keep, rawListen } from "../support/world.js";

/** About where frames begin: behind the request, and behind its answer. */
const REQUEST = 240;
const ANSWER = 170;

const TROUBLES: readonly Trouble[] = [
  { id: "F7: reset in the upgrade", up: { kind: "reset", after: 100 }, times: 1 },
  { id: "F7: reset in the answer", down: { kind: "reset", after: 60 }, times: 2 },
  { id: "F8: end in the upgrade", up: { kind: "close", after: 60 }, times: 1 },
  { id: "F8: end in the answer", down: { kind: "close", after: 100 }, times: 1 },
  ...troubles("ws", { up: REQUEST, down: ANSWER }),
];

const { transports } = overWs;
const plain = (url: string) => url.replace("ws:", "tcp:").replace(/\/$/, "");
const webSocket = (url: string) => url.replace("tcp:", "ws:");

describe.each(TROUBLES)("$id, over ws", (trouble) => {
  test("each request has its own reply", async () => {
    const { answers, url } = await requester(overWs, trouble);
    expect(answers).toEqual(answers.map((_, at) => `question ${at}`));
    await servesAnother(overWs, url);
  });

  test("a pair delivers in order, each once, and loses nothing while its pipe lives", async () => {
    const { got } = await numbers(overWs, trouble);
    expectIncreasing(got);
    if (trouble.harmless === true) expect(got).toEqual(Array.from({ length: 50 }, (_, at) => at));
  });
});

test("F18: closed after n bytes, in the upgrade and behind it, over ws: each request has its own reply", async () => {
  const points = Array.from({ length: 48 }, (_, at) => at * 9);
  for (let first = 0; first < points.length; first += 12) {
    await Promise.all(
      points.slice(first, first + 12).map(async (after, at) => {
        const fault: Fault = { kind: at % 3 === 0 ? "reset" : "close", after };
        const { answers } = await requester(overWs, {
          id: "F18",
          ...(at % 2 === 0 ? { up: fault } : { down: fault }),
          times: 1,
        });
        expect(answers, `${fault.kind} after ${after} bytes`).toEqual(
          answers.map((_, count) => `question ${count}`),
        );
      }),
    );
  }
}, 60_000);

test("F20: one flipped bit in the upgrade or in the first frames, over ws: every request settles, and the next connection is sound", async () => {
  const random = new SeededRandom(20);
  const points = Array.from({ length: 40 }, (_, at) => at * 8);
  for (let first = 0; first < points.length; first += 10) {
    await Promise.all(
      points.slice(first, first + 10).map(async (at, count) => {
        const fault: Fault = { kind: "flip", at, bit: random.below(8) };
        const { answers, url } = await requester(
          overWs,
          { id: "F20", ...(count % 2 === 0 ? { up: fault } : { down: fault }), times: 1 },
          { timeout: 2_000 },
        );
        // Nothing on the wire protects a payload: a flip there arrives. All else is a reply of its own, or no reply.
        const own = answers.filter((answer, which) => answer === `question ${which}`);
        const late = answers.filter((answer) => answer === "SP_ETIMEDOUT");
        expect(answers.length - own.length - late.length, `flipped at ${at}: ${answers}`).toBeLessThanOrEqual(
          1,
        );
        await servesAnother(overWs, url);
      }),
    );
  }
}, 60_000);

test("F2, F3: a listener that takes connections and is silent, or answers a byte a time, is given up and tried again", async () => {
  const silent = await rawListen();
  const req = keep(new Req0({ transports, ...quick, handshakeTimeout: 100 }));
  const dialer = await req.dial(webSocket(silent.url), { mode: "background" });
  const peer = await silent.accept();
  await peer.dribble(
    Array.from("HTTP/1.1 101 Swit", (letter) => Buffer.from(letter)),
    1,
  );
  await until(() => dialer.attempts > 2, "further attempts");
  expect(dialer.lastError).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("F23: peers that connect and drop again and again do not keep a good one out", async () => {
  const rep = keep(new Rep0({ transports }));
  const { url } = await rep.listen(overWs.url(0));
  rep.serve((request) => request.copy());
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, at) => {
        const peer = await RawPeer.connect(plain(url));
        if (at % 3 === 0) await peer.send("GET / HTTP/1.1\r\nHost: x\r\n");
        if (at % 2 === 0) await peer.reset();
        else await peer.close();
      }),
    );
  }
  await servesAnother(overWs, url);
});

test("Z3: random bytes, mutated upgrades and mutated frames end their own connection at most", async () => {
  const seed = Number(process.env.SPROCKET_SEED ?? 31);
  const random = new SeededRandom(seed);
  const rep = keep(new Rep0({ transports, handshakeTimeout: 200 }));
  const { url } = await rep.listen(overWs.url(0));
  rep.serve((request) => request.copy());
  const upgrade = Buffer.from(
    [
      "GET / HTTP/1.1",
      "Host: 127.0.0.1",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Protocol: rep.sp.nanomsg.org",
      "",
      "",
    ].join("\r\n"),
  );
  const frame = Buffer.from([0x82, 0x86, 0, 0, 0, 0, 0x80, 0, 0, 1, 104, 105]);
  const mutated = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    for (let count = random.below(4); count > 0; count--) copy[random.below(copy.length)] = random.below(256);
    return random.chance(0.2) ? copy.subarray(0, random.below(copy.length)) : copy;
  };
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const peer = await RawPeer.connect(plain(url));
        defer(() => peer.close());
        if (random.chance(0.2))
          await peer.send(Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256))));
        else {
          await peer.send(random.chance(0.5) ? mutated(upgrade) : upgrade);
          for (let count = random.below(6); count > 0; count--) await peer.send(mutated(frame));
        }
        if (random.chance(0.5)) await peer.close();
        else await peer.end();
      }),
    );
  }
  expect(seed).toBeGreaterThan(0);
  await servesAnother(overWs, url);
}, 60_000);
