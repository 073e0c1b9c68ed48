/** What every protocol owes to its users. */
import { protocolSuite } from "@sprocket/testing";
import { describe, test } from "vitest";
import { Pull0, Push0 } from "../src/index.js";

describe("Push0 and Pull0", () => {
  protocolSuite({ test, sender: (options) => new Push0(options), receiver: (options) => new Pull0(options) });
});
