/** Work that is handed out arrives once and in order, whatever the pullers do. */
import { Pull0, Push0 } from "@sprocket/pipeline";
import { SeededRandom, within } from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, transports, turns } from "../support/world.js";

const JOBS = 200_000;

test("200,000 jobs for three pullers, one of which pauses at random: none lost, none twice, each puller in order", async () => {
  const random = new SeededRandom(200_000);
  const push = keep(new Push0({ transports, sendBufferSize: 64 }));
  const { url } = await push.listen("tcp://127.0.0.1:0");
  const pulls = [0, 1, 2].map(() => keep(new Pull0({ transports })));
  const seen = new Uint8Array(JOBS);
  const shares = [0, 0, 0];
  let disorder = 0;
  let received = 0;
  let finished: () => void;
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const work = async (pull: Pull0, at: number): Promise<void> => {
    let latest = -1;
    for await (const bytes of pull) {
      const job = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
      if (job <= latest) disorder++;
      latest = job;
      seen[job] = (seen[job] ?? 0) + 1;
      shares[at] = (shares[at] ?? 0) + 1;
      if (++received === JOBS) finished();
      if (at === 0 && random.chance(0.001)) await turns(random.between(1, 20));
    }
  };
  const workers = pulls.map(work);
  for (const pull of pulls) await pull.dial(url);
  await push.waitForPipes(3);
  const job = new Uint8Array(4);
  const view = new DataView(job.buffer);
  for (let count = 0; count < JOBS; count++) {
    view.setUint32(0, count);
    await push.send(job);
  }
  await within(20_000, all, "the last job");
  for (const pull of pulls) pull.destroy();
  await Promise.all(workers);
  expect(seen.every((times) => times === 1)).toBe(true);
  expect(disorder).toBe(0);
  expect(Math.min(...shares)).toBeGreaterThan(0);
  expect(push.stats().drops).toEqual({});
}, 40_000);
