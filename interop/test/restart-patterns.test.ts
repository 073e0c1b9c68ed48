import { Bus0 } from "@sprocket/bus";
import { Pull0, Push0 } from "@sprocket/pipeline";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { Respondent0, Surveyor0 } from "@sprocket/survey";
import { describe, expect } from "vitest";
import type { Route } from "../src/addresses.js";
import {
  bytes,
  nextEvent,
  type Receiver,
  type Sender,
  type Source,
  text,
  untilArrived,
} from "../src/exchange.js";
import { seriesIndex, seriesMessage } from "../src/pattern.js";
import { type Peer, PeerError, type PeerOptions, type PeerProtocol } from "../src/peer.js";
import { routesOf, transports } from "../src/routes.js";
import { type Endpoint, patience } from "../src/scene.js";
import { test, testOfReturn, withPeers } from "../src/suite.js";

const options = { transports, reconnectTimeMin: 20, reconnectTimeMax: 100 };

/** How one kind of socket of ours shows that it and the peer understand each other. */
interface Pattern<S extends Endpoint> {
  readonly open: () => S;
  readonly protocol: PeerProtocol;
  readonly peerOptions?: PeerOptions;
  /** What a new peer is told first. */
  readonly prepare?: (peer: Peer) => Promise<void>;
  /** Resolves when `word` has passed; repeats it, since either side may still hold a connection that is gone. */
  readonly pass: (socket: S, peer: Peer, word: string) => Promise<unknown>;
}

const toPeer = (socket: Sender, peer: Peer, word: string): Promise<unknown> => {
  const heard = async (): Promise<void> => {
    while (text((await peer.receive()).bytes) !== word);
  };
  return untilArrived(() => socket.send(word, { timeout: 100 }).catch(() => {}), heard());
};

const fromPeer = (socket: Receiver, peer: Peer, word: string): Promise<unknown> => {
  const heard = async (): Promise<void> => {
    while (text(await socket.receive({ timeout: patience })) !== word);
  };
  return untilArrived(() => peer.send(bytes(word)), heard());
};

/** The tests of one pattern, for a route and a make of peers. */
const pattern =
  <S extends Endpoint & Source>(name: string, details: Pattern<S>) =>
  (route: Route, file: string): void =>
    restarts(name, details, route, file);

const patterns = [
  pattern("our PUB", {
    open: () => new Pub0(options),
    protocol: "sub",
    peerOptions: { topics: [""] },
    pass: toPeer,
  }),
  pattern("our SUB", { open: () => new Sub0({ ...options, topics: "" }), protocol: "pub", pass: fromPeer }),
  pattern("our PUSH", { open: () => new Push0(options), protocol: "pull", pass: toPeer }),
  pattern("our PULL", { open: () => new Pull0(options), protocol: "push", pass: fromPeer }),
  pattern("our SURVEYOR", {
    open: () => new Surveyor0({ ...options, surveyTime: 200 }),
    protocol: "respondent",
    prepare: (peer) => peer.serve(),
    pass: async (surveyor, _peer, word) => {
      const deadline = AbortSignal.timeout(patience);
      while (!deadline.aborted) {
        for await (const answer of surveyor.survey(word)) if (answer.text() === word) return;
      }
      throw new Error(`nobody answered "${word}"`);
    },
  }),
  pattern("our RESPONDENT", {
    open: () => {
      const respondent = new Respondent0(options);
      respondent.serve((question) => question.body);
      return respondent;
    },
    protocol: "surveyor",
    peerOptions: { surveyTime: 200 },
    pass: async (_respondent, peer, word) => {
      const deadline = AbortSignal.timeout(patience);
      while (!deadline.aborted) {
        await peer.send(bytes(word));
        try {
          expect(text((await peer.receive()).bytes)).toBe(word);
          return;
        } catch (error) {
          // The survey is over: nobody was there.
          if (!(error instanceof PeerError)) throw error;
        }
      }
      throw new Error(`nobody answered "${word}"`);
    },
  }),
  pattern("our BUS", {
    open: () => new Bus0(options),
    protocol: "bus",
    pass: async (bus, peer, word) => {
      await toPeer(bus, peer, `${word} to peer`);
      await fromPeer(bus, peer, `${word} from peer`);
    },
  }),
];

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const route of routesOf(library)) {
    for (const tests of patterns) tests(route, file);

    describe(`in the middle of a stream over ${route}`, () => {
      test("our PUSH goes on with the peer's successor, in order and without a gap", async ({ scene }) => {
        const push = scene.socket(new Push0(options));
        const first = await scene.peerAt(route, file, "pull");
        await push.dial(first.url);
        // The successor reads no more than it is asked for: a send that waits for it then must be called back.
        const over = new AbortController();
        const pushed = (async () => {
          for (let index = 0; ; index++) {
            await push.send(seriesMessage(index), { timeout: patience, signal: over.signal });
            // The peers must get a turn.
            if (index % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
          }
        })();
        pushed.catch(() => {});
        await first.receiveSeries(500);
        await first.kill();
        const second = await scene.listeningPeer(file, "pull", first.url);
        // What the first one had not read is lost with its connection.
        expect(await second.receiveRun(500)).toBeGreaterThanOrEqual(500);
        over.abort();
        await expect(pushed).rejects.toMatchObject({ name: "AbortError" });
      });

      test("our PULL goes on with the peer's successor, and has all that it read of the first, in order", async ({
        scene,
      }) => {
        const pull = scene.socket(new Pull0(options));
        const first = await scene.peerAt(route, file, "push");
        await pull.dial(first.url);
        const sent = first.sendSeries(1_000_000).catch(() => "killed");
        for (let index = 0; index < 500; index++) {
          expect(seriesIndex(await pull.receive({ timeout: patience }))).toBe(index);
        }
        await first.kill();
        expect(await sent).toBe("killed");
        const second = await scene.listeningPeer(file, "push", first.url);
        const again = second.sendSeries(500);
        let next = 500;
        for (;;) {
          const index = seriesIndex(await pull.receive({ timeout: patience }));
          // Zero: the first one of the successor.
          if (index === 0) break;
          expect(index).toBe(next++);
        }
        for (let index = 1; index < 500; index++) {
          expect(seriesIndex(await pull.receive({ timeout: patience }))).toBe(index);
        }
        await again;
      });

      test("our SUB hears the peer's successor, in order", async ({ scene }) => {
        const sub = scene.socket(new Sub0({ ...options, topics: "" }));
        const first = await scene.peerAt(route, file, "pub");
        await sub.dial(first.url);
        await first.waitForPipes(1);
        const sent = first.sendSeries(100_000_000).catch(() => "killed");
        let previous = -1;
        for (let count = 0; count < 500; count++) {
          const index = seriesIndex(await sub.receive({ timeout: patience }));
          if (index <= previous) expect(index).toBeGreaterThan(previous);
          previous = index;
        }
        await first.kill();
        expect(await sent).toBe("killed");
        const second = await scene.listeningPeer(file, "pub", first.url);
        await second.waitForPipes(1);
        await fromPeer(sub, second, "successor");
      });
    });
  }
});

function restarts<S extends Endpoint & Source>(
  name: string,
  { open, protocol, peerOptions, prepare, pass }: Pattern<S>,
  route: Route,
  file: string,
): void {
  describe(`restarts of ${name} and its peer over ${route}`, () => {
    test("a listening peer is killed and started again: our dialer goes on with it", async ({ scene }) => {
      const socket = scene.socket(open());
      const first = await scene.peerAt(route, file, protocol, peerOptions);
      await socket.dial(first.url);
      await prepare?.(first);
      await pass(socket, first, "before");

      const closed = nextEvent(socket, "pipeclose");
      await first.kill();
      await closed;
      const second = await scene.listeningPeer(file, protocol, first.url, peerOptions);
      await prepare?.(second);
      await pass(socket, second, "after");
    });

    test("a dialing peer is killed and another one comes: our listener goes on with it", async ({
      scene,
    }) => {
      const socket = scene.socket(open());
      const { url } = await socket.listen(scene.listenUrl(route));
      const first = await scene.dialingPeer(file, protocol, url, peerOptions);
      await prepare?.(first);
      await pass(socket, first, "before");

      const closed = nextEvent(socket, "pipeclose");
      await first.kill();
      await closed;
      const second = await scene.dialingPeer(file, protocol, url, peerOptions);
      await prepare?.(second);
      await pass(socket, second, "after");
    });

    testOfReturn(
      route,
      file,
      "we go and listen again at the same address: the peer's dialer goes on with us",
      async ({ scene }) => {
        const first = scene.socket(open());
        const { url } = await first.listen(await scene.lastingUrl(route));
        const peer = await scene.dialingPeer(file, protocol, url, peerOptions);
        await prepare?.(peer);
        await pass(first, peer, "before");

        first.destroy();
        const second = scene.socket(open());
        await second.listen(url);
        await second.waitForPipes(1, { timeout: patience });
        await pass(second, peer, "after");
      },
    );

    test("we go and dial again: the peer's listener goes on with us", async ({ scene }) => {
      const first = scene.socket(open());
      const peer = await scene.peerAt(route, file, protocol, peerOptions);
      await first.dial(peer.url);
      await prepare?.(peer);
      await pass(first, peer, "before");

      first.destroy();
      const second = scene.socket(open());
      await second.dial(peer.url);
      await pass(second, peer, "after");
    });
  });
}
