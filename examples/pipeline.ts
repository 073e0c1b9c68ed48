/**
 * Work for many hands: jobs go out in turn to the workers that have room, results come together in one place.
 *
 *              ┌─► Pull0 worker Push0 ─┐
 *     Push0 ───┤                       ├──► Pull0
 *              └─► Pull0 worker Push0 ─┘
 *
 * Alone, with two workers in one process:    node examples/dist/pipeline.js
 * In two or more terminals, in any order; the second address is for the results:
 *     node examples/dist/pipeline.js source tcp://127.0.0.1:5557 tcp://127.0.0.1:5558
 *     node examples/dist/pipeline.js worker tcp://127.0.0.1:5557 tcp://127.0.0.1:5558
 */
import { Pull0, Push0 } from "@sprocket/pipeline";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";

const JOBS = 6;
const transports = [tcp(), ipc()];

/** Says where it listens, then waits for its workers and gives them work. */
async function source(
  jobsUrl: string,
  resultsUrl: string,
  workers: number,
  ready?: (jobs: string, results: string) => void,
): Promise<void> {
  await using jobs = new Push0({ transports });
  await using results = new Pull0({ transports });
  const { url: jobsAt } = await jobs.listen(jobsUrl);
  const { url: resultsAt } = await results.listen(resultsUrl);
  console.log(`jobs at ${jobsAt}, results at ${resultsAt}`);
  ready?.(jobsAt, resultsAt);

  // The first worker to come would get all jobs that are sent before the second one is there.
  await jobs.waitForPipes(workers);
  for (let job = 1; job <= JOBS; job++) await jobs.send(`job ${job}`); // waits while all workers are full
  for (let done = 0; done < JOBS; done++) console.log((await results.receiveMessage()).text());
}

async function work(name: string, jobsUrl: string, resultsUrl: string): Promise<void> {
  await using jobs = new Pull0({ transports });
  await using results = new Push0({ transports });
  await results.dial(resultsUrl);
  await jobs.dial(jobsUrl);
  // The source leaves when it has all results: time to leave, too. Without this a worker would wait for it to come back.
  jobs.addEventListener("pipeclose", () => void jobs.close());
  for await (const job of jobs.messages()) await results.send(`${job.text()} done by ${name}`);
}

const [role = "all", jobsUrl = "tcp://127.0.0.1:0", resultsUrl = "tcp://127.0.0.1:0"] = process.argv.slice(2);
if (role === "source") {
  await source(jobsUrl, resultsUrl, 1);
} else if (role === "worker") {
  await work("worker", jobsUrl, resultsUrl);
} else {
  const workers: Promise<void>[] = [];
  await source(jobsUrl, resultsUrl, 2, (jobs, results) => {
    workers.push(work("ada", jobs, results), work("bob", jobs, results));
  });
  await Promise.all(workers);
}
