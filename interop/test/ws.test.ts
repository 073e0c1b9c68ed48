import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { tcp } from "@sprocket/transport-tcp";
import { ws } from "@sprocket/transport-ws";
import { describe, expect } from "vitest";
import { urlAt } from "../src/addresses.js";
import { nextEvent, talk } from "../src/exchange.js";
import { checksum, pattern } from "../src/pattern.js";
import { type Meeting, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

const sides: readonly Meeting[] = [
  { route: "ws", side: "we listen" },
  { route: "ws", side: "we dial" },
];

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of sides) {
    describe(`text frames, ${meeting.side}`, () => {
      test("go both ways where both sides say so", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports: [ws({ text: true })] }));
        const peer = await scene.meet(pair, meeting, file, "pair0", { text: true });
        await talk(pair, peer);
        const long = "ä€😀".repeat(20_000);
        await pair.send(long);
        const sent = Buffer.from(long);
        expect(await peer.receive()).toMatchObject({ length: sent.length, checksum: checksum(sent) });
      });

      test("of the peer end a connection of ours that takes none, with a word about it", async ({
        scene,
      }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const peer = await scene.meet(pair, meeting, file, "pair0", { text: true });
        const closed = nextEvent(pair, "pipeclose");
        await peer.send(Buffer.from("text"));
        expect((await closed).error).toMatchObject({
          code: "SP_EPROTO",
          message: expect.stringMatching(/sent a text message/),
        });
      });

      if (library === "nng") {
        test("of ours end a connection of a peer that takes none", async ({ scene }) => {
          const pair = scene.socket(new Pair0({ transports: [ws({ text: true })] }));
          await scene.meet(pair, meeting, file, "pair0");
          const closed = nextEvent(pair, "pipeclose");
          await pair.send("text");
          await closed;
        });
      } else {
        test("of ours are as good as any other to nanomsg", async ({ scene }) => {
          const pair = scene.socket(new Pair0({ transports: [ws({ text: true })] }));
          const peer = await scene.meet(pair, meeting, file, "pair0");
          await pair.send("text");
          expect(Buffer.from((await peer.receive()).bytes).toString()).toBe("text");
        });
      }
    });

    describe(`large messages, ${meeting.side}`, () => {
      // nng takes no frame above 1 MiB, whatever its limit of messages is; nanomsg sends everything in one.
      test("of 8 MiB pass, in fragments from us, as the peer likes from it", async ({ scene }) => {
        const size = 8 * 1024 * 1024;
        const body = pattern(size, 4);
        const pair = scene.socket(new Pair0({ transports, receiveMaxSize: size }));
        const peer = await scene.meet(pair, meeting, file, "pair0", { receiveMax: 0 });
        const [received] = await Promise.all([peer.receive(), pair.send(body, { timeout: patience })]);
        expect(received).toMatchObject({ length: size, checksum: checksum(body) });
        const [back] = await Promise.all([pair.receive({ timeout: patience }), peer.sendPattern(size, 4)]);
        expect(checksum(back)).toBe(checksum(body));
      });
    });
  }

  describe("wrong protocols", () => {
    test("we are refused by a listener of another one", async ({ scene }) => {
      const peer = await scene.peerAt("ws", file, "req");
      // nanomsg never ends its answer, a 400, and keeps the connection.
      const answers = library === "nng";
      const handshakeTimeout = answers ? patience : 1_000;
      const pair = scene.socket(new Pair0({ transports, handshakeTimeout }));
      await expect(pair.dial(peer.url, { mode: "connect" })).rejects.toMatchObject(
        answers ? { code: "SP_EPROTO", message: expect.stringMatching(/400/) } : { code: "SP_ETIMEDOUT" },
      );
      const rep = scene.socket(new Rep0({ transports }));
      await rep.dial(peer.url, { mode: "connect" });
    });

    test("we refuse a dialer of another one", async ({ scene }) => {
      const rep = scene.socket(new Rep0({ transports }));
      const { url } = await rep.listen(scene.listenUrl("ws"));
      const refused = nextEvent(rep, "handshakeerror");
      await scene.dialingPeer(file, "pair0", url);
      expect((await refused).error).toMatchObject({
        code: "SP_EPROTO",
        message: expect.stringMatching(/refused with 400/),
      });
      expect(rep.pipes.size).toBe(0);
      await scene.dialingPeer(file, "req", url);
      await rep.waitForPipes(1, { timeout: patience });
    });
  });

  describe("paths", () => {
    test("we refuse a dialer that asks for another one", async ({ scene }) => {
      const pair = scene.socket(new Pair0({ transports }));
      const { url } = await pair.listen(scene.listenUrl("ws"));
      const refused = nextEvent(pair, "handshakeerror");
      await scene.dialingPeer(file, "pair0", url.replace("/sprocket", "/elsewhere"));
      expect((await refused).error).toMatchObject({
        code: "SP_EPROTO",
        message: expect.stringMatching(/refused with 404/),
      });
      const peer = await scene.dialingPeer(file, "pair0", url);
      await pair.waitForPipes(1, { timeout: patience });
      await talk(pair, peer);
    });

    test("two sockets of ours share a port, each peer finds the one of its path", async ({ scene }) => {
      const pair = scene.socket(new Pair0({ transports }));
      const rep = scene.socket(new Rep0({ transports }));
      const { url } = await pair.listen(scene.listenUrl("ws"));
      const other = await rep.listen(url.replace("/sprocket", "/other"));
      rep.serve((question) => question.body);
      const peer = await scene.dialingPeer(file, "pair0", url);
      const req = await scene.dialingPeer(file, "req", other.url);
      await req.send(Buffer.from("question"));
      expect(Buffer.from((await req.receive()).bytes).toString()).toBe("question");
      await pair.waitForPipes(1, { timeout: patience });
      await talk(pair, peer);
    });

    if (library === "nng") {
      test("we are refused by a listener that has another one, and find it at its own", async ({ scene }) => {
        const url = `${await scene.fixedUrl("ws")}/right`;
        const peer = await scene.listeningPeer(file, "pair0", url);
        const pair = scene.socket(new Pair0({ transports }));
        const wrong = url.replace("/right", "/wrong");
        await expect(pair.dial(wrong, { mode: "connect" })).rejects.toMatchObject({
          code: "SP_ECONNREFUSED",
          message: expect.stringMatching(/404/),
        });
        await pair.dial(`${url}/?token=1`, { mode: "connect" });
        await talk(pair, peer);
      });

      test("that are missing in the URL of a dialer, whose request then has no target, are the root", async ({
        scene,
      }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const { url } = await pair.listen(`${urlAt("ws", 0)}/`);
        const peer = await scene.dialingPeer(file, "pair0", url.replace(/\/$/, ""));
        await pair.waitForPipes(1, { timeout: patience });
        await talk(pair, peer);
      });

      test("we are refused by a listener that stands under another name", async ({ scene }) => {
        const url = await scene.fixedUrl("ws");
        const peer = await scene.listeningPeer(file, "pair0", url.replace("127.0.0.1", "localhost"));
        const pair = scene.socket(new Pair0({ transports }));
        await expect(pair.dial(url, { mode: "connect" })).rejects.toMatchObject({ code: "SP_ECONNREFUSED" });
        await pair.dial(peer.url, { mode: "connect" });
        await talk(pair, peer);
      });

      test("of our listener may come with a query, which is in the pipe's properties", async ({ scene }) => {
        const pair = scene.socket(new Pair0({ transports }));
        const { url } = await pair.listen(scene.listenUrl("ws"));
        await scene.dialingPeer(file, "pair0", `${url}?token=1`);
        await pair.waitForPipes(1, { timeout: patience });
        const [pipe] = pair.pipes;
        expect(pipe?.properties.get("ws.query")).toBe("token=1");
      });
    } else {
      test("mean nothing to a listener of nanomsg", async ({ scene }) => {
        const peer = await scene.peerAt("ws", file, "pair0");
        const pair = scene.socket(new Pair0({ transports }));
        await pair.dial(`${peer.url}/any/where`, { mode: "connect" });
        await talk(pair, peer);
      });
    }
  });

  describe("ws and tcp do not go together", () => {
    test("a listener of the peer for ws is left by our dialer for tcp", async ({ scene }) => {
      const peer = await scene.peerAt("ws", file, "pair0");
      const pair = scene.socket(new Pair0({ transports: [tcp()], handshakeTimeout: 1_000 }));
      await expect(pair.dial(peer.url.replace("ws://", "tcp://"), { mode: "connect" })).rejects.toThrow();
      expect(pair.pipes.size).toBe(0);
    });

    test("a listener of the peer for tcp is left by our dialer for ws", async ({ scene }) => {
      const peer = await scene.peerAt("tcp", file, "pair0");
      const pair = scene.socket(new Pair0({ transports }));
      await expect(
        pair.dial(`${peer.url.replace("tcp://", "ws://")}/`, { mode: "connect" }),
      ).rejects.toMatchObject({ code: "SP_EPROTO" });
    });

    test("a dialer of the peer for tcp is turned away by our listener for ws", async ({ scene }) => {
      const req = scene.socket(new Req0({ transports }));
      const { url } = await req.listen(scene.listenUrl("ws"));
      const refused = nextEvent(req, "handshakeerror");
      await scene.dialingPeer(file, "rep", url.replace("ws://", "tcp://").replace("/sprocket", ""));
      expect((await refused).error).toMatchObject({ code: "SP_EPROTO" });
    });

    test("a dialer of the peer for ws is turned away by our listener for tcp", async ({ scene }) => {
      const req = scene.socket(new Req0({ transports }));
      const { url } = await req.listen(scene.listenUrl("tcp"));
      const refused = nextEvent(req, "handshakeerror");
      await scene.dialingPeer(file, "rep", `${url.replace("tcp://", "ws://")}/`);
      expect((await refused).error).toMatchObject({ code: "SP_EPROTO" });
    });
  });
});
