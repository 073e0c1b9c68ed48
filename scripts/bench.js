// `pnpm bench [arguments]`: builds what the benchmarks need, quietly, then runs them.

import { join } from "node:path";
import { root, run, turbo, userArguments } from "./lib.js";

process.exitCode =
  (await turbo(["build", "--filter=@sprocket/bench..."], { quiet: true })) ||
  (await run(process.execPath, ["--expose-gc", join(root, "bench/dist/main.js"), ...userArguments()]));
