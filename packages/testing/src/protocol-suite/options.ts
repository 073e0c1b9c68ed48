import assert from "node:assert/strict";
import { codeOf, type ProtocolCase, type SuiteSocketOptions } from "./harness.js";

export function options(test: ProtocolCase): void {
  test("an unknown option is refused with a suggestion", async (harness) => {
    const make = (extra: object): unknown => harness.receiver(extra as Omit<SuiteSocketOptions, "clock">);
    assert.throws(
      () => make({ recvTimeout: 5 }),
      (error) => codeOf(error) === "SP_ENOTSUP" && /receiveTimeout/.test(String(error)),
    );
    assert.throws(
      () => make({ recv_timeout: 5 }),
      (error) => codeOf(error) === "SP_ENOTSUP" && /receiveTimeout/.test(String(error)),
    );
    assert.throws(
      () => make({ nonsense: 5 }),
      (error) => codeOf(error) === "SP_ENOTSUP",
    );
  });

  test("an option of the wrong type or out of range is refused", async (harness) => {
    const make = (extra: object): unknown => harness.receiver(extra as Omit<SuiteSocketOptions, "clock">);
    assert.throws(
      () => make({ receiveTimeout: "1s" }),
      (error) => codeOf(error) === "SP_EBADTYPE",
    );
    assert.throws(
      () => make({ receiveTimeout: -1 }),
      (error) => codeOf(error) === "SP_EINVAL",
    );
    assert.throws(
      () => make({ name: "x".repeat(64) }),
      (error) => codeOf(error) === "SP_EINVAL",
    );
  });

  test("option values can be read back as properties", async (harness) => {
    const receiver = harness.receiver({ receiveTimeout: 1_234 });
    assert.equal(receiver.receiveTimeout, 1_234);
    receiver.receiveTimeout = undefined;
    assert.equal(receiver.receiveTimeout, Number.POSITIVE_INFINITY);
    assert.equal(receiver.receiveMaxSize, 1_048_576);
  });
}
