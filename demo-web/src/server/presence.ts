/**
 * Who is here: a survey asks everybody, again and again and whenever somebody comes or goes. Nobody has to log off: who
 * does not answer is not here.
 */
import { Respondent0, Surveyor0 } from "@sprocket/survey";
import { PATHS } from "../shared/paths.js";
import { type Person, readPerson } from "../shared/presence.js";
import type { Ground } from "./ground.js";

const INSIDE = "inproc://demo-web/presence";
/** ms between surveys when nothing happens. */
const EVERY = 1_000;
/** ms after somebody came or went; several who come together are asked together. */
const SOON = 80;
/** ms that answers take at most. */
const PATIENCE = 800;
/** The list that everybody gets has an end. */
const LISTED = 64;

export class Presence {
  readonly #surveyor: Surveyor0;
  readonly #tell: (people: readonly Person[]) => void;
  #people: readonly Person[] = [];
  #timer: NodeJS.Timeout | undefined;
  #asking = false;
  #again = false;

  private constructor(ground: Ground, tell: (people: readonly Person[]) => void) {
    this.#surveyor = ground.keep(new Surveyor0({ ...ground.options("presence"), receiveMaxSize: 4_096 }));
    this.#tell = tell;
  }

  static async open(ground: Ground, tell: (people: readonly Person[]) => void): Promise<Presence> {
    const presence = new Presence(ground, tell);
    const soon = (): void => presence.#plan(SOON);
    presence.#surveyor.addEventListener("pipeopen", soon);
    presence.#surveyor.addEventListener("pipeclose", soon);
    presence.#surveyor.addEventListener("closing", () => clearTimeout(presence.#timer));
    await presence.#surveyor.listen(INSIDE);
    await ground.listen(presence.#surveyor, PATHS.presence);

    // The terminal answers like everybody else.
    const terminal = ground.keep(new Respondent0({ name: "terminal answers" }));
    terminal.serve(() =>
      JSON.stringify({ id: "terminal", name: "terminal", computing: false } satisfies Person),
    );
    await terminal.dial(INSIDE);
    return presence;
  }

  get people(): readonly Person[] {
    return this.#people;
  }

  #plan(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#surveyor.closed) return;
    this.#timer = setTimeout(() => void this.#ask(), delay);
  }

  async #ask(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    this.#again = false;
    const people = new Map<string, Person>();
    const asked = this.#surveyor.pipes.size;
    let answers = 0;
    try {
      if (asked > 0) {
        for await (const answer of this.#surveyor.survey("who is here?", { timeout: PATIENCE })) {
          const person = readPerson(answer.text(), `pipe-${answer.pipe?.id ?? answers}`);
          if (person !== undefined && people.size < LISTED) people.set(person.id, person);
          // All have answered: no need to wait for the end of the time.
          if (++answers === asked) break;
        }
      }
      const names = ({ name, id }: Person): string => `${name} ${id}`;
      this.#people = [...people.values()].sort((one, other) => (names(one) < names(other) ? -1 : 1));
      this.#tell(this.#people);
    } catch (error) {
      if (!this.#surveyor.closed) throw error;
    } finally {
      this.#asking = false;
      this.#plan(this.#again ? SOON : EVERY);
    }
  }
}
