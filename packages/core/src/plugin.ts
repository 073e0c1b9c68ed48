/// <reference lib="esnext.disposable" preserve="true" />
/**
 * For authors of protocols and transports: the two plug-in interfaces, the base classes, and the parts that protocols
 * share.
 */
export { backtraceLength, MAX_HEADER_WORDS, NO_END, TOO_MANY_HOPS } from "./backtrace.js";
export { Context, type ContextOptions } from "./context.js";
export { channel, type DiagnosticsChannel } from "./diagnostics.js";
export { FanOut, type Overflow } from "./fan-out.js";
export { Fifo } from "./fifo.js";
export { IdSequence } from "./ids.js";
export { Inbox } from "./inbox.js";
export { LossyQueue, PipeHolds } from "./lossy-queue.js";
export { macrotask } from "./macrotask.js";
export { headerOf, headerOfWords, readWord } from "./message.js";
export { type Receiver, Receiving, ReceivingMessages, type Sender, Sending } from "./mixins.js";
export { type MessageTaker, OperationQueue } from "./operation-queue.js";
export {
  bytes,
  callback,
  choice,
  count,
  duration,
  flag,
  list,
  type OptionPlace,
  type OptionRule,
  type OptionSchema,
  type OptionScope,
  type OptionValues,
  readOptions,
  shaped,
  text,
} from "./options.js";
export { printable } from "./printable.js";
export type {
  Operations,
  Protocol,
  ProtocolDefinition,
  ProtocolHost,
  ProtocolInfo,
  ProtocolInstance,
  ProtocolPipe,
} from "./protocol.js";
export { MessageQueue } from "./queue.js";
export { ReadyPipes } from "./ready-pipes.js";
export { Backoff } from "./reconnect.js";
export { createReplier, RawReplier, ttlOption, unwrapAnswer } from "./replier.js";
export { type ServeHandle, type ServeHandler, type ServeOptions, serve } from "./serve.js";
export { type AbortTarget, type Unwatch, watchAbort } from "./signals.js";
export { coreOf, Socket } from "./socket.js";
export type { SocketCore } from "./socket-core.js";
export { systemClock, TimerWheel } from "./timers.js";
export type {
  Clock,
  EndpointContext,
  ListenContext,
  MessageRun,
  PipeSink,
  Timer,
  Transport,
  TransportListener,
  TransportPipe,
} from "./transport.js";
export { type Authority, type AuthorityOptions, packageFor, parseAuthority, parseUrl, SpUrl } from "./url.js";
