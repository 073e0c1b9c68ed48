/** REQ and REP, cases 44 to 59. */
import { Message } from "@sprocket/core";
import { RawRep0, RawReq0, Rep0, Req0 } from "@sprocket/reqrep";
import {
  concat,
  hex,
  isPending,
  ManualClock,
  protocolNumbers,
  type RawListener,
  type RawPeer,
  reqrepVectors,
  toHex,
  u32,
  until,
} from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import {
  failure,
  keep,
  nextEvent,
  rawListen,
  rawPeer,
  record,
  streams,
  text,
  transports,
  turns,
} from "../support/world.js";

const { rep: REP, req: REQ } = protocolNumbers;

/** A raw replier that a REQ has dialed. */
async function replier(req: Req0 | RawReq0, url: string): Promise<{ peer: RawPeer; server: RawListener }> {
  const server = await rawListen(url);
  const known = req.pipes.size;
  await req.dial(server.url, { mode: "background" });
  const peer = await server.accept();
  await peer.handshake(REP);
  await req.waitForPipes(known + 1);
  return { peer, server };
}

/** Id and payload of a request as it travels. */
function parts(request: Uint8Array): { id: number; idBytes: Uint8Array; body: string } {
  const idBytes = request.slice(0, 4);
  return {
    id: new DataView(idBytes.buffer).getUint32(0),
    idBytes,
    body: new TextDecoder().decode(request.subarray(4)),
  };
}

for (const { name, url } of streams) {
  describe(`over ${name}`, () => {
    test("44: a receive before any request is BadStateError", async () => {
      const req = keep(new Req0({ transports }));
      await replier(req, url());
      expect(await failure(req.receive())).toMatchObject({ code: "SP_ESTATE", errno: 11 });
    });

    test("45: a request is an id with the high bit and the payload; the next id is one more", async () => {
      const req = keep(new Req0({ transports }));
      const { peer } = await replier(req, url());
      await req.send("hello");
      const first = parts(await peer.readFrame());
      expect(first.body).toBe("hello");
      expect(first.id).toBeGreaterThanOrEqual(0x8000_0000);
      await peer.sendFrame(first.idBytes, "olleh");
      expect(await text(req.receive())).toBe("olleh");
      await req.send("again");
      const second = parts(await peer.readFrame());
      expect(second.id).toBe(first.id === 0xffff_ffff ? 0x8000_0000 : first.id + 1);
    });

    test("46: replies that answer nothing are dropped; the connection stays and the receive times out", async () => {
      const clock = new ManualClock();
      const req = keep(new Req0({ transports, clock }));
      const { peer } = await replier(req, url());
      const drops = record(req, "drop");
      await req.send("hello");
      const { id, idBytes } = parts(await peer.readFrame());
      const received = failure(req.receive({ timeout: 300 }));
      await peer.sendFrame(u32(id - 1), "unknown id");
      await peer.sendFrame(u32(id & 0x7fff_ffff), "no high bit");
      await peer.sendFrame(hex("00000007"), idBytes, "a backtrace in front");
      await until(() => drops.length === 3, "three dropped replies");
      clock.advance(300);
      expect(await received).toMatchObject({ code: "SP_ETIMEDOUT" });
      expect(drops.map(({ reason }) => reason)).toEqual(["unknown-id", "unknown-id", "unknown-id"]);
      expect(peer.ended).toBe(false);
    });

    test("47: a reply of 3 bytes closes the connection", async () => {
      const req = keep(new Req0({ transports }));
      const { peer } = await replier(req, url());
      await req.send("hello");
      await peer.readFrame();
      const closed = nextEvent(req, "pipeclose");
      await peer.sendFrame(hex("800000"));
      await peer.expectClosed();
      expect((await closed).error).toMatchObject({ code: "SP_EPROTO" });
    });

    test("48: after a receive that timed out the request is abandoned", async () => {
      const clock = new ManualClock();
      const req = keep(new Req0({ transports, clock }));
      const { peer } = await replier(req, url());
      await req.send("hello");
      const { idBytes } = parts(await peer.readFrame());
      const received = failure(req.receive({ timeout: 10 }));
      clock.advance(10);
      expect(await received).toMatchObject({ code: "SP_ETIMEDOUT" });
      await peer.sendFrame(idBytes, "too late");
      await turns();
      expect(await failure(req.receive())).toMatchObject({ code: "SP_ESTATE" });
    });

    test("48: after a receive that was aborted the request is abandoned", async () => {
      const req = keep(new Req0({ transports }));
      await replier(req, url());
      await req.send("hello");
      const abort = new AbortController();
      const reason = new Error("given up");
      const received = failure(req.receive({ signal: abort.signal }));
      abort.abort(reason);
      expect(await received).toBe(reason);
      expect(await failure(req.receive())).toMatchObject({ code: "SP_ESTATE" });
    });

    test("49: a second send cancels the pending receive, and the first answer is dropped", async () => {
      const req = keep(new Req0({ transports }));
      const { peer } = await replier(req, url());
      await req.send("first");
      const first = parts(await peer.readFrame());
      const canceled = failure(req.receive());
      await req.send("second");
      expect(await canceled).toMatchObject({ code: "SP_ECANCELED", errno: 20 });
      const second = parts(await peer.readFrame());
      const received = req.receive();
      await peer.sendFrame(first.idBytes, "answer one");
      await peer.sendFrame(second.idBytes, "answer two");
      expect(await text(received)).toBe("answer two");
    });

    test("50: when a peer goes, the same request goes to the next one at once", async () => {
      // Time stands still: neither a resend timer nor a reconnect can be what sends it again.
      const clock = new ManualClock();
      const req = keep(new Req0({ transports, clock }));
      const one = await replier(req, url());
      const two = await replier(req, url());
      await req.send("hello");
      await until(() => one.peer.buffered + two.peer.buffered > 12, "the request at one of two");
      const [taken, other] = one.peer.buffered > 0 ? [one, two] : [two, one];
      const request = await taken.peer.readFrame();
      await taken.peer.close();
      expect(toHex(await other.peer.readFrame())).toBe(toHex(request));
      const received = req.receive();
      await other.peer.sendFrame(request.slice(0, 4), "olleh");
      expect(await text(received)).toBe("olleh");
    });

    test("50: when the only peer goes, the request waits for the next one", async () => {
      const clock = new ManualClock({ random: [0] });
      const req = keep(new Req0({ transports, clock }));
      const { peer, server } = await replier(req, url());
      await req.send("hello");
      const request = await peer.readFrame();
      const reconnecting = nextEvent(req, "reconnecting");
      await peer.close();
      await reconnecting;
      await clock.advanceAsync(0);
      const again = await server.accept();
      await again.handshake(REP);
      expect(toHex(await again.readFrame())).toBe(toHex(request));
    });

    test("51: an unanswered request is sent again after each resendTime", async () => {
      const clock = new ManualClock();
      const req = keep(new Req0({ transports, clock, resendTime: 200 }));
      const { peer } = await replier(req, url());
      await req.send("hello");
      const request = toHex(await peer.readFrame());
      for (let resend = 0; resend < 3; resend++) {
        await clock.advanceAsync(199);
        await turns();
        expect(peer.buffered).toBe(0);
        await clock.advanceAsync(1);
        expect(toHex(await peer.readFrame())).toBe(request);
      }
    });

    test("52: a reply without a request is BadStateError, and so is a second reply", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      expect(await failure(rep.send("x"))).toMatchObject({ code: "SP_ESTATE" });
      const peer = await rawPeer(address, REQ);
      await peer.sendFrame(hex(reqrepVectors.request));
      await rep.receive();
      await rep.send("yo");
      expect(await failure(rep.send("again"))).toMatchObject({ code: "SP_ESTATE" });
      expect(toHex(await peer.readFrame())).toBe(reqrepVectors.reply);
    });

    test("53: a request without a whole stack closes the connection", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const received = rep.receive();
      for (const malformed of reqrepVectors.malformed) {
        const closed = nextEvent(rep, "pipeclose");
        const peer = await rawPeer(address, REQ);
        await peer.sendFrame(hex(malformed));
        await peer.expectClosed();
        expect((await closed).error).toMatchObject({ code: "SP_EPROTO" });
      }
      expect(await isPending(received)).toBe(true);
    });

    test("54: seven hops and an id are delivered, and the reply echoes all eight words", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const peer = await rawPeer(address, REQ);
      const request = hex(reqrepVectors.sevenHops);
      await peer.sendFrame(request);
      expect(await text(rep.receive())).toBe("hi");
      await rep.send("yo");
      expect(toHex(await peer.readFrame())).toBe(toHex(concat(request.subarray(0, 32), "yo")));
    });

    test("54: more hops are dropped, however many, and the connection stays", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const drops = record(rep, "drop");
      const peer = await rawPeer(address, REQ);
      await peer.sendFrame(hex(reqrepVectors.eightHops));
      const words = Array.from({ length: 255 }, (_, at) => u32(at + 1));
      await peer.sendFrame(...words, hex("8000000a"), "hi");
      await peer.sendFrame(...words);
      await peer.sendFrame(hex(reqrepVectors.request));
      expect(await text(rep.receive())).toBe("hi");
      expect(drops.map(({ reason }) => reason)).toEqual(["ttl", "ttl", "ttl"]);
      expect(peer.ended).toBe(false);
    });

    test("54: ttlMax moves the border", async () => {
      const rep = keep(new Rep0({ transports, ttlMax: 15 }));
      const { url: address } = await rep.listen(url());
      const peer = await rawPeer(address, REQ);
      const hops = (count: number): Uint8Array[] => Array.from({ length: count }, (_, at) => u32(at + 1));
      await peer.sendFrame(...hops(15), hex("80000001"), "dropped");
      await peer.sendFrame(...hops(14), hex("80000001"), "delivered");
      expect(await text(rep.receive())).toBe("delivered");
    });

    test("55: an id of all ones is delivered and echoed", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const peer = await rawPeer(address, REQ);
      await peer.sendFrame(hex("ffffffff"), "hi");
      await rep.receive();
      await rep.send("yo");
      expect(toHex(await peer.readFrame())).toBe("ffffffff796f");
    });

    test("56: a reply to a requester that has gone succeeds, and the one after is BadStateError", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const drops = record(rep, "drop");
      const peer = await rawPeer(address, REQ);
      const closed = nextEvent(rep, "pipeclose");
      await peer.sendFrame(hex(reqrepVectors.request));
      await rep.receive();
      await peer.close();
      await closed;
      await rep.send("for nobody");
      expect(await failure(rep.send("again"))).toMatchObject({ code: "SP_ESTATE" });
      expect(drops.map(({ reason }) => reason)).toEqual(["peer-gone"]);
    });

    test("57: with two receives before a reply, the reply answers the second request only", async () => {
      const rep = keep(new Rep0({ transports }));
      const { url: address } = await rep.listen(url());
      const peer = await rawPeer(address, REQ);
      await peer.sendFrame(hex("80000001"), "one");
      await peer.sendFrame(hex("80000002"), "two");
      expect(await text(rep.receive())).toBe("one");
      expect(await text(rep.receive())).toBe("two");
      await rep.send("answer");
      expect(toHex(await peer.readFrame())).toBe(toHex(concat(hex("80000002"), "answer")));
      await turns();
      expect(peer.buffered).toBe(0);
    });

    test("58: raw REQ takes replies with a stack of up to 16 words; more close the connection", async () => {
      const req = keep(new RawReq0({ transports }));
      const { peer } = await replier(req, url());
      const hops = (count: number): Uint8Array[] => Array.from({ length: count }, (_, at) => u32(at + 1));
      await peer.sendFrame(...hops(15), hex("80000001"), "reply");
      const message = await req.receive();
      expect(message.text()).toBe("reply");
      expect(toHex(message.header)).toBe(toHex(concat(...hops(15), hex("80000001"))));
      await peer.sendFrame(...hops(16), hex("80000001"), "reply");
      await peer.expectClosed();
    });

    test("58: raw REQ sends the header that it is given, unchanged", async () => {
      const req = keep(new RawReq0({ transports }));
      const { peer } = await replier(req, url());
      await req.send(new Message("hi", { header: hex("00000009 80000001") }));
      expect(toHex(await peer.readFrame())).toBe("00000009800000016869");
    });

    test("58: raw REP puts its pipe's id in front and routes by it", async () => {
      const rep = keep(new RawRep0({ transports }));
      const { url: address } = await rep.listen(url());
      const one = await rawPeer(address, REQ);
      const two = await rawPeer(address, REQ);
      await one.sendFrame(hex("80000001"), "one");
      await two.sendFrame(hex("00000005 80000001"), "two");
      const requests = [await rep.receive(), await rep.receive()];
      for (const request of requests) {
        expect(request.header.length).toBe(request.text() === "one" ? 8 : 12);
        expect(request.pipe?.id).toBe(
          new DataView(request.header.buffer, request.header.byteOffset).getUint32(0),
        );
        await rep.send(new Message(`answer ${request.text()}`, { header: request.header }));
      }
      expect(toHex(await one.readFrame())).toBe(toHex(concat(hex("80000001"), "answer one")));
      expect(toHex(await two.readFrame())).toBe(toHex(concat(hex("00000005 80000001"), "answer two")));
    });

    test("58: raw REP drops what it cannot route, and says so", async () => {
      const rep = keep(new RawRep0({ transports }));
      const { url: address } = await rep.listen(url());
      const drops = record(rep, "drop");
      const peer = await rawPeer(address, REQ);
      await rep.waitForPipes(1);
      const unused = 0x7fff_ffff;
      await rep.send(new Message("no such pipe", { header: concat(u32(unused), hex("80000001")) }));
      expect(drops.length).toBe(1);
      await peer.sendFrame(hex(reqrepVectors.request));
      expect((await rep.receive()).text()).toBe("hi");
    });

    test("58: raw REP keeps the TTL", async () => {
      const rep = keep(new RawRep0({ transports }));
      const { url: address } = await rep.listen(url());
      const peer = await rawPeer(address, REQ);
      await peer.sendFrame(hex(reqrepVectors.eightHops));
      await peer.sendFrame(hex(reqrepVectors.sevenHops));
      const message = await rep.receive();
      expect(message.header.length).toBe(36);
      expect(rep.stats().drops.ttl).toBe(1);
    });
  });
}

test("59: a ttlMax of 0 or 16 is out of range", () => {
  for (const ttlMax of [0, 16, -1, 1.5]) {
    expect(() => new Rep0({ ttlMax })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
    expect(() => new RawRep0({ ttlMax })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
  }
  const rep = keep(new Rep0({ ttlMax: 15 }));
  expect(rep.ttlMax).toBe(15);
  expect(() => {
    rep.ttlMax = 0;
  }).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
  expect(rep.ttlMax).toBe(15);
});
