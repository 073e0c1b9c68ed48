/** Test tools for applications, and conformance suites for authors of transports and protocols. Exports only. */
export { concat, hex, toHex, u32, u64, utf8 } from "./bytes.js";
export { isPending, until, within } from "./deadline.js";
export { type Fault, FaultProxy, type FaultProxyOptions } from "./fault-proxy.js";
export { type FuzzOptions, fuzz, fuzzSeed, mutate, mutators, split } from "./fuzz.js";
export { collectGarbage, HandleWatch, type HandleWatchOptions, heldBytes, isCollected } from "./leaks.js";
export { ManualClock, type ManualClockOptions } from "./manual-clock.js";
export {
  type DialOutcome,
  MockDial,
  MockListener,
  MockPipe,
  type MockPipeDetails,
  MockTransport,
  type MockTransportOptions,
} from "./mock-transport.js";
export {
  type ProtocolSuiteOptions,
  type ProtocolSupports,
  protocolSuite,
  type SuiteReceiver,
  type SuiteSender,
  type SuiteSocketOptions,
} from "./protocol-suite/index.js";
export { SeededRandom } from "./random.js";
export { RawListener, RawPeer } from "./raw-peer.js";
export {
  type TestFunction,
  type TransportSuiteOptions,
  type TransportSupports,
  transportSuite,
} from "./transport-suite/index.js";
export {
  absurdLengths,
  badHandshakes,
  type Framing,
  frame,
  frames,
  handshakes,
  pair1Vectors,
  protocolNumbers,
  reqrepVectors,
  spHeader,
} from "./wire-vectors.js";
