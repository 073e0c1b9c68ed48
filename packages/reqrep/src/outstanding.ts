/**
 * Who asked what: requests by id. Ids count up, so the low bits of an id are its place in a table, and nothing is hashed;
 * the caller passes over an id whose place is taken. The table is at most half full.
 */

const SMALLEST = 16;
/** A table larger than this is let go when it runs empty, so that one burst does not hold memory for ever. */
const KEPT = 1024;

/** Anything with an outstanding request. */
export interface Asker {
  /** Of its request. */
  readonly id: number;
}

export class Outstanding<Who extends Asker> {
  /** Its length is a power of two. */
  #places: (Who | undefined)[] = empty(SMALLEST);
  #count = 0;

  get(id: number): Who | undefined {
    const who = this.#places[id & (this.#places.length - 1)];
    return who?.id === id ? who : undefined;
  }

  /** Must another id be chosen? */
  taken(id: number): boolean {
    return this.#places[id & (this.#places.length - 1)] !== undefined;
  }

  /** Its id is not `taken`. */
  add(who: Who): void {
    this.#places[who.id & (this.#places.length - 1)] = who;
    if (++this.#count > this.#places.length / 2) this.#grow();
  }

  remove(who: Who): void {
    const place = who.id & (this.#places.length - 1);
    if (this.#places[place] !== who) return;
    this.#places[place] = undefined;
    if (--this.#count === 0 && this.#places.length > KEPT) this.#places = empty(SMALLEST);
  }

  /** A copy: what is done with them may change the table. */
  all(): Who[] {
    return this.#places.filter((who) => who !== undefined);
  }

  /** Twice the places: ids that differed in their low bits still do. */
  #grow(): void {
    const places = empty<Who>(this.#places.length * 2);
    for (const who of this.#places) if (who !== undefined) places[who.id & (places.length - 1)] = who;
    this.#places = places;
  }
}

function empty<Who>(length: number): (Who | undefined)[] {
  return new Array<Who | undefined>(length).fill(undefined);
}
