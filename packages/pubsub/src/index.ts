/** `Pub0` publishes, `Sub0` takes what begins with its topics. */
export { Pub0, type Pub0Options, RawPub0 } from "./pub.js";
export {
  RawSub0,
  Sub0,
  type Sub0Options,
  SubContext,
  type SubContextOptions,
  type Subscription,
  type Topic,
} from "./sub.js";
