/**
 * Questions and answers: each request gets one reply.
 *
 *     Req0 ──"date"──► Rep0
 *     Req0 ◄──reply─── Rep0
 *
 * Alone, with both sides in one process:    node examples/dist/reqrep.js
 * In two terminals, in either order:        node examples/dist/reqrep.js listen tcp://127.0.0.1:5555
 *                                           node examples/dist/reqrep.js dial tcp://127.0.0.1:5555
 */
import { Rep0, Req0 } from "@sprocket/reqrep";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";

const transports = [tcp(), ipc()];

/** A service. It runs until its socket closes. */
function answer(request: string): string {
  return request === "date" ? new Date().toISOString() : `I do not know "${request}".`;
}

async function ask(url: string): Promise<void> {
  await using req = new Req0({ transports });
  await req.dial(url);

  // The short way. Any number of requests may be under way; each reply finds its own.
  const replies = await Promise.all([req.request("date"), req.request("weather", { timeout: 10_000 })]);
  for (const reply of replies) console.log(`the reply is: ${new TextDecoder().decode(reply)}`);

  // The long way: send, then receive; one conversation at a time.
  await req.send("date");
  const reply = await req.receiveMessage();
  console.log(`the reply is: ${reply.text()}`);
}

const [role = "both", url = "tcp://127.0.0.1:0"] = process.argv.slice(2);
if (role === "dial") {
  await ask(url);
} else {
  const rep = new Rep0({ transports });
  const listener = await rep.listen(url);
  console.log(`listening at ${listener.url}`);
  // What the handler returns, or what its promise resolves with, is the reply.
  rep.serve((request) => answer(request.text()));
  // Ctrl-C ends the service in an orderly way. An open socket keeps the process alive until then.
  process.once("SIGINT", () => void rep.close());
  if (role === "both") {
    await ask(listener.url);
    await rep.close();
  }
}
