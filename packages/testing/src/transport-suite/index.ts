/**
 * What every transport promises to core, as tests for any runner. A transport's own test file is one call of
 * `transportSuite` and then its quirks.
 */
import { abortDial } from "./abort-dial.js";
import { addressInUse } from "./address-in-use.js";
import { backPressure } from "./back-pressure.js";
import { beforeStart } from "./before-start.js";
import { chosenAddress } from "./chosen-address.js";
import { close } from "./close.js";
import { exchange } from "./exchange.js";
import { facts } from "./facts.js";
import { handshake } from "./handshake.js";
import { makeCase, type TransportSuiteOptions } from "./harness.js";
import { header } from "./header.js";
import { many } from "./many.js";
import { order } from "./order.js";
import { pause } from "./pause.js";
import { receiveLimit } from "./receive-limit.js";
import { refusedDial } from "./refused-dial.js";
import { sizes } from "./sizes.js";
import { splits } from "./splits.js";

export type { TestFunction, TransportSuiteOptions, TransportSupports } from "./harness.js";

/**
 * Registers the suite with `test`.
 *
 * @example
 * import { test } from "vitest";
 * transportSuite({ test, transport: tcp(), url: () => "tcp://127.0.0.1:0", supports: { raw: true } });
 */
export function transportSuite(options: TransportSuiteOptions): void {
  const test = makeCase(options);
  const supports = options.supports ?? {};
  exchange(test);
  sizes(test);
  header(test);
  order(test);
  facts(test);
  refusedDial(test);
  addressInUse(test);
  if (supports.chosenAddress !== false) chosenAddress(test);
  abortDial(test, supports);
  if (supports.receiveMaxSize !== false) receiveLimit(test, supports);
  pause(test);
  if (supports.backPressure !== false) backPressure(test);
  beforeStart(test);
  close(test, supports);
  many(test, supports);
  if (supports.raw === true) {
    handshake(test);
    splits(test);
  }
}
