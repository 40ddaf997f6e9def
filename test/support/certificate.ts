import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled } from "./installed.js";

/** Whether this machine has openssl. */
export const hasOpenssl = isInstalled("openssl", "version");

export interface Certificate {
  /** The path of `cert`. */
  readonly file: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** A certificate of a server, signed by itself. */
export function createCertificate(folder: string, name: string): Certificate {
  const [key, file] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  const options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", ...subject];
  execFileSync("openssl", ["req", ...options, "-keyout", key, "-out", file], { stdio: "ignore" });
  return { file, key: readFileSync(key), cert: readFileSync(file) };
}
