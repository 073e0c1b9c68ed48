/**
 * For authors of byte-stream transports: hand in a connected stream, get a `TransportPipe`.
 */

export { Admission } from "./stream/admission.js";
export type { ByteSink, ByteStream } from "./stream/byte-stream.js";
export { listenOn, type NodeServerLike, type NodeServerPlan } from "./stream/node-server.js";
export { fromNodeSocket, type NodeSocketLike, type StreamFacts } from "./stream/node-socket.js";
export { spIpcWire, spWire } from "./stream/sp-wire.js";
export { createStreamPipe, dialStream, type HandshakeResult } from "./stream/stream-pipe.js";
export type { EncoderOptions, FrameDecoder, FrameEncoder, FrameSink, Wire } from "./stream/wire.js";
export { fromSystemError } from "./system-error.js";
export { parseAuthority } from "./url.js";
