import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Gateway } from "../../src/server/listen.js";
import { startOn, useHarness } from "../support/fixture.js";
import { type HttpOptions, type HttpResponse, sendHttp, sendRaw } from "../support/http.js";
import { type Issuer, startIssuer } from "../support/issuer.js";
import { largeQuery } from "../support/large.js";

const origin = "https://app.example.com";
const env = { CORS_ORIGINS: origin };
const harness = useHarness({ ...env, CHIME_LOCAL_USERS: "450" });
let issuer: Issuer;
let closed: Gateway;
let guarded: Gateway;

beforeAll(async () => {
  issuer = await startIssuer();
  closed = await startOn(harness.chimeUrl, { ...env, ...issuer.env });
  guarded = await startOn(harness.chimeUrl, { ...env, ROUTER_SECRET: "0123456789abcdef" });
});
afterAll(async () => {
  await closed?.close();
  await guarded?.close();
  await issuer?.close();
});

const query = { query: "{ __typename }" };
const send = (method: string, path: string, { headers, ...options }: HttpOptions = {}, url = harness.url) =>
  sendHttp(method, url + path, { ...options, headers: { origin, ...headers } });
const post = (options: HttpOptions, url?: string) => send("POST", "/graphql", options, url);
const head = (line: string, ...lines: string[]) =>
  [line, "Host: localhost", `Origin: ${origin}`, ...lines, "", ""].join("\r\n");

/** Fills a gateway that takes one request, and asks it again. */
async function overload(): Promise<HttpResponse> {
  const gateway = await startOn(harness.chimeUrl, { ...env, MAX_REQUESTS: "1" });
  onTestFinished(() => gateway.close());
  await harness.fault({ operation: "ListAccounts", kind: "latency", ms: 500 });
  const first = post({ body: { query: "{ accounts { nodes { name } } }" } }, gateway.url);
  await expect.poll(() => harness.countCalls()).toBe(1);
  const second = await post({ body: query }, gateway.url);
  await first;
  return second;
}

/** Asks a gateway that is shutting down, while a client still reads. */
async function askDuringShutdown(): Promise<HttpResponse> {
  const gateway = await startOn(harness.chimeUrl, env);
  const headers = { "content-type": "application/json", "accept-encoding": "identity" };
  const body = JSON.stringify({ query: largeQuery });
  const reading = await fetch(`${gateway.url}/graphql`, { method: "POST", headers, body });
  const stopped = gateway.close();
  const response = await post({ body: query }, gateway.url);
  await reading.arrayBuffer();
  await stopped;
  return response;
}

/** Asks a gateway more often than a caller may. */
async function askTooOften(): Promise<HttpResponse> {
  const gateway = await startOn(harness.chimeUrl, { ...env, RATE_LIMIT_PER_MINUTE: "1" });
  onTestFinished(() => gateway.close());
  await post({ body: query }, gateway.url);
  return post({ body: query }, gateway.url);
}

/** Asks a gateway whose issuer does not publish its keys. */
async function askWithoutKeys(): Promise<HttpResponse> {
  const down = await startIssuer();
  down.down = true;
  const gateway = await startOn(harness.chimeUrl, { ...env, ...down.env });
  onTestFinished(async () => {
    await gateway.close();
    await down.close();
  });
  return post({ body: query, headers: { authorization: `Bearer ${await down.sign()}` } }, gateway.url);
}

const refusals: [what: string, status: number, ask: () => Promise<HttpResponse>][] = [
  ["a malformed path", 400, () => send("GET", "/%zz")],
  ["malformed JSON", 400, () => post({ body: "{", headers: { "content-type": "application/json" } })],
  ["an invalid query", 400, () => post({ body: { query: "{ nothing }" } })],
  ["an invalid Host", 400, () => post({ body: query, headers: { host: "[" } })],
  ["a missing token", 401, () => post({ body: query }, closed.url)],
  ["a missing router secret", 403, () => post({ body: query }, guarded.url)],
  ["another host name", 403, () => post({ body: query, headers: { host: "chime.example.com" } })],
  ["an unknown path", 404, () => send("GET", "/nowhere")],
  ["another method", 405, () => send("PUT", "/graphql", { body: query })],
  ["OPTIONS that is not a preflight", 405, () => send("OPTIONS", "/graphql")],
  ["a mutation by GET", 405, () => send("GET", "/graphql?query=mutation{__typename}")],
  ["a client that accepts no JSON", 406, () => post({ body: query, headers: { accept: "image/png" } })],
  ["a body that is too large", 413, () => post({ body: { query: " ".repeat(600_000) } })],
  ["another content type", 415, () => post({ body: "a", headers: { "content-type": "text/csv" } })],
  ["a compressed body", 415, () => post({ body: query, headers: { "content-encoding": "gzip" } })],
  [
    "HTTP without a Host",
    400,
    () => sendRaw(harness.url, `GET /graphql HTTP/1.1\r\nConnection: close\r\nOrigin: ${origin}\r\n\r\n`),
  ],
  ["malformed HTTP", 400, () => sendRaw(harness.url, head("GET / HTTP/1.1", "a malformed line"))],
  [
    "headers that are too large",
    431,
    () => sendRaw(harness.url, head("GET / HTTP/1.1", `X: ${"a".repeat(20_000)}`)),
  ],
  [
    "a body that does not arrive",
    408,
    () =>
      sendRaw(
        harness.url,
        `${head("POST /graphql HTTP/1.1", "Content-Type: application/json", "Content-Length: 9")}{`,
      ),
  ],
  ["requests beyond RATE_LIMIT_PER_MINUTE", 429, askTooOften],
  ["overload", 503, overload],
  ["a shutdown", 503, askDuringShutdown],
  ["unavailable signing keys", 503, askWithoutKeys],
];

describe("a page of an allowed origin can read the refusal of", () => {
  test.for(refusals)("%s: %i", { timeout: 30_000 }, async ([_what, expected, ask]) => {
    const { status, headers, body } = await ask();

    expect(status).toBe(expected);
    expect(headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-expose-headers": expect.stringContaining("retry-after"),
      "content-type": expect.stringMatching(/^application\/.*json; charset=utf-8$/),
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    expect(headers.vary).toContain("Origin");
    if (status === 429) expect(headers["retry-after"]).toMatch(/^([1-9]|[1-5]\d|60)$/);
    else expect(headers["retry-after"]).toBe([408, 503].includes(status) ? "1" : undefined);
    expect(JSON.parse(body).errors[0].extensions.code).toMatch(/^[A-Z_]+$/);
  });
});

test("a page of another origin cannot read a refusal", async () => {
  const other = { origin: "https://other.example.com" };
  const answers = [
    await send("GET", "/nowhere", { headers: other }),
    await sendRaw(harness.url, head("GET / HTTP/1.1", "a malformed line").replace(origin, other.origin)),
  ];
  for (const { status, headers } of answers) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  }
});
