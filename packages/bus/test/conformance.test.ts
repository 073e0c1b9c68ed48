/** What every protocol owes to its users. */
import { protocolSuite } from "@sprocket/testing";
import { describe, test } from "vitest";
import { Bus0 } from "../src/index.js";

describe("Bus0", () => {
  protocolSuite({
    test,
    // The suite sends up to 300 messages before it reads any.
    sender: (options) => new Bus0({ ...options, sendBufferSize: 512 }),
    receiver: (options) => new Bus0({ ...options, receiveBufferSize: 512 }),
    supports: { waitingSends: false },
  });
});
