/**
 * For authors of byte-stream transports: hand in a connected stream, get a `TransportPipe`; or, where the runtime has
 * sockets like Node's, hand in a socket that connects or a server that listens.
 */

export { ipFamily } from "./ip-family.js";
export { Admission } from "./stream/admission.js";
export type { ByteSink, ByteStream, StreamMemory } from "./stream/byte-stream.js";
export { closedError } from "./stream/closed-error.js";
export { type DirectReads, directReads, type OnRead } from "./stream/direct-reads.js";
export {
  type ConnectingSocket,
  connectNodeSocket,
  dialNodeSocket,
  type NodeConnectPlan,
  type NodeDialPlan,
} from "./stream/node-dial.js";
export { nodeMemory } from "./stream/node-memory.js";
export { listenOn, type NodeServerLike, type NodeServerPlan } from "./stream/node-server.js";
export { fromNodeSocket, type NodeSocketLike, type StreamFacts } from "./stream/node-socket.js";
export { spIpcWire, spWire } from "./stream/sp-wire.js";
export { createStreamPipe, dialStream, type HandshakeResult } from "./stream/stream-pipe.js";
export {
  formatTcpAddress,
  readTcpTarget,
  type SocketAddresses,
  type TcpEnd,
  TcpFacts,
  type TcpTarget,
  tcpEnds,
  withTcpPort,
} from "./stream/tcp-address.js";
export { type BindPlace, type BindPlan, bindTcp, type Lookup } from "./stream/tcp-bind.js";
export {
  applyTcpOptions,
  type ConnectOptions,
  type TcpOptions,
  type TcpSettings,
  tcpConnectOptions,
  tcpOptions,
} from "./stream/tcp-options.js";
export type { EncoderOptions, FrameDecoder, FrameEncoder, FrameSink, Wire } from "./stream/wire.js";
export { fromSystemError } from "./system-error.js";
export { parseAuthority } from "./url.js";
