/** Options that `dial` and `listen` take for the transport: it checks them, and finds them again in its context. */
import { AddressInvalidError, BadTypeError, InvalidOperationError, NotSupportedError } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { MockTransport } from "@sprocket/testing";
import { expect, test } from "vitest";
import { failure, keep } from "../support/world.js";

/** Takes one option, `colour`. */
class ColouredTransport extends MockTransport {
  readOptions(given: object, role: "dial" | "listen"): unknown {
    const { colour, ...others } = given as { colour?: unknown };
    if (Object.keys(others).length > 0) throw new InvalidOperationError("there is only colour");
    return { colour, role };
  }
}

function world<Kind extends MockTransport>(mock: Kind): { mock: Kind; pair: Pair0 } {
  return { mock, pair: keep(new Pair0({ transports: [mock] })) };
}

test("a dialer's context has what the transport made of them, at each attempt", async () => {
  const { mock, pair } = world(new ColouredTransport({ dials: "refuse" }));
  const transport = { colour: "red" };
  const dialer = await pair.dial("mock://peer", { transport, reconnectTimeMin: 1 });
  transport.colour = "blue";
  while (mock.attempts.length < 3) await mock.nextDial();
  await dialer.close();
  for (const { context } of mock.attempts) {
    expect(context.transportOptions).toEqual({ colour: "red", role: "dial" });
  }
});

test("so has a listener's, beside overrides of the socket's options", async () => {
  const { mock, pair } = world(new ColouredTransport());
  await pair.listen("mock://here", { transport: { colour: "red" }, receiveMaxSize: 7 });
  const { context } = mock.listener("here");
  expect(context).toMatchObject({ receiveMaxSize: 7, transportOptions: { colour: "red", role: "listen" } });
});

test("without them there is nothing in the context", async () => {
  const { mock, pair } = world(new ColouredTransport({ dials: "accept" }));
  await pair.dial("mock://peer");
  await pair.listen("mock://here", { transport: undefined });
  expect(mock.attempts[0]?.context.transportOptions).toBeUndefined();
  expect(mock.listener("here").context.transportOptions).toBeUndefined();
});

test("what the transport does not accept is an error before anything is opened, in every mode", async () => {
  const { mock, pair } = world(new ColouredTransport());
  for (const mode of ["auto", "connect", "background", "wait"] as const) {
    const error = await failure(pair.dial("mock://peer", { mode, transport: { color: "red" } }));
    expect(error).toBeInstanceOf(InvalidOperationError);
  }
  const error = await failure(pair.listen("mock://here", { transport: { color: "red" } }));
  expect(error).toBeInstanceOf(InvalidOperationError);
  expect(mock.attempts).toEqual([]);
  expect(mock.listeners.size).toBe(0);
  expect(pair.dialers.size + pair.listeners.size).toBe(0);
});

test("a transport that takes none refuses them", async () => {
  const { pair } = world(new MockTransport());
  for (const attempt of [
    pair.dial("mock://peer", { transport: {} }),
    pair.listen("mock://here", { transport: {} }),
  ]) {
    const error = await failure(attempt);
    expect(error).toBeInstanceOf(NotSupportedError);
    expect(error.message).toContain("mock");
  }
});

test.each([null, [], "tcp", 1])("%j is none", async (transport) => {
  const { pair } = world(new ColouredTransport());
  const options = { transport } as { transport: object };
  expect(await failure(pair.dial("mock://peer", options))).toBeInstanceOf(BadTypeError);
  expect(await failure(pair.listen("mock://here", options))).toBeInstanceOf(BadTypeError);
});

test("a bad URL is told first", async () => {
  const { pair } = world(new MockTransport());
  const error = await failure(pair.dial("mock://a\0b", { transport: {} }));
  expect(error).toBeInstanceOf(AddressInvalidError);
});
