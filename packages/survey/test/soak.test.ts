/** S4: no answer of an earlier survey, and none after the deadline, in any number of surveys. */
import { expect, test } from "vitest";
import { Surveyor0 } from "../src/index.js";
import { answer, parse, turns, World } from "./support/world.js";

/** `SPROCKET_SOAK=50` makes it the nightly million. */
const SURVEYS = 20_000 * Number(process.env.SPROCKET_SOAK ?? 1);

test(`S4: ${SURVEYS} surveys of two peers that also answer earlier ones, and too late`, async () => {
  const world = new World((base) => new Surveyor0(base));
  const surveyor = world.socket;
  const pipes = [await world.peer(), await world.peer()];
  let late = 0;
  for (let round = 0; round < SURVEYS; round++) {
    const all = surveyor.survey(String(round), { timeout: 10 }).toArray();
    for (const [at, pipe] of pipes.entries()) {
      const [before, asked] = pipe.sent.length > 1 ? pipe.sent : [undefined, pipe.sent[0]];
      if (parse(asked).body !== String(round)) throw new Error(`survey ${round} did not go out`);
      if (before !== undefined) {
        answer(pipe, before, "to an earlier survey");
        pipe.sent.shift();
        late++;
      }
      answer(pipe, asked, `${round}.${at}`);
    }
    // Answers find their way into `toArray`, and a pipe that has delivered a lot lets others have a turn.
    await turns(2);
    world.clock.advance(10);
    for (const pipe of pipes) {
      answer(pipe, pipe.sent[0], "after the deadline");
      late++;
    }
    const got = String((await all).map((message) => message.text()));
    if (got !== `${round}.0,${round}.1`) throw new Error(`survey ${round} got ${got}`);
  }
  expect(surveyor.stats().drops).toEqual({ late });
  expect(world.clock.pending).toBe(0);
}, 600_000);
