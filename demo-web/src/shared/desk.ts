/** What a tab asks the server's desk, in plain words, and what it gets. */
import type { Metric, Sample } from "./metrics.js";
import type { View } from "./picture.js";
import type { Person } from "./presence.js";

export type DeskQuestion = "welcome" | "picture" | "draw";

export interface Welcome {
  /** Another one: the server was started again. */
  readonly server: string;
  /** `Date.now()` of the server. */
  readonly now: number;
  readonly version: string;
  readonly node: string;
  /** Lines of the chat, the oldest first. */
  readonly chat: readonly { readonly at: number; readonly text: string }[];
  readonly people: readonly Person[];
  readonly metrics: Readonly<Record<Metric, readonly Sample[]>>;
}

/** The line of JSON in front of the whole picture's bytes. */
export interface PictureHead {
  readonly picture: number;
  readonly view: View;
  /** Tiles that are done, and by whom. */
  readonly tiles: readonly { readonly tile: number; readonly by: string; readonly name: string }[];
}
