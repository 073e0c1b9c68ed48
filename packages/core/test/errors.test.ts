import { describe, expect, test, vi } from "vitest";
import * as errors from "../src/errors.js";
import {
  ClosedError,
  errnos,
  isSprocketError,
  ProtocolError,
  SprocketError,
  TimeoutError,
} from "../src/errors.js";

/** Reference section 6: class, code, number. */
const table: readonly (readonly [string, string, number])[] = [
  ["InterruptedError", "SP_EINTR", 1],
  ["NoMemoryError", "SP_ENOMEM", 2],
  ["InvalidOperationError", "SP_EINVAL", 3],
  ["BusyError", "SP_EBUSY", 4],
  ["TimeoutError", "SP_ETIMEDOUT", 5],
  ["ConnectionRefusedError", "SP_ECONNREFUSED", 6],
  ["ClosedError", "SP_ECLOSED", 7],
  ["TryAgainError", "SP_EAGAIN", 8],
  ["NotSupportedError", "SP_ENOTSUP", 9],
  ["AddressInUseError", "SP_EADDRINUSE", 10],
  ["BadStateError", "SP_ESTATE", 11],
  ["NoEntryError", "SP_ENOENT", 12],
  ["ProtocolError", "SP_EPROTO", 13],
  ["DestinationUnreachableError", "SP_EUNREACHABLE", 14],
  ["AddressInvalidError", "SP_EADDRINVAL", 15],
  ["PermissionDeniedError", "SP_EPERM", 16],
  ["MessageTooLargeError", "SP_EMSGSIZE", 17],
  ["ConnectionAbortedError", "SP_ECONNABORTED", 18],
  ["ConnectionResetError", "SP_ECONNRESET", 19],
  ["CanceledError", "SP_ECANCELED", 20],
  ["OutOfFilesError", "SP_ENOFILES", 21],
  ["OutOfSpaceError", "SP_ENOSPC", 22],
  ["AlreadyExistsError", "SP_EEXIST", 23],
  ["ReadOnlyError", "SP_EREADONLY", 24],
  ["WriteOnlyError", "SP_EWRITEONLY", 25],
  ["CryptoError", "SP_ECRYPTO", 26],
  ["AuthenticationError", "SP_EPEERAUTH", 27],
  ["NoArgumentError", "SP_ENOARG", 28],
  ["AmbiguousError", "SP_EAMBIGUOUS", 29],
  ["BadTypeError", "SP_EBADTYPE", 30],
  ["ConnectionShutdownError", "SP_ECONNSHUT", 31],
  ["InternalError", "SP_EINTERNAL", 1000],
  ["MessageStateError", "SP_EMSGSTATE", 0],
  ["SystemError", "SP_ESYSERR", 0x10000000],
];

type ErrorClass = new (message: string, details?: errors.ErrorDetails) => SprocketError;
const exported = new Map<string, unknown>(Object.entries(errors));
const classOf = (name: string): ErrorClass => exported.get(name) as ErrorClass;

describe("every error class", () => {
  test.each(table)("%s has code %s and number %i", (name, code, errno) => {
    const type = classOf(name);
    const error = new type("text");
    expect(error).toMatchObject({ name, code, errno, message: "text" });
    expect(error).toBeInstanceOf(type);
    expect(error).toBeInstanceOf(SprocketError);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe(`${name}: text`);
    expect(error.stack).toMatch(new RegExp(`^${name}: text\n`));
  });

  test("is in the table, and the table has nothing else", () => {
    const classes = [...exported]
      .filter(([, value]) => typeof value === "function" && "code" in value && value !== SprocketError)
      .map(([name]) => name);
    expect(classes.sort()).toEqual(table.map(([name]) => name).sort());
    expect(Object.keys(errnos).sort()).toEqual(table.map(([, code]) => code).sort());
  });

  test("is an instance of no other class", () => {
    for (const [name] of table) {
      const error = new (classOf(name))("text");
      const matches = table.filter(([other]) => error instanceof classOf(other));
      expect(matches.map(([other]) => other)).toEqual([name]);
    }
  });
});

describe("an error", () => {
  test("carries where it arose, and only what was said", () => {
    const cause = new Error("system");
    const error = new TimeoutError("late", { cause, url: "tcp://h:1", socket: "calc", operation: "dial" });
    expect(error).toMatchObject({ cause, url: "tcp://h:1", socket: "calc", operation: "dial" });
    expect(Object.keys(new TimeoutError("late")).sort()).toEqual(["code", "errno"]);
    expect("cause" in new TimeoutError("late")).toBe(false);
  });

  test("of the protocol says which rule was broken", () => {
    expect(new ProtocolError("bad", { reason: "bad-magic" }).reason).toBe("bad-magic");
    expect("reason" in new ProtocolError("bad")).toBe(false);
  });

  test("cannot have its numbers changed", () => {
    expect(Object.isFrozen(errnos)).toBe(true);
  });

  test("of a plug-in's own class has that class's code", () => {
    class OwnError extends SprocketError {
      static override readonly code = "MY_EOWN";
    }
    const error = new OwnError("mine");
    expect(error).toMatchObject({ code: "MY_EOWN", errno: 0 });
    expect(error).toBeInstanceOf(OwnError);
    expect(new TimeoutError("other")).not.toBeInstanceOf(OwnError);
  });

  test("of a base class is no instance of a subclass that shares its code", () => {
    class PatientTimeoutError extends TimeoutError {}
    expect(new PatientTimeoutError("late")).toBeInstanceOf(TimeoutError);
    expect(new TimeoutError("late")).not.toBeInstanceOf(PatientTimeoutError);
  });
});

describe("two copies of core", () => {
  test("know each other's errors by class", async () => {
    vi.resetModules();
    const other: typeof errors = await import("../src/errors.js");
    expect(other.TimeoutError).not.toBe(TimeoutError);
    const foreign = new other.TimeoutError("late");
    expect(foreign).toBeInstanceOf(TimeoutError);
    expect(foreign).toBeInstanceOf(SprocketError);
    expect(foreign).not.toBeInstanceOf(ClosedError);
    expect(new TimeoutError("late")).toBeInstanceOf(other.SprocketError);
    expect(isSprocketError(foreign)).toBe(true);
  });
});

describe("isSprocketError", () => {
  test.each([
    [undefined],
    [null],
    [0],
    ["SP_ETIMEDOUT"],
    [{ code: "SP_ETIMEDOUT" }],
    [new Error("x")],
    [() => 1],
  ])("is false for %s", (value) => {
    expect(isSprocketError(value)).toBe(false);
    expect(value).not.toBeInstanceOf(SprocketError);
  });
});
