import { expect, test } from "vitest";
import { ManualClock } from "../src/index.js";

test("time stands still until it is moved", () => {
  const clock = new ManualClock({ now: 100 });
  clock.setTimer(0, () => expect.unreachable());
  expect(clock.now()).toBe(100);
  expect(clock.pending).toBe(1);
});

test("timers fire at their own moments, in order, those of one moment as they were set", () => {
  const clock = new ManualClock();
  const fired: string[] = [];
  const at = (name: string, delay: number): void => {
    clock.setTimer(delay, () => fired.push(`${name}@${clock.now()}`));
  };
  at("c", 30);
  at("a", 10);
  at("b", 20);
  at("b2", 20);
  expect(clock.delays).toEqual([10, 20, 20, 30]);
  clock.advance(25);
  expect(fired).toEqual(["a@10", "b@20", "b2@20"]);
  expect(clock.now()).toBe(25);
  clock.advance(5);
  expect(fired.at(-1)).toBe("c@30");
});

test("a timer that is set by a timer fires in the same advance when it is due", () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  const again = (): void => {
    fired.push(clock.now());
    clock.setTimer(10, again);
  };
  clock.setTimer(10, again);
  clock.advance(35);
  expect(fired).toEqual([10, 20, 30]);
});

test("a cancelled timer never fires; cancelling again, or too late, is harmless", () => {
  const clock = new ManualClock();
  let fired = 0;
  const cancelled = clock.setTimer(10, () => fired++);
  const kept = clock.setTimer(10, () => fired++);
  cancelled.cancel();
  cancelled.cancel();
  clock.advance(10);
  kept.cancel();
  expect(fired).toBe(1);
  expect(clock.pending).toBe(0);
});

test("an infinite delay never comes and does not count", () => {
  const clock = new ManualClock();
  clock.setTimer(Number.POSITIVE_INFINITY, () => expect.unreachable()).cancel();
  expect(clock.pending).toBe(0);
});

test("advanceAsync lets promises settle between timers", async () => {
  const clock = new ManualClock();
  const steps: string[] = [];
  clock.setTimer(10, () => {
    void Promise.resolve()
      .then(() => undefined)
      .then(() => {
        steps.push("settled");
        clock.setTimer(5, () => steps.push(`second@${clock.now()}`));
      });
  });
  await clock.advanceAsync(15);
  expect(steps).toEqual(["settled", "second@15"]);
});

test("a timer that sets itself without delay is an error, not an endless loop", () => {
  const clock = new ManualClock();
  const again = (): void => void clock.setTimer(0, again);
  again();
  expect(() => clock.advance(1)).toThrow("sets itself again");
});

test("time moves forward by finite steps", () => {
  const clock = new ManualClock();
  for (const step of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => clock.advance(step)).toThrow(RangeError);
  expect(() => clock.setTimer(Number.NaN, () => undefined)).toThrow(RangeError);
});

test("chance comes from a seed, or from a script that repeats", () => {
  const draw = (clock: ManualClock): number[] => Array.from({ length: 5 }, () => clock.random());
  expect(draw(new ManualClock({ seed: 3 }))).toEqual(draw(new ManualClock({ seed: 3 })));
  expect(draw(new ManualClock({ seed: 3 }))).not.toEqual(draw(new ManualClock({ seed: 4 })));
  const clock = new ManualClock({ random: [0.1, 0.9] });
  expect(draw(clock)).toEqual([0.1, 0.9, 0.1, 0.9, 0.1]);
  clock.scriptRandom([0.5]);
  expect(draw(clock)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
});
