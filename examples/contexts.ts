/**
 * Many requests at once on one Rep0: the terrible way, and the two right ones.
 *
 * A Rep0 remembers whom to answer: the one whose request it received last. So it can work on one request at a time. A
 * context is a memory of its own on the same socket, and a socket may have any number of them.
 *
 *     node examples/dist/contexts.js
 */
import { BadStateError, ClosedError } from "@sprocket/core";
import { Rep0, Req0 } from "@sprocket/reqrep";

/** Do not copy this: two requests in work on the socket itself. */
async function terrible(): Promise<void> {
  await using rep = new Rep0();
  await using req = new Req0();
  await rep.listen("inproc://terrible");
  await req.dial("inproc://terrible");
  const slow = req.request("slow").catch((error: unknown) => error);
  const quick = req.request("quick");

  const first = await rep.receiveMessage();
  // A second receive before the first is answered: from here on nobody remembers where the first came from.
  const second = await rep.receiveMessage();
  await rep.send(`answer to ${first.text()}`);
  console.log(`who asked "quick" got "${new TextDecoder().decode(await quick)}"`);
  const error = await rep.send(`answer to ${second.text()}`).catch((reason: unknown) => reason);
  console.log(`the second answer fails: ${error instanceof BadStateError && error.code}`);

  await req.close();
  console.log(`who asked "slow" got nothing: ${(await slow) instanceof ClosedError}`);
}

/** Right: a context for each worker. */
async function withContexts(): Promise<void> {
  await using rep = new Rep0();
  await using req = new Req0();
  await rep.listen("inproc://contexts");
  await req.dial("inproc://contexts");

  // Work that takes long: it goes on when everybody has some.
  const allBusy = barrier(10);
  const workers = Array.from({ length: 10 }, async () => {
    using context = rep.context();
    const request = await context.receiveMessage();
    await allBusy();
    await context.send(`answer to ${request.text()}`);
  });

  const questions = Array.from({ length: 10 }, (_, number) => `question ${number}`);
  const answers = await Promise.all(questions.map((question) => req.request(question)));
  await Promise.all(workers);
  const right = answers.filter(
    (answer, at) => new TextDecoder().decode(answer) === `answer to ${questions[at]}`,
  );
  console.log(`with contexts: ten requests in work at once, ${right.length} right answers`);
}

/** Right, and shorter: serve() keeps the contexts. */
async function withServe(): Promise<void> {
  await using rep = new Rep0();
  await using req = new Req0();
  await rep.listen("inproc://serve");
  await req.dial("inproc://serve");

  const allBusy = barrier(10);
  rep.serve(
    async (request) => {
      await allBusy();
      return `answer to ${request.text()}`;
    },
    { concurrency: 10 },
  );

  const questions = Array.from({ length: 10 }, (_, number) => `question ${number}`);
  const answers = await Promise.all(questions.map((question) => req.request(question)));
  const right = answers.filter(
    (answer, at) => new TextDecoder().decode(answer) === `answer to ${questions[at]}`,
  );
  console.log(`with serve(): ten requests in work at once, ${right.length} right answers`);
}

/** Resolves for everybody when so many have come. */
function barrier(size: number): () => Promise<void> {
  let missing = size;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    if (--missing === 0) open();
    return opened;
  };
}

await terrible();
await withContexts();
await withServe();
