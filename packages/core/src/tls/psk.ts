/**
 * The application's `pskCallback` in the two forms that the runtime wants.
 *
 * The rule it guards: a callback that throws or answers nonsense fails its own connection, with a text that holds nothing
 * of the key; the runtime's own text would.
 */
import { AuthenticationError, BadTypeError, InvalidOperationError } from "../errors.js";
import type { TlsSocketLike } from "./runtime.js";

/** Every TLS library takes keys and identities of these sizes (RFC 4279). */
const LONGEST_KEY = 64;
const LONGEST_IDENTITY = 128;

type Callback = (...given: unknown[]) => unknown;

/** For `tls.connect`. */
export function dialForm(
  callback: Callback,
): (hint: string | null) => { identity: string; psk: Uint8Array } | null {
  return (hint) => {
    const answer = ask(callback, hint ?? undefined);
    if (answer === undefined) return null;
    const { identity } = answer as { identity?: unknown };
    const expected = `a string of 1 to ${LONGEST_IDENTITY} bytes`;
    if (typeof identity !== "string") throw badType("identity", identity, expected);
    const { length } = new TextEncoder().encode(identity);
    if (length === 0 || length > LONGEST_IDENTITY) {
      throw badRange("identity", `a string of ${length} bytes`, expected);
    }
    return { identity, psk: readKey((answer as { psk?: unknown }).psk) };
  };
}

/** Hears what a listener's callback said about a peer. */
export interface PskWitness {
  /** There is a key for it; whether the peer has it too shows at the end of the handshake. */
  known(socket: TlsSocketLike, identity: string): void;
  failed(socket: TlsSocketLike, error: Error): void;
}

/** For `tls.createServer`. */
export function listenForm(
  callback: Callback,
  witness: PskWitness,
): (socket: TlsSocketLike, identity: string) => Uint8Array | null {
  return (socket, identity) => {
    try {
      const answer = ask(callback, identity);
      if (answer === undefined) return null;
      const key = readKey(answer instanceof Uint8Array ? answer : (answer as { psk?: unknown }).psk);
      witness.known(socket, identity);
      return key;
    } catch (error) {
      witness.failed(socket, error as Error);
      return null;
    }
  };
}

function ask(callback: Callback, question: string | undefined): object | undefined {
  let answer: unknown;
  try {
    answer = callback(question);
  } catch (cause) {
    throw new AuthenticationError("pskCallback threw; see error.cause.", { cause });
  }
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer !== "object" || answer instanceof Promise) {
    throw new BadTypeError(
      "pskCallback must answer at once, with { identity, psk } to a dialer, the key to a listener, or undefined.",
    );
  }
  return answer;
}

function readKey(key: unknown): Uint8Array {
  const expected = `a Uint8Array of 1 to ${LONGEST_KEY} bytes`;
  if (!(key instanceof Uint8Array)) throw badType("psk", key, expected);
  if (key.length === 0 || key.length > LONGEST_KEY) throw badRange("psk", `${key.length} bytes`, expected);
  return key;
}

function badType(name: string, value: unknown, expected: string): BadTypeError {
  return new BadTypeError(`pskCallback answered with ${name} a ${typeof value}; it must be ${expected}.`);
}

function badRange(name: string, given: string, expected: string): InvalidOperationError {
  return new InvalidOperationError(`pskCallback answered with ${name} ${given}; it must be ${expected}.`);
}
