/** The desk: a Rep0 of the server itself. Publishers do not repeat themselves, so a tab that comes late asks here. */
import { randomUUID } from "node:crypto";
import { version } from "@sprocket/core";
import { Rep0 } from "@sprocket/reqrep";
import type { DeskQuestion, Welcome } from "../shared/desk.js";
import { PATHS } from "../shared/paths.js";
import type { Chat } from "./chat.js";
import type { Ground } from "./ground.js";
import type { Metrics } from "./metrics.js";
import type { Picture } from "./picture.js";
import type { Presence } from "./presence.js";

export interface DeskParts {
  readonly chat: Chat;
  readonly metrics: Metrics;
  readonly picture: Picture;
  readonly presence: Presence;
}

export async function openDesk(
  ground: Ground,
  { chat, metrics, picture, presence }: DeskParts,
): Promise<void> {
  const server = randomUUID();
  const answers: Record<DeskQuestion, () => string | Uint8Array> = {
    welcome: () =>
      JSON.stringify({
        server,
        now: Date.now(),
        version,
        node: process.versions.node,
        chat: chat.lines,
        people: presence.people,
        metrics: metrics.samples,
      } satisfies Welcome),
    picture: () => picture.snapshot(),
    draw: () => picture.draw().title,
  };
  const rep = ground.keep(new Rep0({ ...ground.options("desk"), receiveMaxSize: 1_024 }));
  rep.serve((request) => {
    const question = request.text();
    return Object.hasOwn(answers, question)
      ? answers[question as DeskQuestion]()
      : `The desk knows: ${Object.keys(answers).join(", ")}.`;
  });
  await ground.listen(rep, PATHS.desk);
}
