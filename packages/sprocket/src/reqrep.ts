/** `@sprocket/reqrep`, plugged in. */
import type { SocketOptions } from "@sprocket/core";
import {
  RawRep0 as PlainRawRep0,
  RawReq0 as PlainRawReq0,
  Rep0 as PlainRep0,
  Req0 as PlainReq0,
  type Rep0Options,
  type Req0Options,
} from "@sprocket/reqrep";
import { plugged } from "./plugged.js";

export * from "@sprocket/reqrep";

/** `Rep0` for devices; with every transport of the runtime. */
export class RawRep0 extends PlainRawRep0 {
  constructor(options?: Rep0Options) {
    super(plugged(options));
  }
}

/** `Req0` for devices; with every transport of the runtime. */
export class RawReq0 extends PlainRawReq0 {
  constructor(options?: SocketOptions) {
    super(plugged(options));
  }
}

/** Answers; with every transport of the runtime. */
export class Rep0 extends PlainRep0 {
  constructor(options?: Rep0Options) {
    super(plugged(options));
  }
}

/** Asks; with every transport of the runtime. */
export class Req0 extends PlainReq0 {
  constructor(options?: Req0Options) {
    super(plugged(options));
  }
}
