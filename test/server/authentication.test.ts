import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Gateway } from "../../src/server/listen.js";
import { attacks, createForge, type Forge } from "../support/attacks.js";
import { startOn, useHarness } from "../support/fixture.js";
import {
  audience,
  createKey,
  type Issuer,
  type IssuerKey,
  inSeconds,
  startIssuer,
} from "../support/issuer.js";

const harness = useHarness();
let issuer: Issuer;
let gateway: Gateway;
let attacker: IssuerKey;
/** Paths that were requested from the attacker's server. */
const attackerAsked: string[] = [];
const attackerServer = createServer(({ url = "" }, response) => {
  attackerAsked.push(url);
  response.end(JSON.stringify({ keys: [attacker.jwk] }));
});
let forge: Forge;

beforeAll(async () => {
  issuer = await startIssuer();
  attacker = await createKey("RS256");
  await new Promise<void>((listening) => attackerServer.listen(0, "127.0.0.1", listening));
  const attackerUrl = `http://127.0.0.1:${(attackerServer.address() as AddressInfo).port}`;
  forge = createForge(issuer, attacker, attackerUrl);
  gateway = await startOn(harness.chimeUrl, issuer.env);
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

const accepted = { status: 200, challenge: null, body: { data: { __typename: "Query" } } };
const refused = (challenge: string, message: string) => ({
  status: 401,
  challenge,
  body: { errors: [{ message, extensions: { code: "UNAUTHENTICATED" } }] },
});
const missing = refused("Bearer", "A bearer token is required.");
const invalid = refused('Bearer error="invalid_token"', "The token is not valid.");
const expired = refused(
  'Bearer error="invalid_token", error_description="expired"',
  "The token has expired.",
);
describe("a token is accepted that", () => {
  const es256 = () => ({ alg: "ES256", kid: issuer.keys.ES256.kid });
  const edDsa = () => ({ alg: "EdDSA", kid: issuer.keys.EdDSA.kid });

  test.each<[string, () => string | Promise<string>]>([
    ["is signed with RS256", () => issuer.sign()],
    ["is signed with ES256", () => issuer.sign({}, es256(), issuer.keys.ES256.privateKey)],
    ["is signed with EdDSA", () => issuer.sign({}, edDsa(), issuer.keys.EdDSA.privateKey)],
    ["is signed by other software", () => forge.odd({})],
    ["names no key if only one matches", () => issuer.sign({}, { kid: undefined })],
    ["declares that it is an access token", () => issuer.sign({}, { typ: "at+jwt" })],
    ["declares that it is a JWT", () => issuer.sign({}, { typ: "JWT" })],
    ["is for several audiences", () => issuer.sign({ aud: ["https://other.example.com", audience] })],
    ["expired within the tolerance for clocks", () => issuer.sign({ exp: inSeconds(-10) })],
    ["was valid from a while ago", () => issuer.sign({ nbf: inSeconds(-60) })],
    ["has its scopes in a list, as from Okta", () => issuer.sign({ scp: ["chime:read"] })],
    [
      "has its scopes in scp, separated by spaces, as from Entra ID",
      () => issuer.sign({ scp: "a chime:read" }),
    ],
    ["allows no account", () => issuer.sign({ chime_accounts: [] })],
    ["has other claims", () => issuer.sign({ email_verified: true, groups: ["a", "b"], jti: "1" })],
  ])("%s", async (_what, sign) => {
    expect(await send(`Bearer ${await sign()}`)).toEqual(accepted);
  });

  test.each(["bearer", "BEARER", "Bearer  "])("comes after the scheme %j", async (scheme) => {
    expect(await send(`${scheme} ${await issuer.sign()}`)).toEqual(accepted);
  });
});

describe("a request is refused with", () => {
  test("no token", async () => {
    expect(await send(undefined)).toEqual(missing);
    expect(await send("")).toEqual(missing);
  });

  test("a token that expired an hour ago", async () => {
    expect(await send(`Bearer ${await issuer.sign({ exp: inSeconds(-3600) })}`)).toEqual(expired);
  });

  test.each(attacks)("%s", async (_what, make) => {
    expect(await send(`Bearer ${await make(forge)}`)).toEqual(invalid);
  });

  test.each(["Basic", "Token", "DPoP", "Bearer,"])("the scheme %s", async (scheme) => {
    expect(await send(`${scheme} ${await issuer.sign()}`)).toEqual(invalid);
  });

  test("a token in the URL or the body", async () => {
    const token = await issuer.sign();
    const response = await fetch(`${gateway.url}/graphql?access_token=${token}&query=%7B__typename%7D`, {
      headers: { "apollo-require-preflight": "true" },
    });

    expect(response.status).toBe(401);
    expect(await send(undefined, JSON.stringify({ access_token: token }))).toEqual(missing);
  });

  test("a server that a token points to gets no request", () => {
    expect(attackerAsked).toEqual([]);
  });
});

describe("a refused caller", () => {
  test("is refused before the body is read, without a call to Chime", async () => {
    await harness.forgetCalls();

    expect(await send(undefined, "{ no JSON")).toEqual(missing);
    expect(await send(undefined, "x".repeat(2_000_000))).toEqual(missing);
    expect(await harness.calls()).toEqual({});
  });

  test("is refused the fields for routers, and persisted queries", async () => {
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

  test("gets health and the explorers, which have a field for a token", async () => {
    expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    const page = await fetch(`${gateway.url}/graphql`, { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect((await fetch(`${gateway.url}/graphiql`)).status).toBe(200);
  });

  test("may send a preflight from a page of an allowed origin", async () => {
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
