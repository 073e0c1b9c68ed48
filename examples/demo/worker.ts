/**
 * A worker process: answers requests at the address it is told, until its parent goes away.
 */
import { Rep0 } from "@sprocket/reqrep";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { answer } from "./task.js";

const [name = "worker", url = "tcp://127.0.0.1:0", receiveMaxSize = "0"] = process.argv.slice(2);

const rep = new Rep0({ transports: [tcp(), ipc()], name, receiveMaxSize: Number(receiveMaxSize) });
const listener = await rep.listen(url);
rep.serve((request) => answer(name, request.body));

process.send?.({ url: listener.url });
process.on("disconnect", () => void rep.close());
