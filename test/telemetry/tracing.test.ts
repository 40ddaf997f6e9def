import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { packageJson } from "../../src/packageJson.js";
import { startTelemetryExport } from "../../src/telemetry/telemetryExport.js";
import { startCollector, valuesOf } from "../support/collector.js";
import { ask, useHarness } from "../support/fixture.js";
import { test as programTest } from "../support/programs.js";

/** The variables with which the SDK sends JSON to a collector. */
const otlp = (url: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
});

describe("with OTEL_EXPORTER_OTLP_ENDPOINT", () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let tracing: Awaited<ReturnType<typeof startTelemetryExport>>;
  const harness = useHarness();
  beforeAll(async () => {
    collector = await startCollector();
    Object.assign(process.env, otlp(collector.url), { OTEL_METRICS_EXPORTER: "none" });
    tracing = await startTelemetryExport();
  });
  afterAll(async () => {
    await tracing?.close();
    collector?.close();
  });

  /** The spans of one trace, by what they are called; each within which. */
  async function trace(traceId: string, query: string, variables?: object) {
    const answer = await harness.ask(query, variables, {
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      "apollographql-client-name": "admin-console",
      "apollographql-client-version": "1.4.0",
    });
    const spans = () => collector.spans().filter((span) => span.traceId === traceId);
    await expect
      .poll(() => spans().some(({ parentSpanId }) => parentSpanId === "00f067aa0ba902b7"), {
        timeout: 15_000,
      })
      .toBe(true);
    const nameOf = (id: string | undefined) =>
      spans().find(({ spanId }) => spanId === id)?.name ?? "the caller";
    return {
      answer,
      spans: spans(),
      tree: spans()
        .map(({ name, parentSpanId }) => `${name} in ${nameOf(parentSpanId)}`)
        .toSorted(),
    };
  }

  test("a request, its plan and its calls to Chime are spans within one another, in the caller's trace", async () => {
    const userIds = await harness.userIds(SEED.largeAccountId, 3);
    const query = `query Team($id: ID!, $userIds: [ID!]!) { account(accountId: $id) { name } users(accountId: $id, userIds: $userIds) { displayName } }`;
    const { tree, spans } = await trace("0af7651916cd43dd8448eb211c80319c", query, {
      id: SEED.largeAccountId,
      userIds,
    });
    expect(tree).toEqual([
      "Chime.GetAccount in query Team",
      "Chime.ListUsers in plan users",
      "plan users in query Team",
      "query Team in the caller",
    ]);
    const call = spans.find(({ name }) => name === "Chime.ListUsers");
    expect(valuesOf(call?.attributes ?? [])).toEqual({
      "rpc.system": "aws-api",
      "rpc.service": "Chime",
      "rpc.method": "ListUsers",
      "cloud.region": "us-east-1",
      "chime.outcome": "OK",
      "chime.attempts": 1,
      "chime.throttles": 0,
      "chime.waited_ms": expect.any(Number),
      "aws.request_id": expect.stringMatching(/^[\da-f-]{36}$/),
      "http.response.status_code": 200,
    });
    const request = spans.find(({ name }) => name === "query Team");
    expect(valuesOf(request?.attributes ?? [])).toMatchObject({
      "http.response.status_code": 200,
      "graphql.operation.name": "Team",
      "graphql.operation.type": "query",
      "chime.operation_hash": expect.stringMatching(/^[\da-f]{16}$/),
      "client.name": "admin-console",
      "client.version": "1.4.0",
    });
    const nanoseconds = (time: string | undefined) => BigInt(time ?? 0);
    expect(nanoseconds(call?.startTimeUnixNano)).toBeGreaterThanOrEqual(
      nanoseconds(request?.startTimeUnixNano),
    );
    expect(nanoseconds(call?.endTimeUnixNano)).toBeLessThanOrEqual(nanoseconds(request?.endTimeUnixNano));
    expect(collector.services()[0]).toMatchObject({
      "service.name": "chime-graphql-gateway",
      "service.version": packageJson.version,
    });
  });

  test("an export is a span from its beginning to its end, around the calls for its pages", async () => {
    const traceId = "5af7651916cd43dd8448eb211c80319c";
    const path = `/export/accounts/${SEED.largeAccountId}/users.csv`;
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    await (await fetch(harness.url + path, { headers })).text();
    const spans = () => collector.spans().filter((span) => span.traceId === traceId);
    await expect.poll(() => spans().length, { timeout: 15_000 }).toBe(4);
    const request = spans().find(({ parentSpanId }) => parentSpanId === "00f067aa0ba902b7");
    expect(request?.name).toBe("GET /export/accounts/:accountId/users.csv");
    expect(valuesOf(request?.attributes ?? [])).toMatchObject({
      "http.route": "/export/accounts/:accountId/users.csv",
      "url.path": "/export/accounts/:accountId/users.csv",
      "http.response.status_code": 200,
    });
    for (const call of spans().filter((span) => span !== request)) {
      expect([call.name, call.parentSpanId]).toEqual(["Chime.ListUsers", request?.spanId]);
      expect(BigInt(call.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(request?.endTimeUnixNano ?? 0));
    }
  });

  test("failures are marked, with their attempts and codes", async () => {
    await harness.fault({ operation: "GetAccount", kind: "429", next: 1 });
    await harness.fault({ operation: "GetUser", kind: "500" });
    const query = `{ account(accountId: "${SEED.teamAccountId}") { name user(userId: "${SEED.userId}") { personalPin } } }`;
    const { spans } = await trace("1af7651916cd43dd8448eb211c80319c", query);
    const marked = spans.map(({ name, status, attributes }) => {
      const values = valuesOf(attributes);
      return [
        name,
        status.code,
        values["chime.attempts"] ?? values["chime.error_codes"],
        values["error.type"],
      ];
    });
    expect(marked.filter(([name]) => name !== "plan users").toSorted()).toEqual([
      ["Chime.GetAccount", 0, 2, undefined],
      ["Chime.GetUser", 2, 3, "UPSTREAM_UNAVAILABLE"],
      ["query", 2, ["UPSTREAM_UNAVAILABLE"], "UPSTREAM_UNAVAILABLE"],
    ]);
  });

  test("the request of a disconnected client is canceled, and so are its calls", async () => {
    const traceId = "3af7651916cd43dd8448eb211c80319c";
    await harness.fault({ operation: "GetAccount", kind: "latency", ms: 1_000, next: 1 });
    const client = new AbortController();
    const answer = fetch(`${harness.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
      body: JSON.stringify({ query: `{ account(accountId: "${SEED.teamAccountId}") { name } }` }),
      signal: client.signal,
    }).catch(() => undefined);
    await expect.poll(() => harness.calls()).toEqual({ GetAccount: 1 });
    client.abort();
    await answer;
    const ends = () =>
      collector
        .spans()
        .filter((span) => span.traceId === traceId)
        .map(({ attributes }) => {
          const values = valuesOf(attributes);
          return (
            values["chime.outcome"] ?? [values["http.response.status_code"], values["chime.error_codes"]]
          );
        });
    await expect.poll(ends, { timeout: 15_000 }).toEqual(["CANCELED", [499, ["CANCELED"]]]);
  });

  test("a refused request has no type, rather than an empty one", async () => {
    const { spans } = await trace("4af7651916cd43dd8448eb211c80319c", "{ nothing }");
    const [{ attributes = [] } = {}] = spans;
    expect(valuesOf(attributes)).toEqual({
      "http.request.method": "POST",
      "http.route": "/graphql",
      "url.path": "/graphql",
      "url.scheme": "http",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(harness.url).port),
      "http.response.status_code": 400,
      "client.name": "admin-console",
      "client.version": "1.4.0",
      "chime.error_codes": ["GRAPHQL_VALIDATION_FAILED"],
    });
  });

  test("no personal data is in a span, of the request or the response", async () => {
    const { answer } = await trace(
      "2af7651916cd43dd8448eb211c80319c",
      `query Person($email: EmailAddress!) { userByEmail(email: $email) { id userId displayName primaryEmail personalPin account { accountId name } } }`,
      { email: SEED.userEmail },
    );
    const text = JSON.stringify(collector.spans());
    const { account, ...user } = answer.data.userByEmail;
    for (const value of [...Object.values(user), ...Object.values(account)])
      expect(text).not.toContain(value);
  });
});

describe("the program", { timeout: 60_000 }, () => {
  const query = `{ account(accountId: "${SEED.teamAccountId}") { name } }`;
  const answer = { data: { account: { name: "Harbor Street Studio" } } };

  programTest("sends its last spans before it stops, and logs the trace of a request", async ({ start }) => {
    const collector = await startCollector();
    const program = await start("gateway", {
      CHIME_LOCAL_DATA: ":memory:",
      ...otlp(collector.url),
      OTEL_SERVICE_NAME: "chime-test",
    });
    expect(await ask(program.urls[0] ?? "", { query })).toEqual(answer);
    expect(await program.stop("SIGTERM")).toBe(0);
    collector.close();
    expect(collector.spans().map(({ name }) => name)).toEqual(["Chime.GetAccount", "query"]);
    expect(collector.services()).toMatchObject([{ "service.name": "chime-test" }]);
    expect(program.stdout).toContain(`"traceId":"${collector.spans()[0]?.traceId}"`);
    expect(program.stderr).toBe("");
  });

  programTest(
    "sends its metrics, histograms included, with the headers of the variables",
    async ({ start }) => {
      const collector = await startCollector();
      const program = await start("gateway", {
        CHIME_LOCAL_DATA: ":memory:",
        ...otlp(collector.url),
        OTEL_TRACES_EXPORTER: "none",
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=chime",
      });
      await ask(program.urls[0] ?? "", { query });
      expect(await program.stop("SIGTERM")).toBe(0);
      collector.close();
      expect(collector.spans()).toEqual([]);
      expect(collector.tenants()).toEqual(new Set(["chime"]));
      expect(collector.metrics()).toEqual(
        expect.arrayContaining([
          "chime_gateway_requests_total",
          "chime_gateway_request_duration_seconds",
          "chime_gateway_ready",
        ]),
      );
    },
  );

  programTest("sends nothing with OTEL_SDK_DISABLED=true", async ({ start }) => {
    const collector = await startCollector();
    const env = { CHIME_LOCAL_DATA: ":memory:", ...otlp(collector.url), OTEL_SDK_DISABLED: "true" };
    const program = await start("gateway", env);
    await ask(program.urls[0] ?? "", { query });
    expect(await program.stop("SIGTERM")).toBe(0);
    collector.close();
    expect([collector.spans(), collector.metrics(), program.stderr]).toEqual([[], [], ""]);
  });

  programTest("answers and stops if there is no collector", async ({ start }) => {
    const program = await start("gateway", {
      CHIME_LOCAL_DATA: ":memory:",
      ...otlp("http://127.0.0.1:9"),
    });
    expect(await ask(program.urls[0] ?? "", { query })).toEqual(answer);
    const began = performance.now();
    expect(await program.stop("SIGTERM")).toBe(0);
    expect(performance.now() - began).toBeLessThan(6_000);
    expect(program.stderr).toContain("ECONNREFUSED");
  });

  programTest(
    "serves without traces if the SDK is not installed, and prints what to install",
    async ({ start }) => {
      const program = await start("gateway", {
        CHIME_LOCAL_DATA: ":memory:",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
        NODE_OPTIONS: `--import=${withoutSdk}`,
      });
      expect(await ask(program.urls[0] ?? "", { query })).toEqual(answer);
      expect(await program.stop("SIGTERM")).toBe(0);
      expect(program.stderr).toMatch(
        /^WARNING: nothing is traced or exported: .* npm install @opentelemetry\/sdk-node@\^\S+\n$/,
      );
    },
  );
});

/** Makes Node report that the SDK is not installed. */
const withoutSdk = dataUrl(`
  import { register } from "node:module";
  register(${JSON.stringify(
    dataUrl(`
      export async function resolve(specifier, context, next) {
        if (specifier !== "@opentelemetry/sdk-node") return next(specifier, context);
        throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
      }`),
  )});`);

function dataUrl(module: string): string {
  return `data:text/javascript,${encodeURIComponent(module)}`;
}
