/**
 * The kinds of option values. A schema is made of these; each checks a value and gives back what is stored.
 *
 * The rule it guards: the type is judged before the range, nothing is converted silently (no `"1000"`, no `1` for true),
 * and the error text has the option, what was given and what would be right, but never the content of a string that
 * might be a secret.
 */
import { BadTypeError, InvalidOperationError } from "./errors.js";
import type { OptionRule, OptionScope } from "./options.js";
import { printable } from "./printable.js";

/** A time in ms. `undefined` and `Infinity` mean never and are stored as `Infinity`; 0 means at once. */
export function duration(
  spec: { readonly default: number; readonly max?: number } & OptionScope,
): OptionRule<number> {
  const max = spec.max ?? Number.POSITIVE_INFINITY;
  const range =
    max === Number.POSITIVE_INFINITY ? "0 or more ms, or Infinity for no limit" : `0 to ${max} ms`;
  return {
    ...scopeOf(spec),
    default: spec.default,
    parse(value, name) {
      if (value === undefined && max === Number.POSITIVE_INFINITY) return max;
      if (typeof value !== "number") throw wrongType(name, value, `a number: ${range}`);
      if (!(value >= 0 && value <= max)) throw outOfRange(name, value, range);
      return value;
    },
  };
}

/** A whole number. `Infinity` is allowed where there is no `max`. */
export function count(
  spec: { readonly default: number; readonly min?: number; readonly max?: number } & OptionScope,
): OptionRule<number> {
  return { ...scopeOf(spec), default: spec.default, parse: wholeNumber(spec.min ?? 0, spec.max, "") };
}

/** A size in bytes. `zeroIsInfinite`: 0 means no limit and is stored as `Infinity`. */
export function bytes(
  spec: {
    readonly default: number;
    readonly min?: number;
    readonly max?: number;
    readonly zeroIsInfinite?: boolean;
  } & OptionScope,
): OptionRule<number> {
  const whole = wholeNumber(
    spec.zeroIsInfinite === true ? 0 : (spec.min ?? 0),
    spec.max,
    spec.zeroIsInfinite === true ? " bytes, 0 for no limit" : " bytes",
  );
  return {
    ...scopeOf(spec),
    default: spec.default,
    parse(value, name) {
      const size = whole(value, name);
      return size === 0 && spec.zeroIsInfinite === true ? Number.POSITIVE_INFINITY : size;
    },
  };
}

/** True or false, nothing that merely counts as such. */
export function flag(preset: boolean, scope: OptionScope = {}): OptionRule<boolean> {
  return {
    ...scopeOf(scope),
    default: preset,
    parse(value, name) {
      if (typeof value !== "boolean") throw wrongType(name, value, "true or false");
      return value;
    },
  };
}

/** A string of at most `maxLength` characters. */
export function text<D extends string | undefined>(
  spec: { readonly default: D; readonly maxLength?: number } & OptionScope,
): OptionRule<string | D> {
  const maxLength = spec.maxLength ?? 4096;
  return {
    ...scopeOf(spec),
    default: spec.default,
    parse(value, name) {
      if (typeof value !== "string") throw wrongType(name, value, "a string");
      if (value.length > maxLength) {
        throw invalid(name, `a string of ${value.length} characters`, `at most ${maxLength} characters`);
      }
      return value;
    },
  };
}

/** One of a few strings. */
export function choice<T extends string>(
  choices: readonly T[],
  preset: NoInfer<T>,
  scope: OptionScope = {},
): OptionRule<T> {
  const expected = `one of ${choices.map((each) => `"${each}"`).join(", ")}`;
  return {
    ...scopeOf(scope),
    default: preset,
    parse(value, name) {
      if (typeof value !== "string") throw wrongType(name, value, expected);
      if (!(choices as readonly string[]).includes(value)) {
        throw invalid(name, `"${printable(value)}"`, expected);
      }
      return value as T;
    },
  };
}

/** A function, or undefined for none. */
export function callback<F extends (...given: never[]) => unknown>(
  scope: OptionScope = {},
): OptionRule<F | undefined> {
  return {
    ...scopeOf(scope),
    default: undefined,
    parse(value, name) {
      if (value !== undefined && typeof value !== "function") throw wrongType(name, value, "a function");
      return value as F | undefined;
    },
  };
}

/** An array, copied and frozen; `item` checks each member under a name such as `"transports[1]"`. */
export function list<T>(
  spec: {
    readonly default: readonly T[];
    readonly maxLength?: number;
    item(value: unknown, name: string): T;
  } & OptionScope,
): OptionRule<readonly T[]> {
  const maxLength = spec.maxLength ?? Number.POSITIVE_INFINITY;
  return {
    ...scopeOf(spec),
    default: Object.freeze([...spec.default]),
    parse(value, name) {
      if (!Array.isArray(value)) throw wrongType(name, value, "an array");
      if (value.length > maxLength) {
        throw invalid(name, `an array of ${value.length}`, `at most ${maxLength} members`);
      }
      return Object.freeze(Array.from(value, (member: unknown, at) => spec.item(member, `${name}[${at}]`)));
    },
  };
}

/** An object with certain methods, taken as it is: a clock, a transport. */
export function shaped<T extends object>(
  spec: { readonly default: T; readonly what: string; readonly methods: readonly string[] } & OptionScope,
): OptionRule<T> {
  return {
    ...scopeOf(spec),
    default: spec.default,
    parse(value, name) {
      const expected = `${spec.what} with ${spec.methods.map((each) => `${each}()`).join(", ")}`;
      if (typeof value !== "object" || value === null) throw wrongType(name, value, expected);
      for (const method of spec.methods) {
        if (typeof (value as Record<string, unknown>)[method] !== "function") {
          throw badType(name, `an object without ${method}()`, expected);
        }
      }
      return value as T;
    },
  };
}

/** The error for a value of the wrong type. */
function wrongType(name: string, value: unknown, expected: string): BadTypeError {
  return badType(name, describe(value), expected);
}

/** The error for a number out of range. */
function outOfRange(name: string, value: number, expected: string): InvalidOperationError {
  const hint = value === -1 ? " (not -1)" : "";
  return invalid(name, String(value), expected + hint);
}

function badType(name: string, given: string, expected: string): BadTypeError {
  return new BadTypeError(`Option ${name} was given ${given}; it takes ${expected}.`);
}

function invalid(name: string, given: string, expected: string): InvalidOperationError {
  return new InvalidOperationError(`Option ${name} was given ${given}; it takes ${expected}.`);
}

function wholeNumber(
  min: number,
  max: number | undefined,
  unit: string,
): (value: unknown, name: string) => number {
  const range =
    max === undefined
      ? `a whole number from ${min}${unit}, or Infinity`
      : `a whole number from ${min} to ${max}${unit}`;
  return (value, name) => {
    if (typeof value !== "number") throw wrongType(name, value, range);
    const whole = Number.isSafeInteger(value) || (value === Number.POSITIVE_INFINITY && max === undefined);
    if (!whole || value < min || value > (max ?? value)) throw outOfRange(name, value, range);
    return value;
  };
}

/** The scope alone: what else a spec holds is the business of its rule. */
function scopeOf(spec: OptionScope): OptionScope {
  return {
    socket: spec.socket ?? true,
    endpoint: spec.endpoint ?? false,
    context: spec.context ?? false,
    inherit: spec.inherit ?? true,
    writable: spec.writable ?? false,
  };
}

/** The kind of a value, in words. Not its content. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const type: unknown = value.constructor?.name;
  return typeof type === "string" && type !== "" && type !== "Object"
    ? `an object of type ${printable(type)}`
    : "an object";
}
