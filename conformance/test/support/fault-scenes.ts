/**
 * Requests and numbers that travel through trouble, over any transport: what arrives is whole, in order and once; each
 * request has its own reply or an error in time; a fresh peer is served within 2 s.
 */
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import type { Fault, FaultProxy } from "@sprocket/testing";
import { expect } from "vitest";
import { type FaultRoute, type Greeting, portOf } from "./fault-routes.js";
import { keep, promptly, proxy, text, turns } from "./world.js";

export interface Trouble {
  readonly id: string;
  readonly up?: Fault;
  readonly down?: Fault;
  /** Connections that are spoiled; later ones pass. */
  readonly times?: number;
  /** Nothing is broken, only slowed down or cut up: nothing at all may be lost. */
  readonly harmless?: boolean;
}

/** The trouble of every transport, behind a handshake of so many bytes. */
export function troubles(name: string, { up, down }: Greeting): readonly Trouble[] {
  const inside = name === "tcp" ? "a length" : "a header";
  return [
    { id: "F7: reset straight after the handshake", up: { kind: "reset", after: up }, times: 1 },
    {
      id: "F7: reset by the other side straight after the handshake",
      down: { kind: "reset", after: down },
      times: 2,
    },
    { id: `F8: end inside ${inside}`, up: { kind: "close", after: up + (name === "tcp" ? 4 : 3) }, times: 1 },
    { id: "F9: end inside a body", up: { kind: "close", after: up + 12 }, times: 1 },
    { id: "F9: end inside a reply", down: { kind: "close", after: down + 12 }, times: 1 },
    { id: "F10: reset inside a body", up: { kind: "reset", after: up + 12 }, times: 1 },
    { id: "F10: reset inside a reply", down: { kind: "reset", after: down + 12 }, times: 1 },
    {
      id: "F14: latency",
      up: { kind: "latency", delay: 20, jitter: 18 },
      down: { kind: "latency", delay: 20, jitter: 18 },
      harmless: true,
    },
    {
      id: "F15: bandwidth",
      up: { kind: "bandwidth", bytesPerSecond: 65_536 },
      down: { kind: "bandwidth", bytesPerSecond: 65_536 },
      harmless: true,
    },
    {
      id: "F16: one-byte segments",
      up: { kind: "slice", size: 1 },
      down: { kind: "slice", size: 1 },
      harmless: true,
    },
    {
      id: "F17: random cuts",
      up: { kind: "shred", most: 50, seed: 3 },
      down: { kind: "shred", most: 50, seed: 4 },
      harmless: true,
    },
    { id: "F19: delayed close", up: { kind: "close", after: up + 92, delay: 300 }, times: 1 },
    {
      id: "F24: a silence both ways, then healed",
      up: { kind: "stall", after: up + 52, ms: 400 },
      down: { kind: "stall", after: down + 52, ms: 400 },
      harmless: true,
    },
  ];
}

export const quick = { reconnectTimeMin: 5, reconnectTimeMax: 50 };

/** What to dial so that the trouble is in between. */
export async function troubled(
  route: FaultRoute,
  url: string,
  trouble: Trouble,
): Promise<{ url: string; between: FaultProxy }> {
  const between = await proxy({ target: `tcp://127.0.0.1:${portOf(url)}`, ...trouble });
  return { url: route.url(portOf(between.url)), between };
}

/** A replier, and a requester behind the trouble. */
export async function requester(
  route: FaultRoute,
  trouble: Trouble,
  { timeout = 10_000, handshakeTimeout = 10_000 } = {},
): Promise<{ answers: string[]; url: string }> {
  const { transports } = route;
  const rep = keep(new Rep0({ transports, handshakeTimeout }));
  const { url } = await rep.listen(route.url(0));
  rep.serve((request) => request.copy());
  const through = await troubled(route, url, trouble);
  const req = keep(new Req0({ transports, handshakeTimeout, ...quick }));
  await req.dial(through.url, { mode: "background" });
  const answers = await Promise.all(
    Array.from({ length: 10 }, async (_, at) => {
      try {
        return new TextDecoder().decode(await req.request(`question ${at}`, { timeout }));
      } catch (error) {
        return (error as { code: string }).code;
      }
    }),
  );
  return { answers, url };
}

/** A fresh requester is served within 2 s. */
export function servesAnother({ transports }: FaultRoute, url: string): Promise<void> {
  return promptly(async () => {
    const req = keep(new Req0({ transports }));
    await req.dial(url);
    expect(await text(req.request("fresh"))).toBe("fresh");
    await req.close();
  }, 2_000);
}

function numbered(at: number): Uint8Array {
  const body = new Uint8Array(16).fill(at & 0xff);
  new DataView(body.buffer).setUint32(0, at);
  return body;
}

/** A pair that sends numbers through the trouble: the numbers that arrived, until the last one did. */
export async function numbers(route: FaultRoute, trouble: Trouble): Promise<{ got: number[]; last: number }> {
  const { transports } = route;
  const left = keep(new Pair0({ transports, receiveBufferSize: 100 }));
  const { url } = await left.listen(route.url(0));
  const through = await troubled(route, url, trouble);
  const right = keep(new Pair0({ transports, ...quick }));
  await right.dial(through.url, { mode: "background" });
  const got: number[] = [];
  const reading = (async () => {
    for await (const body of left) {
      const at = new DataView(body.buffer, body.byteOffset).getUint32(0);
      expect(body).toEqual(numbered(at));
      got.push(at);
    }
  })();
  let last = -1;
  for (let count = 0; count < 50; count++) await right.send(numbered(++last), { timeout: 10_000 });
  const end = performance.now() + 10_000;
  // What was on its way when a connection broke is lost: go on until one has arrived.
  for (const from = last; got.at(-1) === undefined || (got.at(-1) as number) < from; ) {
    if (performance.now() > end) throw new Error(`nothing arrived any more after ${got.at(-1)} of ${last}`);
    await turns(20);
    if (trouble.harmless !== true) await right.send(numbered(++last), { timeout: 10_000 });
  }
  // Before the port is free: the system may give it to the next listener, which a dialer that lives on would find.
  right.destroy();
  await through.between.close();
  left.destroy();
  await reading;
  return { got, last };
}

export function expectIncreasing(got: readonly number[]): void {
  for (let at = 1; at < got.length; at++) expect(got[at]).toBeGreaterThan(got[at - 1] as number);
}
