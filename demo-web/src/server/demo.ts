/** All parts of the server, opened in their order and closed together. */
import type { Server } from "node:http";
import type { SocketStats } from "@sprocket/core";
import { Chat } from "./chat.js";
import { openDesk } from "./desk.js";
import { Ground } from "./ground.js";
import { Line, type LineEvents } from "./line.js";
import { Metrics } from "./metrics.js";
import { Picture } from "./picture.js";
import { Pool } from "./pool.js";
import { Presence } from "./presence.js";
import { closeSite } from "./site.js";

export interface DemoEvents {
  readonly onChat: (from: string, words: string) => void;
  readonly line: LineEvents;
}

export class Demo {
  readonly chat: Chat;
  readonly presence: Presence;
  readonly picture: Picture;
  readonly line: Line;
  readonly #ground: Ground;
  readonly #pool: Pool;

  private constructor(
    ground: Ground,
    parts: { chat: Chat; presence: Presence; picture: Picture; line: Line; pool: Pool },
  ) {
    this.#ground = ground;
    this.chat = parts.chat;
    this.presence = parts.presence;
    this.picture = parts.picture;
    this.line = parts.line;
    this.#pool = parts.pool;
  }

  static async open(server: Server, events: DemoEvents): Promise<Demo> {
    const ground = new Ground(server);
    try {
      return await Demo.#openOn(ground, events);
    } catch (error) {
      await ground.close();
      throw error;
    }
  }

  static async #openOn(ground: Ground, { onChat, line: lineEvents }: DemoEvents): Promise<Demo> {
    const [pool, chat, metrics, picture, line] = await Promise.all([
      Pool.open(ground),
      Chat.open(ground, ({ from, words }) => onChat(from, words)),
      Metrics.open(ground),
      Picture.open(ground),
      Line.open(ground, lineEvents),
    ]);
    const presence = await Presence.open(ground, (people) => metrics.tellPresence(people));
    await openDesk(ground, { chat, metrics, picture, presence });
    metrics.start();
    return new Demo(ground, { chat, presence, picture, line, pool });
  }

  stats(): SocketStats[] {
    return this.#ground.sockets.map((socket) => socket.stats());
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#ground.close();
    await Promise.all([this.chat.ended(), this.#pool.ended()]);
    await closeSite(this.#ground.server);
  }
}
