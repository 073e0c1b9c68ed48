// The `sprocket` command as a function, for programs that wrap it and for tests.

export { run } from "./run.js";
export type { Terminal } from "./terminal.js";
export { version } from "./version.js";
