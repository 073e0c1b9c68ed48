/** `Req0` asks, `Rep0` answers. */
export { RawRep0, RawReq0 } from "./raw.js";
export { Rep0, type Rep0Options, RepContext } from "./rep.js";
export { Req0, type Req0Options, ReqContext, type ReqContextOptions } from "./req.js";
