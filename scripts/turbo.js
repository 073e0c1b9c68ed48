// Runs turbo tasks over the workspace: `node scripts/turbo.js build [turbo arguments]`.

import { turbo } from "./lib.js";

process.exitCode = await turbo(process.argv.slice(2));
