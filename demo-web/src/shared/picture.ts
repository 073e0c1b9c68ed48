/** The picture that all tabs compute together: a part of the Mandelbrot set, in tiles. */
import { frame, unframe } from "./framed.js";

export const WIDTH = 640;
export const HEIGHT = 400;
export const TILE = 80;
const COLUMNS = WIDTH / TILE;
export const TILES = COLUMNS * (HEIGHT / TILE);

/** Prefixes of what `/picture` publishes. */
export const START_TOPIC = "start ";
export const TILE_TOPIC = "tile ";

/** A part of the plane. */
export interface View {
  readonly title: string;
  readonly re: number;
  readonly im: number;
  /** Width of the picture in the plane. */
  readonly span: number;
  /** Rounds after which a point counts as inside. */
  readonly rounds: number;
}

export const VIEWS: readonly View[] = [
  { title: "the whole set", re: -0.65, im: 0, span: 3.3, rounds: 400 },
  { title: "Seahorse Valley", re: -0.7453, im: 0.1127, span: 0.0065, rounds: 1_200 },
  { title: "a double spiral", re: -0.7436438, im: 0.1318259, span: 0.00009, rounds: 2_000 },
  { title: "Elephant Valley", re: 0.2925, im: 0.0149, span: 0.035, rounds: 900 },
  { title: "a satellite", re: -1.7693, im: 0.0042, span: 0.012, rounds: 900 },
  { title: "a triple spiral", re: -0.0884, im: 0.6545, span: 0.0085, rounds: 900 },
];

/** What the server pushes. */
export interface Job {
  readonly picture: number;
  readonly tile: number;
  readonly view: View;
}

/** What comes back beside the bytes, and what is published when it is right. */
export interface TileHead {
  readonly picture: number;
  readonly tile: number;
  /** Id and name of the tab that did it. */
  readonly by: string;
  readonly name: string;
  /** It took so long, in ms. */
  readonly took: number;
}

/** Where a tile lies. */
export function placeOf(tile: number): { x: number; y: number } {
  return { x: (tile % COLUMNS) * TILE, y: Math.floor(tile / COLUMNS) * TILE };
}

/** One byte for each point: 0 inside, else how fast it escapes, from 1 on, in circles of 255. */
export function computeTile({ tile, view }: Job): Uint8Array {
  const { x: left, y: top } = placeOf(tile);
  const step = view.span / WIDTH;
  const bytes = new Uint8Array(TILE * TILE);
  for (let at = 0; at < bytes.length; at++) {
    const re = view.re + (left + (at % TILE) - WIDTH / 2) * step;
    const im = view.im - (top + Math.floor(at / TILE) - HEIGHT / 2) * step;
    bytes[at] = escapeOf(re, im, view.rounds);
  }
  return bytes;
}

function escapeOf(re: number, im: number, rounds: number): number {
  let x = 0;
  let y = 0;
  for (let round = 0; round < rounds; round++) {
    const xx = x * x;
    const yy = y * y;
    if (xx + yy > 256) {
      // Fractions of a round: bands become slopes.
      const smooth = round + 1 - Math.log2(Math.log2(xx + yy) / 2);
      return 1 + (Math.floor(Math.sqrt(Math.max(0, smooth)) * 24) % 255);
    }
    y = 2 * x * y + im;
    x = xx - yy + re;
  }
  return 0;
}

/** A tile as it travels, with a topic in front where it is published. */
export function frameTile(head: TileHead, bytes: Uint8Array, topic = ""): Uint8Array {
  return frame(topic + JSON.stringify(head), bytes);
}

/** Undefined: it is no tile. Whatever a peer sends is looked at before it is believed. */
export function readTile(message: Uint8Array, topic = ""): { head: TileHead; bytes: Uint8Array } | undefined {
  const parts = unframe(message);
  if (parts === undefined || !parts.head.startsWith(topic) || parts.bytes.length !== TILE * TILE)
    return undefined;
  try {
    const head = JSON.parse(parts.head.slice(topic.length)) as TileHead;
    const right =
      Number.isInteger(head.picture) &&
      Number.isInteger(head.tile) &&
      head.tile >= 0 &&
      head.tile < TILES &&
      typeof head.by === "string" &&
      typeof head.name === "string" &&
      Number.isFinite(head.took);
    return right ? { head, bytes: parts.bytes } : undefined;
  } catch {
    return undefined;
  }
}
