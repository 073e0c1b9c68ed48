/** SURVEYOR and RESPONDENT, cases 60 to 65. */
import { Respondent0, Surveyor0 } from "@sprocket/survey";
import {
  concat,
  hex,
  isPending,
  ManualClock,
  protocolNumbers,
  type RawPeer,
  reqrepVectors,
  toHex,
  u32,
  until,
} from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { failure, keep, nextEvent, rawPeer, record, streams, text, transports } from "../support/world.js";

const { respondent: RESPONDENT, surveyor: SURVEYOR } = protocolNumbers;

/** A surveyor that listens on a clock of its own, and raw respondents that have joined it. */
async function scene(url: string, peers: number) {
  const clock = new ManualClock();
  const surveyor = keep(new Surveyor0({ transports, clock }));
  const { url: address } = await surveyor.listen(url);
  const respondents: RawPeer[] = [];
  for (let count = 1; count <= peers; count++) {
    respondents.push(await rawPeer(address, RESPONDENT));
    await surveyor.waitForPipes(count);
  }
  return { clock, surveyor, respondents };
}

/** Id and payload of a survey as it travels. */
async function readSurvey(peer: RawPeer): Promise<{ id: number; idBytes: Uint8Array; body: string }> {
  const survey = await peer.readFrame();
  const idBytes = survey.slice(0, 4);
  return {
    id: new DataView(idBytes.buffer).getUint32(0),
    idBytes,
    body: new TextDecoder().decode(survey.subarray(4)),
  };
}

const noState = { code: "SP_ESTATE", errno: 11 };
const timedOut = { code: "SP_ETIMEDOUT", errno: 5 };

for (const { name, url } of streams) {
  describe(`over ${name}`, () => {
    test("61: a survey reaches everybody, its answers come until its time is over, and then it is no more", async () => {
      const { clock, surveyor, respondents } = await scene(url(), 2);
      await surveyor.send("who?");
      const ids: number[] = [];
      for (const [at, peer] of respondents.entries()) {
        const { id, idBytes, body } = await readSurvey(peer);
        ids.push(id);
        expect(body).toBe("who?");
        await peer.sendFrame(idBytes, `me ${at}`);
      }
      expect(ids[0]).toBe(ids[1]);
      expect(ids[0]).toBeGreaterThanOrEqual(0x8000_0000);
      const answers = [await text(surveyor.receive()), await text(surveyor.receive())];
      expect(answers.sort()).toEqual(["me 0", "me 1"]);
      const third = surveyor.receive();
      const over = failure(third);
      clock.advance(999);
      expect(await isPending(third)).toBe(true);
      clock.advance(1);
      expect(await over).toMatchObject(timedOut);
      expect(await failure(surveyor.receive())).toMatchObject(noState);
    });

    test("61: several answers of one respondent are all delivered", async () => {
      const { surveyor, respondents } = await scene(url(), 1);
      const [peer] = respondents as [RawPeer];
      await surveyor.send("who?");
      const { idBytes } = await readSurvey(peer);
      await peer.send(...["one", "", "two"].map((answer) => peer.frame(concat(idBytes, answer))));
      for (const expected of ["one", "", "two"]) expect(await text(surveyor.receive())).toBe(expected);
    });

    test("62: a receive that gives up sooner ends the survey, and answers come too late", async () => {
      const { clock, surveyor, respondents } = await scene(url(), 1);
      const [peer] = respondents as [RawPeer];
      const drops = record(surveyor, "drop");
      await surveyor.send("who?");
      const { idBytes } = await readSurvey(peer);
      const received = failure(surveyor.receive({ timeout: 100 }));
      clock.advance(100);
      expect(await received).toMatchObject(timedOut);
      expect(await failure(surveyor.receive())).toMatchObject(noState);
      await peer.sendFrame(idBytes, "late");
      await until(() => drops.length === 1, "the late answer");
      expect(drops[0]).toMatchObject({ reason: "late" });
      expect(peer.ended).toBe(false);
    });

    test("63: answers with another id or without the high bit are dropped, and the connection stays", async () => {
      const { surveyor, respondents } = await scene(url(), 1);
      const [peer] = respondents as [RawPeer];
      await surveyor.send("who?");
      const { id, idBytes } = await readSurvey(peer);
      await peer.sendFrame(u32(id - 1), "old id");
      await peer.sendFrame(u32(id & 0x7fff_ffff), "no high bit");
      await peer.sendFrame(hex("00000007"), idBytes, "a backtrace in front");
      await peer.sendFrame(idBytes, "me");
      expect(await text(surveyor.receive())).toBe("me");
      expect(surveyor.stats().drops).toEqual({ late: 3 });
      expect(peer.ended).toBe(false);
    });

    test("63: an answer without a whole id closes its connection, and the survey goes on", async () => {
      for (const malformed of ["", "800000"]) {
        const { surveyor, respondents } = await scene(url(), 2);
        const [bad, good] = respondents as [RawPeer, RawPeer];
        await surveyor.send("who?");
        const { idBytes } = await readSurvey(good);
        const closed = nextEvent(surveyor, "pipeclose");
        await bad.sendFrame(hex(malformed));
        await bad.expectClosed();
        expect((await closed).error).toMatchObject({ code: "SP_EPROTO" });
        await good.sendFrame(idBytes, "me");
        expect(await text(surveyor.receive())).toBe("me");
      }
    });

    test("64: a second survey has the next id, and answers to the first are dropped", async () => {
      const { surveyor, respondents } = await scene(url(), 1);
      const [peer] = respondents as [RawPeer];
      await surveyor.send("one?");
      const first = await readSurvey(peer);
      await peer.sendFrame(first.idBytes, "unread");
      await until(() => surveyor.readable, "the unread answer");
      await surveyor.send("two?");
      const second = await readSurvey(peer);
      expect(second.body).toBe("two?");
      expect(second.id).toBe(first.id === 0xffff_ffff ? 0x8000_0000 : first.id + 1);
      await peer.sendFrame(first.idBytes, "to the first");
      await peer.sendFrame(second.idBytes, "to the second");
      expect(await text(surveyor.receive())).toBe("to the second");
      expect(surveyor.stats().drops).toEqual({ replaced: 1, late: 1 });
    });

    test("64: a second survey cancels the receives of the first", async () => {
      const { surveyor, respondents } = await scene(url(), 1);
      const [peer] = respondents as [RawPeer];
      await surveyor.send("one?");
      const received = failure(surveyor.receive());
      await readSurvey(peer);
      await surveyor.send("two?");
      expect(await received).toMatchObject({ code: "SP_ECANCELED", errno: 20 });
      const { idBytes } = await readSurvey(peer);
      await peer.sendFrame(idBytes, "me");
      expect(await text(surveyor.receive())).toBe("me");
    });

    test("64: contexts survey side by side, and each gets the answers to its own", async () => {
      const { surveyor, respondents } = await scene(url(), 1);
      const [peer] = respondents as [RawPeer];
      const context = surveyor.context();
      await surveyor.send("one?");
      await context.send("two?");
      const first = await readSurvey(peer);
      const second = await readSurvey(peer);
      expect(second.id).not.toBe(first.id);
      await peer.sendFrame(second.idBytes, "to the second");
      await peer.sendFrame(first.idBytes, "to the first");
      expect(await text(surveyor.receive())).toBe("to the first");
      expect(await text(context.receive())).toBe("to the second");
    });

    test("65: an answer carries the words of its survey, and a second one is BadStateError", async () => {
      const respondent = keep(new Respondent0({ transports }));
      const { url: address } = await respondent.listen(url());
      expect(await failure(respondent.send("x"))).toMatchObject(noState);
      const peer = await rawPeer(address, SURVEYOR);
      for (const words of ["80000001", "0000000580000001"]) {
        await peer.sendFrame(hex(words), "hi");
        expect(await text(respondent.receive())).toBe("hi");
        await respondent.send("an");
        expect(await failure(respondent.send("again"))).toMatchObject(noState);
        expect(toHex(await peer.readFrame())).toBe(`${words}616e`);
      }
    });

    test("65: a survey that follows takes the place of the one in hand", async () => {
      const respondent = keep(new Respondent0({ transports }));
      const { url: address } = await respondent.listen(url());
      const peer = await rawPeer(address, SURVEYOR);
      await peer.sendFrame(hex("80000001"), "one");
      await peer.sendFrame(hex("80000002"), "two");
      expect(await text(respondent.receive())).toBe("one");
      expect(await text(respondent.receive())).toBe("two");
      await respondent.send("an");
      expect(toHex(await peer.readFrame())).toBe("80000002616e");
    });

    test("65: a survey without a whole stack closes the connection, one with too many hops is dropped", async () => {
      const respondent = keep(new Respondent0({ transports }));
      const { url: address } = await respondent.listen(url());
      for (const malformed of reqrepVectors.malformed) {
        const closed = nextEvent(respondent, "pipeclose");
        const peer = await rawPeer(address, SURVEYOR);
        await peer.sendFrame(hex(malformed));
        await peer.expectClosed();
        expect((await closed).error).toMatchObject({ code: "SP_EPROTO" });
      }
      const peer = await rawPeer(address, SURVEYOR);
      await peer.sendFrame(hex(reqrepVectors.eightHops));
      await peer.sendFrame(hex(reqrepVectors.sevenHops));
      expect(await text(respondent.receive())).toBe("hi");
      await respondent.send("an");
      expect(toHex(await peer.readFrame())).toBe(
        toHex(concat(hex(reqrepVectors.sevenHops).subarray(0, 32), "an")),
      );
      expect(respondent.stats().drops.ttl).toBe(1);
    });
  });
}

test("60: a receive without a survey is BadStateError; a survey without peers succeeds", async () => {
  const clock = new ManualClock();
  const surveyor = keep(new Surveyor0({ clock }));
  expect(await failure(surveyor.receive())).toMatchObject(noState);
  await surveyor.send("anybody?");
  const received = failure(surveyor.receive());
  clock.advance(1_000);
  expect(await received).toMatchObject(timedOut);
});

test("60: a surveyTime of 0 is over at once", async () => {
  const surveyor = keep(new Surveyor0({ surveyTime: 0 }));
  await surveyor.send("anybody?");
  expect(await failure(surveyor.receive())).toMatchObject(noState);
});
