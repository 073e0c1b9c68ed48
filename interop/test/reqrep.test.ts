import { Rep0, Req0 } from "@sprocket/reqrep";
import { describe, expect } from "vitest";
import { bytes, text } from "../src/exchange.js";
import { checksum, pattern, seriesMessage } from "../src/pattern.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

const MiB = 1024 * 1024;

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`REQ and REP over ${meeting.route}, ${meeting.side}`, () => {
      test("our request is answered", async ({ scene }) => {
        const req = scene.socket(new Req0({ transports, receiveTimeout: patience }));
        const peer = await scene.meet(req, meeting, file, "rep");
        await req.send("question");
        expect(text((await peer.receive()).bytes)).toBe("question");
        await peer.send(bytes("answer"));
        expect(text(await req.receive())).toBe("answer");
      });

      test("we answer the peer's request", async ({ scene }) => {
        const rep = scene.socket(new Rep0({ transports, receiveTimeout: patience }));
        const peer = await scene.meet(rep, meeting, file, "req");
        await peer.send(bytes("question"));
        expect(text(await rep.receive())).toBe("question");
        await rep.send("answer");
        expect(text((await peer.receive()).bytes)).toBe("answer");
      });

      test("empty requests and empty replies arrive", async ({ scene }) => {
        const req = scene.socket(new Req0({ transports }));
        const replier = await scene.meet(req, meeting, file, "rep");
        await replier.serve();
        expect((await req.request(new Uint8Array(0), { timeout: patience })).length).toBe(0);

        const rep = scene.socket(new Rep0({ transports, receiveTimeout: patience }));
        const requester = await scene.meet(rep, meeting, file, "req");
        await requester.send(new Uint8Array(0));
        expect((await rep.receive()).length).toBe(0);
        await rep.send("");
        expect((await requester.receive()).length).toBe(0);
      });

      test("1 MiB goes there and back when the limits leave room for the request id", async ({ scene }) => {
        const limits = { receiveMaxSize: MiB + 4 };
        const body = pattern(MiB, 5);

        const req = scene.socket(new Req0({ transports, ...limits }));
        const replier = await scene.meet(req, meeting, file, "rep", { receiveMax: MiB + 64 });
        await replier.serve();
        expect(checksum(await req.request(body, { timeout: patience }))).toBe(checksum(body));

        const rep = scene.socket(new Rep0({ transports, ...limits, receiveTimeout: patience }));
        const requester = await scene.meet(rep, meeting, file, "req", { receiveMax: MiB + 64 });
        await requester.sendPattern(MiB, 5);
        const received = await rep.receive();
        expect(checksum(received)).toBe(checksum(body));
        await rep.send(received);
        expect(await requester.receive()).toMatchObject({ length: MiB, checksum: checksum(body) });
      });

      test("1,000 requests of ours in turn get their own answers", async ({ scene }) => {
        const req = scene.socket(new Req0({ transports }));
        const peer = await scene.meet(req, meeting, file, "rep");
        await peer.serve();
        for (let index = 0; index < 1_000; index++) {
          const body = seriesMessage(index);
          const answer = await req.request(body, { timeout: patience });
          if (Buffer.compare(answer, body) !== 0) expect([index, answer]).toEqual([index, body]);
        }
      });

      test("200 requests of ours at once get their own answers", async ({ scene }) => {
        const req = scene.socket(new Req0({ transports }));
        const peer = await scene.meet(req, meeting, file, "rep");
        await peer.serve();
        const bodies = Array.from({ length: 200 }, (_, index) => seriesMessage(index));
        const answers = await Promise.all(bodies.map((body) => req.request(body, { timeout: patience })));
        expect(answers.map((answer) => Buffer.from(answer).toString("hex"))).toEqual(
          bodies.map((body) => Buffer.from(body).toString("hex")),
        );
      });

      test("200 requests of the peer in turn are served", async ({ scene }) => {
        const rep = scene.socket(new Rep0({ transports }));
        rep.serve((request) => `re: ${request.text()}`);
        const peer = await scene.meet(rep, meeting, file, "req");
        for (let index = 0; index < 200; index++) {
          await peer.send(bytes(`q${index}`));
          expect(text((await peer.receive()).bytes)).toBe(`re: q${index}`);
        }
      });
    });
  }
});
