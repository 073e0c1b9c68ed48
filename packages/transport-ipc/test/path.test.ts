/** Which addresses each system takes, and which it refuses (reference 3.1 and 3.2). */
import { AddressInvalidError, InvalidOperationError, NotSupportedError } from "@sprocket/core";
import { parseUrl } from "@sprocket/core/plugin";
import { describe, expect, test } from "vitest";
import { type Address, formatAddress, type Role, readAddress, type System, systemName } from "../src/path.js";

const linux: System = { platform: "linux", version: "22.12.0" };
const linux20: System = { platform: "linux", version: "20.19.0" };
const mac: System = { platform: "darwin", version: "22.12.0" };
const windows: System = { platform: "win32", version: "22.12.0" };

function read(url: string, system: System = linux, role: Role = "listen"): Address {
  return readAddress(parseUrl(url), role, system);
}

describe("socket files", () => {
  test.each([
    ["ipc:///tmp/calc.ipc", "/tmp/calc.ipc"],
    ["unix:///tmp/calc.ipc", "/tmp/calc.ipc"],
    ["IPC:///tmp/Calc.ipc", "/tmp/Calc.ipc"],
    ["ipc://calc.ipc", "calc.ipc"],
    ["ipc://./calc.ipc", "./calc.ipc"],
    ["ipc://../a b?c#d%20e", "../a b?c#d%20e"],
    ["ipc:///tmp/ü:1", "/tmp/ü:1"],
  ])("%s is the file %s, to the letter", (url, path) => {
    expect(read(url)).toEqual({ kind: "file", path });
    expect(systemName(read(url))).toBe(path);
  });

  test.each(["ipc://", "unix://", "ipc:///tmp/", "ipc:///"])("%s names no file and is refused", (url) => {
    for (const role of ["dial", "listen"] as const)
      expect(() => read(url, linux, role)).toThrow(AddressInvalidError);
  });

  test.each([
    ["linux", 107],
    ["android", 107],
    ["darwin", 103],
    ["freebsd", 103],
  ] as const)("on %s a path has at most %i bytes", (platform, longest) => {
    const system = { platform, version: "22.0.0" };
    expect(read(`ipc:///${"x".repeat(longest - 1)}`, system)).toMatchObject({ kind: "file" });
    for (const role of ["dial", "listen"] as const) {
      const long = () => read(`ipc:///${"x".repeat(longest)}`, system, role);
      expect(long).toThrow(AddressInvalidError);
      expect(long).toThrow(`${longest + 1} bytes; the system's limit is ${longest}`);
    }
  });

  test("the length of a path counts bytes, not characters", () => {
    expect(read(`ipc:///${"ü".repeat(53)}`)).toMatchObject({ kind: "file" });
    expect(() => read(`ipc:///${"ü".repeat(54)}`)).toThrow(AddressInvalidError);
  });

  test("a NUL would end the path early and is refused", () => {
    const url = { ...parseUrl("ipc:///tmp/a"), rest: "/tmp/a\0b", href: "ipc:///tmp/a\0b" };
    expect(() => readAddress(url, "dial", linux)).toThrow(AddressInvalidError);
  });
});

describe("Windows named pipes", () => {
  test.each([
    ["ipc://calc", "\\\\.\\pipe\\calc"],
    ["ipc:///tmp/calc.ipc", "\\\\.\\pipe\\/tmp/calc.ipc"],
    ["unix://a b", "\\\\.\\pipe\\a b"],
  ])("%s is %s, as for nng", (url, name) => {
    expect(read(url, windows)).toEqual({ kind: "pipe", path: name });
    expect(systemName(read(url, windows))).toBe(name);
  });

  test("a name with its prefix has at most 256 characters", () => {
    expect(read(`ipc://${"x".repeat(247)}`, windows)).toMatchObject({ kind: "pipe" });
    expect(() => read(`ipc://${"x".repeat(248)}`, windows)).toThrow(AddressInvalidError);
  });

  test("there is none without a name", () => {
    expect(() => read("ipc://", windows)).toThrow(AddressInvalidError);
  });
});

describe("abstract names", () => {
  test.each([
    ["abstract://foo", "foo"],
    ["abstract://a%00b", "a\0b"],
    ["abstract://%2Ftmp%2fx", "/tmp/x"],
    ["abstract://a/b?c#d", "a/b?c#d"],
    ["abstract://%C3%BC", "ü"],
    ["abstract://ü", "ü"],
  ])("%s is the name %j", (url, name) => {
    expect(read(url)).toEqual({ kind: "abstract", name });
    expect(systemName(read(url))).toBe(`\0${name}`);
  });

  test("without a name a listener chooses one, and a dialer is told so", () => {
    expect(read("abstract://")).toEqual({ kind: "abstract", name: "" });
    expect(() => read("abstract://", linux, "dial")).toThrow(InvalidOperationError);
  });

  test.each(["abstract://a%zz", "abstract://a%", "abstract://a%4", "abstract://%-1"])(
    "%s has a broken escape and is refused",
    (url) => {
      expect(() => read(url)).toThrow(AddressInvalidError);
    },
  );

  test("a name has at most 107 bytes once it is decoded", () => {
    expect(read(`abstract://${"%41".repeat(107)}`)).toEqual({ kind: "abstract", name: "A".repeat(107) });
    expect(() => read(`abstract://${"x".repeat(108)}`)).toThrow(AddressInvalidError);
  });

  test("bytes that Node would turn into others are refused", () => {
    expect(() => read("abstract://%ff")).toThrow(AddressInvalidError);
    expect(() => read("abstract://%ff")).toThrow("not UTF-8");
  });

  test("Node 20 cannot make them, and the error names Node 22", () => {
    for (const role of ["dial", "listen"] as const) {
      expect(() => read("abstract://foo", linux20, role)).toThrow(NotSupportedError);
      expect(() => read("abstract://foo", linux20, role)).toThrow("Node 22");
    }
  });

  test.each(["darwin", "win32", "freebsd"] as const)("%s has none", (platform) => {
    for (const role of ["dial", "listen"] as const) {
      expect(() => read("abstract://foo", { platform, version: "22.0.0" }, role)).toThrow(
        AddressInvalidError,
      );
    }
  });
});

describe("addresses as URLs", () => {
  test.each([
    ["ipc:///tmp/calc.ipc", linux, "ipc:///tmp/calc.ipc"],
    ["unix:///tmp/calc.ipc", mac, "ipc:///tmp/calc.ipc"],
    ["ipc://calc", windows, "ipc://calc"],
    ["abstract://a%00b", linux, "abstract://a%00b"],
    ["abstract://a/b", linux, "abstract://a%2Fb"],
  ])("%s reads %3$s", (url, system, shown) => {
    expect(formatAddress(read(url, system))).toBe(shown);
  });

  test("they lead back to the same address", () => {
    for (const url of ["ipc:///tmp/x%20y", "abstract://a%00b%25", "abstract://ü"]) {
      expect(read(formatAddress(read(url)))).toEqual(read(url));
    }
  });
});
