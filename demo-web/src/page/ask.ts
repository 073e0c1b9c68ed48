/** Questions to the workers: a Req0, a request for each, as many at a time as the viewer likes. */
import { isSprocketError } from "@sprocket/core";
import { Req0 } from "@sprocket/reqrep";
import type { Answer, Question, Task } from "../shared/work.js";
import { find, make, setText } from "./dom.js";
import { Link, socketOptions } from "./link.js";

/** Questions that stay on the page. */
const KEPT = 30;
const MANY = 9;
const NAMES: Readonly<Record<Task, string>> = { sha256: "SHA-256", words: "Count words", reverse: "Reverse" };

export class AskPanel {
  readonly link: Link<Req0>;
  readonly #list = find("answers", HTMLElement);
  readonly #summary = find("ask-summary", HTMLElement);
  readonly #empty: HTMLElement;
  #number = 0;

  constructor(changed: () => void) {
    this.link = new Link("Req0", "ask", new Req0(socketOptions("ask")), changed);
    this.#empty = this.#list.previousElementSibling as HTMLElement;
    find("ask-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#ask();
    });
    find("ask-many", HTMLButtonElement).addEventListener("click", () => {
      const began = performance.now();
      void Promise.all(Array.from({ length: MANY }, () => this.#ask())).then((answered) => {
        const right = answered.filter((one) => one).length;
        this.#say(`${right} of ${MANY} answered within ${milliseconds(performance.now() - began)}`);
      });
    });
  }

  /** Resolves to whether there was an answer. */
  async #ask(): Promise<boolean> {
    const task = new FormData(find("ask-form", HTMLFormElement)).get("task") as Task;
    const question: Question = {
      task,
      text: find("ask-text", HTMLTextAreaElement).value,
      delay: Number(find("ask-delay", HTMLSelectElement).value),
    };
    const timeout = Number(find("ask-timeout", HTMLSelectElement).value);
    const row = this.#row(task, timeout);
    const began = performance.now();
    try {
      const reply = await this.link.socket.request(JSON.stringify(question), { timeout });
      const passed = performance.now() - began;
      const { worker, result, took } = JSON.parse(new TextDecoder().decode(reply)) as Answer;
      row.settle(
        "answered",
        `${milliseconds(passed)}`,
        `${worker}, ${milliseconds(took)} of it at work`,
        result || "(nothing)",
      );
      this.#say(`${NAMES[task]} by ${worker} after ${milliseconds(passed)}: ${result}`);
      return true;
    } catch (error) {
      const late = isSprocketError(error) && error.code === "SP_ETIMEDOUT";
      const why = late
        ? "No answer in time. If one comes later, it is dropped and counted."
        : error instanceof Error
          ? error.message
          : String(error);
      row.settle(
        late ? "late" : "failed",
        milliseconds(performance.now() - began),
        late ? "gave up" : "failed",
        why,
      );
      this.#say(`${NAMES[task]}: ${why}`);
      return false;
    }
  }

  #row(task: Task, timeout: number): Row {
    const row = new Row(++this.#number, NAMES[task], timeout);
    this.#empty.hidden = true;
    this.#list.prepend(row.element);
    while (this.#list.childElementCount > KEPT) this.#list.lastElementChild?.remove();
    return row;
  }

  #say(text: string): void {
    setText(this.#summary, text);
  }
}

/** One question and what became of it. */
class Row {
  readonly element: HTMLElement;
  readonly #time = make("span", { class: "answer-time" }, "…");
  readonly #who = make("span", { class: "answer-who" }, "on its way");
  readonly #result = make("span", { class: "answer-result" }, " ");

  constructor(number: number, task: string, timeout: number) {
    this.element = make(
      "li",
      { class: "answer", "data-state": "waiting" },
      make("span", { class: "answer-task" }, `${number}. ${task}`),
      this.#time,
      this.#who,
      this.#result,
    );
    this.element.style.setProperty("--timeout", `${timeout}ms`);
  }

  settle(state: "answered" | "late" | "failed", time: string, who: string, result: string): void {
    this.element.dataset.state = state;
    setText(this.#time, time);
    setText(this.#who, who);
    setText(this.#result, result);
  }
}

function milliseconds(time: number): string {
  return time < 10 ? `${time.toFixed(1)} ms` : `${Math.round(time).toLocaleString("en")} ms`;
}
