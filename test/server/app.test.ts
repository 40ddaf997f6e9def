import { once } from "node:events";
import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SEED } from "../../src/chime-local/seed.js";
import { startOn, useWorld } from "../support/world.js";

const world = useWorld({ CHIME_LOCAL_USERS: "0" });
const json = { "content-type": "application/json" };

/** Sends what is in the request; the answer's status and its body, as JSON where it is that. */
async function send(path: string, request: RequestInit = {}, url = world.url) {
  const response = await fetch(url + path, request);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

const post = (body: string, headers: Record<string, string> = json, url?: string) =>
  send("/graphql", { method: "POST", headers, body }, url);

const get = (query: string, headers: Record<string, string> = { "apollo-require-preflight": "1" }) =>
  send(`/graphql?${new URLSearchParams({ query })}`, { headers });

/** The status of an answer of errors alone, and their codes. */
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

  test("is answered over GET", async () => {
    expect(await get(`{ account(accountId: "${SEED.teamAccountId}") { name } }`)).toEqual({
      status: 200,
      body: { data: { account: { name: "Harbor Street Studio" } } },
    });
  });
});

describe("a page of another site", () => {
  test("can't send a query by a simple GET, as an image's address does", async () => {
    expect(await refusal(get("{ __typename }", {}))).toEqual([400, "BAD_REQUEST"]);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "can't send a mutation as a form does, as %s",
    async (type) => {
      const query = `mutation { createAccount(input: { name: "Forged" }) { errors { code } } }`;
      const [status] = await refusal(post(JSON.stringify({ query }), { "content-type": type }));
      expect(status).toBeOneOf([400, 415]);
      expect(await world.calls()).toEqual({});
    },
  );
});

test("a mutation over GET is refused, and nothing is done", async () => {
  const mutation = `mutation { createAccount(input: { name: "By GET" }) { errors { code } } }`;
  expect(await refusal(get(mutation))).toEqual([405, "BAD_REQUEST"]);
  expect(await world.calls()).toEqual({});
});

describe("a browser", () => {
  test("is led from / to /graphql", async () => {
    const { status, headers } = await fetch(`${world.url}/`, { redirect: "manual" });
    expect([status, headers.get("location")]).toEqual([302, "/graphql"]);
  });

  test("is shown Apollo Sandbox, with an example to run", async () => {
    const { status, body } = await send("/graphql", { headers: { accept: "text/html" } });
    expect(status).toBe(200);
    expect(body).toContain("embeddable-sandbox");
    expect(body).toContain("query Account(");
  });

  test("finds the types of the schema by introspection", async () => {
    expect(await world.ask(`{ __type(name: "PageInfo") { name } }`)).toEqual({
      data: { __type: { name: "PageInfo" } },
    });
  });
});

describe("with EXPLORER=off", () => {
  const closed = useWorld({ EXPLORER: "off" });

  test("a browser is shown no page", async () => {
    expect(await refusal(send("/graphql", { headers: { accept: "text/html" } }, closed.url))).toEqual([
      400,
      "BAD_REQUEST",
    ]);
  });

  test("introspection is refused", async () => {
    expect(await refusal(post(`{"query":"{ __schema { types { name } } }"}`, json, closed.url))).toEqual([
      400,
      "GRAPHQL_VALIDATION_FAILED",
    ]);
  });

  test("a misspelt field is not answered with the names of others", async () => {
    const { body } = await post(`{"query":"{ accont { name } }"}`, json, closed.url);
    expect(body.errors[0].message).toBe(`Cannot query field "accont" on type "Query".`);
  });

  test("queries are answered", async () => {
    expect(await closed.ask(`{ account(accountId: "${SEED.teamAccountId}") { name } }`)).toEqual({
      data: { account: { name: "Harbor Street Studio" } },
    });
  });
});

describe("the gateway is live", () => {
  test("whatever Chime does", async () => {
    await world.fault({ kind: "503" });
    expect(await send("/health/live")).toEqual({ status: 200, body: { status: "ok" } });
    expect(await world.calls()).toEqual({});
  });
});

describe("a request that is no GraphQL request is answered with an error in GraphQL's form:", () => {
  const typename = JSON.stringify({ query: "{ __typename }" });

  test.each<[string, string]>([
    ["half of a JSON", `{"query": "{ __type`],
    ["nothing", ""],
    ["null", "null"],
    ["a number", "42"],
    ["a text", `"{ __typename }"`],
    ["an empty object", "{}"],
    ["a list of a query", `[${typename}]`],
    ["an empty list", "[]"],
    ["a query that is a number", `{"query":42}`],
    ["variables that are a text", `{"query":"{ __typename }","variables":"{}"}`],
    ["variables that are a list", `{"query":"{ __typename }","variables":[]}`],
    ["an operation's name that is an object", `{"query":"{ __typename }","operationName":{}}`],
    ["a key that reaches for the prototype", `{"query":"{ __typename }","__proto__":{"admin":true}}`],
  ])("the body is %s", async (_what, body) => {
    expect(await refusal(post(body))).toEqual([400, "BAD_REQUEST"]);
  });

  test("there is neither a body nor a type", async () => {
    expect(await refusal(send("/graphql", { method: "POST" }))).toEqual([400, "BAD_REQUEST"]);
  });

  test.each(["application/xml", "application/graphql", "junk"])("the content type is %s", async (type) => {
    expect(await refusal(post(typename, { "content-type": type }))).toEqual([415, "BAD_REQUEST"]);
  });

  test("the client takes no JSON", async () => {
    expect(await refusal(post(typename, { ...json, accept: "image/png" }))).toEqual([406, "BAD_REQUEST"]);
  });

  test.each(["[", "a b", "%zz"])("the Host header is %o", async (host) => {
    const answer = new Promise<string>((resolve) => {
      const { port } = new URL(world.url);
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
  ])("nothing is at %s %s", async (method, path) => {
    expect(await refusal(send(path, { method }))).toEqual([404, "NOT_FOUND"]);
  });

  test.each(["PUT", "PATCH", "DELETE"])("GraphQL has no %s", async (method) => {
    expect(await refusal(send("/graphql", { method }))).toEqual([405, "BAD_REQUEST"]);
  });

  test("the operation is a subscription", async () => {
    expect(await refusal(post(JSON.stringify({ query: "subscription { x }" })))).toEqual([
      400,
      "OPERATION_RESOLUTION_FAILURE",
    ]);
  });

  test("the path is no path", async () => {
    expect(await refusal(send("/%zz"))).toEqual([400, "BAD_REQUEST"]);
  });

  test.each([
    ["has a syntax error", { query: "{ account(" }, "GRAPHQL_PARSE_FAILED"],
    ["asks for a field that is not there", { query: "{ nothing }" }, "GRAPHQL_VALIDATION_FAILED"],
    [
      "names an operation that is not in it",
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

describe("what a caller put into variables is not repeated in a message", () => {
  const createUser = `mutation ($input: CreateUserInput!) { createUser(input: $input) { errors { code } } }`;
  const account = `query ($id: ID!) { account(accountId: $id) { name } }`;
  const accounts = `query ($first: Int) { accounts(first: $first) { nodes { name } } }`;
  const accountId = SEED.teamAccountId;
  const email = "ada@example.com";

  test.each<[string, string, object]>([
    ["a member is unknown", createUser, { input: { accountId, email, nickname: "Ada" } }],
    ["another member is missing", createUser, { input: { email } }],
    ["another member is of a wrong type", createUser, { input: { accountId: { a: 1 }, email } }],
    ["the member itself is of a wrong shape", createUser, { input: { accountId, email: [email] } }],
    ["a text stands for the whole", createUser, { input: email }],
    ["a text stands for a number", accounts, { first: email }],
    ["an object stands for an id", account, { id: { email } }],
    ["it stands for an enum's value", createUser, { input: { accountId, userType: email } }],
    ["it holds a semicolon", accounts, { first: `1; ${email}` }],
    ["it holds a semicolon and stands for an id", account, { id: { id: `1; ${email}` } }],
    [
      "it holds a semicolon and stands for an enum's value",
      createUser,
      { input: { userType: `1; ${email}` } },
    ],
  ])("when %s", async (_when, query, variables) => {
    const { status, body } = await post(JSON.stringify({ query, variables }));
    const problems = [{ path: expect.any(Array), message: expect.any(String) }];
    expect([status, body.errors[0].extensions]).toEqual([400, { code: "BAD_USER_INPUT", problems }]);
    expect(JSON.stringify(body)).not.toContain("ada");
  });

  test.each<[string, string, object, string]>([
    [
      "which member is wrong",
      createUser,
      { input: { accountId, email: [email] } },
      `Variable "$input" got an invalid value at "input.email"; EmailAddress must be a string`,
    ],
    [
      "which member is missing",
      createUser,
      { input: { email } },
      `Variable "$input" got an invalid value; Field "accountId" of required type "ID!" was not provided.`,
    ],
    [
      "that a member is unknown, and what it may have been",
      createUser,
      { input: { accountId, mail: email } },
      `Variable "$input" got an invalid value; Field "mail" is not defined by type "CreateUserInput". Did you mean "email"?`,
    ],
    [
      "which type it is not",
      accounts,
      { first: email },
      `Variable "$first" got an invalid value; Int cannot represent non-integer value.`,
    ],
    ["which variable is missing", account, {}, `Variable "$id" of required type "ID!" was not provided.`],
    [
      "which variable may not be null",
      account,
      { id: null },
      `Variable "$id" of non-null type "ID!" must not be null.`,
    ],
  ])("and yet the message says %s", async (_what, query, variables, message) => {
    const { body } = await post(JSON.stringify({ query, variables }));
    expect(body.errors.map((error: Error) => error.message)).toEqual([message]);
  });
});

describe("what a caller put into the text of a query is not repeated in a message", () => {
  test.each<[string, string, string]>([
    ["a number", `{ accounts(first: "ada") { nodes { name } } }`, "Int cannot represent non-integer value."],
    [
      "an input",
      `mutation { createUser(input: "ada") { errors { code } } }`,
      `Expected value of type "CreateUserInput!".`,
    ],
    [
      "an enum's value",
      `mutation { createUser(input: { accountId: "a", userType: "ada" }) { errors { code } } }`,
      `Enum "UserType" cannot represent non-enum value.`,
    ],
    ["a field", `{ accounts "ada" { nodes { name } } }`, "Syntax Error: Expected Name, found String."],
  ])("in place of %s", async (_what, query, message) => {
    const { status, body } = await post(JSON.stringify({ query }));
    expect([status, body.errors.map((error: Error) => error.message)]).toEqual([400, [message]]);
  });

  test("nor is the name of an operation that is not there", async () => {
    const { body } = await post(JSON.stringify({ query: "query A { __typename }", operationName: "ada" }));
    expect(body.errors[0].message).toBe("Unknown operation.");
  });
});

describe.each(["development", "test", "production", ""])(
  "with NODE_ENV=%s no answer holds a stack trace",
  (env) => {
    /** Answers any call with an account that lacks what every account has. */
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

    test("when Chime's answer does not fit", async () => {
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

test("a call that breaks off in the middle of its answer leaves no trace of the gateway's inside", async () => {
  await world.fault({ kind: "malformed" });
  const { errors } = await world.ask(`{ account(accountId: "${SEED.teamAccountId}") { name } }`);
  expect(JSON.stringify(errors)).not.toMatch(/stack|SyntaxError|JSON|\.js\b/);
});
