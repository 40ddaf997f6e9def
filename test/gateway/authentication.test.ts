import { createHmac, createSign, KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactEncrypt, exportSPKI, importJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Gateway } from "../../src/gateway/server.js";
import {
  audience,
  createKey,
  type Issuer,
  type IssuerKey,
  inSeconds,
  startIssuer,
} from "../support/issuer.js";
import { startOn, useWorld } from "../support/world.js";

const world = useWorld();
let issuer: Issuer;
let gateway: Gateway;
let attacker: IssuerKey;
/** Paths that the attacker's server was asked for. */
const attackerAsked: string[] = [];
const attackerServer = createServer(({ url = "" }, response) => {
  attackerAsked.push(url);
  response.end(JSON.stringify({ keys: [attacker.jwk] }));
});
let attackerUrl: string;

beforeAll(async () => {
  issuer = await startIssuer();
  attacker = await createKey("RS256");
  await new Promise<void>((listening) => attackerServer.listen(0, "127.0.0.1", listening));
  attackerUrl = `http://127.0.0.1:${(attackerServer.address() as AddressInfo).port}`;
  gateway = await startOn(world.chimeUrl, issuer.env);
});
afterAll(async () => {
  await gateway?.close();
  await issuer?.close();
  attackerServer.close();
});

const anyRequest = JSON.stringify({ query: "{ __typename }" });

async function send(authorization?: string, body = anyRequest) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(authorization !== undefined && { authorization }) },
    body,
  });
  return {
    status: response.status,
    challenge: response.headers.get("www-authenticate"),
    body: (await response.json()) as object,
  };
}

const letIn = { status: 200, challenge: null, body: { data: { __typename: "Query" } } };
const refused = (challenge: string, message: string) => ({
  status: 401,
  challenge,
  body: { errors: [{ message, extensions: { code: "UNAUTHENTICATED" } }] },
});
const missing = refused("Bearer", "A bearer token is needed.");
const invalid = refused('Bearer error="invalid_token"', "The token is not valid.");
const expired = refused(
  'Bearer error="invalid_token", error_description="expired"',
  "The token has expired.",
);
const encode = (part: object | string): string =>
  Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
const decode = (part = ""): Record<string, unknown> => JSON.parse(Buffer.from(part, "base64url").toString());
const claims = () => ({
  iss: issuer.url,
  aud: audience,
  sub: "admin",
  exp: inSeconds(600),
  scope: "chime:read",
});

/** Signs with a shared secret, as who knows only public things can. */
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

describe("a token that is taken", () => {
  const es256 = () => ({ alg: "ES256", kid: issuer.keys.ES256.kid });
  const edDsa = () => ({ alg: "EdDSA", kid: issuer.keys.EdDSA.kid });

  test.each<[string, () => string | Promise<string>]>([
    ["is signed with RS256", () => issuer.sign()],
    ["is signed with ES256", () => issuer.sign({}, es256(), issuer.keys.ES256.privateKey)],
    ["is signed with EdDSA", () => issuer.sign({}, edDsa(), issuer.keys.EdDSA.privateKey)],
    ["is signed by other software", () => odd({})],
    ["names no key where one alone fits", () => issuer.sign({}, { kid: undefined })],
    ["says that it is an access token", () => issuer.sign({}, { typ: "at+jwt" })],
    ["says that it is a JWT", () => issuer.sign({}, { typ: "JWT" })],
    ["is for several audiences", () => issuer.sign({ aud: ["https://other.example.com", audience] })],
    ["has expired so lately that clocks may differ", () => issuer.sign({ exp: inSeconds(-10) })],
    ["was valid from a while ago", () => issuer.sign({ nbf: inSeconds(-60) })],
    ["has its scopes in a list, as Okta writes them", () => issuer.sign({ scp: ["chime:read"] })],
    [
      "has its scopes in scp, with spaces, as Entra ID writes them",
      () => issuer.sign({ scp: "a chime:read" }),
    ],
    ["names no account at all", () => issuer.sign({ chime_accounts: [] })],
    ["says much else", () => issuer.sign({ email_verified: true, groups: ["a", "b"], jti: "1" })],
  ])("%s", async (_what, sign) => {
    expect(await send(`Bearer ${await sign()}`)).toEqual(letIn);
  });

  test.each(["bearer", "BEARER", "Bearer  "])("comes after the scheme %j", async (scheme) => {
    expect(await send(`${scheme} ${await issuer.sign()}`)).toEqual(letIn);
  });
});

describe("lets nobody in:", () => {
  test("no token", async () => {
    expect(await send(undefined)).toEqual(missing);
    expect(await send("")).toEqual(missing);
  });

  test("a token that expired an hour ago", async () => {
    expect(await send(`Bearer ${await issuer.sign({ exp: inSeconds(-3600) })}`)).toEqual(expired);
  });

  const signature = (token: string) => token.split(".")[2] ?? "";

  test.each<[string, () => string | Promise<string>]>([
    ["alg none", () => `${encode({ alg: "none" })}.${encode(claims())}.`],
    ["alg none in odd letters", () => `${encode({ alg: "nOnE" })}.${encode(claims())}.AA`],
    [
      "alg none with another token's signature",
      async () => `${encode({ alg: "none" })}.${encode(claims())}.${signature(await issuer.sign())}`,
    ],
    ["no alg", async () => `${encode({ typ: "JWT" })}.${encode(claims())}.${signature(await issuer.sign())}`],
    ["HS256 with the public key's PEM", async () => hmac(await exportSPKI(issuer.keys.RS256.publicKey))],
    ["HS256 with the public key's JWK", () => hmac(JSON.stringify(issuer.keys.RS256.jwk))],
    ["HS256 with the public modulus", () => hmac(Buffer.from(String(issuer.keys.RS256.jwk.n), "base64url"))],
    ["HS256 with an empty secret", () => hmac("")],
    ["HS256 with a kid that names a file", () => hmac("", { kid: "../../../../dev/null" })],
    ["HS256 with a kid that is SQL", () => hmac("x", { kid: "' UNION SELECT 'x" })],
    [
      "HS256 with a secret of its own in the header",
      () => hmac("x", { jwk: { kty: "oct", k: encode("x") } }),
    ],
    ["another's signature", () => byAttacker({ kid: issuer.keys.RS256.kid })],
    ["another's key id", () => byAttacker({ kid: attacker.kid })],
    ["another's key in jwk", () => byAttacker({ kid: attacker.kid, jwk: attacker.jwk })],
    ["another's key behind jku", () => byAttacker({ kid: attacker.kid, jku: `${attackerUrl}/jku` })],
    ["another's key behind x5u", () => byAttacker({ kid: attacker.kid, x5u: `${attackerUrl}/x5u` })],
    ["another's certificate in x5c", () => byAttacker({ kid: issuer.keys.RS256.kid, x5c: ["MIIB"] })],
    [
      "an algorithm that the settings leave out",
      () => issuer.sign({}, { alg: "RS512" }, KeyObject.from(issuer.keys.RS256.privateKey)),
    ],
    [
      "ES256 with a signature of zeros",
      () => `${encode({ alg: "ES256", kid: issuer.keys.ES256.kid })}.${encode(claims())}.${"A".repeat(86)}`,
    ],
    [
      "an RS256 token that says ES256",
      async () => {
        const [, payload, signed] = (await issuer.sign()).split(".");
        return `${encode({ alg: "ES256", kid: issuer.keys.ES256.kid })}.${payload}.${signed}`;
      },
    ],
    ["an unknown crit", () => odd({ crit: ["limited"], limited: true })],
    ["an empty crit", () => odd({ crit: [] })],
    ["b64 false", () => odd({ crit: ["b64"], b64: false })],
    [
      "the issuer's own key in jwk, and another's signature",
      () => byAttacker({ jwk: issuer.keys.RS256.jwk }),
    ],
    ["a type that is no access token's", () => issuer.sign({}, { typ: "logout+jwt" })],
    ["a wrong audience", () => issuer.sign({ aud: "https://other.example.com" })],
    ["an audience that begins like ours", () => issuer.sign({ aud: `${audience}.evil.example.com` })],
    ["several audiences, none of them ours", () => issuer.sign({ aud: ["a", "b"] })],
    ["no audience", () => issuer.sign({ aud: undefined })],
    ["a wrong issuer", () => issuer.sign({ iss: "https://other.example.com" })],
    ["an issuer with a slash more", () => issuer.sign({ iss: `${issuer.url}/` })],
    ["no issuer", () => issuer.sign({ iss: undefined })],
    ["no expiry", () => issuer.sign({ exp: undefined })],
    ["an expiry in words", () => issuer.sign({ exp: "9999999999" })],
    ["an expiry of null", () => issuer.sign({ exp: null })],
    ["a time before which it is not valid", () => issuer.sign({ nbf: inSeconds(3600) })],
    ["a nbf in words", () => issuer.sign({ nbf: "0" })],
    ["no subject", () => issuer.sign({ sub: undefined })],
    ["an empty subject", () => issuer.sign({ sub: "" })],
    ["a subject that is a number", () => issuer.sign({ sub: 42 })],
    ["scopes that are no words", () => issuer.sign({ scope: 42 })],
    ["scopes that are no list of words", () => issuer.sign({ scp: [{ name: "chime:read" }] })],
    ["accounts that are a number", () => issuer.sign({ chime_accounts: 42 })],
    ["accounts that are null", () => issuer.sign({ chime_accounts: null })],
    ["accounts that are an object", () => issuer.sign({ chime_accounts: { id: "a" } })],
    ["accounts that are no list of words", () => issuer.sign({ chime_accounts: ["a", 1] })],
    ["accounts that are paths", () => issuer.sign({ chime_accounts: ["../users"] })],
    [
      "a changed payload",
      async () => {
        const [header, payload, signed] = (await issuer.sign()).split(".");
        return `${header}.${encode({ ...decode(payload), sub: "admin", scope: "chime:write" })}.${signed}`;
      },
    ],
    [
      "a claim that is there twice",
      async () => {
        const [header, payload = "", signed] = (await issuer.sign()).split(".");
        const text = Buffer.from(payload, "base64url").toString();
        return `${header}.${encode(text.replace(/}$/, `,"sub":"admin"}`))}.${signed}`;
      },
    ],
    ["a signature cut short", async () => (await issuer.sign()).slice(0, -20)],
    ["no signature", async () => (await issuer.sign()).replace(/\.[^.]*$/, ".")],
    ["two parts", async () => (await issuer.sign()).replace(/\.[^.]*$/, "")],
    ["four parts", async () => `${await issuer.sign()}.AA`],
    ["padding", async () => `${await issuer.sign()}==`],
    ["a payload that is a list", () => odd({}, [claims()])],
    ["a payload that is no JSON", () => odd({}, "admin")],
    ["a header that is no JSON", () => `admin.${encode(claims())}.AA`],
    [
      "a token that is encrypted, and not signed",
      async () => {
        const { use, ...jwk } = issuer.keys.RS256.jwk;
        const key = await importJWK(jwk, "RSA-OAEP-256");
        return new CompactEncrypt(Buffer.from(JSON.stringify(claims())))
          .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: issuer.keys.RS256.kid })
          .encrypt(key);
      },
    ],
    ["a token in a token", async () => odd({ cty: "JWT" }, await issuer.sign())],
    ["a token of 10,000 characters", () => issuer.sign({ groups: "x".repeat(7_000) })],
    ["three words", async () => `${await issuer.sign()} ${await issuer.sign()}`],
    ["two schemes", async () => `${await issuer.sign()}, Bearer ${await issuer.sign()}`],
    ["an empty token", () => ""],
    ["dots", () => ".."],
  ])("%s", async (_what, make) => {
    expect(await send(`Bearer ${await make()}`)).toEqual(invalid);
  });

  test.each(["Basic", "Token", "DPoP", "Bearer,"])("the scheme %s", async (scheme) => {
    expect(await send(`${scheme} ${await issuer.sign()}`)).toEqual(invalid);
  });

  test("a token in the address or the body", async () => {
    const token = await issuer.sign();
    const response = await fetch(`${gateway.url}/graphql?access_token=${token}&query=%7B__typename%7D`, {
      headers: { "apollo-require-preflight": "true" },
    });

    expect(response.status).toBe(401);
    expect(await send(undefined, JSON.stringify({ access_token: token }))).toEqual(missing);
  });

  test("a server that a token points to is never asked", () => {
    expect(attackerAsked).toEqual([]);
  });
});

describe("who is not let in", () => {
  test("is refused before the body is read, and costs no call", async () => {
    await world.forgetCalls();

    expect(await send(undefined, "{ no JSON")).toEqual(missing);
    expect(await send(undefined, "x".repeat(2_000_000))).toEqual(missing);
    expect(await world.calls()).toEqual({});
  });

  test("is refused what a router asks, and persisted queries", async () => {
    for (const body of [
      { query: "{ _service { sdl } }" },
      { query: `{ _entities(representations: []) { __typename } }` },
      { query: "{ __schema { types { name } } }" },
      { extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } } },
    ])
      expect(await send(undefined, JSON.stringify(body))).toEqual(missing);
  });

  test.each(["GET", "HEAD"])("is refused with %s as well", async (method) => {
    const response = await fetch(`${gateway.url}/graphql?query=%7B__typename%7D`, {
      method,
      headers: { accept: "text/html", "apollo-require-preflight": "true" },
    });

    expect(response.status).toBe(401);
  });

  test("is told of health, and shown the explorers, which ask for a token themselves", async () => {
    expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    const page = await fetch(`${gateway.url}/graphql`, { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect((await fetch(`${gateway.url}/graphiql`)).status).toBe(200);
  });

  test("may ask from a page of another origin what a request needs", async () => {
    const preflight = await fetch(`${gateway.url}/graphql`, {
      method: "OPTIONS",
      headers: {
        origin: "https://studio.apollographql.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });

    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("authorization,content-type");
  });
});
