/** What is typed: words for the chat, or a command behind a slash. */
import type { SocketStats } from "@sprocket/core";
import type { Demo } from "./demo.js";

export const HELP = `What you type goes to the chat. Beside that:
  /p <words>   say something on the private line
  /who         who is here
  /stats       sockets and pipes of the server
  /draw        begin the next picture
  /quit        end (as Ctrl+C)`;

/** Resolves to what is to be printed; `quit` ends the demo. */
export async function obey(line: string, demo: Demo, quit: () => void): Promise<string | undefined> {
  if (!line.startsWith("/")) {
    await demo.chat.say(line);
    return undefined;
  }
  const [, command, words = ""] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? [];
  switch (command) {
    case "p":
      if (words === "") return "Say what? /p <words>";
      return demo.line.say(words) ? undefined : "Nobody has the private line now.";
    case "who":
      return `Here: ${demo.presence.people.map(({ name }) => name).join(", ")}`;
    case "stats":
      return demo.stats().map(describe).join("\n");
    case "draw":
      return `Drawing ${demo.picture.draw().title}.`;
    case "quit":
      quit();
      return undefined;
    default:
      return command === "help" ? HELP : `There is no /${command}.\n${HELP}`;
  }
}

function describe({ name, protocol, pipes, sentMessages, receivedMessages, drops }: SocketStats): string {
  const dropped = Object.entries(drops).map(([reason, count]) => `, ${count} dropped (${reason})`);
  return [
    `${name} (${protocol}): ${sentMessages} out, ${receivedMessages} in${dropped.join("")}`,
    ...pipes.map((pipe) => `  ${pipe.remoteAddress}: ${pipe.sentMessages} out, ${pipe.receivedMessages} in`),
  ].join("\n");
}
