import assert from "node:assert/strict";
import { isSprocketError } from "@sprocket/core";
import type { Case } from "./harness.js";

export function addressInUse(test: Case): void {
  test("a second listener on the same address is refused, and the first goes on", async (harness) => {
    const first = await harness.listen();
    await assert.rejects(harness.listen({}, first.listener.url), (error) => {
      assert.ok(isSprocketError(error), `not a SprocketError: ${String(error)}`);
      assert.equal(error.code, "SP_EADDRINUSE");
      return true;
    });
    await harness.dial(first.url);
    await first.next();
  });

  test("an address is free again once its listener has closed", async (harness) => {
    const first = await harness.listen();
    await first.listener.close();
    const second = await harness.listen({}, first.listener.url);
    await harness.dial(second.url);
    await second.next();
  });
}
