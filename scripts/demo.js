// `pnpm demo [folder]`: builds what the demo needs, quietly, then runs it with the arguments given.

import { join } from "node:path";
import { root, run, turbo, userArguments } from "./lib.js";

process.exitCode =
  (await turbo(["build", "--filter=@sprocket/examples..."], { quiet: true })) ||
  (await run(process.execPath, [join(root, "examples/dist/demo/main.js"), ...userArguments()], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
  }));
