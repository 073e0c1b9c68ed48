/** Commands with which a shell joins in: printed by the terminal, and on the page to be copied. */
import { PATHS, type Place } from "./paths.js";

export interface ShellCommand {
  readonly does: string;
  readonly command: string;
}

const COMMANDS: readonly { does: string; place: Place; role: string; rest: string }[] = [
  { does: "Hear one measurement", place: "metrics", role: "sub0", rest: "--subscribe loop --ascii" },
  {
    does: "Say something in the chat, and listen",
    place: "chat",
    role: "bus0",
    rest: '--data "shell: hi" --ascii',
  },
  { does: "Stand in the list of who is here", place: "presence", role: "respondent0", rest: "--data shell" },
  { does: "Ask a worker", place: "ask", role: "req0", rest: '--data "some words" --ascii' },
  {
    does: "Take the private line (hang up here first)",
    place: "line",
    role: "pair0",
    rest: "--data hello --ascii",
  },
];

export function shellCommands(host: string): ShellCommand[] {
  return COMMANDS.map(({ does, place, role, rest }) => ({
    does,
    command: `nngcat --${role} --dial ws://${host}${PATHS[place]} ${rest}`,
  }));
}
