import { isIP } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ipFamily } from "../src/ip-family.js";

test.each([
  ["127.0.0.1", 4],
  ["0.0.0.0", 4],
  ["255.255.255.255", 4],
  ["256.0.0.1", 0],
  ["127.0.0", 0],
  ["127.0.0.01", 0],
  ["127.0.0.1.", 0],
  ["::", 6],
  ["::1", 6],
  ["1:2:3:4:5:6:7:8", 6],
  ["1:2:3:4:5:6:7", 0],
  ["1:2:3:4:5:6:7::", 6],
  ["1::2::3", 0],
  ["::ffff:127.0.0.1", 6],
  ["::ffff:127.0.0.256", 0],
  ["127.0.0.1::", 0],
  ["fe80::1%eth0", 6],
  ["fe80::1%", 0],
  ["fe80::1%a%b", 0],
  ["[::1]", 0],
  ["localhost", 0],
  ["", 0],
])("%s is of family %s", (text, family) => {
  expect(ipFamily(text)).toBe(family);
});

test("it says what Node says", () => {
  const nearly = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom("1", "0", "f", ":", ".", "25"), maxLength: 24 }),
  );
  fc.assert(
    fc.property(nearly, (text) => {
      expect(ipFamily(text)).toBe(isIP(text));
    }),
    { numRuns: 5_000 },
  );
});
