/**
 * Errors of the system (Node's `code` strings) as errors of Sprocket.
 *
 * The rule it guards: the text says what happened and what to do next; the system's own words, which may hold paths or
 * peers' text, stay in `cause`.
 */
import {
  AddressInUseError,
  AddressInvalidError,
  BadStateError,
  BusyError,
  CanceledError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  ConnectionShutdownError,
  DestinationUnreachableError,
  type ErrorDetails,
  InterruptedError,
  InvalidOperationError,
  isSprocketError,
  MessageTooLargeError,
  NoEntryError,
  NoMemoryError,
  NotSupportedError,
  OutOfFilesError,
  OutOfSpaceError,
  PermissionDeniedError,
  type SprocketError,
  SystemError,
  TimeoutError,
  TryAgainError,
} from "./errors.js";
import { printable } from "./printable.js";
import { tlsMeaning } from "./tls-errors.js";

/** What was being done when the system refused. */
export interface Undertaking {
  /** `"dial"`, `"listen"`, `"accept"`, `"read"`, `"write"` … */
  readonly operation: string;
  readonly url: string;
  /** The socket's name. */
  readonly socket?: string | undefined;
}

/** What a code says. */
export interface Meaning {
  readonly type: new (message: string, details?: ErrorDetails) => SprocketError;
  /** What happened. */
  readonly what: string;
  /** What to do next. */
  readonly next?: string;
}

const unreachable: Meaning = {
  type: DestinationUnreachableError,
  what: "there is no route to the peer",
  next: "Check the address and the network of this machine.",
};
const gone: Meaning = { type: ConnectionShutdownError, what: "the connection was closed already" };
const forbidden: Meaning = {
  type: PermissionDeniedError,
  what: "the system does not allow it",
  next: "Check the permissions of the path, or take a port above 1023.",
};
const outOfFiles: Meaning = {
  type: OutOfFilesError,
  what: "no file descriptor is left",
  next: "Close what is not needed, or raise the limit (ulimit -n).",
};

const meanings: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: {
    type: ConnectionRefusedError,
    what: "nobody listens there",
    next: "Start the listener, or check the address.",
  },
  ECONNRESET: { type: ConnectionResetError, what: "the peer reset the connection" },
  EPIPE: { type: ConnectionShutdownError, what: "the peer has closed the connection" },
  ECONNABORTED: { type: ConnectionAbortedError, what: "the connection was aborted before it was ready" },
  ENOTCONN: gone,
  ERR_SOCKET_CLOSED: gone,
  ERR_STREAM_DESTROYED: gone,
  ERR_STREAM_PREMATURE_CLOSE: gone,
  ERR_STREAM_WRITE_AFTER_END: gone,
  ETIMEDOUT: {
    type: TimeoutError,
    what: "the peer did not answer in time",
    next: "Check the address, and whether a firewall drops packets.",
  },
  EADDRINUSE: {
    type: AddressInUseError,
    what: "the address is in use",
    next: "Close the other listener, or take another address (port 0: any free port).",
  },
  EADDRNOTAVAIL: {
    type: AddressInvalidError,
    what: "it is not an address of this machine",
    next: "Take one of its own, or an empty host for all of them.",
  },
  ENOTFOUND: { type: AddressInvalidError, what: "the host is unknown", next: "Check how the name is spelt." },
  EAI_NONAME: {
    type: AddressInvalidError,
    what: "the host is unknown",
    next: "Check how the name is spelt.",
  },
  EAI_AGAIN: {
    type: DestinationUnreachableError,
    what: "the name server does not answer",
    next: "Try again later, or use an IP address.",
  },
  EAFNOSUPPORT: {
    type: AddressInvalidError,
    what: "this machine has no such kind of address",
    next: "Take tcp4:// or tcp6://, or an address of the other family.",
  },
  ENAMETOOLONG: { type: AddressInvalidError, what: "the path is too long", next: "Take a shorter one." },
  ENOTSOCK: {
    type: AddressInvalidError,
    what: "what stands at the path is not a socket",
    next: "Check the path.",
  },
  ENOTDIR: { type: AddressInvalidError, what: "a part of the path is not a folder", next: "Check the path." },
  EISDIR: { type: AddressInvalidError, what: "the path is a folder", next: "Add a file name to the path." },
  ENOENT: { type: NoEntryError, what: "the path does not exist", next: "Make the folder first." },
  EHOSTUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  ENETUNREACH: unreachable,
  ENETDOWN: unreachable,
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: forbidden,
  EMFILE: outOfFiles,
  ENFILE: outOfFiles,
  ENOMEM: { type: NoMemoryError, what: "the system has no memory left" },
  ENOBUFS: { type: NoMemoryError, what: "the system has no buffer left" },
  ENOSPC: { type: OutOfSpaceError, what: "the device is full" },
  EMSGSIZE: { type: MessageTooLargeError, what: "the message is too large for the transport" },
  EBUSY: { type: BusyError, what: "the address is busy" },
  EINTR: { type: InterruptedError, what: "a signal interrupted it" },
  EAGAIN: { type: TryAgainError, what: "the system is busy", next: "Try again." },
  EINVAL: { type: InvalidOperationError, what: "the system does not accept the address", next: "Check it." },
  EOPNOTSUPP: { type: NotSupportedError, what: "the system does not support it" },
  ENOTSUP: { type: NotSupportedError, what: "the system does not support it" },
  EPROTONOSUPPORT: { type: NotSupportedError, what: "the system does not support it" },
  ECANCELED: { type: CanceledError, what: "it was canceled" },
  ABORT_ERR: { type: CanceledError, what: "it was canceled" },
  ERR_SERVER_ALREADY_LISTEN: { type: BadStateError, what: "it listens already" },
};

/** A missing socket file means to a dialer what a refused connection means: the listener is not there yet. */
const noListener: Meaning = {
  type: ConnectionRefusedError,
  what: "there is no such path, so nobody listens there",
  next: "Start the listener, or check the path.",
};

/**
 * When a name has several addresses and all fail, the system reports several errors. The first of these says most: it
 * comes from a machine, the later ones only from the way to it.
 */
const tellingFirst = [
  "EMFILE",
  "ENFILE",
  "ECONNREFUSED",
  "ECONNRESET",
  "EACCES",
  "EPERM",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
];

/** An error of the system as an error of Sprocket, with the original as `cause`. Errors of Sprocket pass through. */
export function fromSystemError(error: unknown, what: Undertaking): SprocketError {
  if (isSprocketError(error)) return error;
  const code = codeOf(mostTelling(error));
  const meaning = code === "ENOENT" && what.operation === "dial" ? noListener : meaningOf(code);
  // This one error of the runtime holds the whole certificate.
  const cause = code === "ERR_TLS_CERT_ALTNAME_INVALID" ? undefined : error;
  const details = { cause, url: what.url, socket: what.socket, operation: what.operation };
  const doing =
    what.operation === "connection"
      ? `Lost ${printable(what.url)}`
      : `Cannot ${printable(what.operation)} ${printable(what.url)}`;
  if (meaning === undefined) {
    const known = code === "" ? "an error that has no code" : `the system's error ${printable(code)}`;
    return new SystemError(`${doing}: ${known}. See error.cause.`, details);
  }
  const next = meaning.next === undefined ? "" : ` ${meaning.next}`;
  return new meaning.type(`${doing}: ${meaning.what} (${code}).${next}`, details);
}

function meaningOf(code: string): Meaning | undefined {
  return Object.hasOwn(meanings, code) ? meanings[code] : tlsMeaning(code);
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** Of an `AggregateError`, the member that says most; otherwise the error itself. */
function mostTelling(error: unknown): unknown {
  if (!(error instanceof AggregateError) || error.errors.length === 0) return error;
  const members: readonly unknown[] = error.errors;
  const told = (member: unknown): number => {
    const at = tellingFirst.indexOf(codeOf(member));
    return at < 0 ? tellingFirst.length : at;
  };
  return members.reduce((best, member) => (told(member) < told(best) ? member : best));
}
