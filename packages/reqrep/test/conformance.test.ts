/** What every protocol owes to its users. */
import { protocolSuite } from "@sprocket/testing";
import { describe, test } from "vitest";
import { Rep0, Req0 } from "../src/index.js";

describe("Req0 and Rep0", () => {
  protocolSuite({
    test,
    sender: (options) => new Req0(options),
    receiver: (options) => new Rep0(options),
    supports: { manySends: false, manyReceives: false },
  });
});
