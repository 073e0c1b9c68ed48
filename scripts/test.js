// `pnpm test [vitest arguments]`: builds everything, then runs every test of every package and of interop.

import { binary, run, turbo, userArguments } from "./lib.js";

process.exitCode =
  (await turbo(["build"], { quiet: true })) ||
  (await run(process.execPath, [binary("vitest"), "run", ...userArguments()]));
