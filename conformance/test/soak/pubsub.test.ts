/** S3 and M1: a publisher and subscribers over tcp. Who keeps up misses nothing; what others miss is counted to the message. */
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { heldBytes, protocolNumbers, SeededRandom, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, rawPeer, transports, turns } from "../support/world.js";
import { ENOUGH, MIB, scaled } from "./scale.js";

/** Messages on their way to the subscriber that keeps up: fewer than its connection has room for. */
const WINDOW = 512;
const ACCOUNTED = scaled(340_000);
const STALLED = scaled(1_000_000);

function numberOf(body: Uint8Array): number {
  return new DataView(body.buffer, body.byteOffset, 4).getUint32(0);
}

/** Reads on and on, pauses where it is told to, and checks that numbers only rise. */
class Reader {
  received = 0;
  readonly over: Promise<void>;
  #last = -1;

  constructor(sub: Sub0, pause: () => number) {
    this.over = (async () => {
      for await (const body of sub) {
        const number = numberOf(body);
        if (number <= this.#last) throw new Error(`${number} came after ${this.#last}`);
        this.#last = number;
        this.received++;
        const rest = pause();
        if (rest > 0) await turns(rest);
      }
    })();
    this.over.catch(() => undefined);
  }
}

test(
  `S3: received and dropped are what was sent, ${ACCOUNTED} messages, for each subscriber`,
  async () => {
    const random = new SeededRandom(5);
    const pub = keep(new Pub0({ transports, sendBufferBytes: 64 * 1_024 }));
    const { url } = await pub.listen("tcp://127.0.0.1:0");
    const droppedBefore = new Map<number, number>();
    pub.addEventListener("drop", ({ pipe, count }) => {
      const id = pipe?.id ?? 0;
      droppedBefore.set(id, (droppedBefore.get(id) ?? 0) + count);
    });
    const pauses = [() => 0, () => (random.chance(0.001) ? 5 : 0), () => 1];
    const sides: { sub: Sub0; reader: Reader; pipe: number }[] = [];
    for (const pause of pauses) {
      const sub = keep(new Sub0({ transports, topics: "" }));
      await sub.dial(url);
      await pub.waitForPipes(sides.length + 1);
      sides.push({ sub, reader: new Reader(sub, pause), pipe: [...pub.pipes].at(-1)?.id ?? 0 });
    }
    const balance = ({ sub, reader, pipe }: (typeof sides)[number]): number =>
      reader.received + (sub.stats().drops["queue-full"] ?? 0) + (droppedBefore.get(pipe) ?? 0);
    const body = new Uint8Array(64);
    const view = new DataView(body.buffer);
    for (let number = 0; number < ACCOUNTED; number++) {
      view.setUint32(0, number);
      pub.trySend(body);
      // Faster than the slow ones, and now and then far too fast for everyone.
      if (number % 100 === 0) await turns(random.chance(0.02) ? 0 : 1);
    }
    for (const side of sides)
      await until(() => balance(side) === ACCOUNTED, `an account of ${balance(side)} messages`, 30_000);
    expect(sides[2]?.reader.received).toBeLessThan(ACCOUNTED);
    expect([...droppedBefore.keys()].every((id) => sides.some(({ pipe }) => pipe === id))).toBe(true);
    await turns();
    // Nothing comes after the account is closed.
    expect(sides.map(balance)).toEqual([ACCOUNTED, ACCOUNTED, ACCOUNTED]);
  },
  ENOUGH,
);

test(
  `M1: ${STALLED} KiB past a stalled subscriber cost little, and another misses none`,
  async () => {
    const pub = keep(new Pub0({ transports }));
    const { url } = await pub.listen("tcp://127.0.0.1:0");
    const stalled = await rawPeer(url, protocolNumbers.sub);
    await pub.waitForPipes(1);
    stalled.pause();
    const sub = keep(new Sub0({ transports, topics: "" }));
    await sub.dial(url);
    await pub.waitForPipes(2);
    const reader = new Reader(sub, () => 0);
    const before = await heldBytes();
    let most = 0;
    const body = new Uint8Array(1_024);
    const view = new DataView(body.buffer);
    for (let number = 0; number < STALLED; number++) {
      view.setUint32(0, number);
      pub.trySend(body);
      while (number - reader.received >= WINDOW) await turns(1);
      if (number % Math.ceil(STALLED / 5) === 0) most = Math.max(most, (await heldBytes()) - before);
    }
    await until(() => reader.received === STALLED, "every message at the subscriber that keeps up", 30_000);
    const bound = pub.sendBufferBytes + pub.sendBufferSize * body.length;
    expect(Math.max(most, (await heldBytes()) - before)).toBeLessThan(bound + 16 * MIB);
    expect(sub.stats().drops).toEqual({});
    expect(Object.keys(pub.stats().drops)).toEqual(["queue-full"]);
    // Once it reads again: what its connection had taken, without a gap, then the newest.
    stalled.resume();
    const rest: number[] = [];
    while (rest.at(-1) !== STALLED - 1) rest.push(numberOf(await stalled.readFrame()));
    const newest = rest.slice(rest.findIndex((number, at) => number !== at));
    expect(newest).toEqual(Array.from({ length: 16 }, (_, at) => STALLED - 16 + at));
  },
  ENOUGH,
);
