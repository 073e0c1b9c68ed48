/** Whose bytes are whose, after they were sent: what was lent, given away, made of a string, or sent again. */
import { Message } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { Req0 } from "@sprocket/reqrep";
import { protocolNumbers } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { everywhere, keep, rawListen, streams, text, transports, turns } from "../support/world.js";

/** More than an encoder copies. */
const LARGE = 200_000;
const numbered = (number: number): Uint8Array => new Uint8Array(LARGE).fill(number + 1);
const isNumbered = (bytes: Uint8Array, number: number): boolean =>
  Buffer.compare(bytes, numbered(number)) === 0;

async function pairs(url: string): Promise<[Pair0, Pair0]> {
  const near = keep(new Pair0({ transports }));
  const far = keep(new Pair0({ transports }));
  await far.dial((await near.listen(url)).url);
  await near.waitForPipes(1);
  return [near, far];
}

for (const { name, url } of everywhere) {
  describe(`over ${name}`, () => {
    test("lent bytes are the caller's again, who may change and send them again at once", async () => {
      const [near, far] = await pairs(url());
      const lent = new Uint8Array(LARGE);
      const sending = (async () => {
        for (let number = 0; number < 60; number++) {
          lent.fill(number + 1);
          await far.send(lent);
        }
      })();
      const received: Uint8Array[] = [];
      while (received.length < 60) received.push(await near.receive());
      await sending;
      received.forEach((bytes, number) => {
        expect(isNumbered(bytes, number)).toBe(true);
      });
      await turns();
      expect(lent.length).toBe(LARGE);
    });

    test("a message that was sent can be read, and sent to others", async () => {
      const pipes = [await pairs(url()), await pairs(url()), await pairs(url())];
      const message = new Message(numbered(7));
      for (const [, far] of pipes) {
        await far.send(message);
        await turns();
      }
      for (const [near] of pipes) expect(isNumbered(await near.receive(), 7)).toBe(true);
      expect(isNumbered(message.body, 7)).toBe(true);
    });

    test("what one of several contexts received can be sent on, twice", async () => {
      const pub = keep(new Pub0({ transports }));
      const sub = keep(new Sub0({ transports }));
      const contexts = [sub.context({ topics: "" }), sub.context({ topics: "" })];
      await sub.dial((await pub.listen(url())).url);
      await pub.waitForPipes(1);
      await pub.send(numbered(3));
      const [near, far] = await pairs(url());
      for (const context of contexts) {
        const message = await context.receiveMessage();
        for (let times = 0; times < 2; times++) {
          await far.send(message);
          await turns();
          expect(isNumbered(await near.receive(), 3)).toBe(true);
        }
        expect(isNumbered(message.body, 3)).toBe(true);
      }
    });

    test("every subscriber gets all of it", async () => {
      const pub = keep(new Pub0({ transports }));
      const { url: address } = await pub.listen(url());
      const subs = Array.from({ length: 4 }, () => keep(new Sub0({ transports, topics: "" })));
      for (const sub of subs) await sub.dial(address);
      await pub.waitForPipes(subs.length);
      for (let number = 0; number < 5; number++) {
        await pub.send(numbered(number));
        for (const sub of subs) expect(isNumbered(await sub.receive(), number)).toBe(true);
      }
    });
  });
}

for (const { name, url } of streams) {
  for (const [what, request] of [
    ["a string", "x".repeat(LARGE)],
    ["lent bytes", new TextEncoder().encode("x".repeat(LARGE))],
    ["a message", new Message("x".repeat(LARGE))],
  ] as const) {
    test(`over ${name}, ${what} is sent again as it was when the first peer goes without an answer`, async () => {
      const req = keep(new Req0({ transports, reconnectTimeMin: 10 }));
      const server = await rawListen(url());
      await req.dial(server.url, { mode: "background" });
      const answer = req.request(request);
      for (let attempt = 0; attempt < 3; attempt++) {
        const peer = await server.accept();
        await peer.handshake(protocolNumbers.rep);
        const frame = await peer.readFrame();
        expect(frame.length).toBe(4 + LARGE);
        expect(Buffer.compare(frame.subarray(4), Buffer.alloc(LARGE, "x"))).toBe(0);
        await turns();
        if (attempt === 2) await peer.sendFrame(frame.subarray(0, 4), "done");
        else await peer.close();
      }
      expect(await text(answer)).toBe("done");
    });
  }
}
