/** What every protocol owes to its users. */
import { protocolSuite } from "@sprocket/testing";
import { describe, test } from "vitest";
import { Pair0, Pair1 } from "../src/index.js";

describe("Pair0", () => {
  protocolSuite({ test, sender: (options) => new Pair0(options), receiver: (options) => new Pair0(options) });
});

describe("Pair1", () => {
  protocolSuite({ test, sender: (options) => new Pair1(options), receiver: (options) => new Pair1(options) });
});

describe("Pair1, polyamorous", () => {
  protocolSuite({
    test,
    sender: (options) => new Pair1({ ...options, polyamorous: true }),
    receiver: (options) => new Pair1({ ...options, polyamorous: true }),
  });
});
