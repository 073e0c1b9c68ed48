import { test } from "vitest";
// Built in, so no package exports it.
import { inproc } from "../../core/dist/inproc/inproc.js";
import { transportSuite } from "../src/index.js";

let names = 0;

transportSuite({
  test,
  transport: inproc,
  url: () => `inproc://suite-${++names}`,
  supports: { chosenAddress: false, receiveMaxSize: false, backPressure: false },
});
