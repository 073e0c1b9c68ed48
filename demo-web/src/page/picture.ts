/** The picture as it grows: a Sub0 hears each tile that is done, a web worker computes some of them. */
import { Sub0 } from "@sprocket/pubsub";
import type { PictureHead } from "../shared/desk.js";
import { unframe } from "../shared/framed.js";
import { HEIGHT, placeOf, readTile, START_TOPIC, TILE, TILE_TOPIC, TILES, WIDTH } from "../shared/picture.js";
import type { FromCompute, ToCompute } from "./compute.js";
import { find, isCalm, make, setText } from "./dom.js";
import { hueOf } from "./hue.js";
import { Link, type LinkReport, socketOptions, urlOf } from "./link.js";
import type { Me } from "./me.js";

const PALETTE = palette();

export interface PictureEvents {
  /** The viewer wants the next one. */
  readonly onDraw: () => void;
  /** A tile came of a picture that this tab has not heard of. */
  readonly onUnknown: () => void;
}

export class PicturePanel {
  readonly link: Link<Sub0>;
  readonly #me: Me;
  readonly #changed: () => void;
  readonly #events: PictureEvents;
  readonly #canvas = find("canvas", HTMLCanvasElement);
  readonly #context = this.#canvas.getContext("2d") as CanvasRenderingContext2D;
  readonly #worker = new Worker("/compute.js", { type: "module" });
  readonly #compute = find("compute", HTMLInputElement);
  readonly #cells: readonly HTMLElement[];
  readonly #makers = find("makers", HTMLElement);
  readonly #done = new Map<number, { by: string; name: string }>();
  #picture: number | undefined;
  #title = "";
  #hands: FromCompute = {
    jobs: {
      place: "jobs",
      kind: "Pull0",
      url: urlOf("jobs"),
      state: "connecting",
      retryAt: 0,
      stats: undefined,
    },
    results: {
      place: "results",
      kind: "Push0",
      url: urlOf("results"),
      state: "connecting",
      retryAt: 0,
      stats: undefined,
    },
  };

  constructor(me: Me, events: PictureEvents, changed: () => void) {
    this.#me = me;
    this.#changed = changed;
    this.#events = events;
    this.link = new Link(
      "Sub0",
      "picture",
      new Sub0({
        ...socketOptions("picture"),
        topics: [START_TOPIC, TILE_TOPIC],
        receiveBufferSize: TILES * 2,
      }),
      changed,
    );
    const owners = find("owners", HTMLElement);
    this.#cells = Array.from({ length: TILES }, () => make("i"));
    owners.append(...this.#cells);
    find("draw", HTMLButtonElement).addEventListener("click", events.onDraw);
    const show = find("show-owners", HTMLInputElement);
    show.addEventListener("change", () => owners.classList.toggle("shown", show.checked));

    this.#worker.addEventListener("message", ({ data }: MessageEvent<FromCompute>) => {
      this.#hands = data;
      this.#changed();
    });
    this.#introduce();
    me.onRename(() => this.#introduce());
    this.#compute.addEventListener("change", () => this.#tell({ type: "switch", on: this.#compute.checked }));
    this.#tell({ type: "switch", on: this.#compute.checked });
    void this.#listen();
  }

  get computing(): boolean {
    return this.#compute.checked;
  }

  reports(): readonly LinkReport[] {
    return [this.#hands.jobs, this.#hands.results, this.link.report()];
  }

  /** What there was before this tab came. */
  welcome(snapshot: Uint8Array): void {
    const parts = unframe(snapshot);
    if (parts === undefined || parts.bytes.length !== WIDTH * HEIGHT) return;
    const head = JSON.parse(parts.head) as PictureHead;
    // Tiles come over another connection, and may have been faster than this.
    if (head.picture !== this.#picture) this.#begin(head);
    const bytes = new Uint8Array(TILE * TILE);
    for (const { tile, by, name } of head.tiles) {
      if (this.#done.has(tile)) continue;
      const { x, y } = placeOf(tile);
      for (let row = 0; row < TILE; row++)
        bytes.set(parts.bytes.subarray((y + row) * WIDTH + x, (y + row) * WIDTH + x + TILE), row * TILE);
      this.#paint(tile, bytes, { by, name });
    }
    this.#describe();
  }

  #introduce(): void {
    this.#tell({ type: "me", id: this.#me.id, name: this.#me.name });
  }

  #tell(message: ToCompute): void {
    this.#worker.postMessage(message);
  }

  async #listen(): Promise<void> {
    for await (const message of this.link.socket.messages()) {
      const tile = readTile(message.body, TILE_TOPIC);
      if (tile === undefined) {
        const text = message.text();
        if (text.startsWith(START_TOPIC))
          this.#begin(JSON.parse(text.slice(START_TOPIC.length)) as PictureHead);
        continue;
      }
      const { head, bytes } = tile;
      if (head.picture !== this.#picture) {
        this.#events.onUnknown();
        continue;
      }
      this.#paint(head.tile, bytes, head);
      if (!isCalm()) this.#flash(head.tile);
      this.#describe();
    }
  }

  #begin({ picture, view }: PictureHead): void {
    this.#picture = picture;
    this.#title = view.title;
    this.#done.clear();
    for (const cell of this.#cells) {
      delete cell.dataset.hue;
      delete cell.dataset.mine;
    }
    this.#context.clearRect(0, 0, WIDTH, HEIGHT);
    this.#describe();
  }

  #paint(tile: number, bytes: Uint8Array, { by, name }: { by: string; name: string }): void {
    const { x, y } = placeOf(tile);
    const image = this.#context.createImageData(TILE, TILE);
    const colours = new Uint32Array(image.data.buffer);
    for (let at = 0; at < bytes.length; at++) colours[at] = PALETTE[bytes[at] as number] as number;
    this.#context.putImageData(image, x, y);
    this.#done.set(tile, { by, name });
    const cell = this.#cells[tile];
    if (cell !== undefined) cell.dataset.hue = String(hueOf(name));
  }

  #flash(tile: number): void {
    this.#cells[tile]?.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 700, easing: "ease-out" });
  }

  #describe(): void {
    const shares = new Map<string, { name: string; tiles: number }>();
    for (const { by, name } of this.#done.values()) {
      const share = shares.get(by) ?? { name, tiles: 0 };
      share.tiles++;
      shares.set(by, share);
    }
    const done = this.#done.size;
    const state =
      done === TILES
        ? `${this.#title}: done`
        : done === 0
          ? `${this.#title}: waiting for somebody who computes`
          : `${this.#title}: ${done} of ${TILES} tiles`;
    setText(find("picture-state", HTMLElement), state.charAt(0).toUpperCase() + state.slice(1));
    find("picture-progress", HTMLProgressElement).value = done;
    const rows = [...shares].sort(([, one], [, other]) => other.tiles - one.tiles);
    this.#canvas.setAttribute(
      "aria-label",
      `A part of the Mandelbrot set, ${state}. ${rows.map(([, { name, tiles }]) => `${tiles} by ${name}`).join(", ")}`,
    );
    this.#makers.replaceChildren(
      ...rows
        .slice(0, 4)
        .map(([by, { name, tiles }]) =>
          make(
            "li",
            { class: "maker", "data-hue": hueOf(name) },
            make("span", { class: "dot", "aria-hidden": "true" }),
            make("span", { class: "maker-name" }, by === this.#me.id ? `${name} (you)` : name),
            make("span", { class: "maker-count" }, String(tiles)),
          ),
        ),
    );
    if (rows.length === 0) this.#makers.append(make("li", { class: "maker ghost" }, "Nobody yet"));
  }
}

/** Around the circle: deep green, mint, cream, signal yellow, rust and back. In the memory's order: alpha, blue, green, red. */
function palette(): Uint32Array {
  const stops = [
    [7, 32, 25],
    [11, 95, 69],
    [88, 192, 150],
    [240, 246, 224],
    [255, 204, 51],
    [196, 92, 26],
    [58, 24, 22],
    [7, 32, 25],
  ] as const;
  const colours = new Uint32Array(256);
  const bytes = new Uint8ClampedArray(colours.buffer);
  for (let at = 0; at < 256; at++) {
    const place = at === 0 ? 0 : ((at - 1) / 255) * (stops.length - 1);
    const low = Math.floor(place);
    const from = stops[low] as (typeof stops)[number];
    const to = stops[Math.min(low + 1, stops.length - 1)] as (typeof stops)[number];
    for (let channel = 0; channel < 3; channel++)
      bytes[at * 4 + channel] =
        (from[channel] as number) + (place - low) * ((to[channel] as number) - (from[channel] as number));
    bytes[at * 4 + 3] = 255;
  }
  bytes.set([4, 18, 14, 255], 0);
  return colours;
}
