/** An HTTP server of a test: pages and scripts from memory. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/** Content by path, or what finds it. */
export type Site =
  | Readonly<Record<string, string | Uint8Array>>
  | ((path: string) => string | Uint8Array | undefined);

export class PageServer {
  readonly #server: Server;
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://host");
      const path = pathname === "/" ? "/index.html" : pathname;
      const content = this.#find(path);
      if (content === undefined) response.writeHead(404).end();
      else response.writeHead(200, { "Content-Type": types[extname(path)] ?? "text/plain" }).end(content);
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  /** `http://127.0.0.1:port` */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #find(path: string): string | Uint8Array | undefined {
    const site = this.#site;
    if (typeof site === "function") return site(path);
    return Object.hasOwn(site, path) ? site[path] : undefined;
  }
}

/** A page with one module script, and nothing else. */
export function pageWith(script: string): string {
  return (
    '<!doctype html><meta charset="utf-8"><title>Sprocket</title><link rel="icon" href="data:,">' +
    `<script type="module" src="${script}"></script>`
  );
}
