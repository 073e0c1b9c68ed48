// Listens and, stopped by its parent, never accepts: once its backlog is full, connecting to it takes for ever.

import { createServer } from "node:net";

const server = createServer();
server.listen({ host: process.argv[2], port: Number(process.argv[3]), backlog: 1 }, () =>
  process.send(server.address().port),
);
