// Which option an argument means. The expectations were taken from nngcat 1.5.2; `same-errors.test.ts` asks it again.

import { describe, expect, it } from "vitest";
import { options } from "../src/cat/options.js";
import { scanOptions } from "../src/cat/scan-options.js";

/** As `id` or `id=value`, or the complaint. */
function scan(...args: string[]): string[] {
  const found: string[] = [];
  try {
    for (const { id, value } of scanOptions(args, options)) {
      found.push(value === "" ? id : `${id}=${value}`);
    }
  } catch (error) {
    found.push((error as Error).message);
  }
  return found;
}

describe("long options", () => {
  it.each([
    ["--req0", "req0"],
    ["--req", "req0"],
    ["--sub", "sub0"],
    ["--subs", "Option --subs requires argument."],
    ["--su", "Option --su is ambiguous (specify in full)."],
    ["--pair", "pair"],
    ["--pai", "Option --pai is ambiguous (specify in full)."],
    ["--re", "Option --re is ambiguous (specify in full)."],
    ["--q", "quoted"],
    ["--m", "msgpack"],
    ["--hel", "help"],
    ["--vers", "version"],
    ["--verb", "verbose"],
    ["--bogus", "Option --bogus is invalid."],
    ["--req0x", "Option --req0x is invalid."],
    ["--", "Option -- is ambiguous (specify in full)."],
    ["---", "Option --- is invalid."],
  ])("reads %s as %s", (argument, expected) => {
    expect(scan(argument)).toEqual([expected]);
  });

  it("prefer an exact name over the longer names it begins", () => {
    expect(scan("--bind", "a", "--connect", "b")).toEqual(["bind=a", "connect=b"]);
  });

  it("take a value from the next argument, behind = or behind :", () => {
    expect(scan("--data", "a", "--data=b", "--data:c", "--da=d")).toEqual([
      "data=a",
      "data=b",
      "data=c",
      "data=d",
    ]);
  });

  it("keep further separators in the value", () => {
    expect(scan("--data=a=b", "--data:a:b", "--data=:a", "--dial:tcp://127.0.0.1:1")).toEqual([
      "data=a=b",
      "data=a:b",
      "data=:a",
      "dial=tcp://127.0.0.1:1",
    ]);
  });

  it("take a value that looks like an option, and an empty one", () => {
    expect(scan("--data", "--help", "--data=", "-v")).toEqual(["data=--help", "data", "verbose"]);
  });

  it("refuse a value they do not take", () => {
    expect(scan("--verbose=1")).toEqual(["Option --verbose=1 is invalid."]);
    expect(scan("--pub=")).toEqual(["Option --pub= is invalid."]);
    expect(scan("--re=1")).toEqual(["Option --re=1 is ambiguous (specify in full)."]);
  });
});

describe("short options", () => {
  it("take a value from the next argument or attached, separators included", () => {
    expect(scan("-D", "a", "-Db", "-D=c", "-D:d")).toEqual(["data=a", "data=b", "data==c", "data=:d"]);
  });

  it("do not cluster", () => {
    expect(scan("-qv")).toEqual(["Option -qv is invalid."]);
    expect(scan("-q", "-v")).toEqual(["silent", "verbose"]);
  });

  it.each(["-z", "-=", "-?", "-qD"])("refuse %s", (argument) => {
    expect(scan(argument)).toEqual([`Option ${argument} is invalid.`]);
  });
});

describe("the end of the options", () => {
  it.each(["foo", "-", ""])("is the first argument that is none: %j", (argument) => {
    expect(scan("--req", argument, "--bogus")).toEqual(["req0"]);
  });

  it("comes too early for an option that still wants its value", () => {
    expect(scan("--req", "--dial")).toEqual(["req0", "Option --dial requires argument."]);
  });
});

it("reports what is wrong first and reads no further", () => {
  expect(scan("-v", "--bogus", "--re")).toEqual(["verbose", "Option --bogus is invalid."]);
});
