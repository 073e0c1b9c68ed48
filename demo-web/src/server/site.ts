/** The page over HTTP: the few files of the build, from memory, to this machine only. */
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

export const HOST = "127.0.0.1";
const USUAL_PORT = 8080;
/** Ports that are tried from the usual one on. */
const TRIES = 50;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".map": "application/json",
};

/** A server that has the page and is not open yet: first everything is attached to it that the page will ask for. */
export async function prepareSite(folder: URL): Promise<Server> {
  const files = await load(folder);
  return createServer((request, response) => answer(files, request, response));
}

/** Also the connections that browsers keep open. */
export async function closeSite(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/**
 * Opens it to this machine.
 * @param port Undefined: 8080, or the next that is free.
 * @returns `127.0.0.1:<port>`
 */
export async function openSite(server: Server, port: number | undefined): Promise<string> {
  const first = port ?? USUAL_PORT;
  const last = port ?? USUAL_PORT + TRIES - 1;
  for (let next = first; ; next++) {
    server.listen({ host: HOST, port: next });
    try {
      await once(server, "listening");
      return `${HOST}:${(server.address() as AddressInfo).port}`;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EADDRINUSE" && next < last) continue;
      if (code === "EADDRINUSE")
        throw new Error(
          port === undefined
            ? `Ports ${first} to ${last} are all taken. Give a free one: --port <number>, or --port 0 for any.`
            : `Port ${port} is taken. Give another one, or leave --port out for the next free one.`,
        );
      if (code === "EACCES") throw new Error(`Port ${next} needs more rights. Give one above 1023.`);
      throw error;
    }
  }
}

async function load(folder: URL): Promise<Map<string, { type: string; body: Buffer }>> {
  const files = new Map<string, { type: string; body: Buffer }>();
  for (const name of await readdir(folder)) {
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    files.set(`/${name}`, { type, body: await readFile(new URL(name, folder)) });
  }
  const index = files.get("/index.html");
  if (index === undefined) throw new Error("The page has not been built: run `npx --yes pnpm@12 build`.");
  files.set("/", index);
  return files;
}

function answer(
  files: ReadonlyMap<string, { type: string; body: Buffer }>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const file = files.get(path);
  const [status, type, body] =
    request.method !== "GET" && request.method !== "HEAD"
      ? ([405, "text/plain; charset=utf-8", Buffer.from("Only GET and HEAD.\n")] as const)
      : file === undefined
        ? ([404, "text/plain; charset=utf-8", Buffer.from("There is no such file.\n")] as const)
        : ([200, file.type, file.body] as const);
  const host = request.headers.host ?? HOST;
  response.writeHead(status, {
    "content-type": type,
    "content-length": body.length,
    "cache-control": "no-cache",
    // Nothing but what this server sends, and its own sockets (older browsers do not count ws as 'self').
    "content-security-policy": `default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'${/^[\w.:[\]-]+$/.test(host) ? ` ws://${host}` : ""}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    ...(status === 405 ? { allow: "GET, HEAD" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
