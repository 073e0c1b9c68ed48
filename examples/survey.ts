/**
 * A question to everybody, and a time in which answers count.
 *
 *     Surveyor0 ──"date?"──► Respondent0      answers
 *         ├───────────────► Respondent0      answers
 *         └───────────────► Respondent0      answers too late
 *
 * Alone, with three respondents:        node examples/dist/survey.js
 * In two terminals, in either order:    node examples/dist/survey.js listen tcp://127.0.0.1:5558
 *                                       node examples/dist/survey.js dial tcp://127.0.0.1:5558
 */
import { Respondent0, Surveyor0 } from "@sprocket/survey";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";

const transports = [tcp(), ipc()];

async function ask(surveyor: Surveyor0, respondents: number): Promise<void> {
  // Who is not there is not asked.
  await surveyor.waitForPipes(respondents);
  let answers = 0;
  // The loop ends when surveyTime is over. Leaving it earlier ends the survey.
  for await (const answer of surveyor.survey("date?")) {
    console.log(`answer: ${answer.text()}`);
    if (++answers === respondents) break;
  }
  console.log("the survey is over");
}

/** Answers until the surveyor goes away. */
async function respond(url: string, answer: () => string | Promise<string>): Promise<void> {
  await using respondent = new Respondent0({ transports });
  const over = new Promise((resolve) => respondent.addEventListener("pipeclose", resolve));
  await respondent.dial(url);
  respondent.serve((question) => (question.text() === "date?" ? answer() : "What?"));
  await over;
}

async function alone(): Promise<void> {
  const surveyor = new Surveyor0({ surveyTime: 500 });
  await surveyor.listen("inproc://survey");
  let surveyIsOver = (): void => undefined;
  const late = new Promise<void>((resolve) => {
    surveyIsOver = resolve;
  });
  const respondents = [
    respond("inproc://survey", () => "today, says ada"),
    respond("inproc://survey", () => "today, says bob"),
    respond("inproc://survey", () => late.then(() => "yesterday, says the sloth")),
  ];
  await ask(surveyor, respondents.length);

  // Nothing is dropped silently: a late answer is an event, and counted in stats().
  const dropped = new Promise((resolve) => surveyor.addEventListener("drop", resolve, { once: true }));
  surveyIsOver();
  await dropped;
  console.log(`late answers: ${surveyor.stats().drops.late}`);
  await surveyor.close();
  await Promise.all(respondents);
}

const [role, url = "tcp://127.0.0.1:0"] = process.argv.slice(2);
if (role === "listen") {
  await using surveyor = new Surveyor0({ transports, surveyTime: 10_000 });
  const listener = await surveyor.listen(url);
  console.log(`listening at ${listener.url}`);
  await ask(surveyor, 1);
} else if (role === "dial") {
  await respond(url, () => new Date().toISOString());
} else {
  await alone();
}
