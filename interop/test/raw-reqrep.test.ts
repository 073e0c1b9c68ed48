import { Message } from "@sprocket/core";
import { RawRep0, RawReq0, Rep0, Req0 } from "@sprocket/reqrep";
import { describe, expect } from "vitest";
import { bytes, text } from "../src/exchange.js";
import { fromHex, hex } from "../src/pattern.js";
import type { PeerMessage } from "../src/peer.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

/** Two hops of devices, then the request id, as words on the wire. */
const stack = "00000011" + "00000022" + "80000033";
/** Header and body together: nng's raw REQ takes the whole stack for the header, nanomsg's only the first word. */
const wholeMessage = (message: PeerMessage): string => message.before + hex(message.bytes);
const highBit = /^[89a-f][0-9a-f]{7}$/;

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`raw REQ and REP over ${meeting.route}, ${meeting.side}`, () => {
      test("our REP gives back the peer's stack of hops word for word", async ({ scene }) => {
        const rep = scene.socket(new Rep0({ transports, receiveTimeout: patience }));
        const peer = await scene.meet(rep, meeting, file, "raw-req");
        await peer.sendWithHeader(stack, bytes("question"));
        expect(text(await rep.receive())).toBe("question");
        await rep.send("answer");
        const reply = await peer.receiveWithHeader();
        expect(wholeMessage(reply)).toBe(stack + hex(bytes("answer")));
      });

      test("our raw REP sees its pipe's id, then the peer's stack, and answers along it", async ({
        scene,
      }) => {
        const rep = scene.socket(new RawRep0({ transports }));
        const peer = await scene.meet(rep, meeting, file, "raw-req");
        await peer.sendWithHeader(stack, bytes("question"));
        const request = await rep.receive({ timeout: patience });
        expect(hex(request.header.subarray(4))).toBe(stack);
        expect(hex(request.header.subarray(0, 4))).toBe(
          [...rep.pipes].map((pipe) => pipe.id.toString(16).padStart(8, "0"))[0],
        );
        expect(text(request.body)).toBe("question");

        await rep.send(new Message("answer", { header: request.header }));
        expect(wholeMessage(await peer.receiveWithHeader())).toBe(stack + hex(bytes("answer")));
      });

      test("our REQ sends one word with the high bit and one more each time", async ({ scene }) => {
        const req = scene.socket(new Req0({ transports, receiveTimeout: patience }));
        const peer = await scene.meet(req, meeting, file, "raw-rep");
        const ids: number[] = [];
        for (const question of ["first", "second"]) {
          await req.send(question);
          const request = await peer.receiveWithHeader();
          expect(text(request.bytes)).toBe(question);
          // The first word is the peer's own id of the pipe.
          const id = request.before.slice(8);
          expect(id).toMatch(highBit);
          ids.push(Number.parseInt(id, 16));
          await peer.sendWithHeader(request.before, bytes(`re: ${question}`));
          expect(text(await req.receive())).toBe(`re: ${question}`);
        }
        const [first = 0, second = 0] = ids;
        expect(second).toBe(first === 0xffffffff ? 0x80000000 : first + 1);
      });

      test("our raw REQ sends its header unchanged and gets it back with the answer", async ({ scene }) => {
        const req = scene.socket(new RawReq0({ transports }));
        const peer = await scene.meet(req, meeting, file, "raw-rep");
        await req.send(new Message("question", { header: fromHex(stack) }));
        const request = await peer.receiveWithHeader();
        expect(request.before.slice(8)).toBe(stack);
        expect(text(request.bytes)).toBe("question");

        await peer.sendWithHeader(request.before, bytes("answer"));
        const reply = await req.receive({ timeout: patience });
        expect(hex(reply.header)).toBe(stack);
        expect(text(reply.body)).toBe("answer");
      });

      test("our REQ asks again with the same id when nobody answers in time", async ({ scene }) => {
        const req = scene.socket(new Req0({ transports, resendTime: 100, receiveTimeout: patience }));
        const peer = await scene.meet(req, meeting, file, "raw-rep");
        await req.send("question");
        const first = await peer.receiveWithHeader();
        const second = await peer.receiveWithHeader();
        expect(second).toEqual(first);
        await peer.sendWithHeader(second.before, bytes("answer"));
        expect(text(await req.receive())).toBe("answer");
      });

      test("the peer's REQ asks our raw REP again with the same id, and one answer is enough", async ({
        scene,
      }) => {
        const rep = scene.socket(new RawRep0({ transports }));
        const peer = await scene.meet(rep, meeting, file, "req", { resend: 100 });
        await peer.send(bytes("question"));
        const first = await rep.receive({ timeout: patience });
        const second = await rep.receive({ timeout: patience });
        expect(hex(second.header)).toBe(hex(first.header));
        await rep.send(new Message("answer", { header: second.header }));
        expect(text((await peer.receive()).bytes)).toBe("answer");
      });
    });
  }
});
