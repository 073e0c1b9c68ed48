// The process around `run`: standard streams, signals, exit code.

import { fstatSync, readFileSync } from "node:fs";
import { rawArguments } from "./raw-arguments.js";
import { run } from "./run.js";
import type { Terminal } from "./terminal.js";

/** What a shell reports for a command that SIGPIPE ended, as it does nngcat. Node ignores that signal. */
const brokenPipe = 141;

const cleanUps = new Set<() => void>();

function cleanUp(): void {
  for (const each of cleanUps) {
    each();
  }
}

const terminal: Terminal = {
  write: (output) =>
    new Promise((resolve) => {
      // Never settles after a failure: the listener below ends the process.
      process.stdout.write(output, (error) => (error ? undefined : resolve()));
    }),
  complain: (line) => new Promise((resolve) => process.stderr.write(`${line}\n`, () => resolve())),
  async readInput() {
    if (fstatSync(0).isDirectory()) {
      // Node takes it for an empty stream. Reading it fails as it should.
      return readFileSync(0);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) {
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
  },
  beforeInterrupt(each) {
    cleanUps.add(each);
    return () => cleanUps.delete(each);
  },
};

// Nobody reads any more: nothing is left to do, and there is nothing to say about it.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  cleanUp();
  if (error.code !== "EPIPE") {
    process.stderr.write(`sprocket: cannot write: ${error.message}\n`);
  }
  process.exit(error.code === "EPIPE" ? brokenPipe : 1);
});

// Without a standard error there is nowhere to complain to; the exit code still tells.
process.stderr.on("error", () => {});

// A signal still ends the process as a signal, which the parent can see; first the socket files go.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    cleanUp();
    process.kill(process.pid, signal);
  });
}

// Everything is written when `run` resolves. Waiting for the loop to empty could wait for a resolver that hangs.
process.exit(await run(rawArguments(), terminal));
