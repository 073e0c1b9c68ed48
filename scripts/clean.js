// Removes every build, so that nothing of a deleted source file can be published.

import { removeBuilds } from "./lib.js";

await removeBuilds();
