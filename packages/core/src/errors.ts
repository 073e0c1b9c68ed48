/**
 * Every error that Sprocket throws or reports.
 *
 * The rules it guards: `code` is API and never changes, the text is for people and may; no text holds payload or
 * secrets; `instanceof` holds across two installed copies of core. There is one class per pynng exception, with nng's
 * name and number.
 */

/** nng's number for each code. 0: not an nng error. */
export const errnos = Object.freeze({
  SP_EINTR: 1,
  SP_ENOMEM: 2,
  SP_EINVAL: 3,
  SP_EBUSY: 4,
  SP_ETIMEDOUT: 5,
  SP_ECONNREFUSED: 6,
  SP_ECLOSED: 7,
  SP_EAGAIN: 8,
  SP_ENOTSUP: 9,
  SP_EADDRINUSE: 10,
  SP_ESTATE: 11,
  SP_ENOENT: 12,
  SP_EPROTO: 13,
  SP_EUNREACHABLE: 14,
  SP_EADDRINVAL: 15,
  SP_EPERM: 16,
  SP_EMSGSIZE: 17,
  SP_ECONNABORTED: 18,
  SP_ECONNRESET: 19,
  SP_ECANCELED: 20,
  SP_ENOFILES: 21,
  SP_ENOSPC: 22,
  SP_EEXIST: 23,
  SP_EREADONLY: 24,
  SP_EWRITEONLY: 25,
  SP_ECRYPTO: 26,
  SP_EPEERAUTH: 27,
  SP_ENOARG: 28,
  SP_EAMBIGUOUS: 29,
  SP_EBADTYPE: 30,
  SP_ECONNSHUT: 31,
  SP_EINTERNAL: 1000,
  SP_EMSGSTATE: 0,
  SP_ESYSERR: 0x10000000,
});

/** The stable name of an error, e.g. `"SP_ETIMEDOUT"`. */
export type ErrorCode = keyof typeof errnos;

/** Where an error arose. */
export interface ErrorDetails {
  /** What lies behind it, e.g. the error of the system. */
  readonly cause?: unknown;
  /** The endpoint, as a URL. */
  readonly url?: string | undefined;
  /** The socket's name. */
  readonly socket?: string | undefined;
  /** What was being done, e.g. `"dial"`. */
  readonly operation?: string | undefined;
}

const brand = Symbol.for("sprocket.error");
const ordinaryHasInstance = Function.prototype[Symbol.hasInstance];

/**
 * The base of all errors of Sprocket. Its subclasses set `code`.
 *
 * @example
 * try {
 *   await socket.receive({ timeout: 1_000 });
 * } catch (error) {
 *   if (!(error instanceof TimeoutError)) throw error;   // or: error.code !== "SP_ETIMEDOUT"
 * }
 */
export abstract class SprocketError extends Error {
  /** The code of the instances. A class of a plug-in sets its own. */
  static readonly code: string = "SP_EINTERNAL";

  /** The stable name of the error. */
  readonly code: string;
  /** nng's number, 0 where nng has none. */
  readonly errno: number;
  declare readonly url?: string;
  declare readonly socket?: string;
  declare readonly operation?: string;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = new.target.code;
    this.errno = Object.hasOwn(errnos, this.code) ? errnos[this.code as ErrorCode] : 0;
    if (details.url !== undefined) this.url = details.url;
    if (details.socket !== undefined) this.socket = details.socket;
    if (details.operation !== undefined) this.operation = details.operation;
  }

  /** Spelt out in each class, because minifiers rename classes. */
  override get name(): string {
    return "SprocketError";
  }

  get [brand](): true {
    return true;
  }

  /** Also true for the same class of another copy of core, told by its code. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the class to the right of `instanceof`, which may be a subclass
    return isInstance(value, this);
  }
}

function isInstance(value: unknown, type: typeof SprocketError): boolean {
  if (ordinaryHasInstance.call(type, value)) return true;
  if (!isSprocketError(value)) return false;
  // A subclass without a code of its own cannot be told from its base.
  return type === SprocketError || (Object.hasOwn(type, "code") && type.code === value.code);
}

/** Is this an error of Sprocket, of this or of another copy of core? */
export function isSprocketError(value: unknown): value is SprocketError {
  return typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === true;
}

/** For core: says on which socket and in which operation a state machine failed, unless the error says so itself. */
export function located(error: unknown, socket: string, operation: string): unknown {
  if (!isSprocketError(error)) return error;
  const place = error as { socket?: string; operation?: string };
  place.socket ??= socket;
  place.operation ??= operation;
  return error;
}

/** A signal of the system interrupted the call. */
export class InterruptedError extends SprocketError {
  static override readonly code = "SP_EINTR";

  override get name(): string {
    return "InterruptedError";
  }
}

/** The system has no memory left for it. */
export class NoMemoryError extends SprocketError {
  static override readonly code = "SP_ENOMEM";

  override get name(): string {
    return "NoMemoryError";
  }
}

/** An argument is out of range, a URL is malformed, or the call makes no sense here. */
export class InvalidOperationError extends SprocketError {
  static override readonly code = "SP_EINVAL";

  override get name(): string {
    return "InvalidOperationError";
  }
}

/** Something is in use and cannot be changed or shared now. */
export class BusyError extends SprocketError {
  static override readonly code = "SP_EBUSY";

  override get name(): string {
    return "BusyError";
  }
}

/** The time limit of a call or of a handshake passed. */
export class TimeoutError extends SprocketError {
  static override readonly code = "SP_ETIMEDOUT";

  override get name(): string {
    return "TimeoutError";
  }
}

/** Nobody listens at the address. */
export class ConnectionRefusedError extends SprocketError {
  static override readonly code = "SP_ECONNREFUSED";

  override get name(): string {
    return "ConnectionRefusedError";
  }
}

/** The object was closed before or during the call. */
export class ClosedError extends SprocketError {
  static override readonly code = "SP_ECLOSED";

  override get name(): string {
    return "ClosedError";
  }
}

/** A call that must not wait would have to wait. */
export class TryAgainError extends SprocketError {
  static override readonly code = "SP_EAGAIN";

  override get name(): string {
    return "TryAgainError";
  }
}

/** This socket, protocol, transport or runtime cannot do it; also an unknown option. */
export class NotSupportedError extends SprocketError {
  static override readonly code = "SP_ENOTSUP";

  override get name(): string {
    return "NotSupportedError";
  }
}

/** Somebody listens at the address already. */
export class AddressInUseError extends SprocketError {
  static override readonly code = "SP_EADDRINUSE";

  override get name(): string {
    return "AddressInUseError";
  }
}

/** The call is not allowed in the present state, e.g. a reply without a request. */
export class BadStateError extends SprocketError {
  static override readonly code = "SP_ESTATE";

  override get name(): string {
    return "BadStateError";
  }
}

/** A topic, an id, a file or a folder does not exist. */
export class NoEntryError extends SprocketError {
  static override readonly code = "SP_ENOENT";

  override get name(): string {
    return "NoEntryError";
  }
}

/** Which rule of the protocol a peer broke. */
export type ProtocolErrorReason =
  | "bad-magic"
  | "bad-version"
  | "reserved-bits"
  | "peer-mismatch"
  | "truncated"
  | "bad-frame"
  | "malformed";

/** The peer broke a rule of the protocol; `reason` says which. */
export class ProtocolError extends SprocketError {
  static override readonly code = "SP_EPROTO";
  declare readonly reason?: ProtocolErrorReason;

  constructor(message: string, details: ErrorDetails & { readonly reason?: ProtocolErrorReason } = {}) {
    super(message, details);
    if (details.reason !== undefined) this.reason = details.reason;
  }

  override get name(): string {
    return "ProtocolError";
  }
}

/** There is no way to the peer now. */
export class DestinationUnreachableError extends SprocketError {
  static override readonly code = "SP_EUNREACHABLE";

  override get name(): string {
    return "DestinationUnreachableError";
  }
}

/** The address can never work: a bad part in the URL, an unknown host, not an address of this machine. */
export class AddressInvalidError extends SprocketError {
  static override readonly code = "SP_EADDRINVAL";

  override get name(): string {
    return "AddressInvalidError";
  }
}

/** The system, or the peer, forbids it. */
export class PermissionDeniedError extends SprocketError {
  static override readonly code = "SP_EPERM";

  override get name(): string {
    return "PermissionDeniedError";
  }
}

/** A message is larger than `receiveMaxSize` allows. */
export class MessageTooLargeError extends SprocketError {
  static override readonly code = "SP_EMSGSIZE";

  override get name(): string {
    return "MessageTooLargeError";
  }
}

/** The connection was given up while it was being made. */
export class ConnectionAbortedError extends SprocketError {
  static override readonly code = "SP_ECONNABORTED";

  override get name(): string {
    return "ConnectionAbortedError";
  }
}

/** The peer, or the network, broke the connection. */
export class ConnectionResetError extends SprocketError {
  static override readonly code = "SP_ECONNRESET";

  override get name(): string {
    return "ConnectionResetError";
  }
}

/** A newer call took the place of this one. */
export class CanceledError extends SprocketError {
  static override readonly code = "SP_ECANCELED";

  override get name(): string {
    return "CanceledError";
  }
}

/** The process or the system has no file descriptor left. */
export class OutOfFilesError extends SprocketError {
  static override readonly code = "SP_ENOFILES";

  override get name(): string {
    return "OutOfFilesError";
  }
}

/** There is no room left for it. */
export class OutOfSpaceError extends SprocketError {
  static override readonly code = "SP_ENOSPC";

  override get name(): string {
    return "OutOfSpaceError";
  }
}

/** It exists already. */
export class AlreadyExistsError extends SprocketError {
  static override readonly code = "SP_EEXIST";

  override get name(): string {
    return "AlreadyExistsError";
  }
}

/** The option can be read but not set. */
export class ReadOnlyError extends SprocketError {
  static override readonly code = "SP_EREADONLY";

  override get name(): string {
    return "ReadOnlyError";
  }
}

/** The option can be set but not read. */
export class WriteOnlyError extends SprocketError {
  static override readonly code = "SP_EWRITEONLY";

  override get name(): string {
    return "WriteOnlyError";
  }
}

/** TLS failed. */
export class CryptoError extends SprocketError {
  static override readonly code = "SP_ECRYPTO";

  override get name(): string {
    return "CryptoError";
  }
}

/** The peer could not prove who it is. */
export class AuthenticationError extends SprocketError {
  static override readonly code = "SP_EPEERAUTH";

  override get name(): string {
    return "AuthenticationError";
  }
}

/** A command-line option lacks its argument. */
export class NoArgumentError extends SprocketError {
  static override readonly code = "SP_ENOARG";

  override get name(): string {
    return "NoArgumentError";
  }
}

/** A command-line option could mean several. */
export class AmbiguousError extends SprocketError {
  static override readonly code = "SP_EAMBIGUOUS";

  override get name(): string {
    return "AmbiguousError";
  }
}

/** A value has the wrong type. */
export class BadTypeError extends SprocketError {
  static override readonly code = "SP_EBADTYPE";

  override get name(): string {
    return "BadTypeError";
  }
}

/** The peer ended the connection in an orderly way, but too early. */
export class ConnectionShutdownError extends SprocketError {
  static override readonly code = "SP_ECONNSHUT";

  override get name(): string {
    return "ConnectionShutdownError";
  }
}

/** A fault in Sprocket itself. Please report it. */
export class InternalError extends SprocketError {
  static override readonly code = "SP_EINTERNAL";

  override get name(): string {
    return "InternalError";
  }
}

/** A message was used after it had been given away. */
export class MessageStateError extends SprocketError {
  static override readonly code = "SP_EMSGSTATE";

  override get name(): string {
    return "MessageStateError";
  }
}

/** An error of the system that has no name here; `cause` is the original. */
export class SystemError extends SprocketError {
  static override readonly code = "SP_ESYSERR";

  override get name(): string {
    return "SystemError";
  }
}
