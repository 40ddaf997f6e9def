import { randomUUID } from "node:crypto";
import { brotliDecompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";
import { type Issuer, startIssuer } from "../support/issuer.js";
import { type Asked, events, multiValueLoadBalancer } from "./events.js";
import { failedStart, type LambdaFunction, type LambdaResponse, startFunction } from "./lambdaFunction.js";

const harness = useHarness();
let issuer: Issuer;
let open: LambdaFunction;
let guarded: LambdaFunction;

beforeAll(async () => {
  issuer = await startIssuer();
  const chime = { CHIME_MODE: "remote", CHIME_ENDPOINT: harness.chimeUrl };
  [open, guarded] = await Promise.all([
    // Some set it for all of their functions.
    startFunction("plain", { ...chime, AUTH: "none", NODE_ENV: "development" }),
    startFunction("bundled", { ...chime, ...issuer.env, ROUTER_SECRET: "0123456789abcdef" }),
  ]);
});
afterAll(async () => {
  open?.stop();
  guarded?.stop();
  await issuer?.close();
});

const teamName = `{ account(accountId: "${SEED.teamAccountId}") { accountId, name } }`;
const teamNameAnswer = {
  data: { account: { accountId: SEED.teamAccountId, name: "Harbor Street Studio" } },
};
const post = (query: string, more: Asked = {}): Asked => ({ body: JSON.stringify({ query }), ...more });
const codeOf = ({ body }: LambdaResponse) => JSON.parse(body).errors[0].extensions.code;

describe.each(Object.entries(events))("a function behind %s", (name, event) => {
  test("answers a query, and prevents caching of the response", async () => {
    const answer = await open.invoke(event(post(teamName)));
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(answer.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
    });
    for (const value of Object.values(answer.headers)) expect(value).toBeTypeOf("string");
    expect(JSON.parse(answer.body)).toEqual(teamNameAnswer);
    expect(await harness.calls()).toEqual({ GetAccount: 1 });
  });

  test("compresses a large response, except for a REST API, which would send it as base64", async () => {
    const query = `{ account(accountId: "${SEED.largeAccountId}") { users(first: 50) { nodes { userId } } } }`;
    const plain = await open.invoke(event(post(query)));
    const answer = await open.invoke(event(post(query, { headers: { "accept-encoding": "gzip, br" } })));
    const isCompressed = name !== "a REST API";
    expect([answer.isBase64Encoded, answer.headers["content-encoding"]]).toEqual(
      isCompressed ? [true, "br"] : [false, undefined],
    );
    const { body } = answer;
    expect(isCompressed ? brotliDecompressSync(Buffer.from(body, "base64")).toString() : body).toBe(
      plain.body,
    );
  });

  test("reads a body that AWS has encoded, including characters beyond ASCII", async () => {
    const body = JSON.stringify({
      query: "mutation ($name: String!) { createAccount(input: { name: $name }) { account { name } } }",
      variables: { name: "Zoë & Søn 東京" },
    });
    for (const binary of [true, false]) {
      const answer = await open.invoke(event({ body, binary }));
      expect(JSON.parse(answer.body)).toEqual({
        data: { createAccount: { account: { name: "Zoë & Søn 東京" } } },
      });
    }
  });

  test("rejects a body that is not UTF-8, in another charset, or compressed, and writes nothing", async () => {
    const write = `mutation { createAccount(input: { name: "Caf\xe9" }) { account { name } errors { path } } }`;
    const body = JSON.stringify({ query: write });
    const ask = (asked: Asked) => open.invoke(event({ binary: true, ...asked }));
    const refusals = [
      await ask({ body: Buffer.from(body, "latin1") }),
      await ask({ body, headers: { "content-type": "application/json; charset=latin1" } }),
      await ask({
        body: Buffer.from(body, "utf16le"),
        headers: { "Content-Type": "application/json; charset=utf-16" },
      }),
      await ask({ body: gzipSync(body), headers: { "content-encoding": "gzip" } }),
      await ask({ body, headers: { "Content-Encoding": "br" } }),
    ];
    expect(refusals.map((answer) => [answer.statusCode, codeOf(answer)])).toEqual([
      [400, "BAD_REQUEST"],
      [415, "BAD_REQUEST"],
      [415, "BAD_REQUEST"],
      [415, "BAD_REQUEST"],
      [415, "BAD_REQUEST"],
    ]);
    expect(await harness.calls()).toEqual({});
    const accepted = await ask({ body, headers: { "content-type": "application/json; charset=utf-8" } });
    expect(JSON.parse(accepted.body).data.createAccount.account).toEqual({ name: "Caf\xe9" });
  });

  test("rejects text that AWS has decoded with a loss, and reports its path", async () => {
    const query =
      "mutation ($name: String!) { createAccount(input: { name: $name }) { errors { code path } } }";
    for (const name of ["Caf\ufffd", "Caf\ud83d"]) {
      const { body } = await open.invoke(event({ body: JSON.stringify({ query, variables: { name } }) }));
      expect(JSON.parse(body)).toEqual({
        data: { createAccount: { errors: [{ code: "BAD_REQUEST", path: ["name"] }] } },
      });
    }
    expect(await harness.calls()).toEqual({});
  });

  test("answers a query in a URL, including commas", async () => {
    const headers = { "apollo-require-preflight": "true" };
    const answer = await open.invoke(event({ method: "GET", headers, query: { query: teamName } }));
    expect(JSON.parse(answer.body)).toEqual(teamNameAnswer);
  });

  test("rejects mutations in a URL, and methods that GraphQL does not use", async () => {
    const query = `mutation { resetPersonalPin(input: { accountId: "a", userId: "b" }) { user { id } } }`;
    const inUrl = await open.invoke(event({ method: "GET", query: { query } }));
    expect(inUrl.statusCode).toBe(405);
    const put = await open.invoke(event(post(teamName, { method: "PUT" })));
    expect([put.statusCode, put.headers["allow"], codeOf(put)]).toEqual([405, "GET, POST", "BAD_REQUEST"]);
    expect(await harness.calls()).toEqual({});
  });

  test("authenticates callers, ignoring the letter case of header names", async () => {
    const secret = { "X-Router-Secret": "0123456789abcdef" };
    const authorization = `Bearer ${await issuer.sign({ scope: "chime:read" })}`;
    const ask = (headers: Record<string, string>) => guarded.invoke(event(post(teamName, { headers })));

    expect(codeOf(await ask({}))).toBe("FORBIDDEN");
    const anonymous = await ask(secret);
    expect([anonymous.statusCode, anonymous.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    for (const headers of [
      { ...secret, Authorization: authorization },
      { "x-router-secret": secret["X-Router-Secret"], authorization },
    ])
      expect(JSON.parse((await ask(headers)).body)).toEqual(teamNameAnswer);
    const write = `mutation { createAccount(input: { name: "No" }) { account { name } } }`;
    const headers = { ...secret, Authorization: authorization };
    expect(codeOf(await guarded.invoke(event(post(write, { headers }))))).toBe("FORBIDDEN");
  });

  test("ignores cookies", async () => {
    const answer = await open.invoke(event(post(teamName, { cookies: ["theme=dark", "id=1"] })));
    expect(answer.statusCode).toBe(200);
  });

  test("applies its limits", async () => {
    const large = await open.invoke(event(post(teamName.padEnd(600_000))));
    expect([large.statusCode, codeOf(large)]).toEqual([413, "LIMIT_EXCEEDED"]);
    const roots = Array.from({ length: 21 }, (_, index) => `a${index}: __typename`).join(" ");
    expect(codeOf(await open.invoke(event(post(`{ ${roots} }`))))).toBe("LIMIT_EXCEEDED");
    expect(await harness.calls()).toEqual({});
  });

  test("shows no explorer, no schema and no query costs", async () => {
    const headers = { accept: "text/html" };
    const page = await open.invoke(event({ method: "GET", headers }));
    expect(page.headers["content-type"]).not.toContain("html");
    expect((await open.invoke(event({ method: "GET", path: "/graphiql", headers }))).statusCode).toBe(404);
    expect((await open.invoke(event(post("{ __schema { types { name } } }")))).statusCode).toBe(400);
    const traced = await open.invoke(event(post(teamName, { headers: { "x-chime-trace": "1" } })));
    expect(JSON.parse(traced.body)).toEqual(teamNameAnswer);
  });

  test("logs one line for each event, and nothing of its URL", async () => {
    const query = `query Name { userByEmail(email: "${SEED.userEmail}") { displayName } }`;
    const [get, posted] = [randomUUID(), randomUUID()];
    const headers = { "apollo-require-preflight": "true", "x-request-id": get };
    await open.invoke(event({ method: "GET", headers, query: { query } }));
    await open.invoke(event(post(query, { headers: { "x-request-id": posted } })));
    const linesOf = (id: string) => open.log().filter((line) => JSON.stringify(line).includes(id));
    await expect.poll(() => [get, posted].map((id) => linesOf(id).length)).toEqual([1, 1]);
    const lines = [...linesOf(get), ...linesOf(posted)];
    const line = { level: 30, msg: "request", route: "/graphql", status: 200, operation: "Name" };
    expect(lines).toEqual([expect.objectContaining(line), expect.objectContaining(line)]);
    for (const each of lines) expect(each).not.toHaveProperty("codes");
    expect(JSON.stringify(open.log())).not.toContain(SEED.userEmail);
  });

  test("answers health checks", async () => {
    for (const [path, health] of [
      ["/health/live", { status: "ok" }],
      ["/health/ready", { status: "ok", chime: "OK" }],
    ] as const) {
      const { statusCode, body } = await open.invoke(event({ method: "GET", path }));
      expect([statusCode, JSON.parse(body)]).toEqual([200, health]);
    }
  });
});

test.each(["a function URL", "an HTTP API", "a load balancer"] as const)(
  "%s: a query in a URL that is not UTF-8 is rejected",
  async (name) => {
    const asked = { method: "GET", headers: { "apollo-require-preflight": "true" } } as const;
    const search = (value: string) => `query={accounts(namePrefix:"${value}"){nodes{name}}}`;
    const answer = await open.invoke(events[name]({ ...asked, rawQuery: search("Caf%E9") }));
    expect([answer.statusCode, codeOf(answer)]).toEqual([400, "BAD_REQUEST"]);
    expect(await harness.calls()).toEqual({});
    const { body } = await open.invoke(events[name]({ ...asked, rawQuery: search("Caf%C3%A9") }));
    expect(JSON.parse(body)).toEqual({ data: { accounts: { nodes: [] } } });
  },
);

test("several values of one header from a REST API are read as one", async () => {
  const event = events["a REST API"](post(teamName));
  event.multiValueHeaders["Accept"] = ["application/json", "application/graphql-response+json"];
  const { statusCode, body } = await open.invoke(event);
  expect([statusCode, JSON.parse(body)]).toEqual([200, teamNameAnswer]);
});

test("a function answers an export with 501: it cannot stream", async () => {
  const path = `/export/accounts/${SEED.teamAccountId}/users.csv`;
  const answer = await open.invoke(events["an HTTP API"]({ method: "GET", path }));
  expect([answer.statusCode, codeOf(answer)]).toEqual([501, "NOT_IMPLEMENTED"]);
});

test("a load balancer that sends lists of values gets lists", async () => {
  const answer = await open.invoke(multiValueLoadBalancer(post(teamName)));
  expect(answer).not.toHaveProperty("headers");
  expect(answer).toMatchObject({
    statusCode: 200,
    multiValueHeaders: { "content-type": ["application/json; charset=utf-8"], "cache-control": ["no-store"] },
  });
  expect(JSON.parse(answer.body)).toEqual(teamNameAnswer);
  const asked = { method: "GET", headers: { "apollo-require-preflight": "true" } } as const;
  const { body } = await open.invoke(multiValueLoadBalancer({ ...asked, query: { query: teamName } }));
  expect(JSON.parse(body)).toEqual(teamNameAnswer);
});

test("a function answers concurrent events", async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => open.invoke(events["an HTTP API"](post(teamName)))),
  );
  for (const { body } of answers) expect(JSON.parse(body)).toEqual(teamNameAnswer);
});

test("the log line of a request is written before the handler resolves: Lambda may freeze the process then", async () => {
  const env = { CHIME_MODE: "remote", CHIME_ENDPOINT: harness.chimeUrl, AUTH: "none" };
  const lambda = await startFunction("plain", env);
  await lambda.invokeLast(events["an HTTP API"](post(teamName)));
  expect(lambda.log()).toMatchObject([{ msg: "request", status: 200 }]);
});

test("the audit log's line of a write is written before the handler resolves, too", async () => {
  const env = { CHIME_MODE: "remote", CHIME_ENDPOINT: harness.chimeUrl, AUTH: "none" };
  const lambda = await startFunction("plain", { ...env, AUDIT_LOG: "stdout", LOG_KEY: "0123456789abcdef" });
  const { teamAccountId, userId } = SEED;
  const logout = `mutation { logoutUser(input: { accountId: "${teamAccountId}", userId: "${userId}" }) { outcome } }`;
  await lambda.invokeLast(events["an HTTP API"](post(logout)));
  expect(lambda.log()).toContainEqual(
    expect.objectContaining({ log: "audit", event: "outcome", targets: [{ userId }], outcome: "DONE" }),
  );
});

describe("a function does not start, and reports why,", () => {
  test("without AUTH", async () => {
    expect(await failedStart({ CHIME_MODE: "remote" })).toContain("ConfigError: AUTH must be set");
  });

  test("with the embedded Chime, whose state would be lost", async () => {
    expect(await failedStart({ CHIME_MODE: "local" })).toContain("ConfigError: CHIME_MODE must be remote");
    expect(await failedStart({})).toContain("ConfigError: CHIME_MODE must be set in production");
  });

  test("with all problems at once", async () => {
    const unusable = await failedStart({ CHIME_MODE: "local", PERSISTED_OPERATIONS: "/missing.json" });
    expect(unusable).toContain("CHIME_MODE must be remote");
    expect(unusable).toContain("PERSISTED_OPERATIONS /missing.json cannot be read (ENOENT)");
  });

  test.each(["plain", "bundled"] as const)("with a stack trace that points into src, %s", async (handler) => {
    const stderr = await failedStart({ NODE_OPTIONS: "--enable-source-maps" }, handler);
    expect(stderr).toMatch(/^ {4}at .*\/src\/config\.ts:\d+:\d+\)?$/m);
  });
});
