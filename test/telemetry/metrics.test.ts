import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask, startOn, useHarness } from "../support/fixture.js";

const folder = mkdtempSync(join(tmpdir(), "metrics-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "manifest.json");
const persisted = `query Persisted { __typename }`;
const id = createHash("sha256").update(persisted).digest("hex");
const operations = [{ id, name: "Persisted", type: "query", body: persisted }];
writeFileSync(file, JSON.stringify({ format: "apollo-persisted-query-manifest", version: 1, operations }));

const harness = useHarness({ MAX_REQUESTS: "2" });
const few = useHarness({ PERSISTED_OPERATIONS: file, CHIME_LOCAL_USERS: "0" }, { metricsOperations: 2 });

const account = `account(accountId: "${SEED.teamAccountId}") { name }`;

/** The values of /metrics by series: name and labels as printed there. */
async function read(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(url)).text();
  return new Map(
    Array.from(text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm), ([, series = "", value]) => [
      series,
      Number(value),
    ]),
  );
}

/** The counters that changed, and by how much. */
async function changes(does: () => Promise<unknown>, url = harness.url): Promise<Record<string, number>> {
  const before = await read(`${url}/metrics`);
  // A scrape probes Chime.
  await harness.forgetCalls();
  await does();
  const after = await read(`${url}/metrics`);
  return Object.fromEntries(
    [...after]
      .map(
        ([series, value]) =>
          [series.replace(/^chime_gateway_/, ""), value - (before.get(series) ?? 0)] as const,
      )
      .filter(
        ([series, change]) =>
          /^\w+_(total|count)\b/.test(series) && !/^(nodejs|process)_/.test(series) && change !== 0,
      ),
  );
}

describe("metrics count", () => {
  test("a request by operation, type and code, and its calls by operation and outcome", async () => {
    expect(await changes(() => harness.ask(`query One { ${account} }`))).toEqual({
      'requests_total{operation="One",type="query",code="OK"}': 1,
      'client_requests_total{client="",code="OK"}': 1,
      'request_duration_seconds_count{operation="One",type="query"}': 1,
      'upstream_calls_total{operation="GetAccount",outcome="OK"}': 1,
      'upstream_call_duration_seconds_count{operation="GetAccount"}': 1,
      upstream_wait_seconds_count: 1,
    });
  });

  test("a failure by the first error's code, with throttles and retries", async () => {
    await harness.fault({ operation: "GetAccount", kind: "429", next: 2 });
    await harness.fault({ operation: "GetUser", kind: "500" });
    const query = `query Two { ${account} user(accountId: "${SEED.teamAccountId}", userId: "${SEED.userId}") { displayName } }`;
    expect(await changes(() => harness.ask(query))).toMatchObject({
      'requests_total{operation="Two",type="query",code="UPSTREAM_UNAVAILABLE"}': 1,
      'upstream_calls_total{operation="GetAccount",outcome="OK"}': 1,
      'upstream_calls_total{operation="GetUser",outcome="UPSTREAM_UNAVAILABLE"}': 1,
      'upstream_throttles_total{operation="GetAccount"}': 2,
      'upstream_retries_total{operation="GetAccount"}': 2,
      'upstream_retries_total{operation="GetUser"}': 2,
    });
  });

  test("a missing resource as OK, and a write by its unknown outcome", async () => {
    await harness.fault({ operation: "UpdateAccount", kind: "500" });
    const update = `mutation Name { updateAccount(input: { accountId: "${SEED.teamAccountId}", name: "New" }) { errors { code } } }`;
    expect(
      await changes(async () => {
        await harness.ask(`query None { account(accountId: "none") { name } }`);
        await harness.ask(update);
      }),
    ).toMatchObject({
      'requests_total{operation="None",type="query",code="OK"}': 1,
      'requests_total{operation="Name",type="mutation",code="OUTCOME_UNKNOWN"}': 1,
      'upstream_calls_total{operation="GetAccount",outcome="NOT_FOUND"}': 1,
      'upstream_calls_total{operation="UpdateAccount",outcome="OUTCOME_UNKNOWN"}': 1,
    });
  });

  test("a call that two requests share as one", async () => {
    await harness.fault({ operation: "GetAccount", kind: "latency", ms: 200, next: 1 });
    expect(
      await changes(() => Promise.all([harness.ask(`{ ${account} }`), harness.ask(`{ ${account} }`)])),
    ).toMatchObject({
      'upstream_calls_total{operation="GetAccount",outcome="OK"}': 1,
      'requests_total{operation="",type="query",code="OK"}': 2,
    });
  });

  test("refused requests by their code", async () => {
    const post = (body: string) =>
      fetch(`${harness.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
    expect(
      await changes(async () => {
        await post("{");
        await post(`{"query":"{ nothing }"}`);
        await post(
          JSON.stringify({
            query: `query Wide { ${Array.from({ length: 21 }, (_, n) => `a${n}: __typename`)} }`,
          }),
        );
      }),
    ).toMatchObject({
      'requests_total{operation="",type="",code="BAD_REQUEST"}': 1,
      'requests_total{operation="",type="",code="GRAPHQL_VALIDATION_FAILED"}': 1,
      'requests_total{operation="",type="query",code="LIMIT_EXCEEDED"}': 1,
    });
  });

  test("requests by client, and a router's operations by the client's name for them", async () => {
    const headers = { "apollographql-client-name": "admin-console" };
    const query = (name: string) => harness.ask(`query ${name} { ${account} }`, {}, headers);
    expect(
      await changes(async () => {
        for (const name of ["Team__chime__0", "Team__chime__1"]) await query(name);
        await harness.ask("{ nothing }", {}, { "apollographql-client-name": "unknown-client" });
      }),
    ).toMatchObject({
      'requests_total{operation="Team",type="query",code="OK"}': 2,
      'client_requests_total{client="admin-console",code="OK"}': 2,
      'client_requests_total{client="other",code="GRAPHQL_VALIDATION_FAILED"}': 1,
    });
  });

  test("requests that load shedding refused, separately", async () => {
    await harness.fault({ operation: "GetAccount", kind: "latency", ms: 400, next: 2 });
    const another = `account(accountId: "${SEED.smallAccountId}") { name }`;
    const counted = await changes(async () => {
      const under = [harness.ask(`{ ${account} }`), harness.ask(`{ ${another} }`)];
      await expect.poll(() => harness.calls()).toEqual({ GetAccount: 2 });
      expect((await read(`${harness.url}/metrics`)).get("chime_gateway_requests_in_progress")).toBe(2);
      await harness.ask(`{ ${account} }`);
      await Promise.all(under);
    });
    expect(counted).toMatchObject({
      overload_rejections_total: 1,
      'requests_total{operation="",type="query",code="OK"}': 2,
    });
  });

  test("a request of a disconnected client as canceled, and its calls too", async () => {
    await harness.fault({ operation: "GetAccount", kind: "latency", ms: 2_000, next: 1 });
    const counted = await changes(async () => {
      const client = new AbortController();
      const answer = fetch(`${harness.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: `query Left { ${account} }` }),
        signal: client.signal,
      }).catch(() => undefined);
      await expect.poll(() => harness.calls()).toEqual({ GetAccount: 1 });
      client.abort();
      await answer;
      await expect
        .poll(async () => (await read(`${harness.url}/metrics`)).get("chime_gateway_requests_in_progress"))
        .toBe(0);
    });
    expect(counted).toMatchObject({
      'requests_total{operation="Left",type="query",code="CANCELED"}': 1,
      'upstream_calls_total{operation="GetAccount",outcome="CANCELED"}': 1,
    });
  });

  test("no pages of the explorers", async () => {
    expect(
      await changes(() => fetch(`${harness.url}/graphql`, { headers: { accept: "text/html" } })),
    ).toEqual({});
  });

  test("include the process and its versions", async () => {
    const metrics = await read(`${harness.url}/metrics`);
    expect(metrics.get("nodejs_heap_size_used_bytes")).toBeGreaterThan(0);
    expect([...metrics.keys()]).toContain("nodejs_eventloop_lag_p99_seconds");
    expect([...metrics.keys()].find((series) => series.startsWith("chime_gateway_build_info"))).toContain(
      `node="${process.version}"`,
    );
  });
});

test("series whose first increase fires an alert start at 0", async () => {
  const gateway = await startOn(harness.chimeUrl);
  const metrics = await read(`${gateway.url}/metrics`);
  await gateway.close();
  const unknown = [...metrics].filter(([series]) => /upstream_calls.*outcome="OUTCOME_UNKNOWN"/.test(series));
  const { data } = await harness.ask("{ __schema { mutationType { fields { name } } } }");
  const mutations = data.__schema.mutationType.fields.map(({ name }: { name: string }) => name.toLowerCase());
  expect(unknown.map(([series]) => /operation="(\w+)"/.exec(series)?.[1]?.toLowerCase()).toSorted()).toEqual(
    mutations.toSorted(),
  );
  expect(new Set(unknown.map(([, value]) => value))).toEqual(new Set([0]));
  expect(metrics.get("chime_gateway_internal_errors_total")).toBe(0);
});

test("metrics report whether the gateway is ready, and why not, without any request", async () => {
  const ready = async (url: string) =>
    [...(await read(`${url}/metrics`))].filter(([series]) => series.startsWith("chime_gateway_ready"));
  expect(await ready(harness.url)).toEqual([['chime_gateway_ready{code="OK"}', 1]]);
  const gateway = await startOn("http://127.0.0.1:9");
  try {
    expect(await ready(gateway.url)).toEqual([['chime_gateway_ready{code="UPSTREAM_UNAVAILABLE"}', 0]]);
  } finally {
    await gateway.close();
  }
});

describe("where metrics name two operations", () => {
  test("the names of two answered operations are learned, persisted ones are known, and the rest are other", async () => {
    const named = (name: string) => few.ask(`query ${name} { __typename }`);
    const counted = await changes(async () => {
      await few.ask(`query Refused { nothing }`);
      // The response to an unknown hash has status 200.
      for (const operationName of ["Made", "Up"])
        await ask(few.url, {
          operationName,
          extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } },
        });
      for (const name of ["First", "Second", "Third", "Fourth", "First"]) await named(name);
      await few.ask(`{ __typename }`);
      await ask(few.url, { extensions: { persistedQuery: { version: 1, sha256Hash: id } } });
    }, few.url);
    expect(Object.entries(counted).filter(([series]) => series.startsWith("requests_total"))).toEqual([
      ['requests_total{operation="",type="",code="GRAPHQL_VALIDATION_FAILED"}', 1],
      ['requests_total{operation="other",type="",code="PERSISTED_QUERY_NOT_FOUND"}', 2],
      ['requests_total{operation="First",type="query",code="OK"}', 2],
      ['requests_total{operation="Second",type="query",code="OK"}', 1],
      ['requests_total{operation="other",type="query",code="OK"}', 2],
      ['requests_total{operation="",type="query",code="OK"}', 1],
      ['requests_total{operation="Persisted",type="query",code="OK"}', 1],
    ]);
  });
});

describe("metrics are served", () => {
  const status = async (url: string) => (await fetch(url)).status;

  test("only on METRICS_PORT if it is set", async () => {
    const gateway = await startOn(harness.chimeUrl, { METRICS_PORT: "0" });
    try {
      expect(await status(`${gateway.url}/metrics`)).toBe(404);
      expect(await status(String(gateway.metricsUrl))).toBe(200);
      expect(await status(`${gateway.metricsUrl}?collect=all`)).toBe(200);
      const head = await fetch(String(gateway.metricsUrl), { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      expect((await read(String(gateway.metricsUrl))).get("chime_gateway_requests_in_progress")).toBe(0);
      expect(await status(new URL("/graphql", gateway.metricsUrl).href)).toBe(404);
    } finally {
      await gateway.close();
    }
    await expect(fetch(String(gateway.metricsUrl))).rejects.toThrow();
  });

  test("not beside GraphQL if it requires tokens or a router, or other machines reach it", async () => {
    const tokens = { AUTH: "jwt", AUTH_ISSUER: "http://127.0.0.1:1", AUTH_AUDIENCE: "chime" };
    for (const env of [tokens, { ROUTER_SECRET: "0123456789abcdef" }, { HOST: "0.0.0.0", AUTH: "none" }]) {
      const gateway = await startOn(harness.chimeUrl, env);
      const headers = { "x-router-secret": "0123456789abcdef" };
      expect((await fetch(`${gateway.url}/metrics`, { headers })).status).toBe(404);
      await gateway.close();
    }
  });

  test("not if their port is in use: the gateway does not start", async () => {
    const { port } = new URL(harness.url);
    await expect(startOn(harness.chimeUrl, { METRICS_PORT: port })).rejects.toThrow(
      `METRICS_PORT ${port} is in use on 127.0.0.1: stop the program that uses it, or set another port`,
    );
  });
});
