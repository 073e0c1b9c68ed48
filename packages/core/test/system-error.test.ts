import { createConnection } from "node:net";
import { describe, expect, test } from "vitest";
import * as errors from "../src/errors.js";
import { fromSystemError } from "../src/system-error.js";

const what = { operation: "dial", url: "tcp://127.0.0.1:1", socket: "calc" };

function systemError(code: string, message = `connect ${code}`): Error {
  return Object.assign(new Error(message), { code });
}

describe("an error of the system", () => {
  test.each([
    [
      "ECONNREFUSED",
      errors.ConnectionRefusedError,
      "nobody listens there (ECONNREFUSED). Start the listener",
    ],
    ["ECONNRESET", errors.ConnectionResetError, "the peer reset the connection"],
    ["EPIPE", errors.ConnectionShutdownError, "the peer has closed the connection"],
    ["ECONNABORTED", errors.ConnectionAbortedError, "aborted"],
    ["ERR_STREAM_DESTROYED", errors.ConnectionShutdownError, "closed already"],
    ["ETIMEDOUT", errors.TimeoutError, "did not answer in time"],
    ["EADDRINUSE", errors.AddressInUseError, "Close the other listener"],
    ["EADDRNOTAVAIL", errors.AddressInvalidError, "not an address of this machine"],
    ["ENOTFOUND", errors.AddressInvalidError, "the host is unknown"],
    ["EAI_AGAIN", errors.DestinationUnreachableError, "the name server does not answer"],
    ["EHOSTUNREACH", errors.DestinationUnreachableError, "no route"],
    ["ENETUNREACH", errors.DestinationUnreachableError, "no route"],
    ["EACCES", errors.PermissionDeniedError, "Check the permissions"],
    ["EPERM", errors.PermissionDeniedError, "Check the permissions"],
    ["EMFILE", errors.OutOfFilesError, "ulimit -n"],
    ["ENFILE", errors.OutOfFilesError, "ulimit -n"],
    ["ENOMEM", errors.NoMemoryError, "no memory"],
    ["ENOSPC", errors.OutOfSpaceError, "full"],
    ["ENAMETOOLONG", errors.AddressInvalidError, "the path is too long"],
    ["ENOTSOCK", errors.AddressInvalidError, "not a socket"],
    ["EINVAL", errors.InvalidOperationError, "does not accept the address"],
    ["EMSGSIZE", errors.MessageTooLargeError, "too large"],
    ["EOPNOTSUPP", errors.NotSupportedError, "does not support it"],
    ["ABORT_ERR", errors.CanceledError, "canceled"],
    ["ERR_SERVER_ALREADY_LISTEN", errors.BadStateError, "listens already"],
    ["EMULTIHOP", errors.SystemError, "the system's error EMULTIHOP. See error.cause."],
    ["constructor", errors.SystemError, "the system's error constructor"],
  ])("%s has a class of its own and says what to do", (code, type, text) => {
    const cause = systemError(code);
    const error = fromSystemError(cause, what);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ cause, ...what });
    expect(error.message).toContain(`Cannot dial tcp://127.0.0.1:1: `);
    expect(error.message).toContain(text);
  });

  test("about a missing path means to a dialer that nobody listens, and to a listener that a folder is missing", () => {
    const dialing = fromSystemError(systemError("ENOENT"), { operation: "dial", url: "ipc:///tmp/x" });
    const listening = fromSystemError(systemError("ENOENT"), { operation: "listen", url: "ipc:///tmp/x" });
    expect(dialing).toBeInstanceOf(errors.ConnectionRefusedError);
    expect(listening).toBeInstanceOf(errors.NoEntryError);
    expect(listening.message).toContain("Make the folder first.");
  });

  test("keeps the system's words in the cause and out of the text", () => {
    const error = fromSystemError(systemError("ECONNREFUSED", "\u001b[31m secret"), what);
    expect(error.message).not.toContain("secret");
    const odd = fromSystemError(systemError("\u001b".repeat(200)), {
      operation: "x".repeat(200),
      url: "y".repeat(200),
    });
    expect(odd.message).not.toMatch(/\p{Cc}/u);
    expect(odd.message.length).toBeLessThan(700);
  });

  test.each([[undefined], [null], ["text"], [new Error("plain")], [{ code: 5 }]])(
    "without a code, such as %s, stays as the cause",
    (cause) => {
      const error = fromSystemError(cause, what);
      expect(error).toBeInstanceOf(errors.SystemError);
      expect(error.message).toContain("an error that has no code");
      expect(error.cause).toBe(cause);
    },
  );

  test("of our own passes through untouched", () => {
    const own = new errors.ProtocolError("bad");
    expect(fromSystemError(own, what)).toBe(own);
  });
});

describe("several errors, one per address of a host,", () => {
  const aggregate = (...codes: string[]): AggregateError =>
    Object.assign(new AggregateError(codes.map((code) => systemError(code))), { code: codes[0] });

  test.each([
    [["ENETUNREACH", "ECONNREFUSED"], errors.ConnectionRefusedError],
    [["ECONNREFUSED", "ENETUNREACH"], errors.ConnectionRefusedError],
    [["ENETUNREACH", "ETIMEDOUT"], errors.TimeoutError],
    [["ECONNREFUSED", "EMFILE"], errors.OutOfFilesError],
    [["EADDRNOTAVAIL", "EHOSTUNREACH"], errors.DestinationUnreachableError],
    [["EADDRNOTAVAIL"], errors.AddressInvalidError],
  ])("%j become the one that says most", (codes, type) => {
    const cause = aggregate(...codes);
    const error = fromSystemError(cause, what);
    expect(error).toBeInstanceOf(type);
    expect(error.cause).toBe(cause);
  });

  test("of which there are none become the aggregate's own", () => {
    expect(fromSystemError(aggregate(), what)).toBeInstanceOf(errors.SystemError);
  });
});

test("what Node really reports for a refused connection is understood", async () => {
  // Port 1 is never given away, while that of a listener that has gone may be somebody else's by now.
  const cause = await new Promise((resolve) => createConnection(1, "127.0.0.1").once("error", resolve));
  expect(fromSystemError(cause, what)).toBeInstanceOf(errors.ConnectionRefusedError);
});
