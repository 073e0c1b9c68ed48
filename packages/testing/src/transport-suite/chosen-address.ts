import assert from "node:assert/strict";
import type { Case } from "./harness.js";

export function chosenAddress(test: Case): void {
  test("an address that the system chose can be dialed as the listener gives it", async (harness) => {
    const asked = await harness.address();
    const listening = await harness.listen({}, asked);
    assert.notEqual(listening.url, asked.href, "the listener's URL must carry the real address");
    await harness.dial(listening.url);
    await listening.next();
  });

  test("two listeners that ask the system get two addresses", async (harness) => {
    const first = await harness.listen();
    const second = await harness.listen();
    assert.notEqual(first.url, second.url);
  });
}
