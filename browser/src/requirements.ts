/**
 * What the tests need from the system. Without it they are skipped under a name that says what to install, or fail when
 * `SPROCKET_REQUIRE_PEERS=1` says that this machine must have it.
 */
import { statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program of the system by one of its names, or undefined. */
function findProgram(...names: string[]): string | undefined {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const file = join(folder, name);
      if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
    }
  }
  return undefined;
}

/** Another one than the system's: `SPROCKET_CHROMIUM=/path/to/chrome`. */
export const chromium =
  process.env.SPROCKET_CHROMIUM || findProgram("chromium", "chromium-browser", "google-chrome");
export const nngcat = findProgram("nngcat");

export const installLine = "apt-get install chromium nng-utils";
export const required = process.env.SPROCKET_REQUIRE_PEERS === "1";
