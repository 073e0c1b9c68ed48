/** `@sprocket/pair`, plugged in. */
import {
  type Pair1Options,
  type PairOptions,
  Pair0 as PlainPair0,
  Pair1 as PlainPair1,
  RawPair0 as PlainRawPair0,
  RawPair1 as PlainRawPair1,
} from "@sprocket/pair";
import { plugged } from "./plugged.js";

export * from "@sprocket/pair";

/** One peer, both ways; with every transport of the runtime. */
export class Pair0 extends PlainPair0 {
  constructor(options?: PairOptions) {
    super(plugged(options));
  }
}

/** One peer, both ways, with a hop count; or, `polyamorous`, many; with every transport of the runtime. */
export class Pair1 extends PlainPair1 {
  constructor(options?: Pair1Options) {
    super(plugged(options));
  }
}

/** `Pair0` for devices; with every transport of the runtime. */
export class RawPair0 extends PlainRawPair0 {
  constructor(options?: PairOptions) {
    super(plugged(options));
  }
}

/** `Pair1` for devices; with every transport of the runtime. */
export class RawPair1 extends PlainRawPair1 {
  constructor(options?: Omit<Pair1Options, "polyamorous">) {
    super(plugged(options));
  }
}
