/**
 * The faults of one transport whose handshake is longer than the 8 bytes of SP. Byte counts are of what travels: of TLS
 * records, of HTTP and frames.
 */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { collectGarbage, type Fault, HandleWatch, SeededRandom, until, within } from "@sprocket/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../../scripts/free-port.js";
import { Child } from "./child.js";
import { type FaultRoute, type Greeting, greetingOf, portOf } from "./fault-routes.js";
import {
  expectIncreasing,
  numbers,
  quick,
  requester,
  servesAnother,
  troubled,
  troubles,
} from "./fault-scenes.js";
import { cleanUp, defer, failure, keep, nextEvent, rawConnect, record, text, turns } from "./world.js";

/** A listener that speaks nothing, and the connections that came to it; others may come to its port later. */
async function mute(): Promise<{ port: number; accept(): Promise<Socket>; close(): Promise<void> }> {
  const waiting: Socket[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    socket.resume();
    waiting.push(socket);
  });
  server.listen(await freePort(), "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  defer(close);
  return {
    port: (server.address() as { port: number }).port,
    async accept() {
      await until(() => waiting.length > 0, "a connection");
      return waiting.shift() as Socket;
    },
    close,
  };
}

/** Each test of the file begins with nothing and leaves nothing. Returns what the handshake measures, once a test runs. */
function prepare(route: FaultRoute): () => Greeting {
  let greeting: Greeting;
  let watch: HandleWatch;

  beforeAll(async () => {
    greeting = await greetingOf(route);
    await cleanUp();
  });
  beforeEach(() => {
    watch = new HandleWatch();
  });
  // The runtime lets go of the inner half of a tls socket only when it collects it.
  afterEach(async () => {
    await cleanUp();
    for (let round = 0; round < 10 && watch.count > 0; round++) await collectGarbage();
    watch.stop();
  });
  afterAll(cleanUp);
  return () => greeting;
}

/** What the network does: cuts, resets, delays, changes; and peers that come and go in the middle of a handshake. */
export function networkFaults(route: FaultRoute): void {
  const { transports } = route;
  const greeting = prepare(route);

  // Their byte counts are known only when they run; the titles do not depend on them.
  const ids = troubles(route.name, { up: 0, down: 0 }).map(({ id }) => id);

  describe.each(ids)("%s", (id) => {
    const trouble = () => {
      const found = troubles(route.name, greeting()).find((each) => each.id === id);
      if (found === undefined) throw new Error(`there is no ${id}`);
      return found;
    };

    test("each request has its own reply", async () => {
      const { answers, url } = await requester(route, trouble());
      expect(answers).toEqual(answers.map((_, at) => `question ${at}`));
      await servesAnother(route, url);
    });

    test("a pair delivers in order, each once, and loses nothing while its pipe lives", async () => {
      const { got } = await numbers(route, trouble());
      expectIncreasing(got);
      if (trouble().harmless === true) expect(got).toEqual(Array.from({ length: 50 }, (_, at) => at));
    });
  });

  test("F18: closed or reset after n bytes, n all through the handshake and beyond: each request has its own reply", async () => {
    const ends = Array.from({ length: 60 }, (_, at) => at);
    for (let first = 0; first < ends.length; first += 20) {
      await Promise.all(
        ends.slice(first, first + 20).map(async (at) => {
          const up = at % 2 === 0;
          const after = Math.floor((at / (ends.length - 1)) * ((up ? greeting().up : greeting().down) + 200));
          const fault: Fault = { kind: at % 3 === 0 ? "reset" : "close", after };
          const { answers } = await requester(route, {
            id: "F18",
            ...(up ? { up: fault } : { down: fault }),
            times: 1,
          });
          expect(answers, `${fault.kind} after ${after} bytes`).toEqual(
            answers.map((_, count) => `question ${count}`),
          );
        }),
      );
    }
  }, 60_000);

  test("F20: one flipped bit anywhere in the handshake and shortly after: every request settles, and the next connection is sound", async () => {
    const random = new SeededRandom(20);
    const flips = Array.from({ length: 32 }, (_, index) => {
      const up = index % 2 === 0;
      const at = random.below((up ? greeting().up : greeting().down) + 64);
      return { up, at, bit: random.below(8) };
    });
    for (let first = 0; first < flips.length; first += 8) {
      await Promise.all(
        flips.slice(first, first + 8).map(async ({ up, at, bit }) => {
          const fault: Fault = { kind: "flip", at, bit };
          const { answers, url } = await requester(
            route,
            { id: "F20", ...(up ? { up: fault } : { down: fault }), times: 1 },
            { timeout: 5_000, handshakeTimeout: 1_000 },
          );
          const own = answers.filter((answer, count) => answer === `question ${count}`);
          const late = answers.filter((answer) => answer === "SP_ETIMEDOUT");
          // TLS lets nothing through that was changed; without it a payload may arrive so.
          const foreign = route.name === "tls+tcp" ? 0 : 1;
          expect(
            answers.length - own.length - late.length,
            `bit ${bit} of byte ${at} ${up ? "up" : "down"}: ${answers}`,
          ).toBeLessThanOrEqual(foreign);
          await servesAnother(route, url);
        }),
      );
    }
  }, 60_000);

  test("F2, F3: a peer that accepts and is silent, or slow, is given up and dialed again", async () => {
    const server = await mute();
    const req = keep(new Req0({ transports, ...quick, handshakeTimeout: 300 }));
    const errors = record(req, "connecterror");
    await req.dial(route.url(server.port), { mode: "background" });
    const silent = await server.accept();
    if (!silent.destroyed) await once(silent, "close");
    const slow = await server.accept();
    const begins =
      route.name === "ws" ? Buffer.from("HTTP/1.1 101 ") : Buffer.from([22, 3, 3, 0, 90, 2, 0, 0, 86]);
    for (const byte of begins) {
      if (slow.destroyed) break;
      slow.write(Uint8Array.of(byte));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (!slow.destroyed) await once(slow, "close");
    expect(errors.slice(0, 2).map(({ error }) => (error as { code?: string }).code)).toEqual([
      "SP_ETIMEDOUT",
      "SP_ETIMEDOUT",
    ]);
    await server.close();
    const rep = keep(new Rep0({ transports }));
    await rep.listen(route.url(server.port));
    await req.waitForPipes(1);
  });

  test("F23: 100 quick connects and drops do not hurt a listener", async () => {
    const rep = keep(new Rep0({ transports }));
    const { url } = await rep.listen(route.url(0));
    rep.serve((request) => request.copy());
    const req = keep(new Req0({ transports }));
    await req.dial(url);
    for (let round = 0; round < 10; round++) {
      const asked = req.request(`round ${round}`);
      const peers = await Promise.all(
        Array.from({ length: 10 }, () => rawConnect(`tcp://127.0.0.1:${portOf(url)}`)),
      );
      for (const [index, peer] of peers.entries()) {
        await peer.send(new Uint8Array(index).fill(22));
        if (index % 2 === 0) await peer.reset();
        else await peer.close();
      }
      expect(await text(asked)).toBe(`round ${round}`);
    }
    await servesAnother(route, url);
  });
}

/** What the other side does, or what becomes of it: nobody there, killed, stopped, not reading, restarted. */
export function peerFaults(route: FaultRoute): void {
  const { transports } = route;
  const greeting = prepare(route);
  absentPeers(route);

  test("F13: a peer that stops reading makes sends wait; when it reads again everything comes, in order", async () => {
    const pair = keep(new Pair0({ transports, sendBufferBytes: 65_536 }));
    const { url } = await pair.listen(route.url(0));
    const { url: through, between } = await troubled(route, url, {
      id: "F13",
      down: { kind: "stall", after: greeting().down + 10_000 },
    });
    const reader = keep(new Pair0({ transports }));
    await reader.dial(through);
    await pair.waitForPipes(1);
    const body = (at: number): Uint8Array => {
      const bytes = new Uint8Array(50_000).fill(at & 0xff);
      new DataView(bytes.buffer).setUint32(0, at);
      return bytes;
    };
    let sent = 0;
    for (let stuck = false; !stuck && sent < 2_000; ) {
      if (pair.trySend(body(sent))) sent++;
      else {
        await turns(100);
        stuck = !pair.writable;
      }
    }
    expect(sent).toBeLessThan(2_000);
    expect(await failure(pair.send(body(sent), { timeout: 50 }))).toMatchObject({ code: "SP_ETIMEDOUT" });
    const more = pair.send(body(sent));
    between.heal();
    for (let at = 0; at <= sent; at++) {
      const got = await reader.receive({ timeout: 10_000 });
      expect(new DataView(got.buffer, got.byteOffset).getUint32(0)).toBe(at);
      expect(got.length).toBe(50_000);
    }
    await more;
  });
}

/** Nobody there, killed, stopped, restarted: what is the same over every transport. */
export function absentPeers(route: FaultRoute): void {
  const { transports } = route;

  test("F1: an address where nobody listens is tried again and again", async () => {
    const gone = await mute();
    await gone.close();
    const req = keep(new Req0({ transports, ...quick }));
    const dialer = await req.dial(route.url(gone.port), { mode: "background" });
    await until(() => dialer.attempts > 5, "several attempts");
    const rep = keep(new Rep0({ transports }));
    await rep.listen(route.url(gone.port));
    rep.serve((request) => request.copy());
    expect(await text(req.request("there now"))).toBe("there now");
  });

  test("F11: when a replier is killed its pipe goes within a second, and the requests complete on the next one", async () => {
    const child = new Child("replier", route.url(await freePort()), ...route.credentials);
    const url = await child.line();
    const req = keep(new Req0({ transports, ...quick }));
    await req.dial(url);
    expect(await text(req.request("before"))).toBe("before");
    const gone = nextEvent(req, "pipeclose");
    await child.kill();
    await within(1_000, gone, "the pipe to go");
    // They wait for a process to start, which takes longer on a loaded machine than a message may.
    const asked = Array.from({ length: 5 }, async (_, at) =>
      new TextDecoder().decode(await req.request(`outstanding ${at}`, { timeout: 40_000 })),
    );
    const next = new Child("replier", url, ...route.credentials);
    expect(await next.line()).toBe(url);
    expect(await within(20_000, Promise.all(asked), "the replies")).toEqual(
      asked.map((_, at) => `outstanding ${at}`),
    );
  }, 60_000);

  test.skipIf(process.platform === "win32")(
    "F12: a replier that is stopped and continued answers late, not never",
    async () => {
      const child = new Child("replier", route.url(0), ...route.credentials);
      const req = keep(new Req0({ transports, ...quick }));
      await req.dial(await child.line());
      expect(await text(req.request("before"))).toBe("before");
      child.process.kill("SIGSTOP");
      const early = failure(req.request("stopped", { timeout: 200 }));
      const asked = Array.from({ length: 5 }, (_, at) => text(req.request(`waiting ${at}`)));
      expect(await early).toMatchObject({ code: "SP_ETIMEDOUT" });
      child.process.kill("SIGCONT");
      expect(await Promise.all(asked)).toEqual(asked.map((_, at) => `waiting ${at}`));
      expect(req.pipes.size).toBe(1);
    },
    60_000,
  );

  test("F22: a listener that is restarted on its address gets its peers back", async () => {
    const rep = keep(new Rep0({ transports }));
    let listener = await rep.listen(route.url(await freePort()));
    rep.serve((request) => request.copy());
    const reqs = Array.from({ length: 10 }, () => keep(new Req0({ transports, ...quick })));
    for (const req of reqs) await req.dial(listener.url);
    for (let round = 0; round < 5; round++) {
      const asked = reqs.map((req, at) => text(req.request(`${round}.${at}`)));
      expect(await Promise.all(asked)).toEqual(reqs.map((_, at) => `${round}.${at}`));
      await listener.close();
      listener = await rep.listen(listener.url);
    }
    await servesAnother(route, listener.url);
  });
}
