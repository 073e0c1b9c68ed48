/** `@sprocket/survey`, plugged in. */
import type { SocketOptions } from "@sprocket/core";
import {
  RawRespondent0 as PlainRawRespondent0,
  RawSurveyor0 as PlainRawSurveyor0,
  Respondent0 as PlainRespondent0,
  Surveyor0 as PlainSurveyor0,
  type Respondent0Options,
  type Surveyor0Options,
} from "@sprocket/survey";
import { plugged } from "./plugged.js";

export * from "@sprocket/survey";

/** `Respondent0` for devices; with every transport of the runtime. */
export class RawRespondent0 extends PlainRawRespondent0 {
  constructor(options?: Respondent0Options) {
    super(plugged(options));
  }
}

/** `Surveyor0` for devices; with every transport of the runtime. */
export class RawSurveyor0 extends PlainRawSurveyor0 {
  constructor(options?: SocketOptions) {
    super(plugged(options));
  }
}

/** Answers surveys; with every transport of the runtime. */
export class Respondent0 extends PlainRespondent0 {
  constructor(options?: Respondent0Options) {
    super(plugged(options));
  }
}

/** Asks everybody, until a deadline; with every transport of the runtime. */
export class Surveyor0 extends PlainSurveyor0 {
  constructor(options?: Surveyor0Options) {
    super(plugged(options));
  }
}
