/**
 * `pnpm demo:web`: one page on which browser tabs and this terminal talk through a socket of each kind.
 *
 *     node dist/server/main.js [--port <number>]
 */
import { shellCommands } from "../shared/shell.js";
import { readArguments, USAGE } from "./arguments.js";
import { HELP, obey } from "./commands.js";
import { Demo } from "./demo.js";
import { openSite, prepareSite } from "./site.js";
import { Terminal } from "./terminal.js";

async function main(): Promise<void> {
  const wanted = readArguments(process.argv.slice(2));
  if (wanted.help) {
    console.log(USAGE);
    return;
  }
  const server = await prepareSite(new URL("../public/", import.meta.url));

  let terminal: Terminal | undefined;
  let demo: Demo | undefined;
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    terminal?.close();
    void demo?.close().catch(fail);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);

  const print = (text: string): void => (terminal === undefined ? console.log(text) : terminal.print(text));
  const opened = await Demo.open(server, {
    onChat: (from, words) => print(`${from}: ${words}`),
    line: {
      onWords: (words) => print(`[private line] ${words}`),
      onPickedUp: () => print("[private line] somebody has picked up; answer with /p <words>"),
      onHungUp: () => print("[private line] nobody is there any more"),
    },
  });

  if (ending) {
    await opened.close();
    return;
  }
  demo = opened;
  const host = await openSite(server, wanted.port).catch(async (error) => {
    await opened.close();
    throw error;
  });

  print(`\nOpen this page, twice or more:  http://${host}/\n`);
  print("From another shell, with nngcat of nng (nng-utils), or with `sprocket cat` in its place:");
  for (const { command } of shellCommands(host)) print(`  ${command}`);
  print(`\n${HELP}\n`);
  terminal = new Terminal({
    onLine: (line) => {
      obey(line, opened, end).then(
        (text) => {
          if (text !== undefined) print(text);
        },
        (error: Error) => print(error.message),
      );
    },
    onInterrupt: end,
  });
}

function fail(error: Error): void {
  console.error(error.message);
  process.exitCode = 1;
}

await main().catch(fail);
