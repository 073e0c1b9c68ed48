/** Commands to copy. */
import { shellCommands } from "../shared/shell.js";
import { find, make, setText } from "./dom.js";

export function showCommands(): void {
  const list = find("commands", HTMLElement);
  const copied = find("copied", HTMLElement);
  for (const { does, command } of shellCommands(location.host)) {
    const code = make("code", {}, ...whole(command));
    const button = make(
      "button",
      { class: "button small", type: "button", "aria-label": `Copy: ${does}` },
      "Copy",
    );
    button.addEventListener("click", async () => {
      const done = await copy(command, code);
      setText(button, done ? "Copied" : "Selected");
      setText(copied, done ? `Copied: ${does}` : `Selected, copy it with your keyboard: ${does}`);
      setTimeout(() => setText(button, "Copy"), 1_500);
    });
    list.append(make("li", { class: "command" }, make("span", { class: "does" }, does), code, button));
  }
}

/** A line break may come between words, and nowhere within them: `--ascii` is no `--` and `ascii`. */
function whole(command: string): (Node | string)[] {
  return command.split(/( )/).map((word) => (word === " " ? word : make("span", { class: "whole" }, word)));
}

/** Where the clipboard is closed to pages, the text is at least selected. */
async function copy(text: string, element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return false;
  }
}
