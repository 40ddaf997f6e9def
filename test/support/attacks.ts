import { createHmac, createSign, KeyObject } from "node:crypto";
import { CompactEncrypt, exportSPKI, importJWK, SignJWT } from "jose";
import { audience, type Issuer, type IssuerKey, inSeconds } from "./issuer.js";

/** The tokens that an attacker can make, and those that the issuer's own software would never sign. */
export type Forge = ReturnType<typeof createForge>;

/** @param attackerUrl a server of the attacker that serves the attacker's key */
export function createForge(issuer: Issuer, attacker: IssuerKey, attackerUrl: string) {
  const claims = () => ({
    iss: issuer.url,
    aud: audience,
    sub: "admin",
    exp: inSeconds(600),
    scope: "chime:read",
  });

  /** Signs with a shared secret, which needs only public knowledge. */
  function hmac(secret: string | Buffer, header: object = {}): string {
    const text = `${encode({ alg: "HS256", kid: issuer.keys.RS256.kid, ...header })}.${encode(claims())}`;
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  }

  /** Signs with the issuer's own key what its software would never sign. */
  function odd(header: object, payload: object | string = claims()): string {
    const text = `${encode({ alg: "RS256", kid: issuer.keys.RS256.kid, ...header })}.${encode(payload)}`;
    const key = KeyObject.from(issuer.keys.RS256.privateKey);
    return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
  }

  const byAttacker = (header: object): Promise<string> =>
    new SignJWT(claims()).setProtectedHeader({ alg: "RS256", ...header }).sign(attacker.privateKey);

  return { issuer, attacker, attackerUrl, claims, hmac, odd, byAttacker };
}

const encode = (part: object | string): string =>
  Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
const decode = (part = ""): Record<string, unknown> => JSON.parse(Buffer.from(part, "base64url").toString());

const signature = (token: string) => token.split(".")[2] ?? "";

/** Tokens that must be rejected, by what is wrong with them. */
export const attacks: readonly [what: string, make: (f: Forge) => string | Promise<string>][] = [
  ["alg none", (f) => `${encode({ alg: "none" })}.${encode(f.claims())}.`],
  ["alg none in odd letters", (f) => `${encode({ alg: "nOnE" })}.${encode(f.claims())}.AA`],
  [
    "alg none with another token's signature",
    async (f) => `${encode({ alg: "none" })}.${encode(f.claims())}.${signature(await f.issuer.sign())}`,
  ],
  [
    "no alg",
    async (f) => `${encode({ typ: "JWT" })}.${encode(f.claims())}.${signature(await f.issuer.sign())}`,
  ],
  ["HS256 with the public key's PEM", async (f) => f.hmac(await exportSPKI(f.issuer.keys.RS256.publicKey))],
  ["HS256 with the public key's JWK", (f) => f.hmac(JSON.stringify(f.issuer.keys.RS256.jwk))],
  [
    "HS256 with the public modulus",
    (f) => f.hmac(Buffer.from(String(f.issuer.keys.RS256.jwk.n), "base64url")),
  ],
  ["HS256 with an empty secret", (f) => f.hmac("")],
  ["HS256 with a kid that names a file", (f) => f.hmac("", { kid: "../../../../dev/null" })],
  ["HS256 with a kid that is SQL", (f) => f.hmac("x", { kid: "' UNION SELECT 'x" })],
  [
    "HS256 with a secret of its own in the header",
    (f) => f.hmac("x", { jwk: { kty: "oct", k: encode("x") } }),
  ],
  ["another's signature", (f) => f.byAttacker({ kid: f.issuer.keys.RS256.kid })],
  ["another's key id", (f) => f.byAttacker({ kid: f.attacker.kid })],
  ["another's key in jwk", (f) => f.byAttacker({ kid: f.attacker.kid, jwk: f.attacker.jwk })],
  ["another's key behind jku", (f) => f.byAttacker({ kid: f.attacker.kid, jku: `${f.attackerUrl}/jku` })],
  ["another's key behind x5u", (f) => f.byAttacker({ kid: f.attacker.kid, x5u: `${f.attackerUrl}/x5u` })],
  ["another's certificate in x5c", (f) => f.byAttacker({ kid: f.issuer.keys.RS256.kid, x5c: ["MIIB"] })],
  [
    "an algorithm that the settings leave out",
    (f) => f.issuer.sign({}, { alg: "RS512" }, KeyObject.from(f.issuer.keys.RS256.privateKey)),
  ],
  [
    "ES256 with a signature of zeros",
    (f) =>
      `${encode({ alg: "ES256", kid: f.issuer.keys.ES256.kid })}.${encode(f.claims())}.${"A".repeat(86)}`,
  ],
  [
    "an RS256 token that claims to be ES256",
    async (f) => {
      const [, payload, signed] = (await f.issuer.sign()).split(".");
      return `${encode({ alg: "ES256", kid: f.issuer.keys.ES256.kid })}.${payload}.${signed}`;
    },
  ],
  ["an unknown crit", (f) => f.odd({ crit: ["limited"], limited: true })],
  ["an empty crit", (f) => f.odd({ crit: [] })],
  ["b64 false", (f) => f.odd({ crit: ["b64"], b64: false })],
  [
    "the issuer's own key in jwk, and another's signature",
    (f) => f.byAttacker({ jwk: f.issuer.keys.RS256.jwk }),
  ],
  ["a type that is no access token's", (f) => f.issuer.sign({}, { typ: "logout+jwt" })],
  ["a wrong audience", (f) => f.issuer.sign({ aud: "https://other.example.com" })],
  ["an audience that begins like ours", (f) => f.issuer.sign({ aud: `${audience}.evil.example.com` })],
  ["several audiences, none of them ours", (f) => f.issuer.sign({ aud: ["a", "b"] })],
  ["no audience", (f) => f.issuer.sign({ aud: undefined })],
  ["a wrong issuer", (f) => f.issuer.sign({ iss: "https://other.example.com" })],
  ["an issuer with a slash more", (f) => f.issuer.sign({ iss: `${f.issuer.url}/` })],
  ["no issuer", (f) => f.issuer.sign({ iss: undefined })],
  ["no expiry", (f) => f.issuer.sign({ exp: undefined })],
  ["an expiry in words", (f) => f.issuer.sign({ exp: "9999999999" })],
  ["an expiry of null", (f) => f.issuer.sign({ exp: null })],
  ["a time before which it is not valid", (f) => f.issuer.sign({ nbf: inSeconds(3600) })],
  ["a nbf in words", (f) => f.issuer.sign({ nbf: "0" })],
  ["no subject", (f) => f.issuer.sign({ sub: undefined })],
  ["an empty subject", (f) => f.issuer.sign({ sub: "" })],
  ["a subject that is a number", (f) => f.issuer.sign({ sub: 42 })],
  ["scopes that are no words", (f) => f.issuer.sign({ scope: 42 })],
  ["scopes that are no list of words", (f) => f.issuer.sign({ scp: [{ name: "chime:read" }] })],
  ["accounts that are a number", (f) => f.issuer.sign({ chime_accounts: 42 })],
  ["accounts that are null", (f) => f.issuer.sign({ chime_accounts: null })],
  ["accounts that are an object", (f) => f.issuer.sign({ chime_accounts: { id: "a" } })],
  ["accounts that are no list of words", (f) => f.issuer.sign({ chime_accounts: ["a", 1] })],
  ["accounts that are paths", (f) => f.issuer.sign({ chime_accounts: ["../users"] })],
  [
    "a changed payload",
    async (f) => {
      const [header, payload, signed] = (await f.issuer.sign()).split(".");
      return `${header}.${encode({ ...decode(payload), sub: "admin", scope: "chime:write" })}.${signed}`;
    },
  ],
  [
    "a claim that is there twice",
    async (f) => {
      const [header, payload = "", signed] = (await f.issuer.sign()).split(".");
      const text = Buffer.from(payload, "base64url").toString();
      return `${header}.${encode(text.replace(/}$/, `,"sub":"admin"}`))}.${signed}`;
    },
  ],
  ["a signature cut short", async (f) => (await f.issuer.sign()).slice(0, -20)],
  ["no signature", async (f) => (await f.issuer.sign()).replace(/\.[^.]*$/, ".")],
  ["two parts", async (f) => (await f.issuer.sign()).replace(/\.[^.]*$/, "")],
  ["four parts", async (f) => `${await f.issuer.sign()}.AA`],
  ["padding", async (f) => `${await f.issuer.sign()}==`],
  ["a payload that is a list", (f) => f.odd({}, [f.claims()])],
  ["a payload that is no JSON", (f) => f.odd({}, "admin")],
  ["a header that is no JSON", (f) => `admin.${encode(f.claims())}.AA`],
  [
    "a token that is encrypted, and not signed",
    async (f) => {
      const { use, ...jwk } = f.issuer.keys.RS256.jwk;
      const key = await importJWK(jwk, "RSA-OAEP-256");
      return new CompactEncrypt(Buffer.from(JSON.stringify(f.claims())))
        .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: f.issuer.keys.RS256.kid })
        .encrypt(key);
    },
  ],
  ["a token in a token", async (f) => f.odd({ cty: "JWT" }, await f.issuer.sign())],
  ["a token of 10,000 characters", (f) => f.issuer.sign({ groups: "x".repeat(7_000) })],
  ["three words", async (f) => `${await f.issuer.sign()} ${await f.issuer.sign()}`],
  ["two schemes", async (f) => `${await f.issuer.sign()}, Bearer ${await f.issuer.sign()}`],
  ["an empty token", () => ""],
  ["dots", () => ".."],
];
