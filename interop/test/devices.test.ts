import { Bus0, RawBus0 } from "@sprocket/bus";
import { device } from "@sprocket/core";
import { Pair0, Pair1, RawPair0, RawPair1 } from "@sprocket/pair";
import { Pull0, Push0, RawPull0, RawPush0 } from "@sprocket/pipeline";
import { Pub0, RawPub0, RawSub0, Sub0 } from "@sprocket/pubsub";
import { RawRep0, RawReq0, Rep0, Req0 } from "@sprocket/reqrep";
import { RawRespondent0, RawSurveyor0, Respondent0, Surveyor0 } from "@sprocket/survey";
import { describe, expect } from "vitest";
import { bytes, receiveSeries, sendSeries, talkInOrder, text } from "../src/exchange.js";
import type { Peer, PeerOptions, PeerProtocol, RawProtocol } from "../src/peer.js";
import { routesOf, transports } from "../src/routes.js";
import { type Endpoint, patience, type Scene } from "../src/scene.js";
import { test, withBothPeers } from "../src/suite.js";

const options = { transports, receiveTimeout: patience };
const surveyTime = patience;

await withBothPeers((files) => {
  for (const route of routesOf("nng", "nanomsg")) {
    for (const [left, right] of [
      ["nng", "nanomsg"],
      ["nanomsg", "nng"],
    ] as const) {
      /** A peer that dials one side of a device of ours, and knows that it is connected. */
      const join = async (
        scene: Scene,
        side: Endpoint,
        library: "nng" | "nanomsg",
        protocol: PeerProtocol,
        options?: PeerOptions,
      ): Promise<Peer> => {
        const { url } = await side.listen(scene.listenUrl(route));
        const peer = await scene.dialingPeer(files[library], protocol, url, options);
        await side.waitForPipes(1, { timeout: patience });
        await peer.waitForPipes(1);
        return peer;
      };

      describe(`a device of ours over ${route} between ${left} and ${right}`, () => {
        test("requests go through it, and replies come back", async ({ scene }) => {
          const front = scene.socket(new RawRep0({ transports }));
          const back = scene.socket(new RawReq0({ transports }));
          const running = device(front, back);
          const req = await join(scene, front, left, "req");
          const rep = await join(scene, back, right, "rep");
          await rep.serve();
          for (let count = 0; count < 100; count++) {
            await req.send(bytes(`q${count}`));
            expect(text((await req.receive()).bytes)).toBe(`q${count}`);
          }
          front.destroy();
          await running;
        });

        test("what is published goes through it, and topics work behind it", async ({ scene }) => {
          const front = scene.socket(new RawSub0({ transports }));
          const back = scene.socket(new RawPub0({ transports }));
          const running = device(front, back);
          const pub = await join(scene, front, left, "pub");
          const sub = await join(scene, back, right, "sub", { topics: ["a/"] });
          const seen = sub.receive();
          // nanomsg drops what it is given while the message before is on its way: so one at a time.
          for (const word of ["b/no", "a/yes"]) {
            const { receivedMessages } = front.stats();
            while (front.stats().receivedMessages === receivedMessages) await pub.send(bytes(word));
          }
          expect(text((await seen).bytes)).toBe("a/yes");
          front.destroy();
          await running;
        });

        test("5,000 pushed messages go through it in order", async ({ scene }) => {
          const front = scene.socket(new RawPull0({ transports }));
          const back = scene.socket(new RawPush0({ transports }));
          const running = device(front, back);
          const push = await join(scene, front, left, "push");
          const pull = await join(scene, back, right, "pull");
          await Promise.all([pull.receiveSeries(5_000), push.sendSeries(5_000)]);
          front.destroy();
          await running;
        });

        test("surveys go through it to everybody, and all answers come back", async ({ scene }) => {
          const front = scene.socket(new RawRespondent0({ transports }));
          const back = scene.socket(new RawSurveyor0({ transports }));
          const running = device(front, back);
          const surveyor = await join(scene, front, left, "surveyor", { surveyTime });
          const first = await join(scene, back, right, "respondent");
          const [{ url } = { url: "" }] = back.listeners;
          const second = await scene.dialingPeer(files[left], "respondent", url);
          await back.waitForPipes(2, { timeout: patience });
          await surveyor.send(bytes("who is there?"));
          for (const [name, respondent] of Object.entries({ ann: first, bob: second })) {
            expect(text((await respondent.receive()).bytes)).toBe("who is there?");
            await respondent.send(bytes(name));
            expect(text((await surveyor.receive()).bytes)).toBe(name);
          }
          front.destroy();
          await running;
        });

        test("a pair talks through it", async ({ scene }) => {
          const front = scene.socket(new RawPair0({ transports }));
          const back = scene.socket(new RawPair0({ transports }));
          const running = device(front, back);
          const one = await join(scene, front, left, "pair0");
          const other = await join(scene, back, right, "pair0");
          await Promise.all([other.receiveSeries(1_000), one.sendSeries(1_000)]);
          await Promise.all([one.receiveSeries(1_000), other.sendSeries(1_000)]);
          front.destroy();
          await running;
        });

        test("a hub passes what one says to all others, and not back", async ({ scene }) => {
          const hub = scene.socket(new RawBus0({ transports }));
          const running = device(hub);
          const { url } = await hub.listen(scene.listenUrl(route));
          const ours = scene.socket(new Bus0(options));
          await ours.dial(url);
          const one = await scene.dialingPeer(files[left], "bus", url);
          const other = await scene.dialingPeer(files[right], "bus", url);
          await hub.waitForPipes(3, { timeout: patience });
          for (const peer of [one, other]) await peer.waitForPipes(1);

          await one.send(bytes("from one"));
          expect(text((await other.receive()).bytes)).toBe("from one");
          expect(text(await ours.receive())).toBe("from one");
          await ours.send("from ours");
          expect(text((await one.receive()).bytes)).toBe("from ours");
          expect(text((await other.receive()).bytes)).toBe("from ours");
          await other.send(bytes("from other"));
          expect(text((await one.receive()).bytes)).toBe("from other");
          expect(text(await ours.receive())).toBe("from other");
          hub.destroy();
          await running;
        });
      });
    }

    for (const library of ["nng", "nanomsg"] as const) {
      /** A running device of the peer between two sockets of ours. */
      const between = async (
        scene: Scene,
        [front, back]: readonly [RawProtocol, RawProtocol],
        one: Endpoint,
        other: Endpoint,
      ): Promise<void> => {
        const middle = await scene.deviceAt(route, files[library], front, back);
        await one.dial(middle.url);
        await other.dial(middle.backUrl);
        await middle.waitForPipes(2);
        await middle.forward();
      };

      describe(`a device of ${library} over ${route} between two of ours`, () => {
        test("requests go through it, and replies come back", async ({ scene }) => {
          const req = scene.socket(new Req0(options));
          const rep = scene.socket(new Rep0(options));
          rep.serve((question) => `re: ${question.text()}`);
          await between(scene, ["raw-rep", "raw-req"], req, rep);
          // nng's raw REP drops what exceeds 64 replies for a busy connection.
          const questions = Array.from({ length: 32 }, (_, index) => `q${index}`);
          const answers = await Promise.all(
            questions.map((question) => req.request(question, { timeout: patience })),
          );
          expect(answers.map(text)).toEqual(questions.map((question) => `re: ${question}`));
        });

        test("what is published goes through it, and topics work behind it", async ({ scene }) => {
          const pub = scene.socket(new Pub0(options));
          const sub = scene.socket(new Sub0({ ...options, topics: "a/" }));
          await between(scene, ["raw-sub", "raw-pub"], pub, sub);
          const heard = sub.receive();
          for (const word of ["b/no", "a/yes"]) await pub.send(word);
          expect(text(await heard)).toBe("a/yes");
        });

        test("5,000 pushed messages go through it in order", async ({ scene }) => {
          const push = scene.socket(new Push0(options));
          const pull = scene.socket(new Pull0(options));
          await between(scene, ["raw-pull", "raw-push"], push, pull);
          await Promise.all([receiveSeries(pull, 5_000), sendSeries(push, 5_000)]);
        });

        test("surveys go through it, and answers come back", async ({ scene }) => {
          const surveyor = scene.socket(new Surveyor0({ ...options, surveyTime }));
          const respondent = scene.socket(new Respondent0(options));
          respondent.serve((question) => `re: ${question.text()}`);
          await between(scene, ["raw-respondent", "raw-surveyor"], surveyor, respondent);
          for (let count = 0; count < 100; count++) {
            await surveyor.send(`q${count}`);
            expect(text(await surveyor.receive())).toBe(`re: q${count}`);
          }
        });

        test("a pair talks through it", async ({ scene }) => {
          const one = scene.socket(new Pair0(options));
          const other = scene.socket(new Pair0(options));
          await between(scene, ["raw-pair0", "raw-pair0"], one, other);
          await Promise.all([receiveSeries(other, 1_000), sendSeries(one, 1_000)]);
          await Promise.all([receiveSeries(one, 1_000), sendSeries(other, 1_000)]);
        });

        test("a hub of it passes what one says to all others, and not back", async ({ scene }) => {
          const hub = await scene.deviceAt(route, files[library], "raw-bus");
          const buses = ["ann", "bob", "eve"].map((name) => ({ name, bus: scene.socket(new Bus0(options)) }));
          for (const { bus } of buses) await bus.dial(hub.url);
          await hub.waitForPipes(3);
          await hub.forward();
          for (const speaker of buses) {
            await speaker.bus.send(speaker.name);
            for (const { bus } of buses) {
              if (bus !== speaker.bus) expect(text(await bus.receive())).toBe(speaker.name);
            }
          }
        });
      });
    }

    describe(`chains over ${route}`, () => {
      test("a PAIR1 of ours and one of nng talk through our device", async ({ scene }) => {
        const front = scene.socket(new RawPair1({ transports }));
        const back = scene.socket(new RawPair1({ transports }));
        const running = device(front, back);
        const { url } = await front.listen(scene.listenUrl(route));
        const peer = await scene.meet(back, { route, side: "we listen" }, files.nng, "pair1");
        const pair = scene.socket(new Pair1(options));
        await pair.dial(url);
        await talkInOrder(pair, peer, 500);
        front.destroy();
        await running;
      });

      test("a request goes through devices of ours, of nng and of nanomsg, and its answer comes back", async ({
        scene,
      }) => {
        const nng = await scene.deviceAt(route, files.nng, "raw-rep", "raw-req");
        const nanomsg = await scene.deviceAt(route, files.nanomsg, "raw-rep", "raw-req");
        const front = scene.socket(new RawRep0({ transports }));
        const back = scene.socket(new RawReq0({ transports }));
        // req -> nng's -> ours -> nanomsg's -> rep: each device dials the next one.
        const { url } = await front.listen(scene.listenUrl(route));
        await back.dial(nanomsg.url);
        const req = scene.socket(new Req0(options));
        await req.dial(nng.url);
        const rep = scene.socket(new Rep0(options));
        await rep.dial(nanomsg.backUrl);
        rep.serve((question) => `re: ${question.text()}`);
        const bridge = scene.socket(new RawRep0({ transports }));
        const beyond = scene.socket(new RawReq0({ transports }));
        await bridge.dial(nng.backUrl);
        await beyond.dial(url);
        const running = [device(front, back), device(bridge, beyond)];
        await nng.waitForPipes(2);
        await nanomsg.waitForPipes(2);
        await nng.forward();
        await nanomsg.forward();
        for (let count = 0; count < 50; count++) {
          expect(text(await req.request(`q${count}`, { timeout: patience }))).toBe(`re: q${count}`);
        }
        for (const socket of [front, bridge]) socket.destroy();
        await Promise.all(running);
      });
    });
  }
});
