// Asks nngcat and `sprocket cat` the same questions about command lines and demands the same answers: text, stream and
// exit code. Nothing arrives anywhere: most lines end with an error, the last of them an address that nobody can dial; the
// others listen where nobody dials.

import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { options } from "../src/cat/options.js";
import { protocols } from "../src/cat/protocols.js";
import { freshFolder, removeFolders } from "./support/addresses.js";
import { forAll, nngcatSays, sprocketSays } from "./support/same-words.js";
import { describeWithNngcat } from "./support/tools.js";

afterAll(removeFolders);

const nowhere = ["--dial", "nowhere://x"];
const folder = freshFolder();
/** A file that is there. */
const file = fileURLToPath(import.meta.url);

/** Rows for `it.each`: a command line is one argument of the test. */
function lines(...all: string[][]): [string[]][] {
  return all.map((line) => [line]);
}

async function expectSameAnswer(args: readonly string[]): Promise<void> {
  const [theirs, ours] = await Promise.all([nngcatSays(args), sprocketSays(args)]);
  expect({ args, ...ours }).toEqual({ args, ...theirs });
}

describeWithNngcat(
  "sprocket cat answers as nngcat",
  () => {
    it("to each beginning of each long option", { timeout: 120_000 }, async () => {
      const beginnings = new Set(
        options.flatMap(({ long }) =>
          Array.from({ length: long.length + 1 }, (_, end) => long.slice(0, end)),
        ),
      );
      const questions = [...beginnings]
        .filter((name) => !["hel", "help", "vers", "versi", "versio", "version"].includes(name))
        .flatMap((name) => [[`--${name}`], [`--${name}=1`], [`--${name}:`], [`--${name}x`]]);
      await forAll(questions, expectSameAnswer);
    });

    it("to each short option", { timeout: 60_000 }, async () => {
      const letters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index));
      const questions = letters
        .filter((letter) => letter !== "h" && letter !== "V" && letter !== "-")
        .flatMap((letter) => [[`-${letter}`], [`-${letter}1`], [`-${letter}=1`], [`-${letter}`, "1"]]);
      await forAll(questions, expectSameAnswer);
    });

    it("to what must not be said together, for each protocol", { timeout: 180_000 }, async () => {
      const pieces = ["--subscribe x", "-D x", "--interval 1", "-A", "--compat", "--async", "--count 1"];
      const subsets = Array.from({ length: 2 ** pieces.length }, (_, bits) =>
        pieces.filter((_, index) => bits & (1 << index)).flatMap((piece) => piece.split(" ")),
      );
      const names = protocols.map(({ name }) => [`--${name}`]);
      const questions = [[], ...names].flatMap((name) =>
        subsets.map((subset) => [...name, ...subset, ...nowhere]),
      );
      await forAll(questions, expectSameAnswer);
    });

    it("to numbers", { timeout: 60_000 }, async () => {
      const numbers = [
        "",
        "0",
        "08",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1.5",
        "0x10",
        "1k",
        "65536",
        "65537",
        "86400",
        "86401",
      ];
      const large = [
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "9999999999",
        "99999999999999999999",
      ];
      const names = options.filter(({ value }) =>
        ["number", "seconds", "bytes", "port"].includes(value ?? ""),
      );
      expect(names.length).toBeGreaterThan(6);
      const questions = names.flatMap(({ long }) =>
        [...numbers, ...large, "x1", "99999999x"].map((n) => [`--${long}=${n}`]),
      );
      await forAll(questions, expectSameAnswer);
    });

    it.each(
      lines(
        [],
        ["foo", "--bogus"],
        ["--req", "-", "--bogus"],
        ["--req", "", "--bogus"],
        ["--req", "--", "--bogus"],
        ["--bogus", "--count", "x"],
        ["--count", "x", "--bogus"],
        ["-qv"],
        ["--req0", "--rep0"],
        ["--req0", "--req"],
        ["--pair0", "--pair1"],
        ["--format", "bad"],
        ["--format", "AScii"],
        ["--format", ""],
        ["--format", "asc"],
        ["--format", "bad", "--ascii"],
        ["--ascii", "--format", "bad"],
        ["--ascii", "--quoted"],
        ["-A", "-A"],
        ["--format=no", "--raw"],
        ["--data", "x", "--data", "y"],
        ["--data", "x", "--file", "/nowhere"],
        ["--file", "/nowhere", "--data", "x"],
        ["--file", ""],
        ["--file", folder],
        ["--file", `${process.execPath}/x`],
        ["--file", "x".repeat(300)],
        ["--file", "-", "--file", "-"],
        ["--cacert", "/nowhere"],
        ["--cert", "/nowhere"],
        ["--key", "/nowhere"],
        ["--cacert", file, "--cacert", "/nowhere"],
        ["--cert", file, "-E", file],
        ["--key", file, "--key", file],
        ["--insecure", "-k", "--zt-home", "a", "--zt-home", "b", "--socket-name", "x"],
        [
          "--delay=1",
          "--delay=2",
          "-i1",
          "-i2",
          "-Z1",
          "-Z2",
          "--subscribe=a",
          "--subscribe=b",
          "--async",
          "--async",
        ],
        ["--socket-name", "x".repeat(100), "--rep", ...nowhere],
      ),
    )("to %j", async (args) => {
      await expectSameAnswer(args);
    });

    it.each([
      "nowhere",
      "",
      " ",
      "nowhere://x",
      "tcp:127.0.0.1:1",
      "tcp://127.0.0.1:",
      "tcp://a@127.0.0.1:1",
      "tcp://127.0.0.1:1/x",
      "tcp://127.0.0.1:1?q",
      "tcp://::1:1",
      "tcp://[::1:1",
      "ipc://",
      "unix://",
      "ipc:/x",
      "abstract://a%zz",
      "udp://127.0.0.1:1",
    ])("to dialing and to listening at %j", async (url) => {
      await expectSameAnswer(["--rep", "--dial", url]);
      await expectSameAnswer(["--rep", "--listen", url]);
    });

    it.each(
      lines(
        ["--dial", "tcp://127.0.0.1"],
        ["--dial", "tcp://:1"],
        ["--dial", "tcp://*:1"],
        ["--dial", "tcp://127.0.0.1:1"],
        ["--dial", "tcp://localhost:1"],
        ["--dial", "tcp://nowhere.invalid:1"],
        ["--dial", "tcp4://127.0.0.1:1"],
        ["--dial", "inproc://nobody"],
        ["--dial", `ipc://${folder}/nobody`],
        ["--dial", `unix://${folder}/nobody`],
        ["--dial", `ipc://${"x".repeat(200)}`],
        ["--connect-ipc", "nowhere/nobody"],
        ["-x", "/nowhere/nobody"],
        ["-l", "1"],
        ["--listen", "tcp://127.0.0.1:99999"],
        ["--listen", "tcp://192.0.2.1:5555"],
        ["--listen", `ipc://${folder}/missing/x`],
        ["--listen", `ipc://${"x".repeat(200)}`],
        ["-X", "/nowhere/x"],
      ),
    )("when it is told to %j", { timeout: 30_000 }, async (address) => {
      await expectSameAnswer(["--rep", ...address]);
    });

    it("when nobody is there", { timeout: 60_000 }, async () => {
      const patient = ["--send-timeout=1", "--recv-timeout=1"];
      const lonely = [
        ["--req", "-D", "x", ...patient],
        ["--rep", ...patient],
        ["--rep", "-D", "x", ...patient],
        ["--pair0", "-D", "x", ...patient],
        ["--pair1", "-D", "x", ...patient],
        ["--pub", "-D", "x", ...patient],
        ["--pub", "-D", "x", "--count", "3"],
        ["--sub", ...patient],
        ["--push", "-D", "x", ...patient],
        ["--pull", ...patient],
        ["--surveyor", "-D", "x"],
        ["--surveyor", "-D", "x", "--recv-timeout", "2"],
        ["--surveyor", "-D", "x", "--interval", "2", "--count", "2"],
        ["--respondent", ...patient],
        ["--respondent", "-D", "x", ...patient],
        ["--bus", ...patient],
        ["--bus", "-D", "x", ...patient],
        ["--bus", "-D", "x", "--interval", "1", "--count", "2"],
      ];
      // Nearly all of it is waiting, so all at once.
      await Promise.all(
        lonely.map((line) => expectSameAnswer([...line, "--listen", `inproc://${line.join(" ")}`])),
      );
    });
  },
  "1.5",
);
