/** S1 and M2: push and pull over tcp. Nothing is lost, doubled or reordered, and nothing grows while a puller sleeps. */
import { Pull0, Push0 } from "@sprocket/pipeline";
import { heldBytes, isPending, protocolNumbers, SeededRandom, u32, within } from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, rawPeer, transports, turns } from "../support/world.js";
import { ENOUGH, MIB, scaled } from "./scale.js";

const MESSAGES = scaled(1_000_000);

test(
  `S1: ${MESSAGES} messages through three pullers, one of which pauses at random`,
  async () => {
    const random = new SeededRandom(11);
    const push = keep(new Push0({ transports }));
    const { url } = await push.listen("tcp://127.0.0.1:0");
    const pulls = [0, 1, 2].map(() => keep(new Pull0({ transports })));
    for (const pull of pulls) await pull.dial(url);
    await push.waitForPipes(3);

    const seen = new Uint8Array(MESSAGES);
    const counts = [0, 0, 0];
    let total = 0;
    let over: () => void = () => undefined;
    const complete = new Promise<void>((resolve) => {
      over = resolve;
    });
    const pullers = pulls.map(async (pull, at) => {
      let last = -1;
      for (;;) {
        const batch = await pull.receiveBatch(64).catch(() => undefined);
        if (batch === undefined) return;
        for (const body of batch) {
          const number = new DataView(body.buffer, body.byteOffset, 4).getUint32(0);
          if (body.length !== 12 || body[11] !== (number & 0xff))
            throw new Error(`message ${number} was altered`);
          if (number <= last) throw new Error(`puller ${at} got ${number} after ${last}`);
          if (seen[number] !== 0) throw new Error(`message ${number} came twice`);
          last = number;
          seen[number] = 1;
        }
        counts[at] = (counts[at] as number) + batch.length;
        total += batch.length;
        if (total === MESSAGES) over();
        if (at === 0 && random.chance(0.01)) await turns(random.between(1, 20));
      }
    });
    const failed = Promise.all(pullers).then(() => {
      throw new Error("the pullers ended before everything had come");
    });
    const body = new Uint8Array(12);
    const view = new DataView(body.buffer);
    const sending = (async () => {
      for (let number = 0; number < MESSAGES; number++) {
        view.setUint32(0, number);
        body[11] = number & 0xff;
        if (!push.trySend(body)) await push.send(body);
      }
    })();
    await within(ENOUGH, Promise.race([Promise.all([sending, complete]), failed]), "every message");

    expect(total).toBe(MESSAGES);
    expect(seen.indexOf(0)).toBe(-1);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    for (const socket of [push, ...pulls]) expect(socket.stats().drops).toEqual({});
    expect(push.stats().sentMessages).toBe(MESSAGES);
  },
  ENOUGH,
);

test("M2: a puller that does not read holds back its pusher; memory stays, and the order does too", async () => {
  const push = keep(new Push0({ transports }));
  const { url } = await push.listen("tcp://127.0.0.1:0");
  const pull = await rawPeer(url, protocolNumbers.pull);
  await push.waitForPipes(1);
  pull.pause();
  const before = await heldBytes();
  let accepted = 0;
  let waiting: Promise<void> | undefined;
  while (waiting === undefined) {
    const sent = push.send(new Uint8Array([...u32(accepted), ...new Uint8Array(1_020)]));
    if (await isPending(sent)) waiting = sent;
    else accepted++;
  }
  await turns(50);
  expect(await isPending(waiting)).toBe(true);
  expect((await heldBytes()) - before).toBeLessThan(8 * MIB);
  pull.resume();
  for (let number = 0; number <= accepted; number++) {
    const body = await pull.readFrame();
    expect(new DataView(body.buffer, body.byteOffset, 4).getUint32(0)).toBe(number);
  }
  await waiting;
}, 60_000);
