/**
 * What goes wrong, and how it tells. Every error is a SprocketError with a stable `code` to test for and a text that says
 * what to do.
 *
 *     node examples/dist/errors.js
 */
import { SprocketError } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { Pub0 } from "@sprocket/pubsub";
import { Rep0, Req0 } from "@sprocket/reqrep";

async function attempt(what: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
    console.log(`${what}: no error`);
  } catch (error) {
    if (!(error instanceof SprocketError)) throw error;
    console.log(`${what}: ${error.name} (${error.code})\n  ${error.message}`);
  }
}

await using pair = new Pair0({ name: "phone" });
await using req = new Req0();
await using rep = new Rep0();
await using pub = new Pub0();
// TypeScript does not compile `pub.receive()`; JavaScript is told at run time.
const asJavaScript = pub as unknown as Pair0;

await attempt("receive a reply before sending a request", () => req.receive());
await attempt("reply before receiving a request", () => rep.send("42"));
await attempt("receive on a publisher", () => asJavaScript.receive());
await attempt("receive when nothing comes", () => pair.receive({ timeout: 10 }));
await attempt("send when nobody is there", () => pair.send("hello?", { timeout: 10 }));
await attempt("dial where nobody listens", () => pair.dial("inproc://nowhere", { mode: "connect" }));
await attempt("dial without the transport", () => pair.dial("tcp://127.0.0.1:5555"));
await attempt("give an option that does not exist", async () => new Pair0({ recvTimeout: 5 } as object));
await attempt("use a closed socket", async () => {
  await pair.close();
  await pair.send("hello?");
});
