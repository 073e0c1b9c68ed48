// Splits a command line the way nngcat does, which no parser from npm can be told to do: long names may be shortened
// while they stay unambiguous, a value follows after "=", ":" or as the next argument, a short option takes its value
// attached ("-Dhello"), short options never cluster ("-qv" is an error), "--" is no separator, and the first argument
// that is no option silently ends the list. `util.parseArgs`, commander, arg and mri each differ in three or more of
// these points and in every error text, and scripts written for nngcat meet all of them.
//
// A generator, because order is visible too: an option takes effect, or fails, before the next one is looked at.

import { CatError } from "./cat-error.js";

export interface OptionName<Id extends string> {
  readonly id: Id;
  /** Without dashes. Further exact names of the same option are entries of their own. */
  readonly long: string;
  readonly short?: string | undefined;
  readonly takesValue: boolean;
}

export interface ScannedOption<Id extends string> {
  readonly id: Id;
  /** Empty for an option that takes none. */
  readonly value: string;
}

export function* scanOptions<Id extends string>(
  args: readonly string[],
  names: readonly OptionName<Id>[],
): Generator<ScannedOption<Id>> {
  let index = 0;
  while (index < args.length) {
    const argument = args[index++] as string;
    if (argument.length < 2 || !argument.startsWith("-")) {
      return;
    }
    const { option, attached } = argument.startsWith("--")
      ? findLong(argument, names)
      : findShort(argument, names);
    if (!option.takesValue) {
      if (attached !== undefined) {
        throw new CatError(`Option ${argument} is invalid.`);
      }
      yield { id: option.id, value: "" };
    } else if (attached !== undefined) {
      yield { id: option.id, value: attached };
    } else {
      const value = args[index++];
      if (value === undefined) {
        throw new CatError(`Option ${argument} requires argument.`);
      }
      yield { id: option.id, value };
    }
  }
}

interface Found<Id extends string> {
  readonly option: OptionName<Id>;
  readonly attached: string | undefined;
}

function findLong<Id extends string>(argument: string, names: readonly OptionName<Id>[]): Found<Id> {
  const separator = argument.search(/[=:]/);
  const name = separator < 0 ? argument.slice(2) : argument.slice(2, separator);
  const attached = separator < 0 ? undefined : argument.slice(separator + 1);
  const candidates = names.filter(({ long }) => long.startsWith(name));
  const option = candidates.find(({ long }) => long === name) ?? candidates[0];
  if (option === undefined) {
    throw new CatError(`Option ${argument} is invalid.`);
  }
  if (option.long !== name && candidates.length > 1) {
    throw new CatError(`Option ${argument} is ambiguous (specify in full).`);
  }
  return { option, attached };
}

function findShort<Id extends string>(argument: string, names: readonly OptionName<Id>[]): Found<Id> {
  const option = names.find(({ short }) => short === argument[1]);
  if (option === undefined) {
    throw new CatError(`Option ${argument} is invalid.`);
  }
  return { option, attached: argument.length > 2 ? argument.slice(2) : undefined };
}
