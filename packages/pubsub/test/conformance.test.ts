/** What every protocol owes to its users. */
import { protocolSuite } from "@sprocket/testing";
import { describe, test } from "vitest";
import { Pub0, Sub0 } from "../src/index.js";

describe("Pub0 and Sub0", () => {
  protocolSuite({
    test,
    sender: (options) => new Pub0(options),
    receiver: (options) => new Sub0({ ...options, topics: "" }),
    supports: { waitingSends: false },
  });
});
