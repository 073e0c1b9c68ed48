/**
 * Authorities and certificates, made by the system's `openssl` in a folder of their own: the peer that knows nothing of
 * us vouches for what is right and what is wrong with them.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a certificate and its key are worth in options. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface Request {
  /** Default: none. */
  readonly commonName?: string;
  /** As openssl writes them, e.g. `"DNS:localhost"`. Default: none. */
  readonly altNames?: readonly string[];
  /** Days from now. Default: from yesterday until tomorrow. */
  readonly from?: number;
  readonly until?: number;
  /** Encrypts the key. */
  readonly passphrase?: string;
  readonly usage?: "serverAuth" | "clientAuth";
}

/** An authority that issues certificates, and takes them back. */
export class Authority {
  readonly folder: string;
  readonly name: string;
  #cert = "";
  #issued = 0;
  #files = 0;

  private constructor(name: string) {
    this.name = name;
    this.folder = mkdtempSync(join(tmpdir(), "sp-tls-"));
  }

  static async create(name = "Sprocket test authority"): Promise<Authority> {
    const authority = new Authority(name);
    await authority.#begin();
    return authority;
  }

  /** An authority for which this one vouches. */
  async subordinate(name: string): Promise<Authority> {
    const authority = new Authority(name);
    authority.#prepare();
    await authority.#key("ca");
    await authority.#openssl([
      ...["req", "-new", "-config", "openssl.cnf", "-key", "ca.key", "-subj", `/CN=${name}`],
      ...["-out", "ca.csr"],
    ]);
    const request = join(authority.folder, "ca.csr");
    await this.#openssl(
      ["ca", "-batch", "-notext", "-config", "openssl.cnf", "-extensions", "authority", "-days", "2"],
      ["-in", request, "-out", join(authority.folder, "ca.crt")],
    );
    authority.#cert = authority.#read("ca.crt");
    return authority;
  }

  /** Its own certificate: what goes into `ca`. */
  get cert(): string {
    return this.#cert;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A file with this text, for programs. */
  file(text: string): string {
    const path = this.path(`file-${this.#files++}.pem`);
    writeFileSync(path, text);
    return path;
  }

  async issue(request: Request = {}): Promise<Issued> {
    const name = `issued-${this.#issued++}`;
    const { altNames = [], passphrase, usage } = request;
    await this.#key(name, passphrase);
    const extensions = [
      "basicConstraints=CA:FALSE",
      ...(altNames.length > 0 ? [`subjectAltName=${altNames.join(",")}`] : []),
      ...(usage === undefined ? [] : [`extendedKeyUsage=${usage}`]),
    ];
    writeFileSync(this.path(`${name}.ext`), extensions.join("\n"));
    await this.#openssl(
      [
        "req",
        "-new",
        "-config",
        "openssl.cnf",
        "-subj",
        `/O=Test${request.commonName === undefined ? "" : `/CN=${request.commonName}`}`,
      ],
      ["-key", `${name}.key`, "-out", `${name}.csr`, ...passIn(passphrase)],
    );
    await this.#openssl(
      ["ca", "-batch", "-notext", "-config", "openssl.cnf", "-extfile", `${name}.ext`],
      ["-startdate", date(request.from ?? -1), "-enddate", date(request.until ?? 1)],
      ["-in", `${name}.csr`, "-out", `${name}.crt`],
    );
    return { cert: this.#read(`${name}.crt`), key: this.#read(`${name}.key`) };
  }

  /** Takes a certificate back: it is on the list from now on. */
  async revoke({ cert }: Issued): Promise<void> {
    writeFileSync(this.path("revoked.crt"), cert);
    await this.#openssl(["ca", "-config", "openssl.cnf", "-revoke", "revoked.crt"]);
  }

  /** The list of what was taken back: what goes into `crl`. */
  async crl(): Promise<string> {
    await this.#openssl(["ca", "-config", "openssl.cnf", "-gencrl", "-out", "list.crl"]);
    return this.#read("list.crl");
  }

  /** A certificate that vouches for itself. */
  async selfSigned(request: Request = {}): Promise<Issued> {
    const name = `self-${this.#issued++}`;
    await this.#key(name);
    await this.#openssl(
      ["req", "-x509", "-new", "-config", "openssl.cnf", "-subj", `/CN=${request.commonName ?? "self"}`],
      ["-key", `${name}.key`, "-out", `${name}.crt`, "-days", "1"],
      ["-addext", `subjectAltName=${(request.altNames ?? ["DNS:localhost"]).join(",")}`],
    );
    return { cert: this.#read(`${name}.crt`), key: this.#read(`${name}.key`) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #prepare(): void {
    writeFileSync(this.path("openssl.cnf"), configuration);
    writeFileSync(this.path("index.txt"), "");
    writeFileSync(this.path("index.txt.attr"), "unique_subject = no\n");
    writeFileSync(this.path("serial"), "1000\n");
    writeFileSync(this.path("crlnumber"), "01\n");
  }

  async #begin(): Promise<void> {
    this.#prepare();
    await this.#key("ca");
    await this.#openssl(
      ["req", "-x509", "-new", "-config", "openssl.cnf", "-extensions", "authority", "-days", "2"],
      ["-key", "ca.key", "-subj", `/CN=${this.name}`, "-out", "ca.crt"],
    );
    this.#cert = this.#read("ca.crt");
  }

  async #key(name: string, passphrase?: string): Promise<void> {
    const encrypt = passphrase === undefined ? [] : ["-aes256", "-pass", `pass:${passphrase}`];
    await this.#openssl(
      ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
      [...encrypt, "-out", `${name}.key`],
    );
  }

  async #openssl(...parameters: string[][]): Promise<void> {
    await run("openssl", parameters.flat(), { cwd: this.folder, timeout: 20_000 });
  }

  #read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }
}

const configuration = `
[ca]
default_ca = here
[here]
dir = .
database = $dir/index.txt
serial = $dir/serial
crlnumber = $dir/crlnumber
new_certs_dir = $dir
certificate = $dir/ca.crt
private_key = $dir/ca.key
default_md = sha256
default_crl_days = 1
policy = anything
[anything]
organizationName = optional
commonName = optional
[req]
distinguished_name = subject
prompt = no
[subject]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
`;

/** `YYYYMMDDHHMMSSZ`, so many days from now. */
function date(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${at.slice(0, 19).replace(/[-:T]/g, "")}Z`;
}

function passIn(passphrase: string | undefined): string[] {
  return passphrase === undefined ? [] : ["-passin", `pass:${passphrase}`];
}
