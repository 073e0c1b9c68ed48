// Checks every published package as npm would pack it: `node scripts/packages.js publint|attw`. Needs a build.

import { join } from "node:path";
import { binary, publishedPackages, root, run } from "./lib.js";

const checks = {
  publint: (folder) => [binary("publint"), "run", folder, "--strict"],
  attw: (folder) => [binary("@arethetypeswrong/cli", "attw"), "--pack", folder, "--profile", "esm-only"],
};
const check = checks[process.argv[2]];
if (check === undefined) throw new Error(`usage: node scripts/packages.js ${Object.keys(checks).join("|")}`);

const failed = [];
for (const { folder, manifest } of await publishedPackages()) {
  if ((await run(process.execPath, check(join(root, folder)), { quiet: true })) === 0)
    console.log(`ok      ${manifest.name}`);
  else failed.push(manifest.name);
}
for (const name of failed) console.log(`FAILED  ${name}`);
if (failed.length > 0) process.exitCode = 1;
