/** The authority and the server's certificate that the harness has made. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificates {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export function certificates(): Certificates {
  const folder = process.env.SPROCKET_BENCH_CERTIFICATES ?? "";
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return { ca: read("server.crt"), cert: read("server.crt"), key: read("server.key") };
}
