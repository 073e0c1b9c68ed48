// `pnpm demo:web [--port number]`: builds what the page and its server need, quietly, then serves it until Ctrl+C.

import { join } from "node:path";
import { root, run, turbo, userArguments } from "./lib.js";

process.exitCode =
  (await turbo(["build", "--filter=@sprocket/demo-web..."], { quiet: true })) ||
  (await run(process.execPath, [join(root, "demo-web/dist/server/main.js"), ...userArguments()]));
