/**
 * The picture: tiles are pushed to whoever pulls, come back over another pipeline, and are published to all tabs.
 *
 * Nothing is acknowledged in a pipeline: a tab that is closed takes its tiles with it. So whoever pushes keeps a list, and
 * pushes again what did not come back in time.
 */
import { randomInt } from "node:crypto";
import { Pull0, Push0 } from "@sprocket/pipeline";
import { Pub0 } from "@sprocket/pubsub";
import { cleanName } from "../shared/chat.js";
import type { PictureHead } from "../shared/desk.js";
import { frame } from "../shared/framed.js";
import { PATHS } from "../shared/paths.js";
import {
  frameTile,
  HEIGHT,
  type Job,
  placeOf,
  readTile,
  START_TOPIC,
  TILE,
  TILE_TOPIC,
  TILES,
  type TileHead,
  VIEWS,
  type View,
  WIDTH,
} from "../shared/picture.js";
import type { Ground } from "./ground.js";

/** Tiles under way for each puller: one in work, one that waits for it. */
const AHEAD = 2;
/** ms until a tile is pushed again. */
const OVERDUE = 3_000;

export class Picture {
  readonly #push: Push0;
  readonly #pull: Pull0;
  readonly #pub: Pub0;
  readonly #pixels = new Uint8Array(WIDTH * HEIGHT);
  readonly #done = new Map<number, { readonly by: string; readonly name: string }>();
  /** Tiles that nobody has. */
  #waiting: number[] = [];
  /** Tiles that somebody should be at, and when to give up on them. */
  readonly #underWay = new Map<number, number>();
  /** From a random start: one of a server that was started again is another one. */
  #number = randomInt(2 ** 31);
  #drawn = 0;
  #view: View = VIEWS[0] as View;
  #timer: NodeJS.Timeout | undefined;

  private constructor(ground: Ground) {
    this.#push = ground.keep(new Push0({ ...ground.options("jobs"), receiveMaxSize: 64 }));
    this.#pull = ground.keep(new Pull0({ ...ground.options("results"), receiveMaxSize: 16 * 1024 }));
    this.#pub = ground.keep(
      new Pub0({ ...ground.options("picture"), receiveMaxSize: 64, sendBufferSize: TILES * 2 }),
    );
  }

  static async open(ground: Ground): Promise<Picture> {
    const picture = new Picture(ground);
    const pump = (): void => picture.#pump();
    picture.#push.addEventListener("pipeopen", pump);
    picture.#push.addEventListener("pipeclose", pump);
    picture.#push.addEventListener("closing", () => clearTimeout(picture.#timer));
    await ground.listen(picture.#pub, PATHS.picture);
    await ground.listen(picture.#pull, PATHS.results);
    await ground.listen(picture.#push, PATHS.jobs);
    picture.draw();
    void picture.#collect();
    return picture;
  }

  /** What there is so far, for a tab that has just come. */
  snapshot(): Uint8Array {
    const tiles = [...this.#done].map(([tile, { by, name }]) => ({ tile, by, name }));
    const head: PictureHead = { picture: this.#number, view: this.#view, tiles };
    return frame(JSON.stringify(head), this.#pixels);
  }

  /** Begins the next one. */
  draw(): View {
    this.#view = VIEWS[this.#drawn++ % VIEWS.length] as View;
    this.#number++;
    this.#done.clear();
    this.#pixels.fill(0);
    this.#underWay.clear();
    this.#waiting = inwardsOut();
    const head: PictureHead = { picture: this.#number, view: this.#view, tiles: [] };
    this.#pub.trySend(START_TOPIC + JSON.stringify(head));
    this.#pump();
    return this.#view;
  }

  #pump(): void {
    if (this.#push.closed) return;
    const now = Date.now();
    for (const [tile, deadline] of this.#underWay) {
      if (deadline > now) continue;
      this.#underWay.delete(tile);
      this.#waiting.unshift(tile);
    }
    const room = AHEAD * this.#push.pipes.size;
    for (let tile = this.#waiting[0]; tile !== undefined; tile = this.#waiting[0]) {
      if (this.#underWay.size >= room) break;
      const job: Job = { picture: this.#number, tile, view: this.#view };
      if (!this.#push.trySend(JSON.stringify(job))) break;
      this.#waiting.shift();
      this.#underWay.set(tile, now + OVERDUE);
    }
    clearTimeout(this.#timer);
    if (this.#underWay.size > 0) this.#timer = setTimeout(() => this.#pump(), OVERDUE / 4);
  }

  async #collect(): Promise<void> {
    for await (const message of this.#pull) {
      const tile = readTile(message);
      // Not of this picture, or done twice because it was overdue.
      if (tile === undefined || tile.head.picture !== this.#number || this.#done.has(tile.head.tile))
        continue;
      this.#take({ ...tile.head, name: cleanName(tile.head.name) || "guest" }, tile.bytes);
    }
  }

  #take(head: TileHead, bytes: Uint8Array): void {
    const { x, y } = placeOf(head.tile);
    for (let row = 0; row < TILE; row++)
      this.#pixels.set(bytes.subarray(row * TILE, (row + 1) * TILE), (y + row) * WIDTH + x);
    this.#done.set(head.tile, { by: head.by, name: head.name });
    this.#underWay.delete(head.tile);
    this.#waiting = this.#waiting.filter((tile) => tile !== head.tile);
    this.#pub.trySend(frameTile(head, bytes, TILE_TOPIC));
    this.#pump();
  }
}

/** All tiles, from the middle to the rim. */
function inwardsOut(): number[] {
  const distance = (tile: number): number => {
    const { x, y } = placeOf(tile);
    return Math.hypot(x + TILE / 2 - WIDTH / 2, y + TILE / 2 - HEIGHT / 2);
  };
  return Array.from({ length: TILES }, (_, tile) => tile).sort(
    (one, other) => distance(one) - distance(other),
  );
}
