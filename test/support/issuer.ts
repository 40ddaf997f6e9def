import type { KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** One of the issuer's keys, as it signs with it. */
export interface IssuerKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** As the issuer publishes it. */
  readonly jwk: JWK;
}

/** An OpenID Connect issuer on this machine: real keys, served over HTTP. */
export interface Issuer {
  readonly url: string;
  /** Settings for a gateway that accepts its tokens. */
  readonly env: Record<string, string>;
  /** Its current keys, by the algorithm that they sign with at first. */
  readonly keys: Readonly<Record<"RS256" | "ES256" | "EdDSA", IssuerKey>>;
  /** The requested paths, oldest first. */
  readonly asked: string[];
  /** Whether it answers with errors. */
  down: boolean;
  /** Whether it does not answer at all. */
  hangs: boolean;
  /** The bytes of a response; JSON by default. */
  encode: (path: string, answer: object) => { body: Buffer; encoding?: string };
  /** What it calls itself in its description. */
  name: string;
  /** Signs a token that the gateway accepts, with these changes. An undefined claim is left out. */
  sign(
    claims?: Record<string, unknown>,
    header?: { [name: string]: unknown },
    key?: CryptoKey | KeyObject,
  ): Promise<string>;
  /** Signs with new keys from now on, and publishes no others. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

export const audience = "https://chime.example.com/graphql";

export async function createKey(algorithm: string): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const kid = `${algorithm}-${crypto.randomUUID()}`;
  return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig" } };
}

const createKeys = async () => ({
  RS256: await createKey("RS256"),
  ES256: await createKey("ES256"),
  EdDSA: await createKey("EdDSA"),
});

/** A time this many seconds from now, as claims have it: seconds since 1970. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

export async function startIssuer(): Promise<Issuer> {
  let keys = await createKeys();
  const server = createServer(({ url = "" }, response) => {
    issuer.asked.push(url);
    const answers: Record<string, object> = {
      "/.well-known/openid-configuration": { issuer: issuer.name, jwks_uri: `${issuer.url}/keys` },
      "/keys": { keys: Object.values(keys).map(({ jwk }) => jwk) },
    };
    const answer = issuer.down ? undefined : answers[url];
    if (issuer.hangs) return;
    const { body, encoding } = issuer.encode(url, answer ?? {});
    if (encoding) response.setHeader("content-encoding", encoding);
    response.statusCode = answer ? 200 : 503;
    response.setHeader("content-type", "application/json").end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const issuer: Issuer = {
    url,
    name: url,
    env: { AUTH: "jwt", AUTH_ISSUER: url, AUTH_AUDIENCE: audience },
    get keys() {
      return keys;
    },
    asked: [],
    down: false,
    hangs: false,
    encode: (_path, answer) => ({ body: Buffer.from(JSON.stringify(answer)) }),
    sign(claims = {}, header = {}, key: CryptoKey | KeyObject = keys.RS256.privateKey) {
      const payload = {
        iss: url,
        aud: audience,
        sub: "someone",
        exp: inSeconds(600),
        iat: inSeconds(0),
        ...claims,
      };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: "RS256", kid: keys.RS256.kid, ...header })
        .sign(key);
    },
    async rotate() {
      keys = await createKeys();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return issuer;
}
