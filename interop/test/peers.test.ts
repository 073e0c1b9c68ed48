import { describe, expect } from "vitest";
import { bytes, text } from "../src/exchange.js";
import { checksum, pattern } from "../src/pattern.js";
import { peerProgram } from "../src/requirements.js";
import { routesOf } from "../src/routes.js";
import { test, withProgram } from "../src/suite.js";

// Without a socket of ours: a failure here is one of the harness, not of Sprocket.
const nng = await peerProgram("nng");
const nanomsg = await peerProgram("nanomsg");

withProgram("the peers among themselves", nng, (nngFile) => {
  withProgram("nng and nanomsg", nanomsg, (nanomsgFile) => {
    for (const route of routesOf("nng", "nanomsg")) {
      describe(`over ${route}`, () => {
        test("tell what they received", async ({ scene }) => {
          const first = await scene.peerAt(route, nngFile, "pair0");
          const second = await scene.dialingPeer(nanomsgFile, "pair0", first.url);
          await second.send(bytes("hello"));
          expect(text((await first.receive()).bytes)).toBe("hello");
          await first.send(new Uint8Array(0));
          expect((await second.receive()).length).toBe(0);
          await first.sendPattern(100_000, 9);
          expect(await second.receive()).toMatchObject({
            length: 100_000,
            checksum: checksum(pattern(100_000, 9)),
          });
          const received = second.receiveSeries(1_000);
          await first.sendSeries(1_000);
          await received;
        });

        test("show the words of raw messages", async ({ scene }) => {
          const rep = await scene.peerAt(route, nanomsgFile, "raw-rep");
          const req = await scene.dialingPeer(nngFile, "raw-req", rep.url);
          await req.sendWithHeader("0000001180000022", bytes("question"));
          const request = await rep.receiveWithHeader();
          expect(request.before.slice(8)).toBe("0000001180000022");
          await rep.sendWithHeader(request.before, bytes("answer"));
          const reply = await req.receiveWithHeader();
          expect([reply.before, text(reply.bytes)]).toEqual(["0000001180000022", "answer"]);
        });

        test("ask again when a replier dies", async ({ scene }) => {
          const req = await scene.peerAt(route, nngFile, "req");
          const first = await scene.dialingPeer(nanomsgFile, "rep", req.url);
          await req.send(bytes("question"));
          expect(text((await first.receive()).bytes)).toBe("question");
          const second = await scene.dialingPeer(nanomsgFile, "rep", req.url);
          await first.kill();
          expect(text((await second.receive()).bytes)).toBe("question");
        });
      });
    }

    test("end when their standard input does", async ({ scene }) => {
      for (const file of [nngFile, nanomsgFile]) {
        const peer = await scene.peerAt("ipc", file, "pair0");
        await peer.program.stop();
        expect(await peer.program.exited).toEqual({ code: 0, signal: null });
      }
    });

    test("report a refused address", async ({ scene }) => {
      const first = await scene.peerAt("tcp", nanomsgFile, "pair0");
      await expect(scene.listeningPeer(nanomsgFile, "pair0", first.url)).rejects.toThrow(/in use/i);
      await expect(scene.listeningPeer(nngFile, "pair0", first.url)).rejects.toThrow(/in use/i);
    });
  });
});
