/** Connections in masses: nobody is locked out, and nobody's pipe suffers. */
import { Rep0, Req0 } from "@sprocket/reqrep";
import { hex, protocolNumbers, type RawPeer, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, promptly, rawConnect, rawPeer, record, text, transports } from "../support/world.js";

const { req: REQ } = protocolNumbers;

async function echo(options: object): Promise<{ rep: Rep0; url: string }> {
  const rep = keep(new Rep0({ transports, ...options }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  rep.serve((request) => request.copy());
  return { rep, url };
}

/** A fresh raw peer gets its answer within a second. */
function served(url: string): Promise<void> {
  return promptly(async () => {
    const good = await rawPeer(url, REQ);
    await good.sendFrame(hex("80000001"), "good");
    await good.readFrame();
    await good.close();
  });
}

async function silent(url: string, count: number): Promise<RawPeer[]> {
  const peers: RawPeer[] = [];
  for (let left = count; left > 0; left -= 50) {
    peers.push(...(await Promise.all(Array.from({ length: Math.min(50, left) }, () => rawConnect(url)))));
  }
  return peers;
}

test("H1: beside 500 silent connections a good client is served within a second, and all go with the timeout", async () => {
  const { rep, url } = await echo({ handshakeTimeout: 3_000, maxPendingHandshakes: 1_000 });
  const begun = performance.now();
  const peers = await silent(url, 500);
  await served(url);
  await Promise.all(peers.map((peer) => peer.expectClosed(10_000)));
  expect(performance.now() - begun).toBeLessThan(13_000);
  expect(rep.pipes.size).toBe(0);
  await served(url);
}, 30_000);

test("H1: by default at most 128 are half-open; the oldest go first, and a good client is served", async () => {
  const { rep, url } = await echo({});
  const failed = record(rep, "handshakeerror");
  const peers = await silent(url, 500);
  await served(url);
  await until(() => failed.length >= 500 - 128, "the oldest to go", 10_000);
  await Promise.all(peers.slice(0, 300).map((peer) => peer.expectClosed(10_000)));
  expect(failed.every(({ error }) => "code" in error && error.code === "SP_ETIMEDOUT")).toBe(true);
  await served(url);
}, 30_000);

test("H2: connections above maxConnections are refused and counted; live pipes are unaffected; accepting resumes", async () => {
  const { rep, url } = await echo({ maxConnections: 20 });
  const failed = record(rep, "handshakeerror");
  const req = keep(new Req0({ transports }));
  await req.dial(url);
  const live = await Promise.all(Array.from({ length: 19 }, () => rawPeer(url, REQ)));
  await rep.waitForPipes(20);
  const refused = await silent(url, 100);
  await Promise.all(refused.map((peer) => peer.expectClosed(10_000)));
  await until(() => failed.length >= 100, "every refusal");
  expect(failed.length).toBe(100);
  expect(failed[0]?.error.message).toContain("maxConnections");
  expect(rep.stats().listeners[0]).toMatchObject({ pipes: 20 });
  expect(await text(req.request("still here", { timeout: 5_000 }))).toBe("still here");
  for (const peer of live.slice(0, 10)) await peer.close();
  await until(() => rep.pipes.size === 10, "the places to be free");
  await served(url);
  expect(rep.pipes.size).toBeGreaterThanOrEqual(10);
}, 30_000);

test("F23: 200 quick connects and drops do not hurt a listener", async () => {
  const { rep, url } = await echo({});
  for (let round = 0; round < 200; round++) {
    const peer = await rawConnect(url);
    if (round % 3 === 0) await peer.reset();
    else if (round % 3 === 1) await peer.end();
    else await peer.close();
  }
  await served(url);
  expect(rep.listeners.size).toBe(1);
});

test("peers that talk and go at once are each answered or gone, and all are forgotten", async () => {
  const { rep, url } = await echo({});
  await Promise.all(
    Array.from({ length: 100 }, async (_, at) => {
      const peer = await rawPeer(url, REQ);
      await peer.sendFrame(hex("80000001"), `peer ${at}`);
      if (at % 2 === 0) await peer.reset();
      else {
        await peer.readFrame(10_000);
        await peer.end();
        await peer.expectClosed();
      }
    }),
  );
  await until(() => rep.pipes.size === 0, "every pipe to go");
  await served(url);
}, 30_000);
