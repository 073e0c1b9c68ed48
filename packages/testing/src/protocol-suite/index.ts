/**
 * What every protocol owes to its users whatever its pattern: how its sockets close, time out, cancel, queue and
 * refuse. The pattern itself (who gets what) is the protocol's own test.
 */
import { cancellation } from "./cancellation.js";
import { closedState } from "./closed-state.js";
import { data } from "./data.js";
import { makeProtocolCase, type ProtocolSuiteOptions } from "./harness.js";
import { iteration } from "./iteration.js";
import { options as optionCases } from "./options.js";
import { fifo } from "./order.js";
import { peers } from "./peers.js";
import { timeouts } from "./timeouts.js";

export type {
  ProtocolSuiteOptions,
  ProtocolSupports,
  SuiteReceiver,
  SuiteSender,
  SuiteSocketOptions,
} from "./harness.js";

/**
 * Registers the suite with `test`.
 *
 * @example
 * import { test } from "vitest";
 * protocolSuite({ test, sender: (options) => new Push0(options), receiver: (options) => new Pull0(options) });
 */
export function protocolSuite(options: ProtocolSuiteOptions): void {
  const test = makeProtocolCase(options);
  const supports = options.supports ?? {};
  closedState(test, supports);
  timeouts(test, supports);
  cancellation(test, supports);
  fifo(test, supports);
  data(test);
  iteration(test);
  peers(test);
  optionCases(test);
}
