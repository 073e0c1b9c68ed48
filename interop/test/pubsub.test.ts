import { Pub0, Sub0 } from "@sprocket/pubsub";
import { describe, expect } from "vitest";
import {
  bytes,
  type Receiver,
  receiveSeries,
  receiveUntil,
  sendSeries,
  text,
  untilArrived,
} from "../src/exchange.js";
import { checksum, hex, pattern } from "../src/pattern.js";
import type { Peer } from "../src/peer.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

const MiB = 1024 * 1024;
const binary = Uint8Array.of(0, 255);
const topics = ["weather/", binary];

/** What the topics above let pass, and what they do not. */
const published: readonly (readonly [message: Uint8Array, wanted: boolean])[] = [
  [bytes("weather/rain"), true],
  [bytes("weather"), false],
  [bytes("Weather/rain"), false],
  [bytes("weather/"), true],
  [new Uint8Array(0), false],
  [Uint8Array.of(0), false],
  [Uint8Array.of(0, 254, 1), false],
  [Uint8Array.of(0, 255, 1), true],
  [bytes("the weather/"), false],
  [Uint8Array.of(0, 255), true],
  [bytes("weather/end"), true],
];
const wanted = published.filter(([, wanted]) => wanted).map(([message]) => hex(message));

/**
 * A publication of the peer, until we hear it: nanomsg drops what it is given while the message before is on its way.
 * Everything heard meanwhile is added to `heard`, repetitions apart.
 */
async function publish(peer: Peer, message: Uint8Array, sub: Receiver, heard: string[]): Promise<void> {
  const came = async (): Promise<void> => {
    do {
      const next = hex(await sub.receive({ timeout: patience }));
      if (next !== heard.at(-1)) heard.push(next);
    } while (heard.at(-1) !== hex(message));
  };
  await untilArrived(() => peer.send(message), came());
}

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`PUB and SUB over ${meeting.route}, ${meeting.side}`, () => {
      test("the peer hears what we publish, of every size", async ({ scene }) => {
        const pub = scene.socket(new Pub0({ transports }));
        const peer = await scene.meet(pub, meeting, file, "sub", { topics: [""] });
        for (const size of [0, 1, 1023, 1024, 65_537, MiB]) {
          const body = pattern(size, 1);
          await pub.send(body);
          expect(await peer.receive()).toMatchObject({ length: size, checksum: checksum(body) });
        }
      });

      test("we hear what the peer publishes, of every size", async ({ scene }) => {
        const sub = scene.socket(new Sub0({ transports, topics: "" }));
        const peer = await scene.meet(sub, meeting, file, "pub");
        await peer.waitForPipes(1);
        for (const size of [0, 1, 1023, 1024, 65_537, MiB]) {
          const received = await untilArrived(
            () => peer.sendPattern(size, 1),
            // A repetition of the size before may come first.
            receiveOfSize(sub, size),
          );
          expect(checksum(received)).toBe(checksum(pattern(size, 1)));
        }
      });

      test("the peer's topics choose among our messages, as text, as bytes and as empty", async ({
        scene,
      }) => {
        const pub = scene.socket(new Pub0({ transports }));
        const peer = await scene.meet(pub, meeting, file, "sub", { topics });
        for (const [message] of published) await pub.send(message);
        for (const expected of wanted) expect(hex((await peer.receive()).bytes)).toBe(expected);

        await peer.subscribe("");
        for (const topic of topics) await peer.unsubscribe(topic);
        for (const [message] of published) await pub.send(message);
        for (const [message] of published) expect(hex((await peer.receive()).bytes)).toBe(hex(message));
      });

      test("our topics choose among the peer's messages, as text, as bytes and as empty", async ({
        scene,
      }) => {
        const sub = scene.socket(new Sub0({ transports, topics }));
        const peer = await scene.meet(sub, meeting, file, "pub");
        await peer.waitForPipes(1);
        const heard: string[] = [];
        for (const [message, wanted] of published) {
          if (wanted) await publish(peer, message, sub, heard);
          else await peer.send(message);
        }
        expect(heard).toEqual(wanted);

        sub.subscribe("");
        for (const topic of topics) sub.unsubscribe(topic);
        // Behind what was heard before: a repetition of the last of that may still come.
        for (const [message] of published) await publish(peer, message, sub, heard);
        expect(heard.slice(wanted.length)).toEqual(published.map(([message]) => hex(message)));
      });

      test("5,000 messages of ours at once: we drop none, and the peer hears them in order", async ({
        scene,
      }) => {
        const pub = scene.socket(new Pub0({ transports }));
        const peer = await scene.meet(pub, meeting, file, "sub", { topics: [""] });
        const [heard] = await Promise.all([peer.receiveUntil(4_999), sendSeries(pub, 5_000)]);
        expect(pub.stats()).toMatchObject({ sentMessages: 5_000, drops: {} });
        // nng reads on and drops the oldest of 128 when its application is slower; nanomsg stops reading.
        if (library === "nanomsg") expect(heard).toBe(5_000);
        else expect(heard).toBeGreaterThanOrEqual(128);
      });

      test("5,000 messages of ours, as many at once as the peer's queue holds, all arrive", async ({
        scene,
      }) => {
        const pub = scene.socket(new Pub0({ transports }));
        const peer = await scene.meet(pub, meeting, file, "sub", { topics: [""] });
        for (let first = 0; first < 5_000; first += 100) {
          await Promise.all([peer.receiveSeries(100, first), sendSeries(pub, 100, first)]);
        }
      });

      test("5,000 messages of the peer at once: we drop none of those it sends, and hear them in order", async ({
        scene,
      }) => {
        const sub = scene.socket(new Sub0({ transports, topics: "" }));
        const peer = await scene.meet(sub, meeting, file, "pub");
        await peer.waitForPipes(1);
        const counted = receiveUntil(sub, 4_999);
        await peer.sendSeries(5_000);
        // nng drops the oldest of 16, so the last one comes; nanomsg has no queue, so the last one may be missing.
        const heard = await untilArrived(
          () => (library === "nanomsg" ? peer.sendSeries(1, 4_999) : Promise.resolve()),
          counted,
        );
        const { receivedMessages, drops } = sub.stats();
        expect(drops).toEqual({});
        if (library === "nng") expect(receivedMessages).toBe(heard);
        expect(heard).toBeGreaterThan(1);
      });

      // nanomsg has no queue, so nobody can know how many at once it takes.
      if (library === "nng") {
        test("5,000 messages of the peer, as many at once as its queue holds, all arrive", async ({
          scene,
        }) => {
          const sub = scene.socket(new Sub0({ transports, topics: "" }));
          const peer = await scene.meet(sub, meeting, file, "pub");
          await peer.waitForPipes(1);
          for (let first = 0; first < 5_000; first += 16) {
            const count = Math.min(16, 5_000 - first);
            await Promise.all([receiveSeries(sub, count, first), peer.sendSeries(count, first)]);
          }
        });
      }

      test("a context of ours hears its own topics only", async ({ scene }) => {
        const sub = scene.socket(new Sub0({ transports, topics: "a" }));
        const context = sub.context({ topics: "b" });
        const peer = await scene.meet(sub, meeting, file, "pub");
        await peer.waitForPipes(1);
        for (const message of ["a1", "b1", "a2", "b2"]) {
          const reader = message.startsWith("a") ? sub : context;
          const heard = untilArrived(
            () => peer.send(bytes(message)),
            receiveWhere(reader, (received) => text(received) === message),
          );
          expect(text(await heard)).toBe(message);
        }
      });
    });
  }
});

function receiveOfSize(socket: Receiver, size: number): Promise<Uint8Array> {
  return receiveWhere(socket, (message) => message.length === size);
}

async function receiveWhere(socket: Receiver, fits: (message: Uint8Array) => boolean): Promise<Uint8Array> {
  for (;;) {
    const message = await socket.receive({ timeout: patience });
    if (fits(message)) return message;
  }
}
