import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressInvalidError, BadTypeError, InvalidOperationError, SprocketError } from "../src/errors.js";
import { packageFor, parseUrl, SpUrl } from "../src/url.js";

describe("a URL", () => {
  test.each([
    ["tcp://127.0.0.1:5555", "tcp", "127.0.0.1:5555"],
    ["TCP://Host:1", "tcp", "Host:1"],
    ["TLS+TCP4://h:1", "tls+tcp4", "h:1"],
    ["ipc:///tmp/a b?c#d%41", "ipc", "/tmp/a b?c#d%41"],
    ["ipc://relative/path", "ipc", "relative/path"],
    ["inproc://", "inproc", ""],
    ["inproc://any thing://\0\n", "inproc", "any thing://\0\n"],
    ["abstract://a%00b", "abstract", "a%00b"],
    ["ws://h/p?q=1", "ws", "h/p?q=1"],
    ["tcp://", "tcp", ""],
  ])("%j is split into scheme and literal rest", (text, scheme, rest) => {
    const url = parseUrl(text);
    expect(url).toBeInstanceOf(SpUrl);
    expect(url).toEqual({ href: `${scheme}://${rest}`, scheme, rest });
    expect(String(url)).toBe(url.href);
  });

  test.each([
    ["", InvalidOperationError, 'it has no "://"'],
    ["127.0.0.1:5555", InvalidOperationError, 'it has no "://"'],
    ["tcp:127.0.0.1:1", InvalidOperationError, 'it has no "://"'],
    ["tcp:/x", InvalidOperationError, 'it has no "://"'],
    ["://x", InvalidOperationError, 'there is no scheme before "://"'],
    [" tcp://h:1", InvalidOperationError, "the scheme may hold only"],
    ["t cp://h:1", InvalidOperationError, "the scheme may hold only"],
    ["1tcp://h:1", InvalidOperationError, "the scheme may hold only"],
    ["tcp\0://h:1", InvalidOperationError, "the scheme may hold only"],
    ["tcp://h\0:1", AddressInvalidError, "NUL"],
    ["ipc:///tmp/x\0y", AddressInvalidError, "NUL"],
    [`tcp://${"h".repeat(9000)}`, InvalidOperationError, "9006 characters; the limit is 8192"],
  ])("%j is refused with the reason", (text, type, reason) => {
    const parse = (): SpUrl => parseUrl(text);
    expect(parse).toThrow(type);
    expect(parse).toThrow(reason);
  });

  test.each([
    [undefined, "not undefined"],
    [null, "not null"],
    [5555, "not number"],
    [new URL("http://h"), "not object"],
    [["tcp://h:1"], "not object"],
  ])("must be a string: %s is not", (given, reason) => {
    const parse = (): SpUrl => parseUrl(given as unknown as string);
    expect(parse).toThrow(BadTypeError);
    expect(parse).toThrow(reason);
  });

  test("that is refused shows the right form, is cut and escaped, and shows no password", () => {
    expect(() => parseUrl("tcp:/x")).toThrow("tcp://127.0.0.1:5555");
    expect(() => parseUrl("\u001b[31m")).toThrow("\\u{1b}[31m");
    const parse = (): SpUrl => parseUrl("tcp:me:secret@h:1");
    expect(parse).toThrow("…@h:1");
    expect(parse).not.toThrow("secret");
  });

  test("gives itself again when parsed again, or a short error of ours", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .tuple(fc.constantFrom("tcp", "IPC", "inproc", "a+b", "9"), fc.string({ unit: "binary" }))
        .map((p) => p.join("://")),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          const url = parseUrl(given);
          expect(parseUrl(url.href)).toEqual(url);
        } catch (error) {
          expect(error).toBeInstanceOf(SprocketError);
          expect((error as Error).message.length).toBeLessThan(1_200);
          expect((error as Error).message).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});

describe("the package for a scheme", () => {
  test.each([
    ["@sprocket/transport-tcp", ["tcp", "tcp4", "tcp6"]],
    ["@sprocket/transport-ipc", ["ipc", "unix", "abstract"]],
    ["@sprocket/transport-tls", ["tls+tcp", "tls+tcp4", "tls+tcp6"]],
    ["@sprocket/transport-ws", ["ws", "ws4", "ws6", "wss", "wss4", "wss6"]],
    [undefined, ["inproc", "udp", "socket", "http", "tcp5", "toString", ""]],
  ])("is %s for %s", (name, schemes) => {
    expect(schemes.map(packageFor)).toEqual(schemes.map(() => name));
  });
});
