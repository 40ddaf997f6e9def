import { afterAll, beforeAll, expect, test } from "vitest";
import type { Gateway } from "../../src/server/listen.js";
import { type Issuer, startIssuer } from "../support/issuer.js";
import { ask, startOn, useWorld } from "../support/world.js";

const world = useWorld();
const current = "0123456789abcdef";
const next = "fedcba9876543210";
let issuer: Issuer;
let gateway: Gateway;
let withTokens: Gateway;

beforeAll(async () => {
  issuer = await startIssuer();
  gateway = await startOn(world.chimeUrl, { ROUTER_SECRET: `${current}, ${next}` });
  withTokens = await startOn(world.chimeUrl, { ...issuer.env, ROUTER_SECRET: current });
});
afterAll(async () => {
  await gateway?.close();
  await withTokens?.close();
  await issuer?.close();
});

const forbidden = {
  errors: [{ message: "Only the router may ask.", extensions: { code: "FORBIDDEN" } }],
};
const service = { query: "{ _service { __typename } }" };
const answered = { data: { _service: { __typename: "_Service" } } };

test.each([current, next])("either of the two secrets lets a router in: %s", async (secret) => {
  expect(await ask(gateway.url, service, { "x-router-secret": secret })).toEqual(answered);
});

test.each([
  undefined,
  "",
  "undefined",
  current.slice(1),
  `${current}0`,
  current.toUpperCase(),
  `${current},${next}`,
  `${current}, ${next}`,
])("without one nobody is let in: %j", async (secret) => {
  expect(await ask(gateway.url, service, secret === undefined ? {} : { "x-router-secret": secret })).toEqual(
    forbidden,
  );
});

test.each([
  ["GET", "/graphql?query=%7B__typename%7D"],
  ["POST", "/graphql"],
  ["PUT", "/graphql"],
  ["OPTIONS", "/graphql"],
  ["GET", "/graphiql"],
  ["GET", "/"],
  ["GET", "/elsewhere"],
  ["GET", "/health/../graphql"],
  ["GET", "/health/elsewhere"],
])("nothing is shown to others: %s %s", async (method, path) => {
  await world.forgetCalls();
  const response = await fetch(gateway.url + path, { method, headers: { accept: "text/html" } });

  expect([response.status, await response.json()]).toEqual([403, forbidden]);
  expect(await world.calls()).toEqual({});
});

test.each(["/health/live", "/health/ready"])("health is told to everybody: %s", async (path) => {
  expect((await fetch(gateway.url + path)).status).toBe(200);
});

test("beside tokens both are needed: the secret proves the router, the token the caller", async () => {
  const token = { authorization: `Bearer ${await issuer.sign({ scope: "chime:read" })}` };
  const secret = { "x-router-secret": current };

  expect(await ask(withTokens.url, service, { ...token, ...secret })).toEqual(answered);
  expect(await ask(withTokens.url, service, token)).toEqual(forbidden);
  expect((await ask(withTokens.url, service, secret)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
});
