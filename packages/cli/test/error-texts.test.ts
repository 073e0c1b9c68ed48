// Each complaint about a command line, word for word. They are nngcat's, which `same-errors.test.ts` confirms where there
// is one; the last groups are ours alone.

import { describe, expect, it } from "vitest";
import { sprocketSays } from "./support/same-words.js";

const file = new URL(import.meta.url).pathname;
const nowhere = "--dial=nowhere://x";

async function complaint(line: string): Promise<string> {
  const { code, stdout, stderr } = await sprocketSays(line.split(" ").filter((word) => word !== ""));
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  return stderr.replace(/\n$/, "");
}

describe("one option alone", () => {
  it.each([
    ["", "No address specified."],
    ["--bogus", "Option --bogus is invalid."],
    ["--re", "Option --re is ambiguous (specify in full)."],
    ["--data", "Option --data requires argument."],
    ["--format bad", "Invalid format specified."],
    ["--count x", "Integer argument expected."],
    ["--count=", "Empty integer argument."],
    ["--count 2147483648", "Integer argument overflow."],
    ["--delay 86401", "Integer argument too large."],
    ["--bind-local 65537", "Integer argument too large."],
    ["--file /nowhere", "Cannot open file /nowhere: No such file or directory"],
    ["--file /", "Read from / failed: Is a directory"],
    ["--cacert /nowhere", "Cannot open file /nowhere: No such file or directory"],
  ])("%s: %s", async (line, expected) => {
    expect(await complaint(line)).toBe(expected);
  });
});

describe("options that exclude each other", () => {
  it.each([
    ["--req --rep", "Only one protocol may be specified."],
    ["--ascii --hex", "Format may be specified only once."],
    ["--data a --data b", "Data (--file, --data) may be specified only once."],
    [`--data a --file ${file}`, "Data (--file, --data) may be specified only once."],
    [`--cacert ${file} --cacert ${file}`, "CA Certificate (--cacert) may be specified only once."],
    [`--cert ${file} --cert ${file}`, "Cert (--cert) may be specified only once."],
    [`--key ${file} --key ${file}`, "Key (--key) may be specified only once."],
    [`--compat --async ${nowhere}`, "Options --async and --compat are incompatible."],
    [`--compat --count 1 ${nowhere}`, "Options --count and --compat are incompatible."],
  ])("%s: %s", async (line, expected) => {
    expect(await complaint(line)).toBe(expected);
  });
});

describe("options and protocols", () => {
  it.each([
    [`${nowhere}`, "No protocol specified."],
    [`--pair1 --compat ${nowhere}`, "Protocol does not support --compat."],
    [`--subscribe x ${nowhere}`, "Protocol does not support --subscribe."],
    [`--req --subscribe x ${nowhere}`, "Protocol does not support --subscribe."],
    [`--pull --data x ${nowhere}`, "Protocol does not support --file or --data."],
    [`--sub --data x --interval 1 ${nowhere}`, "Protocol does not support --file or --data."],
    [`--rep --data x --interval 1 ${nowhere}`, "Protocol does not support --interval."],
    [`--push --data x --ascii ${nowhere}`, "Protocol does not support --format options."],
    [`--req ${nowhere}`, "Protocol requires either --file or --data."],
    [`--surveyor ${nowhere}`, "Protocol requires either --file or --data."],
    [`--pair0 --interval 1 ${nowhere}`, "Option --interval requires either --file or --data."],
  ])("%s: %s", async (line, expected) => {
    expect(await complaint(line)).toBe(expected);
  });
});

describe("addresses", () => {
  it.each([
    ["--dial nowhere", "Unable to create dialer for nowhere: Invalid argument"],
    ["--dial nowhere://x", "Unable to create dialer for nowhere://x: Not supported"],
    ["--listen nowhere://x", "Unable to create listener for nowhere://x: Not supported"],
    ["--dial tcp://127.0.0.1", "Unable to create dialer for tcp://127.0.0.1: Address invalid"],
    ["--dial inproc://nobody", "Unable to dial on inproc://nobody: Connection refused"],
    ["-x nowhere/x", "Unable to dial on ipc:///nowhere/x: Connection refused"],
    ["-X nowhere/x", "Unable to listen on ipc:///nowhere/x: Entry not found"],
    ["-l 1", "Unable to dial on tcp://127.0.0.1:1: Connection refused"],
  ])("%s: %s", async (line, expected) => {
    expect(await complaint(`--rep ${line}`)).toBe(expected);
  });
});

describe("options for addresses of another kind", () => {
  it("the TLS and ZeroTier options are taken, and change nothing for other addresses", async () => {
    const tls = `--insecure --cacert ${file} --cert ${file} --key ${file} --zt-home /nowhere`;
    expect(await complaint(`--rep ${tls} --dial inproc://nobody`)).toBe(
      "Unable to dial on inproc://nobody: Connection refused",
    );
  });
});

describe("what nngcat does not say", () => {
  it("--verbose adds what Sprocket knows", async () => {
    const [first, second] = (await complaint("--rep -v --dial tcp://127.0.0.1")).split("\n");
    expect(first).toBe("Unable to create dialer for tcp://127.0.0.1: Address invalid");
    expect(second).toContain("port");
  });

  it("--pair is pair1, and with --compat pair0, as nngcat's help promises", async () => {
    expect(await complaint("--pair --dial inproc://nobody")).toBe(
      "Unable to dial on inproc://nobody: Connection refused",
    );
    expect(await complaint(`--pair --compat ${nowhere}`)).toBe(
      "Unable to create dialer for nowhere://x: Not supported",
    );
    expect(await complaint(`--pair --pair0 ${nowhere}`)).toBe("Only one protocol may be specified.");
  });
});
