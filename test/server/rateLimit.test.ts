import { createClient } from "@redis/client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Gateway } from "../../src/server/listen.js";
import { startOn, useHarness } from "../support/fixture.js";
import { type HttpResponse, sendHttp } from "../support/http.js";
import { type Issuer, startIssuer } from "../support/issuer.js";
import { test as programTest } from "../support/programs.js";
import { createRedisServer, hasRedis, redisPassword } from "../support/redisServer.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const query = "{ __typename }";
const answer = { data: { __typename: "Query" } };
const refusal = {
  errors: [
    {
      message: "Too many requests from this caller. Try again later.",
      extensions: { code: "RATE_LIMITED" },
    },
  ],
};

const post = (url: string, headers: Record<string, string> = {}): Promise<HttpResponse> =>
  sendHttp("POST", `${url}/graphql`, { body: { query }, headers });
const statuses = async (count: number, send: () => Promise<HttpResponse>): Promise<number[]> => {
  const found: number[] = [];
  for (let n = 0; n < count; n++) found.push((await send()).status);
  return found;
};

async function start(env: Record<string, string>): Promise<Gateway> {
  const gateway = await startOn(harness.chimeUrl, env);
  onTestFinished(() => gateway.close());
  return gateway;
}

describe("with RATE_LIMIT_PER_MINUTE=2 and no tokens, an address", () => {
  const env = { RATE_LIMIT_PER_MINUTE: "2", CORS_ORIGINS: "https://app.example.com" };

  test("may send two requests; the next one gets 429, RATE_LIMITED and Retry-After, which a page can read", async () => {
    const { url } = await start(env);
    const origin = "https://app.example.com";
    for (let n = 0; n < 2; n++) expect(JSON.parse((await post(url)).body)).toEqual(answer);
    const { status, headers, body } = await post(url, { origin, "x-request-id": "page-1" });
    expect([status, JSON.parse(body)]).toEqual([429, refusal]);
    expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(55);
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(60);
    expect(headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-request-id": "page-1",
      "access-control-allow-origin": origin,
    });
    expect(headers["access-control-expose-headers"]).toContain("retry-after");
  });

  test("may always ask for health, metrics, pages and preflights, which do not count", async () => {
    const { url } = await start(env);
    const others = async () => {
      const get = (path: string, headers = {}) => sendHttp("GET", url + path, { headers });
      const preflight = { origin: "https://app.example.com", "access-control-request-method": "POST" };
      const responses = await Promise.all([
        ...["/health/live", "/health/ready", "/metrics", "/graphiql"].map((path) => get(path)),
        get("/graphql", { accept: "text/html" }),
        sendHttp("OPTIONS", `${url}/graphql`, { headers: preflight }),
      ]);
      return responses.map(({ status }) => status);
    };
    expect(await others()).toEqual([200, 200, 200, 200, 200, 204]);
    expect(await statuses(3, () => post(url))).toEqual([200, 200, 429]);
    expect(await others()).toEqual([200, 200, 200, 200, 200, 204]);
  });

  test("is counted over GET as well, and its refusals are in the metrics by their code", async () => {
    const { url } = await start(env);
    const get = () =>
      sendHttp("GET", `${url}/graphql?query=%7B__typename%7D`, {
        headers: { "apollo-require-preflight": "1" },
      });
    expect([...(await statuses(1, () => post(url))), ...(await statuses(2, get))]).toEqual([200, 200, 429]);
    const metrics = (await sendHttp("GET", `${url}/metrics`)).body;
    expect(metrics).toMatch(/^chime_gateway_requests_total\{.*code="RATE_LIMITED"\} 1$/m);
    expect(metrics).toContain("chime_gateway_rate_limit_unavailable_total 0\n");
  });
});

describe("with tokens, each subject is counted by itself:", () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await startIssuer();
  });
  afterAll(() => issuer?.close());

  test("another subject from the same address is answered, and an invalid token does not count", async () => {
    const { url } = await start({ ...issuer.env, RATE_LIMIT_PER_MINUTE: "2" });
    const as = async (sub: string) => {
      const headers = { authorization: `Bearer ${await issuer.sign({ sub })}` };
      return () => post(url, headers);
    };
    expect(await statuses(3, () => post(url))).toEqual([401, 401, 401]);
    expect(await statuses(3, await as("ada"))).toEqual([200, 200, 429]);
    expect(await statuses(3, await as("grace"))).toEqual([200, 200, 429]);
  });
});

test("without RATE_LIMIT_PER_MINUTE there is no limit", async () => {
  expect(new Set(await statuses(50, () => post(harness.url)))).toEqual(new Set([200]));
});

describe.skipIf(!hasRedis)("replicas that share a Redis", { timeout: 60_000 }, () => {
  programTest("count together, let requests in while Redis is down, and report it", async ({ start }) => {
    const redis = await createRedisServer();
    onTestFinished(() => redis.kill());
    await redis.start();
    const env = { CHIME_LOCAL_DATA: ":memory:", RATE_LIMIT_PER_MINUTE: "3", REDIS_URL: redis.url };
    const [one, two] = await Promise.all([start("gateway", env), start("gateway", env)]);
    const unlimited = async (url: string) => {
      const { body } = await sendHttp("GET", `${url}/metrics`);
      return Number(/^chime_gateway_rate_limit_unavailable_total (\d+)$/m.exec(body)?.[1]);
    };
    // Connecting takes a moment: then requests are counted.
    for (const { url } of [one, two])
      await expect.poll(async () => (await post(url)).status, { timeout: 20_000 }).toBe(429);
    const client = await createClient({ url: redis.url }).connect();
    await client.flushDb();

    expect(await statuses(2, () => post(one.url))).toEqual([200, 200]);
    expect(await statuses(2, () => post(two.url))).toEqual([200, 429]);
    const [key = "", ...others] = await client.keys("*");
    expect([key, others]).toEqual([expect.stringMatching(/^chime-graphql:rate-limit:[\w-]{43}$/), []]);
    expect(await client.pTTL(key)).toBeGreaterThan(50_000);
    client.destroy();

    await redis.kill();
    const before = await unlimited(one.url);
    expect(await statuses(6, () => post(one.url))).toEqual(Array(6).fill(200));
    expect((await unlimited(one.url)) - before).toBe(6);
    await expect.poll(() => one.stdout).toContain("Redis does not answer: requests are not limited");
    expect(two.stdout).toMatch(/"status":429,.*"codes":\["RATE_LIMITED"\]/);
    expect(one.stdout + one.stderr).not.toContain(redisPassword);
  });
});
