// The version of this package, read from its manifest so that it is written down once.

import { readFileSync } from "node:fs";

const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

export const version = (manifest as { readonly version: string }).version;
