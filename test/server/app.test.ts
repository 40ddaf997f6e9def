import { once } from "node:events";
import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { startOn, useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const json = { "content-type": "application/json" };

/** Sends a request: the response's status and its body, parsed if it is JSON. */
async function send(path: string, request: RequestInit = {}, url = harness.url) {
  const response = await fetch(url + path, request);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

const post = (body: string, headers: Record<string, string> = json, url?: string) =>
  send("/graphql", { method: "POST", headers, body }, url);

const get = (query: string, headers: Record<string, string> = { "apollo-require-preflight": "1" }) =>
  send(`/graphql?${new URLSearchParams({ query })}`, { headers });

/** The status of a response that has errors only, and their codes. */
async function refusal(answer: ReturnType<typeof send>) {
  const { status, body } = await answer;
  expect(Object.keys(body)).toEqual(["errors"]);
  expect(JSON.stringify(body)).not.toMatch(/stack|node_modules|\.js\b|\n\s+at /i);
  return [status, ...body.errors.map((error: { extensions: { code: string } }) => error.extensions.code)];
}

describe("a query", () => {
  test("is answered over POST", async () => {
    const query = `query ($id: ID!) { account(accountId: $id) { name } }`;
    expect(await post(JSON.stringify({ query, variables: { id: SEED.teamAccountId } }))).toEqual({
      status: 200,
      body: { data: { account: { name: "Harbor Street Studio" } } },
    });
  });

  test("is answered at /graphql/ as well, over POST and GET", async () => {
    const data = { status: 200, body: { data: { __typename: "Query" } } };
    const query = "{ __typename }";
    expect(
      await send("/graphql/", { method: "POST", headers: json, body: JSON.stringify({ query }) }),
    ).toEqual(data);
    expect(
      await send(`/graphql/?${new URLSearchParams({ query })}`, {
        headers: { accept: json["content-type"] },
      }),
    ).toEqual(data);
    expect((await fetch(`${harness.url}/graphql/`, { method: "PUT" })).status).toBe(405);
  });

  test("over GET may have an empty operation name, as if there were none", async () => {
    const search = new URLSearchParams({ query: "query A { __typename }", operationName: "" });
    const headers = { "apollo-require-preflight": "1" };
    expect(await send(`/graphql?${search}`, { headers })).toEqual({
      status: 200,
      body: { data: { __typename: "Query" } },
    });
    expect(await refusal(send(`/graphql?${search}B`, { headers }))).toEqual([
      400,
      "OPERATION_RESOLUTION_FAILURE",
    ]);
  });

  test("is answered over GET", async () => {
    expect(await get(`{ account(accountId: "${SEED.teamAccountId}") { name } }`)).toEqual({
      status: 200,
      body: { data: { account: { name: "Harbor Street Studio" } } },
    });
  });
});

describe("a page of another site", () => {
  const graphql = { accept: "application/graphql-response+json, application/json" };

  // undici sets Sec-Fetch-Site only if it is told to.
  test.each<[string, Record<string, string>]>([
    ["an image", {}],
    ["a browser's image", { accept: "image/png", "sec-fetch-site": "cross-site" }],
    ["a script that cannot read the response", { ...graphql, "sec-fetch-site": "cross-site" }],
    ["a script of another port", { ...graphql, "sec-fetch-site": "same-site" }],
    ["a script", { ...graphql, origin: "https://elsewhere.example.com" }],
  ])("cannot send a query with a simple GET: %s", async (_what, headers) => {
    expect(await refusal(get("{ __typename }", headers))).toEqual([400, "BAD_REQUEST"]);
  });

  test.each<[string, Record<string, string>]>([
    ["a program", graphql],
    ["a page of the same origin", { "sec-fetch-site": "same-origin" }],
    ["a page of an allowed origin", { origin: "http://localhost:5173", "sec-fetch-site": "same-site" }],
    ["a page after a preflight", { "apollo-require-preflight": "true", "sec-fetch-site": "cross-site" }],
    ["a named operation of Apollo's clients", { "x-apollo-operation-name": "A" }],
    ["a GET with a content type of JSON", json],
  ])("is not confused with %s, which may send a simple GET", async (_what, headers) => {
    expect(await get("{ __typename }", headers)).toEqual({
      status: 200,
      body: { data: { __typename: "Query" } },
    });
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "cannot send a mutation as a form does: %s",
    async (type) => {
      const query = `mutation { createAccount(input: { name: "Forged" }) { errors { code } } }`;
      const [status] = await refusal(post(JSON.stringify({ query }), { "content-type": type }));
      expect(status).toBeOneOf([400, 415]);
      expect(await harness.calls()).toEqual({});
    },
  );
});

test("a mutation over GET is refused, and nothing is written", async () => {
  const mutation = `mutation { createAccount(input: { name: "By GET" }) { errors { code } } }`;
  expect(await refusal(get(mutation))).toEqual([405, "BAD_REQUEST"]);
  expect(await harness.calls()).toEqual({});
});

describe("a browser", () => {
  test("is redirected from / to /graphql", async () => {
    const { status, headers } = await fetch(`${harness.url}/`, { redirect: "manual" });
    expect([status, headers.get("location")]).toEqual([302, "graphql"]);
  });

  test("gets Apollo Sandbox with an example to run", async () => {
    const { status, body } = await send("/graphql", { headers: { accept: "text/html" } });
    expect(status).toBe(200);
    expect(body).toContain("embeddable-sandbox");
    expect(body).toContain("query Account(");
  });

  test("can introspect the schema", async () => {
    expect(await harness.ask(`{ __type(name: "PageInfo") { name } }`)).toEqual({
      data: { __type: { name: "PageInfo" } },
    });
  });
});

describe("the gateway is live", () => {
  test("whatever Chime does", async () => {
    await harness.fault({ kind: "503" });
    expect(await send("/health/live")).toEqual({ status: 200, body: { status: "ok" } });
    expect(await harness.calls()).toEqual({});
  });
});

describe("a malformed request is answered with an error in GraphQL's form:", () => {
  const typename = JSON.stringify({ query: "{ __typename }" });

  test.each<[string, string]>([
    ["incomplete JSON", `{"query": "{ __type`],
    ["empty", ""],
    ["null", "null"],
    ["a number", "42"],
    ["a string", `"{ __typename }"`],
    ["an empty object", "{}"],
    ["a list with a query", `[${typename}]`],
    ["an empty list", "[]"],
    ["a query that is a number", `{"query":42}`],
    ["variables that are a string", `{"query":"{ __typename }","variables":"{}"}`],
    ["variables that are a list", `{"query":"{ __typename }","variables":[]}`],
    ["an operation name that is an object", `{"query":"{ __typename }","operationName":{}}`],
    ["a key that sets the prototype", `{"query":"{ __typename }","__proto__":{"admin":true}}`],
  ])("the body is %s", async (_what, body) => {
    expect(await refusal(post(body))).toEqual([400, "BAD_REQUEST"]);
  });

  test("there is no body and no content type", async () => {
    expect(await refusal(send("/graphql", { method: "POST" }))).toEqual([400, "BAD_REQUEST"]);
  });

  test.each(["application/xml", "application/graphql", "junk"])("the content type is %s", async (type) => {
    expect(await refusal(post(typename, { "content-type": type }))).toEqual([415, "BAD_REQUEST"]);
  });

  test("the client does not accept JSON", async () => {
    expect(await refusal(post(typename, { ...json, accept: "image/png" }))).toEqual([406, "BAD_REQUEST"]);
  });

  test.each(["[", "a b", "%zz"])("the Host header is %o", async (host) => {
    const answer = new Promise<string>((resolve) => {
      const { port } = new URL(harness.url);
      const headers = { ...json, host, "content-length": typename.length };
      request({ port, method: "POST", path: "/graphql", headers }, (response) =>
        resolve(text(response).then((body) => `${response.statusCode} ${body}`)),
      ).end(typename);
    });
    expect(await answer).toMatch(/^400 .*"BAD_REQUEST"/);
  });

  test.each([
    ["GET", "/nowhere"],
    ["POST", "/graphql/nowhere"],
    ["GET", "/health"],
  ])("%s %s is not found", async (method, path) => {
    expect(await refusal(send(path, { method }))).toEqual([404, "NOT_FOUND"]);
  });

  test.each(["PUT", "PATCH", "DELETE", "OPTIONS"])("the method %s is not allowed", async (method) => {
    expect(await refusal(send("/graphql", { method }))).toEqual([405, "BAD_REQUEST"]);
    const { headers } = await fetch(`${harness.url}/graphql`, { method });
    expect(headers.get("allow")).toBe("GET, POST");
  });

  test("the operation is a subscription", async () => {
    expect(await refusal(post(JSON.stringify({ query: "subscription { x }" })))).toEqual([
      400,
      "OPERATION_RESOLUTION_FAILURE",
    ]);
  });

  test("the path is malformed", async () => {
    expect(await refusal(send("/%zz"))).toEqual([400, "BAD_REQUEST"]);
  });

  test.each([
    ["has a syntax error", { query: "{ account(" }, "GRAPHQL_PARSE_FAILED"],
    ["asks for an unknown field", { query: "{ nothing }" }, "GRAPHQL_VALIDATION_FAILED"],
    [
      "does not contain the named operation",
      { query: "query A { __typename }", operationName: "B" },
      "OPERATION_RESOLUTION_FAILURE",
    ],
    [
      "lacks a variable",
      { query: "query ($id: ID!) { account(accountId: $id) { name } }" },
      "BAD_USER_INPUT",
    ],
  ])("the query %s", async (_what, body, code) => {
    expect(await refusal(post(JSON.stringify(body)))).toEqual([400, code]);
  });
});

describe.each(["development", "test", "production", ""])(
  "with NODE_ENV=%s no response contains a stack trace",
  (env) => {
    /** Answers any call with an account without a name. */
    const nameless: RequestListener = (_request, response) => {
      response.writeHead(200, json).end(JSON.stringify({ Account: { AccountId: "a" } }));
    };
    const chime = createServer(nameless);
    let close = async () => {};
    let url = "";

    beforeAll(async () => {
      vi.stubEnv("NODE_ENV", env);
      await once(chime.listen(0, "127.0.0.1"), "listening");
      const gateway = await startOn(`http://127.0.0.1:${(chime.address() as AddressInfo).port}`);
      url = gateway.url;
      close = async () => {
        await gateway.close();
        chime.close();
      };
    });
    afterAll(async () => {
      await close();
      vi.unstubAllEnvs();
    });

    test("when Chime's response is malformed", async () => {
      const query = `{ account(accountId: "a") { name } }`;
      expect(await post(JSON.stringify({ query }), json, url)).toEqual({
        status: 200,
        body: {
          data: { account: null },
          errors: [
            {
              message: "Chime returned an unexpected response.",
              path: ["account", "name"],
              locations: [{ line: 1, column: 29 }],
              extensions: { code: "INTERNAL_SERVER_ERROR" },
            },
          ],
        },
      });
    });

    test("when a query is wrong", async () => {
      expect(await refusal(post(`{"query":"{ nothing }"}`, json, url))).toEqual([
        400,
        "GRAPHQL_VALIDATION_FAILED",
      ]);
      expect(await refusal(post(`{"query`, json, url))).toEqual([400, "BAD_REQUEST"]);
    });
  },
);

test("a call whose response is cut reveals nothing about the gateway", async () => {
  await harness.fault({ kind: "malformed" });
  const { errors } = await harness.ask(`{ account(accountId: "${SEED.teamAccountId}") { name } }`);
  expect(JSON.stringify(errors)).not.toMatch(/stack|SyntaxError|JSON|\.js\b/);
});
