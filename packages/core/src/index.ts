/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What applications see: messages, options, events, errors. Sockets come from the protocol packages, transports from the
 * transport packages; inproc is built in.
 */

export { capabilities, type SchemeCapability } from "./capabilities.js";
export type { AcceptPipe, EndpointOptions, SocketOptions } from "./common-options.js";
export type { Context, ContextOptions } from "./context.js";
export { type DeviceOptions, device } from "./device.js";
export type { Dialer, DialerState, DialMode, DialOptions } from "./dialer.js";
export * from "./errors.js";
export type {
  DropReason,
  EventListenerOptions,
  SocketEvent,
  SocketEventListener,
  SocketEventMap,
  SocketEventType,
} from "./events.js";
export type { Listener, ListenOptions } from "./listener.js";
export { type Data, Message, type MessageDetails } from "./message.js";
export type { Receiver, Sender } from "./mixins.js";
export type { Pipe } from "./pipe.js";
export { type Pollable, type PollItem, type PollResult, poll } from "./poll.js";
export type { ServeHandle, ServeHandler, ServeOptions } from "./serve.js";
export type { ProtocolName, Socket } from "./socket.js";
export type { CloseResult } from "./socket-core.js";
export type { DialerStats, ListenerStats, PipeStats, SocketStats, TrafficStats } from "./statistics.js";
export type { Clock, Timer, Transport } from "./transport.js";
export type { TransportOverrides } from "./transport-options.js";
export { version } from "./version.js";
export type { WaitOptions } from "./waiters.js";
