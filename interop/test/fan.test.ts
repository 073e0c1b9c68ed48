import { Bus0 } from "@sprocket/bus";
import { Pull0, Push0 } from "@sprocket/pipeline";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { Respondent0, Surveyor0 } from "@sprocket/survey";
import { describe, expect } from "vitest";
import type { Route } from "../src/addresses.js";
import { bytes, type Receiver, sendSeries, text, untilArrived } from "../src/exchange.js";
import { seriesIndex } from "../src/pattern.js";
import type { Peer, PeerOptions, PeerProtocol } from "../src/peer.js";
import { routesOf, transports } from "../src/routes.js";
import { type Endpoint, patience, type Scene } from "../src/scene.js";
import { test, withBothPeers } from "../src/suite.js";

const options = { transports, receiveTimeout: patience };
const surveyTime = patience;
const names = ["ann", "bob", "eve"];
const each = names.map((_, index) => index);

const words = async (reader: Receiver, count: number): Promise<string[]> => {
  const received: string[] = [];
  while (received.length < count) received.push(text(await reader.receive({ timeout: patience })));
  return received.sort();
};

const peerWords = async (peer: Peer, count: number): Promise<string[]> => {
  const received: string[] = [];
  while (received.length < count) received.push(text((await peer.receive()).bytes));
  return received.sort();
};

await withBothPeers((files) => {
  for (const route of routesOf("nng")) {
    const both = routesOf("nanomsg").includes(route);
    /** Two of nng and one of nanomsg, or of nng where nanomsg lacks the route, connected to a listener of ours. */
    const dialers = async (
      scene: Scene,
      socket: Endpoint,
      protocol: PeerProtocol,
      options?: PeerOptions,
    ): Promise<Peer[]> => {
      const { url } = await socket.listen(scene.listenUrl(route));
      const makes = [files.nng, both ? files.nanomsg : files.nng, files.nng];
      const peers = await Promise.all(makes.map((file) => scene.dialingPeer(file, protocol, url, options)));
      await socket.waitForPipes(3, { timeout: patience });
      await Promise.all(peers.map((peer) => peer.waitForPipes(1)));
      return peers;
    };

    describe(`we listen over ${route}, ${both ? "two of nng and one of nanomsg" : "three of nng"} dial`, () => {
      test("PUB: each hears all that we publish", async ({ scene }) => {
        const pub = scene.socket(new Pub0(options));
        const peers = await dialers(scene, pub, "sub", { topics: [""] });
        await Promise.all([...peers.map((peer) => peer.receiveSeries(100)), sendSeries(pub, 100)]);
      });

      test("SUB: we hear what each publishes", async ({ scene }) => {
        const sub = scene.socket(new Sub0({ ...options, topics: "" }));
        const peers = await dialers(scene, sub, "pub");
        await Promise.all(peers.map((peer, index) => peer.send(bytes(names[index] as string))));
        expect(await words(sub, 3)).toEqual(names);
      });

      test("PUSH: each gets every third message", async ({ scene }) => {
        const push = scene.socket(new Push0(options));
        const peers = await dialers(scene, push, "pull");
        await sendSeries(push, 90);
        const firsts = await Promise.all(
          peers.map(async (peer) => {
            const indices: number[] = [];
            for (let count = 0; count < 30; count++) indices.push(seriesIndex((await peer.receive()).bytes));
            expect(indices).toEqual(indices.map((_, count) => (indices[0] as number) + 3 * count));
            return indices[0];
          }),
        );
        expect(firsts.sort()).toEqual(each);
      });

      test("PULL: we get all that each pushes, in its order", async ({ scene }) => {
        const pull = scene.socket(new Pull0(options));
        const peers = await dialers(scene, pull, "push");
        const sent = Promise.all(peers.map((peer) => peer.sendSeries(1_000)));
        const next = new Map<unknown, number>();
        for (let count = 0; count < 3_000; count++) {
          const { pipe, body } = await pull.receiveMessage();
          const expected = next.get(pipe) ?? 0;
          if (seriesIndex(body) !== expected) expect(seriesIndex(body)).toBe(expected);
          next.set(pipe, expected + 1);
        }
        expect([...next.values()]).toEqual([1_000, 1_000, 1_000]);
        await sent;
      });

      test("REQ: three requests at once go to one replier each", async ({ scene }) => {
        const req = scene.socket(new Req0(options));
        const peers = await dialers(scene, req, "rep");
        const answers = Promise.all(
          names.map(async (name) => [name, text(await req.request(name, { timeout: patience }))]),
        );
        for (const peer of peers) {
          const question = text((await peer.receive()).bytes);
          await peer.send(bytes(`re: ${question}`));
        }
        expect(await answers).toEqual(names.map((name) => [name, `re: ${name}`]));
      });

      test("REP: each requester gets its own answers", async ({ scene }) => {
        const rep = scene.socket(new Rep0(options));
        rep.serve((question) => `re: ${question.text()}`);
        const peers = await dialers(scene, rep, "req");
        await Promise.all(
          peers.map(async (peer, index) => {
            for (let count = 0; count < 50; count++) {
              await peer.send(bytes(`${names[index]} ${count}`));
              expect(text((await peer.receive()).bytes)).toBe(`re: ${names[index]} ${count}`);
            }
          }),
        );
      });

      test("SURVEYOR: we get an answer of each, also when they come one by one", async ({ scene }) => {
        const surveyor = scene.socket(new Surveyor0({ ...options, surveyTime }));
        const peers = await dialers(scene, surveyor, "respondent");
        await surveyor.send("who is there?");
        for (const [index, peer] of peers.entries()) {
          expect(text((await peer.receive()).bytes)).toBe("who is there?");
          await peer.send(bytes(names[index] as string));
          expect(text(await surveyor.receive())).toBe(names[index]);
        }
      });

      test("SURVEYOR: who does not answer is missing at the end, and nobody else", async ({ scene }) => {
        const surveyor = scene.socket(new Surveyor0(options));
        const [ann, silent, eve] = (await dialers(scene, surveyor, "respondent")) as [Peer, Peer, Peer];
        const answers = surveyor.survey("who is there?", { timeout: 3_000 }).toArray();
        for (const [peer, name] of [
          [ann, "ann"],
          [eve, "eve"],
        ] as const) {
          await peer.receive();
          await peer.send(bytes(name));
        }
        await silent.receive();
        expect((await answers).map((answer) => answer.text()).sort()).toEqual(["ann", "eve"]);
      });

      test("RESPONDENT: each surveyor gets its own answers", async ({ scene }) => {
        const respondent = scene.socket(new Respondent0(options));
        respondent.serve((question) => `re: ${question.text()}`);
        const peers = await dialers(scene, respondent, "surveyor", { surveyTime });
        await Promise.all(
          peers.map(async (peer, index) => {
            for (let count = 0; count < 50; count++) {
              await peer.send(bytes(`${names[index]} ${count}`));
              expect(text((await peer.receive()).bytes)).toBe(`re: ${names[index]} ${count}`);
            }
          }),
        );
      });

      test("BUS: each hears us and we hear each, but they do not hear each other", async ({ scene }) => {
        const bus = scene.socket(new Bus0(options));
        const peers = await dialers(scene, bus, "bus");
        await bus.send("first");
        for (const peer of peers) expect(text((await peer.receive()).bytes)).toBe("first");
        await Promise.all(peers.map((peer, index) => peer.send(bytes(names[index] as string))));
        expect(await words(bus, 3)).toEqual(names);
        await bus.send("second");
        for (const peer of peers) expect(text((await peer.receive()).bytes)).toBe("second");
      });
    });

    for (const library of both ? (["nng", "nanomsg"] as const) : (["nng"] as const)) {
      againstListener(library, route, files[library], library === "nng" && both ? files.nanomsg : files.nng);
    }
  }
});

/** A listener of one make; three sockets of ours dial, or one of ours, one of its own make and one of the other. */
function againstListener(library: string, route: Route, file: string, other: string): void {
  const ours = async <S extends Endpoint>(scene: Scene, listener: Peer, open: () => S): Promise<S[]> => {
    const sockets = each.map(() => scene.socket(open()));
    for (const socket of sockets) await socket.dial(listener.url);
    await listener.waitForPipes(3);
    return sockets;
  };
  const mixed = async <S extends Endpoint>(
    scene: Scene,
    listener: Peer,
    open: () => S,
    protocol: PeerProtocol,
    options?: PeerOptions,
  ): Promise<{ socket: S; peers: Peer[] }> => {
    const socket = scene.socket(open());
    await socket.dial(listener.url);
    const peers = await Promise.all(
      [file, other].map((make) => scene.dialingPeer(make, protocol, listener.url, options)),
    );
    await listener.waitForPipes(3);
    await Promise.all(peers.map((peer) => peer.waitForPipes(1)));
    return { socket, peers };
  };

  describe(`${library} listens over ${route}, three dial`, () => {
    test("SUBs of ours, of its own and of the other make hear what it publishes", async ({ scene }) => {
      const pub = await scene.peerAt(route, file, "pub");
      const { socket, peers } = await mixed(scene, pub, () => new Sub0({ ...options, topics: "" }), "sub", {
        topics: [""],
      });
      await pub.send(bytes("to all"));
      expect(text(await socket.receive())).toBe("to all");
      for (const peer of peers) expect(text((await peer.receive()).bytes)).toBe("to all");
    });

    test("it hears the PUBs of ours, of its own and of the other make", async ({ scene }) => {
      const sub = await scene.peerAt(route, file, "sub", { topics: [""] });
      const { socket, peers } = await mixed(scene, sub, () => new Pub0(options), "pub");
      await socket.send("ann");
      await peers[0]?.send(bytes("bob"));
      await peers[1]?.send(bytes("eve"));
      expect(await peerWords(sub, 3)).toEqual(names);
    });

    test("three PULLs of ours share what it pushes", async ({ scene }) => {
      const push = await scene.peerAt(route, file, "push");
      const pulls = await ours(scene, push, () => new Pull0(options));
      const indices: number[] = [];
      const enough = new AbortController();
      const readers = pulls.map(async (pull) => {
        let previous = -1;
        for (;;) {
          const index = seriesIndex(await pull.receive({ timeout: patience, signal: enough.signal }));
          if (index <= previous) throw new Error(`message ${index} came after ${previous}`);
          previous = index;
          indices.push(index);
          if (indices.length === 900) enough.abort();
        }
      });
      const [ends] = await Promise.all([Promise.allSettled(readers), push.sendSeries(900)]);
      for (const end of ends) expect(end).toMatchObject({ reason: { name: "AbortError" } });
      expect(indices.sort((a, b) => a - b)).toEqual(indices.map((_, index) => index));
      for (const pull of pulls) expect(pull.stats().receivedMessages).toBeGreaterThan(0);
    });

    test("it pulls from the PUSHes of ours, of its own and of the other make", async ({ scene }) => {
      const pull = await scene.peerAt(route, file, "pull");
      const { socket, peers } = await mixed(scene, pull, () => new Push0(options), "push");
      await socket.send("ann");
      await peers[0]?.send(bytes("bob"));
      await peers[1]?.send(bytes("eve"));
      expect(await peerWords(pull, 3)).toEqual(names);
    });

    test("REPs of ours answer its requests, whichever gets them", async ({ scene }) => {
      const req = await scene.peerAt(route, file, "req");
      const reps = await ours(scene, req, () => new Rep0(options));
      for (const rep of reps) rep.serve((question) => `re: ${question.text()}`);
      for (let count = 0; count < 30; count++) {
        await req.send(bytes(`q${count}`));
        expect(text((await req.receive()).bytes)).toBe(`re: q${count}`);
      }
      for (const rep of reps) expect(rep.stats().receivedMessages).toBeGreaterThan(0);
    });

    test("it answers the REQs of three sockets of ours", async ({ scene }) => {
      const rep = await scene.peerAt(route, file, "rep");
      const reqs = await ours(scene, rep, () => new Req0(options));
      await rep.serve();
      await Promise.all(
        reqs.map(async (req, index) => {
          for (let count = 0; count < 50; count++) {
            const question = `${names[index]} ${count}`;
            expect(text(await req.request(question, { timeout: patience }))).toBe(question);
          }
        }),
      );
    });

    test("RESPONDENTs of ours, of its own and of the other make answer its survey", async ({ scene }) => {
      const surveyor = await scene.peerAt(route, file, "surveyor", { surveyTime });
      const { socket, peers } = await mixed(scene, surveyor, () => new Respondent0(options), "respondent");
      await surveyor.send(bytes("who is there?"));
      expect(text(await socket.receive())).toBe("who is there?");
      await socket.send("ann");
      for (const [index, peer] of peers.entries()) {
        expect(text((await peer.receive()).bytes)).toBe("who is there?");
        await peer.send(bytes(names[index + 1] as string));
      }
      expect(await peerWords(surveyor, 3)).toEqual(names);
    });

    test("it answers the SURVEYORs of three sockets of ours", async ({ scene }) => {
      const respondent = await scene.peerAt(route, file, "respondent");
      const surveyors = await ours(scene, respondent, () => new Surveyor0({ ...options, surveyTime }));
      await respondent.serve();
      await Promise.all(
        surveyors.map(async (surveyor, index) => {
          for (let count = 0; count < 50; count++) {
            await surveyor.send(`${names[index]} ${count}`);
            expect(text(await surveyor.receive())).toBe(`${names[index]} ${count}`);
          }
        }),
      );
    });

    test("BUS: all hear it and it hears all, but they do not hear each other", async ({ scene }) => {
      const bus = await scene.peerAt(route, file, "bus");
      const { socket, peers } = await mixed(scene, bus, () => new Bus0(options), "bus");
      await bus.send(bytes("first"));
      expect(text(await socket.receive())).toBe("first");
      for (const peer of peers) expect(text((await peer.receive()).bytes)).toBe("first");
      await socket.send("ann");
      await peers[0]?.send(bytes("bob"));
      await peers[1]?.send(bytes("eve"));
      expect(await peerWords(bus, 3)).toEqual(names);

      const again = Promise.all(peers.map((peer) => peer.receive()));
      const second = await untilArrived(
        () => bus.send(bytes("second")),
        Promise.all([socket.receive(), again]),
      );
      expect(text(second[0])).toBe("second");
      for (const message of second[1]) expect(text(message.bytes)).toBe("second");
    });
  });
}
