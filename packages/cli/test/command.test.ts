// `sprocket` itself: what it says to who asks, and to who is lost.

import { expect, it } from "vitest";
import { run, version } from "../src/index.js";
import { FakeTerminal } from "./support/fake-terminal.js";

async function sprocket(...args: string[]) {
  const terminal = new FakeTerminal();
  const code = await run(args, terminal);
  return { code, output: terminal.output.toString(), complaints: terminal.complaints.join("\n") };
}

it.each(["--help", "-h", "help"])("%s lists the commands", async (argument) => {
  const { code, output } = await sprocket(argument);
  expect(code).toBe(0);
  expect(output).toContain("Usage: sprocket <command>");
  expect(output).toMatch(/^ {2}cat /m);
});

it.each(["--version", "-V"])("%s prints the version", async (argument) => {
  expect(await sprocket(argument)).toEqual({ code: 0, output: `${version}\n`, complaints: "" });
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
});

it("prints the help as a complaint when there is no command", async () => {
  const { code, output, complaints } = await sprocket();
  expect(code).toBe(1);
  expect(output).toBe("");
  expect(complaints).toContain("Usage: sprocket <command>");
});

it("knows help for one command", async () => {
  const { code, output } = await sprocket("help", "cat");
  expect(code).toBe(0);
  expect(output).toContain("Usage: sprocket cat");
});

it.each([
  [["kat"], 'sprocket: unknown command "kat". Did you mean "sprocket cat"?'],
  [["help", "kat"], 'sprocket: unknown command "kat". Did you mean "sprocket cat"?'],
  [["deploy"], 'sprocket: unknown command "deploy". See sprocket --help.'],
  [
    ["--listen", "tcp://:1"],
    'sprocket: unknown option "--listen". Options come behind the command: sprocket cat --help lists them.',
  ],
])("%j is answered with advice", async (args, complaint) => {
  expect(await sprocket(...args)).toEqual({ code: 1, output: "", complaints: complaint });
});
