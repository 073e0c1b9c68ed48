// `sprocket <command> …`: finds the command, and helps who is lost. What a command makes of its arguments is its own
// affair.

import { cat } from "./cat/cat.js";
import { nearest } from "./nearest.js";
import type { Terminal } from "./terminal.js";
import { version } from "./version.js";

interface Command {
  readonly name: string;
  readonly summary: string;
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

const commands: readonly Command[] = [
  { name: "cat", summary: "send and receive messages, with the options of nngcat", run: cat },
];

const help = `sprocket ${version}: the Scalability Protocols (nng, nanomsg) from a shell.

Usage: sprocket <command> [<option>...]

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join("\n")}

Options:
  --help    print this, or "sprocket <command> --help" for one command
  --version print the version

Example:
  sprocket cat --rep --listen tcp://127.0.0.1:4567 --data 42 --quoted &
  sprocket cat --req --dial tcp://127.0.0.1:4567 --data "what is the answer?" --quoted
`;

/** Runs `sprocket` with these arguments and resolves with its exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  const command = commands.find(({ name }) => name === first);
  if (command !== undefined) {
    return command.run(rest, terminal);
  }
  switch (first) {
    case undefined:
      await terminal.complain(help.trimEnd());
      return 1;
    case "help":
    case "--help":
    case "-h":
      return helpFor(rest[0], terminal);
    case "--version":
    case "-V":
      await terminal.write(`${version}\n`);
      return 0;
  }
  await terminal.complain(unknown(first));
  return 1;
}

async function helpFor(name: string | undefined, terminal: Terminal): Promise<number> {
  const command = commands.find((candidate) => candidate.name === name);
  if (name !== undefined && command === undefined) {
    await terminal.complain(unknown(name));
    return 1;
  }
  await (command === undefined ? terminal.write(help) : command.run(["--help"], terminal));
  return 0;
}

function unknown(word: string): string {
  const guess = nearest(
    word,
    commands.map(({ name }) => name),
  );
  const advice = word.startsWith("-")
    ? "Options come behind the command: sprocket cat --help lists them."
    : guess === undefined
      ? "See sprocket --help."
      : `Did you mean "sprocket ${guess}"?`;
  return `sprocket: ${word.startsWith("-") ? "unknown option" : "unknown command"} "${word}". ${advice}`;
}
