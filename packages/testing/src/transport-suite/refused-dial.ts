import assert from "node:assert/strict";
import { isSprocketError } from "@sprocket/core";
import { within } from "../deadline.js";
import { type Case, PATIENCE } from "./harness.js";

export function refusedDial(test: Case): void {
  test("dialing where nobody listens is refused", async (harness) => {
    const listening = await harness.listen();
    const { url } = listening.listener;
    await listening.listener.close();
    await assert.rejects(
      within(PATIENCE, harness.transport.dial(url, harness.context()), "the refusal"),
      (error) => {
        assert.ok(isSprocketError(error), `not a SprocketError: ${String(error)}`);
        assert.equal(error.code, "SP_ECONNREFUSED");
        return true;
      },
    );
  });
}
