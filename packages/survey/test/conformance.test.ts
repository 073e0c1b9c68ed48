/** What every protocol owes to its users. A respondent receives surveys as a subscriber receives news. */
import { protocolSuite } from "@sprocket/testing";
import { describe, test } from "vitest";
import { Respondent0, Surveyor0 } from "../src/index.js";

describe("Surveyor0 and Respondent0", () => {
  protocolSuite({
    test,
    sender: (options) => new Surveyor0({ ...options, surveyTime: Number.POSITIVE_INFINITY }),
    receiver: (options) => new Respondent0(options),
    supports: { waitingSends: false, manySends: false, manyReceives: false },
  });
});
