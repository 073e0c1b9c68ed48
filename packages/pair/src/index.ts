/** `Pair0` and `Pair1`: two sockets that talk both ways. */
export { Pair0, type PairOptions, RawPair0 } from "./pair.js";
export { Pair1, type Pair1Options, RawPair1 } from "./pair1.js";
