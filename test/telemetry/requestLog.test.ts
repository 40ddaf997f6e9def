import { connect } from "node:net";
import { describe, expect } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { packageJson } from "../../src/packageJson.js";
import { ask } from "../support/fixture.js";
import { allLines, fault, untilLines } from "../support/logLines.js";
import { test } from "../support/programs.js";

const memory = { CHIME_LOCAL_DATA: ":memory:" };
const account = `query Name { account(accountId: "${SEED.teamAccountId}") { name } }`;
const hash = expect.stringMatching(/^[\da-f]{16}$/);
const uuid = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);

describe("the log", { timeout: 60_000 }, () => {
  test("has one line for each request, with a closed list of fields", async ({ start }) => {
    const program = await start("gateway", memory);
    const [url = ""] = program.urls;
    await ask(url, { query: account });
    await ask(url, { query: "{ nothing }" });
    await fetch(`${url}/nowhere/ada@example.com`);
    const bad = await fetch(`${url}/%zz/ada@example.com`, { headers: { "x-request-id": "bad-url" } });
    expect([bad.status, bad.headers.get("x-request-id")]).toEqual([400, "bad-url"]);
    expect(await untilLines(program, 4)).toEqual([
      {
        level: 30,
        msg: "request",
        requestId: uuid,
        method: "POST",
        route: "/graphql",
        status: 200,
        ms: expect.any(Number),
        bodyMs: expect.any(Number),
        operation: "Name",
        type: "query",
        operationHash: hash,
        calls: { GetAccount: 1 },
        upstreamMs: expect.any(Number),
        waitedMs: expect.any(Number),
        retries: 0,
        throttles: 0,
        slowest: { operation: "GetAccount", ms: expect.any(Number), awsRequestId: uuid },
      },
      {
        level: 30,
        msg: "request",
        requestId: uuid,
        method: "POST",
        route: "/graphql",
        status: 400,
        ms: expect.any(Number),
        bodyMs: expect.any(Number),
        codes: ["GRAPHQL_VALIDATION_FAILED"],
      },
      {
        level: 30,
        msg: "request",
        requestId: uuid,
        method: "GET",
        route: "",
        status: 404,
        ms: expect.any(Number),
        codes: ["NOT_FOUND"],
      },
      {
        level: 30,
        msg: "request",
        requestId: "bad-url",
        method: "GET",
        route: "",
        status: 400,
        ms: expect.any(Number),
        codes: ["BAD_REQUEST"],
      },
    ]);
  });

  test("has the client's name and version, if they are safe to log", async ({ start }) => {
    const program = await start("gateway", memory);
    const [url = ""] = program.urls;
    const client = (name: string, version: string) => ({
      "apollographql-client-name": name,
      "apollographql-client-version": version,
    });
    await ask(url, { query: account }, client("admin-console", "1.4.0-7"));
    await ask(url, { query: account }, client("ada@example.com", "a".repeat(65)));
    const [known = {}, unsafe] = await untilLines(program, 2);
    expect(known).toMatchObject({ client: "admin-console", clientVersion: "1.4.0-7" });
    expect(unsafe).not.toHaveProperty("client");
    expect(unsafe).not.toHaveProperty("clientVersion");
  });

  test("has an operation's name without a router's suffix, and a hash of its text without name and literals", async ({
    start,
  }) => {
    const program = await start("gateway", memory);
    const [url = ""] = program.urls;
    const queries = [
      `query Team__chime__0 { account(accountId: "${SEED.teamAccountId}") { name } }`,
      `{ account(accountId: "${SEED.largeAccountId}") { name } }`,
      `query Team__chime_admin__12 { account(accountId: "") { accountId } }`,
      `query __own__1 { __typename }`,
    ];
    for (const query of queries) await ask(url, { query });
    const logged = await untilLines(program, queries.length);
    expect(logged.map(({ operation }) => operation)).toEqual(["Team", undefined, "Team", "__own__1"]);
    const hashes = logged.map(({ operationHash }) => operationHash);
    expect(hashes).toEqual(queries.map(() => hash));
    expect(hashes[0]).toBe(hashes[1]);
    expect(new Set(hashes).size).toBe(3);
  });

  test("has the start, with versions and URLs, and the shutdown", async ({ start }) => {
    const program = await start("gateway", { ...memory, METRICS_PORT: "0" });
    const [url = ""] = program.urls;
    await ask(url, { query: "{ __typename }" });
    await program.stop("SIGTERM");
    const metricsUrl = expect.stringMatching(/^http:.*\/metrics$/);
    expect(allLines(program)).toEqual([
      {
        level: 30,
        msg: "started",
        version: packageJson.version,
        node: process.version,
        url,
        graphqlUrl: `${url}/graphql`,
        graphiqlUrl: `${url}/graphiql`,
        metricsUrl,
        chimeUrl: expect.stringMatching(/^http:/),
      },
      expect.objectContaining({ msg: "request" }),
      { level: 30, msg: "stopping" },
      { level: 30, msg: "stopped" },
    ]);
  });

  test("has codes, retries, throttles, and the AWS request ids of failed calls", async ({ start }) => {
    const program = await start("gateway", memory);
    await fault(program, { operation: "GetAccount", kind: "429", next: 1 });
    await fault(program, { operation: "GetUser", kind: "500" });
    const [url = ""] = program.urls;
    const query = `{ account(accountId: "${SEED.teamAccountId}") { name user(userId: "${SEED.userId}") { personalPin } } }`;
    const { errors } = await ask(url, { query });
    const [line] = await untilLines(program, 1);
    expect(line).toMatchObject({
      codes: ["UPSTREAM_UNAVAILABLE"],
      calls: { GetAccount: 1, GetUser: 1 },
      failed: { GetUser: { UPSTREAM_UNAVAILABLE: 1 } },
      retries: 3,
      throttles: 1,
      awsRequestIds: errors?.map(
        ({ extensions }) => (extensions["chime"] as { requestId: string }).requestId,
      ),
    });
  });

  test("separates the time in which a body arrived from the gateway's own", async ({ start }) => {
    const program = await start("gateway", memory);
    const socket = connect(Number(new URL(program.urls[0] ?? "").port), "127.0.0.1");
    const body = JSON.stringify({ query: "{ __typename }" });
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n{`,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    socket.write(body.slice(1));
    const [line = {}] = await untilLines(program, 1);
    socket.destroy();
    expect(line["status"]).toBe(200);
    expect(line["bodyMs"]).toBeGreaterThanOrEqual(800);
    expect(line["ms"]).toBeLessThan(800);
  });

  test("has the slowest call with its AWS request id", async ({ start }) => {
    const program = await start("gateway", memory);
    await fault(program, { operation: "GetUser", kind: "latency", ms: 300, next: 1 });
    const [url = "", chimeUrl] = program.urls;
    const query = `{ account(accountId: "${SEED.teamAccountId}") { name user(userId: "${SEED.userId}") { personalPin } } }`;
    await ask(url, { query });
    const [line = {}] = await untilLines(program, 1);
    expect(line).toMatchObject({ slowest: { operation: "GetUser", awsRequestId: uuid } });
    const { ms, awsRequestId } = line["slowest"] as { ms: number; awsRequestId: string };
    expect(ms).toBeGreaterThanOrEqual(300);
    expect(await (await fetch(`${chimeUrl}/_local/requests`)).text()).toContain(awsRequestId);
  });

  test("warns of a write of unknown outcome, which the response reports as data", async ({ start }) => {
    const program = await start("gateway", { ...memory, LOG_LEVEL: "warn" });
    const [url = ""] = program.urls;
    await fault(program, { operation: "UpdateAccount", kind: "500" });
    const query = `mutation Rename { updateAccount(input: { accountId: "${SEED.teamAccountId}", name: "New" }) { errors { code } } }`;
    expect(await ask(url, { query })).toEqual({
      data: { updateAccount: { errors: [{ code: "OUTCOME_UNKNOWN" }] } },
    });
    expect(await untilLines(program, 1)).toMatchObject([
      {
        level: 40,
        status: 200,
        operation: "Rename",
        codes: ["OUTCOME_UNKNOWN"],
        failed: { UpdateAccount: { OUTCOME_UNKNOWN: 1 } },
      },
    ]);
  });

  test("has health checks and the AWS request ids of all calls at debug only", async ({ start }) => {
    const program = await start("gateway", { ...memory, LOG_LEVEL: "debug" });
    const [url = ""] = program.urls;
    await fetch(`${url}/health/live`);
    await fetch(`${url}/metrics`);
    await ask(url, { query: account });
    expect(await untilLines(program, 3)).toMatchObject([
      { level: 20, route: "/health/live" },
      { level: 20, route: "/metrics" },
      { level: 30, awsRequestIds: [uuid] },
    ]);
  });

  test("has no lines of successful requests at LOG_LEVEL=warn", async ({ start }) => {
    const program = await start("gateway", { ...memory, LOG_LEVEL: "warn", MAX_REQUESTS: "1" });
    const [url = ""] = program.urls;
    await fault(program, { operation: "GetAccount", kind: "latency", ms: 500, next: 1 });
    const first = ask(url, { query: account });
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (let n = 0; n < 5; n++) await ask(url, { query: account });
    await first;
    expect(await untilLines(program, 1)).toEqual([
      { level: 40, msg: "overloaded: requests were rejected", rejected: 1 },
    ]);
  });

  test("has the id of the request if it is safe to log, else a new one, as the response does", async ({
    start,
  }) => {
    const program = await start("gateway", memory);
    const [url = ""] = program.urls;
    const idOf = async (given: string) =>
      (await fetch(`${url}/graphql?query={__typename}`, { headers: { "x-request-id": given } })).headers.get(
        "x-request-id",
      );
    expect(await idOf("Root=1-67891233")).toEqual(uuid);
    expect(await idOf("1-67891233:abc.def_7")).toBe("1-67891233:abc.def_7");
    for (const given of ["ada@example.com", "a b", '"}', "a".repeat(129), ""])
      expect(await idOf(given)).toEqual(uuid);
    expect((await untilLines(program, 7))[1]?.["requestId"]).toBe("1-67891233:abc.def_7");
  });
});
