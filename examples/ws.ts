/**
 * Sockets beside the pages of an HTTP server: two of them, each at a path of its own, on the port that the pages have. The
 * application looks at a token before it lets anybody in, and pages of other sites stay out.
 *
 *     browser ──GET /──────► page
 *     Sub0 ◄──ws /ticks───── Pub0      with a token only
 *     Req0 ──ws /calc──────► Rep0
 *
 *     node examples/dist/ws.js
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { ws } from "@sprocket/transport-ws";

const users = new Map([["t0ken", "ada"]]);

/** Who it is, or which status refuses it. Dialers that are browsers cannot send headers: they may use a cookie or the query. */
function authorize({ headers }: IncomingMessage): { identity: string } | number {
  const identity = users.get(headers.authorization?.replace("Bearer ", "") ?? "");
  return identity === undefined ? 401 : { identity };
}

const server = createServer((_, response) => response.end("a page\n"));
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;

await using pub = new Pub0({ transports: [ws({ server, authorize })] });
await using rep = new Rep0({ transports: [ws({ server })] });
// The port is the server's: the URL needs none.
const ticks = await pub.listen("ws://127.0.0.1/ticks");
const calc = await rep.listen("ws://127.0.0.1/calc");
rep.serve((request) => String(request.text().length));

const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
console.log(`the page says: ${(await page.text()).trim()}`);

await using sub = new Sub0({ transports: [ws({ headers: { Authorization: "Bearer t0ken" } })], topics: "" });
await sub.dial(ticks.url);
await pub.waitForPipes(1);
for (const pipe of pub.pipes) console.log(`a subscriber came: ${pipe.properties.get("ws.identity")}`);
await pub.send("tick");
console.log(`it heard: ${new TextDecoder().decode(await sub.receive({ timeout: 10_000 }))}`);

await using req = new Req0({ transports: [ws()] });
await req.dial(calc.url);
const length = await req.request("how long is this?", { timeout: 10_000 });
console.log(`it has ${new TextDecoder().decode(length)} characters`);

/** What a dialer hears that is not let in. */
async function attempt(who: string, url: string, headers: Record<string, string>): Promise<void> {
  await using stranger = new Sub0({ transports: [ws({ headers })] });
  await stranger.dial(url, { mode: "connect" }).catch(({ code }) => console.log(`${who}: ${code}`));
}

await attempt("without a token", ticks.url, {});
// What a browser says for a page of another site; the page itself cannot change it.
await attempt("a page of elsewhere", ticks.url, {
  Origin: "https://elsewhere.example",
  Authorization: "Bearer t0ken",
});

// Sockets first, then the server.
await Promise.all([sub.close(), req.close()]);
await Promise.all([pub.close(), rep.close()]);
server.close();
