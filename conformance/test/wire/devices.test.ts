/** Contexts and devices of every protocol, cases 80 and 81. */
import { Bus0, RawBus0 } from "@sprocket/bus";
import { device, type Socket } from "@sprocket/core";
import { Pair0, RawPair0 } from "@sprocket/pair";
import { Pull0, Push0, RawPull0, RawPush0 } from "@sprocket/pipeline";
import { Pub0, RawPub0, RawSub0, Sub0 } from "@sprocket/pubsub";
import { RawRep0, RawReq0, Rep0 } from "@sprocket/reqrep";
import { RawRespondent0, RawSurveyor0, Respondent0, Surveyor0 } from "@sprocket/survey";
import { concat, hex, protocolNumbers, toHex } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { failure, keep, rawPeer, streams, text, transports } from "../support/world.js";

const { bus: BUS, pub: PUB, pull: PULL, push: PUSH, rep: REP, req: REQ, sub: SUB } = protocolNumbers;
const { respondent: RESPONDENT, surveyor: SURVEYOR } = protocolNumbers;

test("80: a context on pair, pub, push, pull, bus and raw sockets is not supported", () => {
  const without: Socket[] = [
    new Pair0(),
    new Pub0(),
    new Push0(),
    new Pull0(),
    new Bus0(),
    new RawPub0(),
    new RawSub0(),
    new RawPush0(),
    new RawPull0(),
    new RawSurveyor0(),
    new RawRespondent0(),
    new RawBus0(),
  ];
  for (const socket of without) {
    const { context } = keep(socket) as unknown as { context(): unknown };
    expect(() => context.call(socket)).toThrow(expect.objectContaining({ code: "SP_ENOTSUP", errno: 9 }));
  }
});

test("80: Sub0, Surveyor0 and Respondent0 have contexts, which close with their socket", async () => {
  for (const socket of [new Sub0({ topics: "" }), new Surveyor0(), new Respondent0()]) {
    const context = keep(socket).context({ receiveTimeout: 7 });
    expect(context.receiveTimeout).toBe(7);
    await socket.close();
    expect(context.closed).toBe(true);
    expect(await failure(context.receive())).toMatchObject({ code: "SP_ECLOSED", errno: 7 });
    expect(() => socket.context()).toThrow(expect.objectContaining({ code: "SP_ECLOSED" }));
  }
});

test("81: a device of cooked or mismatched sockets is refused, and so is one that is not its own peer", async () => {
  const pairs: (readonly [Socket, Socket | undefined])[] = [
    [new Rep0(), new RawReq0()],
    [new Pub0(), new RawSub0()],
    [new RawPub0(), new Sub0()],
    [new RawRep0(), new RawPub0()],
    [new RawPub0(), new RawPub0()],
    [new RawPush0(), new RawSub0()],
    [new RawSurveyor0(), new RawRep0()],
    [new Bus0(), undefined],
    [new RawRep0(), undefined],
    [new RawPub0(), undefined],
    [new RawPull0(), undefined],
    [new RawRespondent0(), undefined],
  ];
  for (const [front, back] of pairs) {
    keep(front);
    if (back !== undefined) keep(back);
    expect(await failure(device(front, back))).toMatchObject({ code: "SP_EINVAL", errno: 3 });
    expect(front.closed || back?.closed).toBeFalsy();
  }
});

test("81: raw sockets that fit together are a device, whichever comes first, until one closes", async () => {
  const pairs: (readonly [Socket, Socket | undefined])[] = [
    [new RawRep0(), new RawReq0()],
    [new RawReq0(), new RawRep0()],
    [new RawPub0(), new RawSub0()],
    [new RawSub0(), new RawPub0()],
    [new RawPull0(), new RawPush0()],
    [new RawSurveyor0(), new RawRespondent0()],
    [new RawBus0(), new RawBus0()],
    [new RawPair0(), undefined],
    [new RawBus0(), undefined],
  ];
  for (const [front, back] of pairs) {
    keep(front);
    if (back !== undefined) keep(back);
    const over = device(front, back);
    await front.close();
    await over;
    expect(back?.closed ?? false).toBe(false);
  }
});

for (const { name, url } of streams) {
  describe(`over ${name}`, () => {
    const questions = [
      {
        protocol: "request",
        asker: REQ,
        answerer: REP,
        front: () => new RawRep0({ transports }),
        back: () => new RawReq0({ transports }),
      },
      {
        protocol: "survey",
        asker: SURVEYOR,
        answerer: RESPONDENT,
        front: () => new RawRespondent0({ transports }),
        back: () => new RawSurveyor0({ transports }),
      },
    ] as const;

    for (const { protocol, asker, answerer, front: makeFront, back: makeBack } of questions) {
      test(`81: a ${protocol} through a device gets one word in front, and its answer loses it again`, async () => {
        const front = keep(makeFront());
        const back = keep(makeBack());
        const over = device(front, back);
        const asking = await rawPeer((await front.listen(url())).url, asker);
        const answering = await rawPeer((await back.listen(url())).url, answerer);
        await front.waitForPipes(1);
        await back.waitForPipes(1);
        const [pipe] = front.pipes;
        const hop = (pipe?.id ?? 0).toString(16).padStart(8, "0");
        for (const words of ["80000001", "00000005 80000002"]) {
          await asking.sendFrame(hex(words), "hi");
          const question = await answering.readFrame();
          expect(toHex(question)).toBe(`${hop}${toHex(hex(words))}6869`);
          await answering.sendFrame(question.subarray(0, -2), "yo");
          expect(toHex(await asking.readFrame())).toBe(toHex(concat(hex(words), "yo")));
        }
        front.destroy();
        await over;
      });
    }

    test("81: publications and work pass a device as they are", async () => {
      const oneWay = [
        [new RawSub0({ transports }), PUB, new RawPub0({ transports }), SUB],
        [new RawPull0({ transports }), PUSH, new RawPush0({ transports }), PULL],
      ] as const;
      for (const [front, source, back, sink] of oneWay) {
        keep(front);
        keep(back);
        const over = device(back, front);
        const sending = await rawPeer((await front.listen(url())).url, source);
        const receiving = await rawPeer((await back.listen(url())).url, sink);
        await front.waitForPipes(1);
        await back.waitForPipes(1);
        for (const body of ["one", "", "two"]) await sending.sendFrame(body);
        for (const body of ["one", "", "two"]) expect(await text(receiving.readFrame())).toBe(body);
        back.destroy();
        await over;
      }
    });

    test("81: a raw BUS alone is a hub: what one peer says goes to all the others", async () => {
      const hub = keep(new RawBus0({ transports }));
      const over = device(hub);
      const { url: address } = await hub.listen(url());
      const one = await rawPeer(address, BUS);
      const two = await rawPeer(address, BUS);
      const three = await rawPeer(address, BUS);
      await hub.waitForPipes(3);
      await one.sendFrame("from one");
      for (const peer of [two, three]) expect(await text(peer.readFrame())).toBe("from one");
      await two.sendFrame("from two");
      for (const peer of [one, three]) expect(await text(peer.readFrame())).toBe("from two");
      hub.destroy();
      await over;
    });
  });
}
