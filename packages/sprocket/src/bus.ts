/** `@sprocket/bus`, plugged in. */
import { type Bus0Options, Bus0 as PlainBus0, RawBus0 as PlainRawBus0 } from "@sprocket/bus";
import { plugged } from "./plugged.js";

export * from "@sprocket/bus";

/** What one says, all its direct peers hear; with every transport of the runtime. */
export class Bus0 extends PlainBus0 {
  constructor(options?: Bus0Options) {
    super(plugged(options));
  }
}

/** `Bus0` for devices; with every transport of the runtime. */
export class RawBus0 extends PlainRawBus0 {
  constructor(options?: Bus0Options) {
    super(plugged(options));
  }
}
