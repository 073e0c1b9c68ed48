/** Two devices in a row between ordinary sockets: applications do not notice, but for the hops. */
import { device, type Socket } from "@sprocket/core";
import { Pair1, RawPair1 } from "@sprocket/pair";
import { Pull0, Push0, RawPull0, RawPush0 } from "@sprocket/pipeline";
import { Pub0, RawPub0, RawSub0, Sub0 } from "@sprocket/pubsub";
import { RawRep0, RawReq0, Rep0, Req0 } from "@sprocket/reqrep";
import { RawRespondent0, RawSurveyor0, Respondent0, Surveyor0 } from "@sprocket/survey";
import { ManualClock, until } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { defer, everywhere, keep, text, transports, turns } from "../support/world.js";

/** Joins `front`, on which applications dial, to the application's `back`, by two devices. Gives the address of the first. */
async function chain(
  url: () => string,
  make: () => readonly [Socket, Socket],
  back: Socket,
): Promise<string> {
  let { url: target } = await back.listen(url());
  for (let hop = 0; hop < 2; hop++) {
    const [near, far] = make();
    keep(near);
    await keep(far).dial(target);
    await far.waitForPipes(1);
    const stop = new AbortController();
    const running = device(near, far, { signal: stop.signal }).catch(() => undefined);
    defer(() => {
      stop.abort();
      return running;
    });
    target = (await near.listen(url())).url;
  }
  return target;
}

for (const { name, url } of everywhere) {
  describe(`over ${name}`, () => {
    test("requests of many find their replier, and each reply its request", async () => {
      const rep = keep(new Rep0({ transports }));
      const address = await chain(url, () => [new RawRep0({ transports }), new RawReq0({ transports })], rep);
      rep.serve(async (request) => `${request.text()}!`);
      const reqs = [0, 1, 2].map(() => keep(new Req0({ transports })));
      for (const req of reqs) await req.dial(address);
      const asked = reqs.flatMap((req, at) =>
        Array.from({ length: 30 }, (_, count) => ({ req, body: `${at}.${count}` })),
      );
      const replies = await Promise.all(asked.map(({ req, body }) => text(req.request(body))));
      expect(replies).toEqual(asked.map(({ body }) => `${body}!`));
    });

    test("a survey reaches every respondent behind the devices, and all their answers come back", async () => {
      const hub = keep(new RawSurveyor0({ transports }));
      const { url: behind } = await hub.listen(url());
      const respondents = [0, 1, 2].map(() => keep(new Respondent0({ transports })));
      for (const [at, respondent] of respondents.entries()) {
        await respondent.dial(behind);
        respondent.serve((survey) => `${survey.text()} ${at}`);
      }
      await hub.waitForPipes(3);
      const door = keep(new RawRespondent0({ transports }));
      const { url: address } = await door.listen(url());
      const running = device(door, hub);
      const surveyors = [0, 1].map(() => keep(new Surveyor0({ transports, surveyTime: 60_000 })));
      for (const surveyor of surveyors) await surveyor.dial(address);
      await door.waitForPipes(2);
      await Promise.all(surveyors.map((surveyor, at) => surveyor.send(`to ${at} from`)));
      for (const [at, surveyor] of surveyors.entries()) {
        const answers = [
          await text(surveyor.receive()),
          await text(surveyor.receive()),
          await text(surveyor.receive()),
        ];
        expect(answers.sort()).toEqual([0, 1, 2].map((from) => `to ${at} from ${from}`));
      }
      door.destroy();
      await running;
    });

    test("publications pass, and subscribers choose as ever", async () => {
      const pub = keep(new Pub0({ transports }));
      const address = await chain(url, () => [new RawPub0({ transports }), new RawSub0({ transports })], pub);
      const sub = keep(new Sub0({ transports, topics: "a" }));
      await sub.dial(address);
      // A subscriber has no way to say that it is there: publish until the first message comes through.
      const first = text(sub.receive());
      let arrived = false;
      void first.then(() => {
        arrived = true;
      });
      await until(() => {
        if (!arrived) pub.trySend("a0");
        return arrived;
      }, "the first publication");
      for (const body of ["b1", "a1", "b2", "a2"]) pub.trySend(body);
      let body = await first;
      const got: string[] = [];
      while (body !== "a2") {
        body = await text(sub.receive());
        if (body !== "a0") got.push(body);
      }
      expect(got).toEqual(["a1", "a2"]);
    });

    test("work passes without a loss, in order, and a puller that sleeps slows the pusher", async () => {
      const JOBS = 3_000;
      const pull = keep(new Pull0({ transports }));
      const address = await chain(
        url,
        () => [new RawPull0({ transports }), new RawPush0({ transports, sendBufferBytes: 4_096 })],
        pull,
      );
      const push = keep(new Push0({ transports, sendBufferBytes: 4_096 }));
      await push.dial(address);
      const body = new Uint8Array(1_024);
      const view = new DataView(body.buffer);
      const sending = (async () => {
        for (let job = 0; job < JOBS; job++) {
          view.setUint32(0, job);
          await push.send(body);
        }
      })();
      for (let job = 0; job < JOBS; job++) {
        const bytes = await pull.receive();
        if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== job)
          throw new Error(`not job ${job}`);
        if (job % 500 === 0) await turns();
      }
      await sending;
    });

    test("a pair talks through devices, which raise the hop count", async () => {
      const far = keep(new Pair1({ transports, ttlMax: 3 }));
      const address = await chain(
        url,
        () => [new RawPair1({ transports }), new RawPair1({ transports })],
        far,
      );
      const near = keep(new Pair1({ transports, ttlMax: 2 }));
      await near.dial(address);
      await near.send("there");
      expect(await text(far.receive())).toBe("there");
      await far.send("one hop too many");
      await until(() => near.stats().drops.ttl === 1, "the dropped message");
    });
  });
}

test("a survey in a ring of devices ends by its hops, and is counted", async () => {
  const clock = new ManualClock();
  const doors = [0, 1, 2].map(() => keep(new RawRespondent0({ ttlMax: 6 })));
  for (const [at, door] of doors.entries()) await door.listen(`inproc://survey-ring-${at}`);
  const running = await Promise.all(
    doors.map(async (door, at) => {
      const out = keep(new RawSurveyor0());
      await out.dial(`inproc://survey-ring-${(at + 1) % 3}`);
      return { over: device(door, out) };
    }),
  );
  const surveyor = keep(new Surveyor0({ clock }));
  await surveyor.dial("inproc://survey-ring-0");
  await surveyor.send("is anybody there?");
  const dropped = (): number => doors.reduce((sum, door) => sum + (door.stats().drops.ttl ?? 0), 0);
  await until(() => dropped() === 1, "the end of the ring");
  expect(doors.reduce((sum, door) => sum + door.stats().receivedMessages, 0)).toBe(7);
  for (const door of doors) door.destroy();
  await Promise.all(running.map(({ over }) => over));
});
