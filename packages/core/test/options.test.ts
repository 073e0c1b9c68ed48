import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BadTypeError, InvalidOperationError, NotSupportedError } from "../src/errors.js";
import { choice, count, duration, flag, type OptionPlace, readOptions, text } from "../src/options.js";

const FOREVER = Number.POSITIVE_INFINITY;

const schema = {
  name: text({ default: undefined, maxLength: 63 }),
  receiveTimeout: duration({ default: FOREVER, writable: true, context: true }),
  reconnectTimeMin: duration({ default: 1_000, endpoint: true }),
  ttlMax: count({ default: 8, min: 1, max: 15 }),
  topics: { ...count({ default: 0 }), context: true, inherit: false },
  mode: choice(["auto", "wait"], "auto", { socket: false, endpoint: true }),
};

const read = (given: unknown, place: OptionPlace = "socket"): Record<string, unknown> =>
  readOptions(schema, given, "Test0", place);

describe("the options of a socket", () => {
  test.each([[undefined], [{}], [Object.create(null)]])(
    "are all there with their defaults for %s",
    (given) => {
      expect({ ...read(given) }).toEqual({
        name: undefined,
        receiveTimeout: FOREVER,
        reconnectTimeMin: 1_000,
        ttlMax: 8,
        topics: 0,
      });
    },
  );

  test("take what was given, and the default for undefined", () => {
    expect(read({ name: "calc", reconnectTimeMin: undefined, ttlMax: 3 })).toMatchObject({
      name: "calc",
      reconnectTimeMin: 1_000,
      ttlMax: 3,
    });
  });

  test.each([
    [null, "null"],
    [5, "a number"],
    ["tcp://h:1", "a string"],
    [[], "an array"],
    [() => 1, "a function"],
  ])("are an object: %s is not", (given, reason) => {
    expect(() => read(given)).toThrow(BadTypeError);
    expect(() => read(given)).toThrow(`The options of Test0 must be an object, not ${reason}.`);
  });

  test("pass on the error of a bad value", () => {
    expect(() => read({ ttlMax: "8" })).toThrow(BadTypeError);
    expect(() => read({ ttlMax: 16 })).toThrow(InvalidOperationError);
    expect(() => read({ ttlMax: 16 })).toThrow(
      "Option ttlMax was given 16; it takes a whole number from 1 to 15.",
    );
  });
});

describe("the options of an endpoint or a context", () => {
  test("leave out what the socket has too and was not given", () => {
    expect({ ...read({}, "endpoint") }).toEqual({ mode: "auto" });
    expect({ ...read({ reconnectTimeMin: 5, mode: undefined }, "endpoint") }).toEqual({
      mode: "auto",
      reconnectTimeMin: 5,
    });
    expect({ ...read({ receiveTimeout: undefined }, "context") }).toEqual({ topics: 0 });
  });

  test("that belong elsewhere are refused, and the text says where", () => {
    const wrong: readonly (readonly [OptionPlace, string, string])[] = [
      ["socket", "mode", "cannot be given to the socket (new); give it to dial() or listen()."],
      [
        "endpoint",
        "receiveTimeout",
        "cannot be given to dial() or listen(); give it to the socket (new) or context().",
      ],
      [
        "context",
        "reconnectTimeMin",
        "cannot be given to context(); give it to the socket (new) or dial() or listen().",
      ],
    ];
    for (const [place, name, reason] of wrong) {
      expect(() => read({ [name]: 1 }, place)).toThrow(NotSupportedError);
      expect(() => read({ [name]: 1 }, place)).toThrow(reason);
    }
  });
});

describe("an unknown option", () => {
  test("is refused even when its value is undefined", () => {
    expect(() => read({ speed: undefined })).toThrow(NotSupportedError);
  });

  test("is told what there is", () => {
    expect(() => read({ speed: 1 })).toThrow(
      'Test0 has no option "speed". Its options are: name, receiveTimeout, reconnectTimeMin, topics, ttlMax.',
    );
    expect(() => readOptions({}, { speed: 1 }, "Test0", "socket")).toThrow("Its options are: none.");
  });

  test("is told what was probably meant, and where that belongs", () => {
    expect(() => read({ recv_timeout: 1 })).toThrow(
      'Test0 has no option "recv_timeout". Did you mean receiveTimeout?',
    );
    expect(() => read({ recv_timeout: 1 }, "endpoint")).toThrow(
      "Did you mean receiveTimeout? Option receiveTimeout of Test0 cannot be given to dial() or listen()",
    );
  });

  test("is shown cut and escaped", () => {
    expect(() => read({ ["\u001b".repeat(100)]: 1 })).toThrow(`"${"\\u{1b}".repeat(64)}…"`);
  });
});

describe("nothing can be smuggled in", () => {
  test("by names that every object has", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const given: unknown = JSON.parse(`{"${name}": {"ttlMax": 1}}`);
      expect(() => read(given)).toThrow(NotSupportedError);
      expect(() => read(given)).toThrow(`has no option "${name}"`);
    }
  });

  test("by a prototype, of the object or of all objects", () => {
    expect(read(Object.create({ ttlMax: 3 })).ttlMax).toBe(8);
    expect(read({ __proto__: { ttlMax: 3 } }).ttlMax).toBe(8);
    const everything = Object.prototype as unknown as Record<string, unknown>;
    try {
      everything.ttlMax = 3;
      everything.speed = 3;
      expect(read({}).ttlMax).toBe(8);
      expect(read({}).speed).toBeUndefined();
    } finally {
      delete everything.ttlMax;
      delete everything.speed;
    }
  });

  test("by hidden or symbol properties", () => {
    const given = Object.defineProperty({ [Symbol("speed")]: 1 }, "ttlMax", { value: 3, enumerable: false });
    expect(read(given).ttlMax).toBe(8);
  });

  test("because the result has no prototype", () => {
    expect(Object.getPrototypeOf(read({}))).toBeNull();
  });

  test("whatever is given", () => {
    fc.assert(
      fc.property(
        fc.object({ withNullPrototype: true, withBigInt: true }),
        fc.constantFrom<OptionPlace>("socket", "context"),
        (given, place) => {
          const names = Object.keys(given);
          try {
            const values = read(given, place);
            expect(names.every((name) => Object.hasOwn(schema, name))).toBe(true);
            expect(Object.keys(values).every((name) => Object.hasOwn(schema, name))).toBe(true);
          } catch (error) {
            expect(error).toHaveProperty("code", expect.stringMatching(/^SP_E(NOTSUP|BADTYPE|INVAL)$/));
          }
        },
      ),
    );
  });
});

test("a flag may not be given as something that merely counts as one", () => {
  expect(() => readOptions({ polyamorous: flag(false) }, { polyamorous: 1 }, "Pair1", "socket")).toThrow(
    BadTypeError,
  );
});
