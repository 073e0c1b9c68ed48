// The end of `.ci/run`: adds up the tests of every package and the static checks, and says so in the last line.
// `node scripts/summary.js <report folder>`

import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
let passed = 0;
let failed = 0;
const problems = [];

function fail(problem, count = 1) {
  failed += count;
  problems.push(problem);
}

function report(name) {
  try {
    return JSON.parse(readFileSync(join(folder, name), "utf8"));
  } catch {
    return undefined;
  }
}

const tests = report("tests.json");
if (tests === undefined) {
  fail("the tests did not run to their end: no report");
} else {
  for (const file of tests.testResults) {
    const failures = file.assertionResults.filter(({ status }) => status === "failed");
    passed += file.assertionResults.filter(({ status }) => status === "passed").length;
    for (const { fullName } of failures) fail(`test: ${file.name}: ${fullName}`);
    if (file.status === "failed" && failures.length === 0)
      fail(`test file: ${file.name}: ${file.message || "did not load"}`);
  }
  if (passed === 0) fail("no test ran");
  // Unhandled errors and failing hooks make the run a failure without a failing test.
  if (failed === 0 && (!tests.success || process.env.TEST_STATUS !== "0"))
    fail("the test run failed outside any test");
}

const checks = report("checks.json");
if (checks === undefined) {
  fail("the static checks did not run to their end: no report");
} else {
  passed += checks.passed.length;
  for (const name of checks.failed) fail(`check: ${name}`);
}

if (problems.length > 0) console.log(`\n${problems.map((problem) => `FAILED  ${problem}`).join("\n")}\n`);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
