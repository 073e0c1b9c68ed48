import { assertBytes, type Case, type End, pattern, sendAll } from "./harness.js";

/** Sizes around every border that framings, slabs and buffers have. */
const SIZES = [
  0, 1, 7, 8, 9, 63, 64, 125, 126, 127, 1_023, 1_024, 1_025, 4_095, 4_096, 4_097, 16_384, 65_527, 65_528,
  65_535, 65_536, 65_537, 262_144, 1_048_575, 1_048_576,
];

/** Sends all of it from each end to the other, which keeps the bodies as they come. */
async function keepBothWays(ends: readonly [End, End], bodies: readonly Uint8Array[]): Promise<void> {
  for (const { sink } of ends) sink.copies = false;
  await Promise.all(ends.map((end) => sendAll(end, bodies)));
  for (const { sink } of ends) {
    await sink.received(bodies.length);
    bodies.forEach((body, at) => {
      assertBytes(sink.messages[at], body, `message ${at}`);
    });
  }
}

export function sizes(test: Case): void {
  test("an empty message is a message", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    await sendAll(dialed, [new Uint8Array(0), pattern(3), new Uint8Array(0)]);
    await accepted.sink.received(3);
    accepted.sink.messages.forEach((message, at) => {
      assertBytes(message, pattern(at === 1 ? 3 : 0), `message ${at}`);
    });
  });

  test("messages of every size arrive whole", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    const bodies = SIZES.map((size, at) => pattern(size, at));
    await Promise.all([sendAll(dialed, bodies), sendAll(accepted, bodies)]);
    for (const { sink } of [dialed, accepted]) {
      await sink.received(SIZES.length);
      SIZES.forEach((size, at) => {
        assertBytes(sink.messages[at], pattern(size, at), `the message of ${size} bytes`);
      });
    }
  });

  test("bodies that are kept stay as they came, whatever comes behind them", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    const bodies = Array.from({ length: 120 }, (_, at) =>
      pattern(SIZES[(at * 7) % SIZES.length] as number, at),
    );
    await keepBothWays([dialed, accepted], bodies);
  });

  test("nor does a pause now and then change them", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    const bodies = Array.from({ length: 40 }, (_, at) => pattern(60_000 + ((at * 79_193) % 440_000), at));
    for (const { sink, pipe } of [dialed, accepted]) {
      sink.onEach = (count) => {
        if (count % 2 !== 0) return;
        pipe.pause();
        setImmediate(() => pipe.resume());
      };
    }
    await keepBothWays([dialed, accepted], bodies);
  });

  test("a big message between small ones keeps its place", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    const bodies = [pattern(10, 1), pattern(3_000_000, 2), pattern(10, 3), pattern(0), pattern(1_500, 4)];
    await sendAll(dialed, bodies);
    await accepted.sink.received(bodies.length);
    bodies.forEach((body, at) => {
      assertBytes(accepted.sink.messages[at], body, `message ${at}`);
    });
  });
}
