import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressInvalidError, InvalidOperationError, SprocketError } from "../src/errors.js";
import { type Authority, type AuthorityOptions, parseAuthority, parseUrl, SpUrl } from "../src/url.js";

type Role = "dial" | "listen";
const ws: AuthorityOptions = { defaultPort: 80, allowPath: true };
const parse = (text: string, role: Role, options?: AuthorityOptions): Authority =>
  parseAuthority(parseUrl(text), role, options);
/** `host port`, for short tables. */
const place = (text: string, role: Role): string => {
  const { host, port } = parse(text, role);
  return `${host} ${port}`;
};

describe("host and port of a tcp URL", () => {
  test.each([
    ["tcp://127.0.0.1:5555", "127.0.0.1 5555"],
    ["tcp://127.0.0.1:5555/", "127.0.0.1 5555"],
    ["tcp://LocalHost:1", "localhost 1"],
    ["tcp://host.example.:65535", "host.example. 65535"],
    ["tcp://my_service-1:80", "my_service-1 80"],
    ["tcp://zürich.example:80", "zürich.example 80"],
    ["tcp://h:http", "h 80"],
    ["tcp://h:https", "h 443"],
    ["tcp://h:00080", "h 80"],
    ["tcp://[::1]:5555", "::1 5555"],
    ["tcp://[::1]:5555/", "::1 5555"],
    ["tcp://[2001:DB8::a]:1", "2001:db8::a 1"],
    ["tcp://[::FFFF:127.0.0.1]:1", "::ffff:127.0.0.1 1"],
    ["tcp://[fe80::1%Eth0]:1", "fe80::1%Eth0 1"],
    ["tcp://[1:2:3:4:5:6:7:8]:1", "1:2:3:4:5:6:7:8 1"],
    ["tcp4://127.0.0.1:1", "127.0.0.1 1"],
    ["tcp6://[::1]:1", "::1 1"],
    ["tcp6://localhost:1", "localhost 1"],
  ])("%s are good in both roles", (text, expected) => {
    expect(place(text, "dial")).toBe(expected);
    expect(place(text, "listen")).toBe(expected);
  });

  test.each([
    ["tcp://:5555", " 5555"],
    ["tcp://*:5555", " 5555"],
    ["tcp://", " 0"],
    ["tcp://*", " 0"],
    ["tcp://127.0.0.1", "127.0.0.1 0"],
    ["tcp://127.0.0.1:0", "127.0.0.1 0"],
    ["tcp://[::]", ":: 0"],
  ])("%s may leave things to the system in a listener", (text, expected) => {
    expect(place(text, "listen")).toBe(expected);
  });

  test.each([
    ["tcp://:5555", 'there is no host to connect to, only ""'],
    ["tcp://*:5555", 'there is no host to connect to, only "*"'],
    ["tcp://127.0.0.1", "there is no port to connect to"],
    ["tcp://127.0.0.1/", "there is no port to connect to"],
    ["tcp://127.0.0.1:0", "port 0 is for listeners"],
  ])("%s is refused at once in a dialer", (text, reason) => {
    expect(() => parse(text, "dial")).toThrow(AddressInvalidError);
    expect(() => parse(text, "dial")).toThrow(reason);
  });

  test.each([
    ["tcp://127.0.0.1:", InvalidOperationError, "no port after it"],
    ["tcp://:", InvalidOperationError, "no port after it"],
    ["tcp://[::1]:", InvalidOperationError, "no port after it"],
    ["tcp://h:99999", AddressInvalidError, '"99999" is not a port'],
    ["tcp://h:65536", AddressInvalidError, "from 0 to 65535"],
    ["tcp://h:-1", AddressInvalidError, '"-1" is not a port'],
    ["tcp://h:+1", AddressInvalidError, '"+1" is not a port'],
    ["tcp://h:1e3", AddressInvalidError, '"1e3" is not a port'],
    ["tcp://h:0x10", AddressInvalidError, '"0x10" is not a port'],
    ["tcp://h:١", AddressInvalidError, "is not a port"],
    ["tcp://h:000080", AddressInvalidError, "is not a port"],
    ["tcp://h:gopher", AddressInvalidError, '"gopher" is not a port'],
    ["tcp://h:toString", AddressInvalidError, '"toString" is not a port'],
    ["tcp://h:1/abc", AddressInvalidError, "a tcp URL has no path"],
    ["tcp://h:1//", AddressInvalidError, "a tcp URL has no path"],
    ["tcp://h:1?q", AddressInvalidError, "a tcp URL has no query"],
    ["tcp://h:1/?q", AddressInvalidError, "a tcp URL has no query"],
    ["tcp://h:1#f", AddressInvalidError, "fragment"],
    ["tcp://user@h:1", AddressInvalidError, "no user name or password"],
    ["tcp://a@b@h:1", InvalidOperationError, "no user name or password"],
    ["tcp://::1:5555", AddressInvalidError, "as in tcp://[::1]:5555"],
    ["tcp://h:1:2", AddressInvalidError, "brackets"],
    ["tcp://[::1:5555", InvalidOperationError, 'the "]" after the IPv6 address is missing'],
    ["tcp://[::1]5555", InvalidOperationError, 'after "]" only a colon and a port'],
    ["tcp://[]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[127.0.0.1]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[1:2:3:4:5:6:7]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[1::2::3]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[1:2:3:4:5:6:7::8]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[:1:2:3:4:5:6:7]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[::12345]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[::g]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[::1.2.3.256]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[fe80::1%]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp://[*]:1", AddressInvalidError, "is not an IPv6 address"],
    ["tcp4://[::1]:1", AddressInvalidError, "tcp4 is for IPv4"],
    ["tcp6://127.0.0.1:1", AddressInvalidError, "tcp6 is for IPv6"],
    ["tcp://300.1.1.1:1", AddressInvalidError, "is not an IPv4 address"],
    ["tcp://127.0.0.1;10.0.0.1:80", AddressInvalidError, "a source address"],
    ["tcp://a b:1", AddressInvalidError, "a space or a control character"],
    ["tcp://h\n:1", AddressInvalidError, "a space or a control character"],
    ["tcp://h:1 ", AddressInvalidError, "a space or a control character"],
    ["tcp://h,i:1", AddressInvalidError, "is not a host name"],
    ["tcp://h%41:1", AddressInvalidError, "is not a host name"],
    ["tcp://h\\x:1", AddressInvalidError, "is not a host name"],
    ["tcp://**:1", AddressInvalidError, "is not a host name"],
    [`tcp://${"h".repeat(256)}:1`, InvalidOperationError, "256 characters; the limit is 255"],
  ])("%s is refused in both roles", (text, type, reason) => {
    for (const role of ["dial", "listen"] as const) {
      expect(() => parse(text, role)).toThrow(type);
      expect(() => parse(text, role)).toThrow(reason);
    }
  });

  test("may be 255 characters long", () => {
    expect(parse(`tcp://${"h".repeat(255)}:1`, "dial").host).toHaveLength(255);
  });

  test("tell when the host is an IPv6 address", () => {
    expect(parse("tcp://[::1]:1", "dial").ipv6Literal).toBe(true);
    expect(parse("tcp://127.0.0.1:1", "dial").ipv6Literal).toBe(false);
    expect(parse("tcp://:1", "listen").ipv6Literal).toBe(false);
  });
});

describe("an error about an address", () => {
  test("shows the right form and keeps the URL", () => {
    expect(() => parse("tcp://h:x", "dial")).toThrow("The form is tcp://host:port.");
    expect(() => parse("ws://h:x", "dial", ws)).toThrow("The form is ws://host:port/path.");
    expect(() => parse("tcp://h:x", "dial")).toThrow(expect.objectContaining({ url: "tcp://h:x" }));
  });

  test("shows no password, and does not keep it either", () => {
    for (const text of ["tcp://me:secret@h:1", "tcp://me@secret@h:1", "tcp://me:secret @h:1"]) {
      let caught: unknown;
      try {
        parse(text, "dial");
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(SprocketError);
      expect(JSON.stringify(caught) + String(caught)).not.toContain("secret");
    }
  });
});

describe("a ws URL", () => {
  test.each([
    ["ws://h", { host: "h", port: 80, path: "/", query: "" }],
    ["ws://h/", { host: "h", port: 80, path: "/", query: "" }],
    ["ws://h:8080/a/b?x=1&y=2", { host: "h", port: 8080, path: "/a/b", query: "x=1&y=2" }],
    ["ws://h?x=/?", { host: "h", port: 80, path: "/", query: "x=/?" }],
    ["ws://[::1]/a", { host: "::1", port: 80, path: "/a", query: "" }],
    ["ws://h/a@b", { host: "h", port: 80, path: "/a@b", query: "" }],
    ["ws4://127.0.0.1/a", { host: "127.0.0.1", port: 80, path: "/a", query: "" }],
  ])("%s has a port by default, a path and a query", (text, expected) => {
    expect(parse(text, "dial", ws)).toMatchObject(expected);
  });

  test.each([
    ["//a///b", "/a/b"],
    ["/a/./b", "/a/b"],
    ["/a/../b", "/b"],
    ["/../../b", "/b"],
    ["/a/b/..", "/a/"],
    ["/a/b/.", "/a/b/"],
    ["/a/", "/a/"],
    ["/..", "/"],
    ["/a/%2e%2E/b", "/b"],
    ["/%41%7e%2D", "/A~-"],
    ["/%2f%3f", "/%2F%3F"],
    ["/%c3%a9", "/%C3%A9"],
    ["/...", "/..."],
    ["/.a/b.", "/.a/b."],
  ])("path %s becomes %s", (path, canonical) => {
    expect(parse(`ws://h${path}`, "dial", ws).path).toBe(canonical);
  });

  test.each([
    ["ws://h/%zz", InvalidOperationError, "bad escape"],
    ["ws://h/%4", InvalidOperationError, "bad escape"],
    ["ws://h/%ff", InvalidOperationError, "bad escape"],
    ["ws://h/%c3%28", InvalidOperationError, "bad escape"],
    ["ws://h/a#f", AddressInvalidError, "fragment"],
    ["ws://h/a?b#f", AddressInvalidError, "fragment"],
    ["ws://h/a b", AddressInvalidError, "a space"],
    ["ws://me:pw@h/a", AddressInvalidError, "no user name or password"],
  ])("%s is refused", (text, type, reason) => {
    expect(() => parse(text, "listen", ws)).toThrow(type);
    expect(() => parse(text, "listen", ws)).toThrow(reason);
  });

  test("has the same path when it is parsed again", () => {
    const piece = fc.constantFrom("/", "//", ".", "..", "a", "%2e", "%41", "%2f", "é", "~", "%C3%A9");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { path } = parse(`ws://h/${pieces.join("")}`, "dial", ws);
        expect(path).toMatch(/^\/(?!\/)/);
        expect(parse(`ws://h${path}`, "dial", ws).path).toBe(path);
      }),
    );
  });
});

test("whatever stands in a URL, the answer is a host and a port, or a short error of ours", () => {
  const piece = fc.oneof(
    fc.constantFrom(..."[]:/?#@*%.;-0123456789abcxyz"),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const rest = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(""));
  const scheme = fc.constantFrom("tcp", "tcp4", "tcp6", "ws", "tls+tcp");
  fc.assert(
    fc.property(
      scheme,
      rest,
      fc.constantFrom<Role>("dial", "listen"),
      fc.boolean(),
      (name, given, role, allowPath) => {
        try {
          const { host, port, path } = parseAuthority(new SpUrl(name, given), role, { allowPath });
          expect(Number.isInteger(port) && port >= 0 && port <= 65535).toBe(true);
          expect(host).not.toMatch(/[\s/?#@[\]]/);
          expect(role === "listen" || (host !== "" && port > 0)).toBe(true);
          expect(path.startsWith("/")).toBe(allowPath);
        } catch (error) {
          expect(error).toBeInstanceOf(SprocketError);
          expect((error as Error).message.length).toBeLessThan(1_200);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
