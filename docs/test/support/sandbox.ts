/**
 * A folder in which examples live as they would in an application: every package of the workspace, as it was built, is
 * installed there, and what they are compiled and tested with.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "./documents.js";

/** A busy machine may take its time to start a process. */
const PATIENCE = 50_000;

export interface Outcome {
  /** Exit code, or the name of the signal that ended it. */
  readonly ended: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "sprocket-docs-"));
  constructor() {
    const modules = join(this.folder, "node_modules");
    mkdirSync(join(modules, "@sprocket"), { recursive: true });
    for (const name of readdirSync(join(repository, "packages"))) {
      const home = join(repository, "packages", name);
      if (!existsSync(join(home, "package.json"))) continue;
      const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { name: string };
      symlinkSync(home, join(modules, manifest.name), "junction");
    }
    for (const name of ["@types", "vitest"]) {
      symlinkSync(join(repository, "node_modules", name), join(modules, name), "junction");
    }
  }

  /** Runs a program to its end, or to the end of our patience. */
  run(file: string, args: readonly string[], cwd = this.folder): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: PATIENCE });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ ended: code ?? signal, stdout, stderr }));
    });
  }

  /** Runs an example as a module of its own in `cwd`. */
  runCode(code: string, cwd?: string): Promise<Outcome> {
    return this.run(process.execPath, ["--input-type=module", "--eval", code], cwd);
  }

  /** Type-checks the project in the sandbox's folder. */
  typecheck(): Promise<Outcome> {
    const compiler = join(repository, "node_modules/typescript/bin/tsc");
    return this.run(process.execPath, [compiler, "--project", this.folder]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
