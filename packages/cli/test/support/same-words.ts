// Runs nngcat and our command with the same arguments and returns what each said, for command lines that end before
// anything is sent.

import { execFile } from "node:child_process";
import { run } from "../../src/run.js";
import { FakeTerminal } from "./fake-terminal.js";

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function nngcatSays(args: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = execFile("nngcat", args, { timeout: 20_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") {
        resolve({ code, stdout, stderr });
      } else {
        reject(new Error(`nngcat ${args.join(" ")} did not end by itself`, { cause: error }));
      }
    });
    child.stdin?.end();
  });
}

export async function sprocketSays(args: readonly string[]): Promise<Said> {
  const terminal = new FakeTerminal();
  const code = await run(["cat", ...args], terminal);
  return {
    code,
    stdout: terminal.output.toString(),
    stderr: terminal.complaints.map((line) => `${line}\n`).join(""),
  };
}

/** Calls `each` for all items, four at a time. */
export async function forAll<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        await each(item);
      }
    }),
  );
}
