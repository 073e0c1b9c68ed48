/** The 8-byte handshake, cases 1 to 13 of the protocol reference. */
import { Pair0, Pair1 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import {
  badHandshakes,
  concat,
  hex,
  isPending,
  ManualClock,
  protocolNumbers,
  reqrepVectors,
  spHeader,
  toHex,
  until,
} from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import {
  failure,
  keep,
  nextEvent,
  rawConnect,
  rawListen,
  rawPeer,
  record,
  recordPipes,
  streams,
  text,
  transports,
  turns,
} from "../support/world.js";

const request = hex(reqrepVectors.request);

for (const { name, url } of streams) {
  describe(`over ${name}`, () => {
    test("1: a listening socket of any protocol says its number at once", async () => {
      const sockets = [
        [new Pair0({ transports }), "0053500000100000"],
        [new Pair1({ transports }), "0053500000110000"],
        [new Req0({ transports }), "0053500000300000"],
        [new Rep0({ transports }), "0053500000310000"],
      ] as const;
      for (const [socket, header] of sockets) {
        const listener = await keep(socket).listen(url());
        const peer = await rawConnect(listener.url);
        expect(toHex(await peer.readExactly(8))).toBe(header);
      }
    });

    test("1: a dialing socket says its number at once", async () => {
      const server = await rawListen(url());
      const req = keep(new Req0({ transports }));
      await req.dial(server.url, { mode: "background" });
      const peer = await server.accept();
      expect(toHex(await peer.readExactly(8))).toBe("0053500000300000");
    });

    test("2: a header that comes byte by byte is accepted", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const peer = await rawConnect(address);
      await peer.dribble(
        Array.from(spHeader(protocolNumbers.req), (byte) => new Uint8Array([byte])),
        5,
      );
      await peer.sendFrame(request);
      expect(await text(rep.receive())).toBe("hi");
    });

    test("3: a header and the first request in one write are accepted", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const peer = await rawConnect(address);
      await peer.send(concat(spHeader(protocolNumbers.req), peer.frame(request)));
      expect(await text(rep.receive())).toBe("hi");
    });

    test("4, 5, 6, 8: magic, version, reserved bytes and other languages are refused without a pipe event", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const words = recordPipes(rep);
      const errors = record(rep, "handshakeerror");
      for (const [at, bad] of badHandshakes.entries()) {
        const peer = await rawConnect(address);
        await peer.send(hex(bad.bytes));
        await peer.expectClosed();
        await until(() => errors.length === at + 1, `the report of: ${bad.why}`);
        expect(errors[at]?.error, bad.why).toMatchObject({ code: "SP_EPROTO", errno: 13 });
      }
      expect(words).toEqual([]);
    });

    test("7: a peer of the wrong protocol is refused, and closed", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const words = recordPipes(rep);
      const rejected = nextEvent(rep, "pipereject");
      const peer = await rawConnect(address);
      await peer.handshake(protocolNumbers.rep);
      await peer.expectClosed();
      expect((await rejected).error).toMatchObject({ code: "SP_EPROTO", reason: "peer-mismatch" });
      expect(words).toEqual(["reject"]);
      expect(rep.stats().rejects).toBe(1);
    });

    test("9: a peer that never says its header is closed after 10 s", async () => {
      const clock = new ManualClock();
      const rep = keep(new Rep0({ transports, clock }));
      const { url: address } = await rep.listen(url());
      const failed = nextEvent(rep, "handshakeerror");
      const peer = await rawConnect(address);
      await peer.readHandshake();
      await until(() => clock.pending > 0, "the timer of the handshake");
      await clock.advanceAsync(9_999);
      expect(peer.ended).toBe(false);
      await clock.advanceAsync(1);
      await peer.expectClosed();
      expect((await failed).error).toMatchObject({ code: "SP_ETIMEDOUT" });
    });

    test("10: bad clients do not delay a good one", async () => {
      // Time stands still: a pause after a bad client would last for ever.
      const clock = new ManualClock();
      const rep = keep(new Rep0({ transports, clock }));
      const { url: address } = await rep.listen(url());
      for (let count = 0; count < 10; count++) {
        const bad = await rawConnect(address);
        void bad.send("GET / HTTP/1.1\r\n\r\n");
      }
      const good = await rawPeer(address, protocolNumbers.req);
      await good.sendFrame(request);
      expect(await text(rep.receive())).toBe("hi");
    });

    test("11: dialing a server that answers with garbage rejects with ProtocolError", async () => {
      for (const mode of ["connect", "auto"] as const) {
        const server = await rawListen(url());
        const pair = keep(new Pair0({ transports }));
        const dialed = failure(pair.dial(server.url, { mode }));
        const peer = await server.accept();
        await peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        expect(await dialed).toMatchObject({ code: "SP_EPROTO", errno: 13 });
        await peer.expectClosed();
        expect(pair.dialers.size).toBe(0);
      }
    });

    test("12: dialing a server that closes before its header rejects with ConnectionShutdownError", async () => {
      const server = await rawListen(url());
      const pair = keep(new Pair0({ transports }));
      const dialed = failure(pair.dial(server.url, { mode: "connect" }));
      const peer = await server.accept();
      await peer.readHandshake();
      await peer.end();
      expect(await dialed).toMatchObject({ code: "SP_ECONNSHUT", errno: 31 });
      await peer.expectClosed();
    });

    test("13: dialing the wrong protocol rejects in the modes that await the first attempt", async () => {
      for (const mode of ["connect", "auto"] as const) {
        const server = await rawListen(url());
        const pair = keep(new Pair0({ transports }));
        const words = recordPipes(pair);
        const dialed = failure(pair.dial(server.url, { mode }));
        const peer = await server.accept();
        await peer.handshake(protocolNumbers.pub);
        expect(await dialed).toMatchObject({ code: "SP_EPROTO", errno: 13, reason: "peer-mismatch" });
        await peer.expectClosed();
        expect(words).toEqual(["reject"]);
      }
    });

    test("13: dialing the wrong protocol goes on in the background and in mode wait", async () => {
      for (const mode of ["background", "wait"] as const) {
        const clock = new ManualClock({ random: [0] });
        const server = await rawListen(url());
        const pair = keep(new Pair0({ transports, clock }));
        const rejected = nextEvent(pair, "pipereject");
        const dialing = pair.dial(server.url, { mode });
        const wrong = await server.accept();
        await wrong.handshake(protocolNumbers.pub);
        await rejected;
        await wrong.expectClosed();
        expect(await isPending(dialing)).toBe(mode === "wait");
        await clock.advanceAsync(0);
        const right = await server.accept();
        await right.handshake(protocolNumbers.pair0);
        const dialer = await dialing;
        await dialer.connected();
        expect(dialer.attempts).toBe(2);
      }
    });
  });
}

test("a peer that says its header and goes at once does not stop a listener", async () => {
  for (const { url } of streams) {
    const rep = keep(new Rep0({ transports }));
    const { url: address } = await rep.listen(url());
    for (let count = 0; count < 20; count++) {
      const peer = await rawConnect(address);
      if (count % 2 === 0) void peer.send(spHeader(protocolNumbers.req));
      await peer.reset();
    }
    const good = await rawPeer(address, protocolNumbers.req);
    await good.sendFrame(request);
    expect(await text(rep.receive())).toBe("hi");
    await turns();
    expect(rep.listeners.size).toBe(1);
  }
});
