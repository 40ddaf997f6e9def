import { request } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Gateway } from "../../src/server/listen.js";
import { ask, startOn, useHarness } from "../support/fixture.js";
import { type Issuer, startIssuer } from "../support/issuer.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });

describe("without authentication on a loopback HOST,", () => {
  /** Sends a request with a Host header of its own, as a browser does after DNS rebinding. */
  const askAs = (host: string, url: string, path = "/graphql?query={__typename}", accept = "*/*") =>
    new Promise((resolve, reject) => {
      const headers = { host, accept, "apollo-require-preflight": "true" };
      request(url + path, { headers }, async (response) => {
        const body = (await json(response).catch(() => undefined)) as { errors?: object[] } | undefined;
        resolve([response.statusCode, body?.errors?.map(codeOf)]);
      })
        .on("error", reject)
        .end();
    });
  const codeOf = (error: { extensions?: { code: string } }) => error.extensions?.code;

  test("the gateway answers requests addressed to localhost", async () => {
    const { port } = new URL(harness.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, "LOCALHOST"])
      expect(await askAs(host, harness.url), host).toEqual([200, undefined]);
  });

  test("the gateway refuses all other host names, on every path", async () => {
    const { port } = new URL(harness.url);
    const foreign = [
      `evil.example.com:${port}`,
      "127.0.0.1.example.com",
      "localhost.example.com",
      "10.0.0.1",
    ];
    for (const host of foreign) expect(await askAs(host, harness.url), host).toEqual([403, ["FORBIDDEN"]]);
    for (const path of ["/metrics", "/graphiql", "/graphql", "/health/ready", "/"])
      expect(await askAs("evil.example.com", harness.url, path, "text/html"), path).toEqual([
        403,
        ["FORBIDDEN"],
      ]);
    expect(await harness.calls()).toEqual({});
  });

  test("a gateway with a router secret, or on another HOST, accepts any host name", async () => {
    const open = await startOn(harness.chimeUrl, { HOST: "0.0.0.0", AUTH: "none" });
    onTestFinished(() => open.close());
    const guarded = await startOn(harness.chimeUrl, { ROUTER_SECRET: "0123456789abcdef" });
    onTestFinished(() => guarded.close());
    const { port } = new URL(open.url);
    expect(await askAs("chime.example.com", `http://127.0.0.1:${port}`)).toEqual([200, undefined]);
    expect(await askAs("chime.example.com", guarded.url, "/health/live")).toEqual([200, undefined]);
  });
});

describe("with a router secret,", () => {
  const current = "0123456789abcdef";
  const next = "fedcba9876543210";
  const origin = "https://app.example.com";
  let issuer: Issuer;
  let gateway: Gateway;
  let withTokens: Gateway;

  beforeAll(async () => {
    issuer = await startIssuer();
    gateway = await startOn(harness.chimeUrl, { ROUTER_SECRET: `${current}, ${next}`, CORS_ORIGINS: origin });
    withTokens = await startOn(harness.chimeUrl, { ...issuer.env, ROUTER_SECRET: current });
  });
  afterAll(async () => {
    await gateway?.close();
    await withTokens?.close();
    await issuer?.close();
  });

  const forbidden = {
    errors: [{ message: "Requests must come through the router.", extensions: { code: "FORBIDDEN" } }],
  };
  const service = { query: "{ _service { __typename } }" };
  const answered = { data: { _service: { __typename: "_Service" } } };

  test.each([current, next])("the router is accepted with either of two secrets: %s", async (secret) => {
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
  ])("a request with another secret is refused: %j", async (secret) => {
    const headers: Record<string, string> = secret === undefined ? {} : { "x-router-secret": secret };
    expect(await ask(gateway.url, service, headers)).toEqual(forbidden);
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
  ])("a request without the secret is refused on every path: %s %s", async (method, path) => {
    await harness.forgetCalls();
    const response = await fetch(gateway.url + path, { method, headers: { accept: "text/html" } });

    expect([response.status, await response.json()]).toEqual([403, forbidden]);
    expect(await harness.calls()).toEqual({});
  });

  test("a page of an allowed origin can read the refusal", async () => {
    const { status, headers } = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { origin },
    });

    expect([status, headers.get("access-control-allow-origin")]).toEqual([403, origin]);
  });

  test.each(["/health/live", "/health/ready"])("health needs no secret: %s", async (path) => {
    expect((await fetch(gateway.url + path)).status).toBe(200);
  });

  test("tokens are needed as well: the secret proves the router, the token the caller", async () => {
    const token = { authorization: `Bearer ${await issuer.sign({ scope: "chime:read" })}` };
    const secret = { "x-router-secret": current };

    expect(await ask(withTokens.url, service, { ...token, ...secret })).toEqual(answered);
    expect(await ask(withTokens.url, service, token)).toEqual(forbidden);
    expect((await ask(withTokens.url, service, secret)).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });
});
