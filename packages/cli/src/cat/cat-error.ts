// How `sprocket cat` fails, whatever went wrong: one line on standard error, in nngcat's words, and exit code 1. What
// Sprocket itself has to say about it is the `cause`.

import { isSprocketError } from "@sprocket/core";

export class CatError extends Error {
  readonly #explained: boolean;

  /** `explained`: what fails here works in nngcat, or seems to, so that nngcat's words are not enough. */
  constructor(
    message: string,
    { explained = false, ...options }: ErrorOptions & { explained?: boolean } = {},
  ) {
    super(message, options);
    this.#explained = explained;
  }

  /**
   * Sprocket's own words, which say what to do next. A line more than nngcat prints, so only for who asked for more, and
   * for what does not fail in nngcat.
   */
  explanation(verbose: boolean): string | undefined {
    const { cause } = this;
    if (!isSprocketError(cause)) {
      return undefined;
    }
    return verbose || this.#explained || cause.code === "SP_ENOTSUP" ? cause.message : undefined;
  }
}
