/**
 * Options: each is a rule in a schema, checked once, where it is given.
 *
 * The rules it guards: a wrong option is an error at once, never ignored; the error names the option, what was given and
 * what would be right; nothing but own properties of a plain object is read, so that neither JSON nor a changed
 * `Object.prototype` can smuggle anything in.
 */
import { BadTypeError, NotSupportedError } from "./errors.js";
import { otherName, placedElsewhere } from "./option-names.js";
import { describe } from "./option-rules.js";
import { printable } from "./printable.js";

export { bytes, callback, choice, count, duration, flag, list, shaped, text } from "./option-rules.js";

/** Where an option may be given: for a socket, for one of its dialers or listeners, for one of its contexts. */
export type OptionPlace = "socket" | "endpoint" | "context";

/** Where an option may be given and whether it may change. */
export interface OptionScope {
  /** Given when the socket is made. Default true. */
  readonly socket?: boolean;
  /** May be overridden for one dialer or listener. */
  readonly endpoint?: boolean;
  /** May be overridden for one context. */
  readonly context?: boolean;
  /** False: a context begins with the default, not with the socket's value. Default true. */
  readonly inherit?: boolean;
  /** May be set afterwards. */
  readonly writable?: boolean;
}

/** One option. `T`: its value once checked. */
export interface OptionRule<T = unknown> extends OptionScope {
  readonly default: T;
  /**
   * Checks and normalises a value.
   * @throws BadTypeError for a wrong type, InvalidOperationError for a value out of range.
   */
  parse(value: unknown, name: string): T;
}

/** Options by name. */
export type OptionSchema = Readonly<Record<string, OptionRule>>;

/** The values that a schema yields. */
export type OptionValues<S extends OptionSchema> = { -readonly [K in keyof S]: S[K]["default"] };

/**
 * Checks what an application gave and returns the values by name, in an object without a prototype.
 *
 * What was not given, or as `undefined`, is there with its default; except that options of an endpoint or a context which
 * the socket has too are then left out, because their default is the socket's present value.
 *
 * @param owner For error texts, e.g. `"Req0"`.
 * @throws NotSupportedError for an unknown or misplaced option, BadTypeError, InvalidOperationError
 */
export function readOptions(
  schema: OptionSchema,
  given: unknown,
  owner: string,
  place: OptionPlace,
): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null);
  if (given === undefined) given = {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new BadTypeError(`The options of ${owner} must be an object, not ${describe(given)}.`);
  }
  for (const name of Object.keys(schema)) {
    const rule = schema[name] as OptionRule;
    const inherits = place !== "socket" && rule.socket !== false && rule.inherit !== false;
    if (allows(rule, place) && !inherits) values[name] = rule.default;
  }
  for (const name of Object.keys(given)) {
    const rule = ruleFor(schema, name, owner, place);
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined) values[name] = rule.parse(value, name);
  }
  return values;
}

function ruleFor(schema: OptionSchema, name: string, owner: string, place: OptionPlace): OptionRule {
  const rule = Object.hasOwn(schema, name) ? (schema[name] as OptionRule) : undefined;
  if (rule === undefined) throw unknownOption(schema, name, owner, place);
  if (!allows(rule, place)) throw new NotSupportedError(misplaced(name, rule, owner, place));
  return rule;
}

function allows(rule: OptionRule, place: OptionPlace): boolean {
  return place === "socket" ? rule.socket !== false : rule[place] === true;
}

const placeNames = {
  socket: "the socket (new)",
  endpoint: "dial() or listen()",
  context: "context()",
} as const;

function misplaced(name: string, rule: OptionRule, owner: string, place: OptionPlace): string {
  const places = (["socket", "endpoint", "context"] as const).filter((each) => allows(rule, each));
  const where = places.map((each) => placeNames[each]).join(" or ");
  return `Option ${name} of ${owner} cannot be given to ${placeNames[place]}; give it to ${where}.`;
}

function unknownOption(
  schema: OptionSchema,
  name: string,
  owner: string,
  place: OptionPlace,
): NotSupportedError {
  const shown = `${owner} has no option "${printable(name)}".`;
  const meant = otherName(name, Object.keys(schema));
  if (meant !== undefined) {
    const rule = schema[meant] as OptionRule;
    const hint = allows(rule, place) ? "" : ` ${misplaced(meant, rule, owner, place)}`;
    return new NotSupportedError(`${shown} Did you mean ${meant}?${hint}`);
  }
  const hint = placedElsewhere(name);
  if (hint !== undefined) return new NotSupportedError(`${shown} ${hint}`);
  const names = Object.keys(schema).filter((each) => allows(schema[each] as OptionRule, place));
  return new NotSupportedError(`${shown} Its options are: ${names.sort().join(", ") || "none"}.`);
}
