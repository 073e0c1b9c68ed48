/** Back-pressure, and messages of any size: what a page sends too fast waits, what it reads too slowly ends. */
import { createHash } from "node:crypto";
import { Pair0, Pull0, Push0 } from "sprocket";
import { expect } from "vitest";
import { browserTest, patience } from "../src/suite.js";

const MIB = 1024 * 1024;

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The same bytes here and in a page. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >>> 8)) & 0xff);
}

browserTest(
  "a page that sends faster than the server reads waits, and loses nothing",
  async ({ open, socket, listen }) => {
    const count = 150;
    const pull = socket(new Pull0());
    const url = await listen(pull);
    const page = await open();
    const sent = page.evaluate(
      async ({ address, count, patience }) => {
        const push = new sprocket.Push0({
          sendBufferBytes: 200_000,
          sendBufferSize: 0,
          closeTimeout: patience,
        });
        await push.dial(address, { mode: "connect" });
        const bytes = new Uint8Array(50_000);
        const view = new DataView(bytes.buffer);
        let refused = 0;
        let most = 0;
        for (let at = 0; at < count; at++) {
          view.setUint32(0, at);
          if (!push.trySend(bytes)) {
            refused++;
            await push.send(bytes);
          }
          most = Math.max(most, push.stats().pipes[0]?.pendingBytes ?? 0);
        }
        const { undelivered } = await push.close();
        return { refused, most, undelivered };
      },
      { address: url, count, patience },
    );
    const numbers: number[] = [];
    while (numbers.length < count) {
      const message = await pull.receiveMessage({ timeout: patience });
      numbers.push(new DataView(message.body.buffer, message.body.byteOffset).getUint32(0));
    }
    expect(numbers).toEqual(Array.from({ length: count }, (_, at) => at));
    const { refused, most, undelivered } = await sent;
    expect(undelivered).toBe(0);
    expect(refused).toBeGreaterThan(0);
    // One message more than the limit at most.
    expect(most).toBeLessThanOrEqual(250_000);
  },
);

browserTest("a page waits for a server that does not read at all", async ({ open, socket, listen }) => {
  const pull = socket(new Pull0());
  const url = await listen(pull);
  const page = await open();
  const outcome = await page.evaluate(async (address) => {
    const push = new sprocket.Push0({ sendBufferBytes: 100_000, sendBufferSize: 0, closeTimeout: 100 });
    await push.dial(address, { mode: "connect" });
    const bytes = new Uint8Array(1_000_000);
    let taken = 0;
    // Until nothing fits any more, on the way or anywhere else.
    while (
      await push.send(bytes, { timeout: 1_000 }).then(
        () => true,
        () => false,
      )
    )
      taken++;
    const pending = push.stats().pipes[0]?.pendingMessages ?? 0;
    const { undelivered } = await push.close();
    return { taken, pending, undelivered };
  }, url);
  expect(outcome.taken).toBeLessThan(60);
  expect(outcome.pending).toBeGreaterThan(0);
  expect(outcome.undelivered).toBe(outcome.pending);
});

browserTest(
  "a page that does not read gets what arrived, then an end that says why, and then the rest",
  async ({ open, socket, listen }) => {
    const push = socket(new Push0({ sendBufferSize: 0 }));
    const url = await listen(push);
    const page = await open();
    await page.evaluate(
      async ({ address, limit }) => {
        const pull = new sprocket.Pull0({
          transports: [sprocket.ws({ receiveBufferBytes: limit } as object)],
          reconnectTimeMin: 20,
        });
        const errors: string[] = [];
        pull.addEventListener("pipeclose", ({ error }) => errors.push(`${error?.name}: ${error?.message}`));
        Object.assign(globalThis, { pull, errors });
        await pull.dial(address, { mode: "connect" });
      },
      { address: url, limit: MIB },
    );
    const lost = new AbortController();
    push.addEventListener("pipeclose", () => lost.abort(), { once: true });
    const bytes = new Uint8Array(100_000);
    await push.waitForPipes(1, { timeout: patience });
    while (!lost.signal.aborted) await push.send(bytes, { signal: lost.signal }).catch(() => undefined);
    const read = (): Promise<{ taken: number; errors: string[] }> =>
      page.evaluate(async (timeout) => {
        const { pull, errors } = globalThis as unknown as { pull: Pull0; errors: string[] };
        let taken = 0;
        while (errors.length === 0) {
          await pull.receive({ timeout });
          taken++;
        }
        return { taken, errors };
      }, patience);
    const { taken, errors } = await read();
    expect(taken).toBeGreaterThanOrEqual(10);
    expect(errors).toEqual([
      expect.stringMatching(/^NoMemoryError: More than 1048576 bytes .*receiveBufferBytes/),
    ]);
    // The dialer has dialled again.
    await push.send("more", { timeout: patience });
    const more = await page.evaluate(
      async (timeout) =>
        (await (globalThis as unknown as { pull: Pull0 }).pull.receiveMessage({ timeout })).text(),
      patience,
    );
    expect(more).toBe("more");
  },
);

for (const [title, length, limit] of [
  ["1 MiB", MIB, MIB],
  ["4 MiB with a raised limit", 4 * MIB, 4 * MIB],
] as const) {
  browserTest(`a message of ${title} goes both ways unharmed`, async ({ open, socket, listen }) => {
    const server = socket(new Pair0({ receiveMaxSize: limit, receiveTimeout: patience }));
    const url = await listen(server);
    const page = await open();
    const answered = page.evaluate(
      async ({ address, limit, patience }) => {
        const pair = new sprocket.Pair0({ receiveMaxSize: limit, receiveTimeout: patience });
        await pair.dial(address, { mode: "connect" });
        const bytes = await pair.receive();
        await pair.send(bytes);
        await pair.close();
        return bytes.length;
      },
      { address: url, limit, patience },
    );
    const bytes = pattern(length);
    await server.send(bytes);
    const back = await server.receive();
    expect(await answered).toBe(length);
    expect(digest(back)).toBe(digest(bytes));
  });
}

browserTest(
  "a message above its limit ends the connection of a page, with both sizes in the error",
  async ({ open, socket, listen }) => {
    const server = socket(new Pair0());
    const url = await listen(server);
    const closed = new Promise<{ error?: Error | undefined }>((resolve) =>
      server.addEventListener("pipeclose", resolve),
    );
    const page = await open();
    const ended = page.evaluate(async (address) => {
      const pair = new sprocket.Pair0({ receiveMaxSize: 1000 });
      const end = new Promise<string>((resolve) =>
        pair.addEventListener("pipeclose", ({ error }) => resolve(`${error?.name}: ${error?.message}`)),
      );
      await pair.dial(address, { mode: "connect" });
      const text = await end;
      const { drops } = pair.stats();
      await pair.close();
      return { text, drops };
    }, url);
    await server.waitForPipes(1, { timeout: patience });
    await server.send(new Uint8Array(1001));
    const { text, drops } = await ended;
    expect(text).toMatch(/^MessageTooLargeError: .* 1001 bytes, more than receiveMaxSize allows \(1000\)/);
    expect(drops).toEqual({ oversize: 1 });
    expect((await closed).error?.message).toMatch(/code 4009 \(a message was too large for it\)/);
  },
);

browserTest("a message above the server's limit is an end that says so", async ({ open, socket, listen }) => {
  const server = socket(new Pair0({ receiveMaxSize: 1000 }));
  const url = await listen(server);
  const page = await open();
  const text = await page.evaluate(async (address) => {
    const pair = new sprocket.Pair0();
    const end = new Promise<string>((resolve) =>
      pair.addEventListener("pipeclose", ({ error }) => resolve(`${error?.name}: ${error?.message}`)),
    );
    await pair.dial(address, { mode: "connect" });
    await pair.send(new Uint8Array(1001));
    const reason = await end;
    await pair.close();
    return reason;
  }, url);
  expect(text).toMatch(/^ConnectionShutdownError: .* code 1009 \(a message was too large for it\)/);
});
