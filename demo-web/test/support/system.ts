/** What tests need of the system. Without it they are skipped and say so, or fail where it must be there. */
import { statSync } from "node:fs";
import { delimiter, join } from "node:path";

export const required = process.env.SPROCKET_REQUIRE_PEERS === "1";

/** A program of the system by one of its names. */
export function findProgram(...names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const file = join(folder, name);
      if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
    }
  }
  return undefined;
}
