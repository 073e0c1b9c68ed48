/** Every JavaScript example of the documents runs as it stands there, and prints what the comments beside it say. */
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { documents, repository } from "./support/documents.js";
import { Sandbox } from "./support/sandbox.js";

const sandbox = new Sandbox();
afterAll(() => sandbox.remove());

/** `console.log(…); // this` */
function announced(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, text = ""]) => text);
}

const examples = documents()
  .flatMap((document) => document.examples("js"))
  .map(({ where, code }) => [where, code] as const);

test.each(examples)("the example at %s runs", async (_where, code) => {
  const { ended, stdout, stderr } = await sandbox.runCode(code);
  expect({ ended, stderr }).toEqual({ ended: 0, stderr: "" });
  const printed = stdout.split(/\r?\n/);
  for (const line of announced(code)) expect(printed).toContain(line);
});

test("the first example of the README also runs in the folder of examples", async () => {
  const [, code = ""] = examples.find(([where]) => where.startsWith("README.md:")) ?? [];
  expect(code).not.toBe("");
  const outcome = await sandbox.runCode(code, join(repository, "examples"));
  expect(outcome).toMatchObject({ ended: 0, stderr: "" });
});
