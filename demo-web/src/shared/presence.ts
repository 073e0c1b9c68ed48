/** Who is here: what a tab answers to the survey, and what the server tells everybody. */
import { cleanName } from "./chat.js";

export interface Person {
  /** Tells two of the same name apart. */
  readonly id: string;
  readonly name: string;
  /** It computes tiles. */
  readonly computing: boolean;
}

/** The prefix of the list in what `/metrics` publishes. */
export const PRESENCE_TOPIC = "presence ";

/**
 * An answer to the survey: JSON of a tab, or just a name, as `nngcat --respondent0 --data shell` gives it.
 * @param fallback The id of those who give none.
 */
export function readPerson(text: string, fallback: string): Person | undefined {
  let given: unknown = text;
  try {
    given = JSON.parse(text);
  } catch {
    // Plain text is a name.
  }
  const { id, name, computing } = (
    typeof given === "object" && given !== null ? given : { name: String(given) }
  ) as Partial<Record<keyof Person, unknown>>;
  const clean = cleanName(typeof name === "string" ? name : "");
  if (clean === "") return undefined;
  return {
    id: typeof id === "string" && /^[\w-]{1,40}$/.test(id) ? id : fallback,
    name: clean,
    computing: computing === true,
  };
}
