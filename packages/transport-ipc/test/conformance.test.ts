/** What every transport promises to core. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transportSuite } from "@sprocket/testing";
import { afterAll, test } from "vitest";
import { ipc } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "sp-ipc-"));
let count = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

transportSuite({
  test,
  transport: ipc(),
  url: () => `ipc://${folder}/${++count}`,
  // The application chooses the path; there is no port 0 here. The system cannot tell a reset from an end.
  supports: { raw: true, chosenAddress: false, reset: false },
});
