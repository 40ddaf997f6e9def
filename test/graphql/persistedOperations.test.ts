import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { type Answer, type Harness, startOn, useHarness } from "../support/fixture.js";

const folder = mkdtempSync(join(tmpdir(), "persisted-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file and answers with its path. */
function write(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const query = `query Name($id: ID!) { account(accountId: $id) { name } }`;
const mutation = `mutation Create { createAccount(input: { name: "Listed" }) { errors { code } } }`;
const other = `query Other($id: ID!) { account(accountId: $id) { accountType } }`;
const variables = { id: SEED.teamAccountId };
const answer = { status: 200, body: { data: { account: { name: "Harbor Street Studio" } } } };
const otherAnswer = { status: 200, body: { data: { account: { accountType: "TEAM" } } } };

const manifest = {
  format: "apollo-persisted-query-manifest",
  version: 1,
  operations: [
    { id: sha256(query), name: "Name", type: "query", body: query },
    { id: "create/1", name: "Create", type: "mutation", body: mutation },
  ],
};
const file = write("manifest.json", manifest);
const open = useHarness();
/** Its manifest begins with a byte order mark. */
const allowing = useHarness({
  PERSISTED_OPERATIONS: write("mark.json", `\ufeff${JSON.stringify(manifest)}`),
});
const strict = useHarness({ PERSISTED_OPERATIONS: file, PERSISTED_OPERATIONS_MODE: "only" });

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const byId = (id: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: id } } });

async function post({ url }: Harness, body: object) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ variables, ...body }),
  });
  return { status: response.status, body: (await response.json()) as Answer };
}

const get = (harness: Harness, id: string) =>
  getWith(harness, { extensions: JSON.stringify(byId(id).extensions) });

async function getWith({ url }: Harness, parameters: Record<string, string>) {
  const search = new URLSearchParams({ variables: JSON.stringify(variables), ...parameters });
  const response = await fetch(`${url}/graphql?${search}`, {
    headers: { "apollo-require-preflight": "true" },
  });
  return { status: response.status, body: (await response.json()) as Answer };
}

/** The status of an answer of errors alone, and their codes. */
async function statusAndCode(answering: ReturnType<typeof post>) {
  const { status, body } = await answering;
  expect(Object.keys(body)).toEqual(["errors"]);
  return [status, ...(body.errors ?? []).map(({ extensions }) => extensions.code)];
}

const invalidId = {
  status: 400,
  body: {
    errors: [
      {
        message: "documentId must be a single string that is not empty.",
        extensions: { code: "BAD_REQUEST" },
      },
    ],
  },
};

describe("automatic persisted queries:", () => {
  const hash = sha256(query);

  test("a hash is unknown until it is sent with its query; then the hash suffices, in POST and GET", async () => {
    expect(await statusAndCode(post(open, byId(hash)))).toEqual([200, "PERSISTED_QUERY_NOT_FOUND"]);
    expect(await post(open, { query, ...byId(hash) })).toEqual(answer);
    expect(await post(open, byId(hash))).toEqual(answer);
    expect(await get(open, hash)).toEqual(answer);
  });

  test("documentId is another way to send a hash", async () => {
    await post(open, { query: other, ...byId(sha256(other)) });
    expect(await post(open, { documentId: `sha256:${sha256(other)}` })).toEqual(otherAnswer);
    expect(await getWith(open, { documentId: sha256(other) })).toEqual(otherAnswer);
    const unknown = { documentId: sha256("unknown") };
    expect(await statusAndCode(post(open, unknown))).toEqual([200, "PERSISTED_QUERY_NOT_FOUND"]);
  });

  test.each([42, {}, null, [], ""])("the documentId %j is rejected by its name", async (documentId) => {
    for (const answering of [post(open, { documentId }), post(strict, { documentId })])
      expect(await answering).toMatchObject(invalidId);
    expect(await post(open, { query: other, documentId })).toEqual(otherAnswer);
  });

  test("an empty or a repeated documentId in a URL is rejected by its name, too", async () => {
    expect(await getWith(open, { documentId: "" })).toMatchObject(invalidId);
    const headers = { "apollo-require-preflight": "true" };
    const response = await fetch(`${open.url}/graphql?documentId=a&documentId=b`, { headers });
    expect({ status: response.status, body: await response.json() }).toMatchObject(invalidId);
  });

  test("an empty operationName is ignored, in POST and GET", async () => {
    expect(await post(open, { query, operationName: "" })).toEqual(answer);
    expect(await getWith(open, { query, operationName: "" })).toEqual(answer);
  });

  test("a hash of another query is rejected and not stored", async () => {
    const wrong = sha256("another");
    expect(await statusAndCode(post(open, { query, ...byId(wrong) }))).toEqual([400, "BAD_REQUEST"]);
    expect(await statusAndCode(post(open, byId(wrong)))).toEqual([200, "PERSISTED_QUERY_NOT_FOUND"]);
  });

  test("an unknown version is rejected", async () => {
    const extensions = { persistedQuery: { version: 2, sha256Hash: hash } };
    expect(await statusAndCode(post(open, { extensions }))).toEqual([400, "BAD_REQUEST"]);
  });
});

describe.each([
  ["allow", allowing],
  ["only", strict],
])("with a manifest of persisted operations, mode %s,", (_mode, harness) => {
  test("its operations are served by id, in POST and GET", async () => {
    expect(await post(harness, byId(sha256(query)))).toEqual(answer);
    expect(await get(harness, sha256(query))).toEqual(answer);
  });

  test("its operations are served by documentId, in POST and GET", async () => {
    for (const documentId of [sha256(query), `sha256:${sha256(query)}`]) {
      expect(await post(harness, { documentId })).toEqual(answer);
      expect(await post(harness, { documentId, operationName: "Name" })).toEqual(answer);
      expect(await getWith(harness, { documentId, operationName: "" })).toEqual(answer);
    }
    expect(await statusAndCode(getWith(harness, { documentId: "create/1" }))).toEqual([405, "BAD_REQUEST"]);
  });

  test("ids need not be hashes", async () => {
    expect(await post(harness, byId("create/1"))).toEqual({
      status: 200,
      body: { data: { createAccount: { errors: [] } } },
    });
  });

  test("its operations are served by their text, with or without a hash", async () => {
    expect(await post(harness, { query })).toEqual(answer);
    expect(await post(harness, { query, ...byId(sha256(query)) })).toEqual(answer);
  });

  test("a mutation is rejected in GET", async () => {
    expect(await statusAndCode(get(harness, "create/1"))).toEqual([405, "BAD_REQUEST"]);
  });

  test("a request without an operation is a bad request", async () => {
    expect(await statusAndCode(post(harness, {}))).toEqual([400, "BAD_REQUEST"]);
    expect(await statusAndCode(post(harness, { extensions: {} }))).toEqual([400, "BAD_REQUEST"]);
  });
});

describe("with mode allow", () => {
  test("all other operations are served as well, and their hashes stored", async () => {
    expect(await post(allowing, { query: other })).toEqual(otherAnswer);
    expect(await statusAndCode(post(allowing, byId(sha256(other))))).toEqual([
      200,
      "PERSISTED_QUERY_NOT_FOUND",
    ]);
    expect(await post(allowing, { query: other, ...byId(sha256(other)) })).toEqual(otherAnswer);
    expect(await post(allowing, byId(sha256(other)))).toEqual(otherAnswer);
  });
});

describe("with mode only, other operations are rejected before any call to Chime:", () => {
  const hidden = "{ __schema { queryType { name } } }";
  test.each<[string, object]>([
    ["another operation", { query: other }],
    ["another operation with its hash", { query: other, ...byId(sha256(other)) }],
    ["another operation under a known id", { query: other, ...byId("create/1") }],
    ["a known operation that differs in a space", { query: `${query} ` }],
    ["a known operation with another beside it", { query: `${query} ${mutation}`, operationName: "Create" }],
    ["an unknown hash", byId(sha256(other))],
    ["an unknown documentId", { documentId: sha256(other) }],
    ["another operation under a known documentId", { query: other, documentId: "create/1" }],
    ["a hash that is an object", { extensions: { persistedQuery: { version: 1, sha256Hash: {} } } }],
    ["introspection", { query: hidden }],
    ["a router's question for the SDL", { query: "{ _service { sdl } }" }],
    ["a router's question for entities", { query: "{ _entities(representations: []) { __typename } }" }],
    ["what does not parse", { query: "{ account(" }],
    ["an empty text", { query: "" }],
  ])("%s", async (_what, body) => {
    expect(await statusAndCode(post(strict, body))).toEqual([400, "PERSISTED_OPERATION_REQUIRED"]);
    expect(await strict.calls()).toEqual({});
  });
});

describe("the gateway does not start, and reports it in one line, if the manifest", () => {
  const [operation] = manifest.operations;
  test.each<[string, string, string]>([
    ["is not there", join(folder, "none.json"), "cannot be read (ENOENT)"],
    ["is a folder", folder, "cannot be read (EISDIR)"],
    ["is not JSON", write("text.json", "operations:"), "is not JSON"],
    [
      "is of another format",
      write("format.json", { ...manifest, format: "relay" }),
      'is not a manifest of persisted operations (format: Invalid input: expected "apollo-persisted-query-manifest")',
    ],
    [
      "is of a version to come",
      write("version.json", { ...manifest, version: 2 }),
      "is not a manifest of persisted operations (version: Invalid input: expected 1)",
    ],
    [
      "has an operation without a text",
      write("body.json", { ...manifest, operations: [operation, { id: "a" }] }),
      "is not a manifest of persisted operations (operations.1.body: Invalid input: expected string, received undefined)",
    ],
    [
      "has two operations with one id",
      write("twice.json", { ...manifest, operations: [operation, { ...operation, body: "{ __typename }" }] }),
      `has an invalid operation "${operation?.id}": two operations have this id`,
    ],
    [
      "has an operation that does not parse",
      write("parse.json", { ...manifest, operations: [{ id: "a", body: "query A {" }] }),
      'has an invalid operation "a": Syntax Error: Expected Name, found <EOF>.',
    ],
    [
      "has an operation that the schema does not answer",
      write("field.json", { ...manifest, operations: [{ id: "a", body: "{ weather }" }] }),
      'has an invalid operation "a": Cannot query field "weather" on type "Query".',
    ],
    [
      "has a subscription, even beside a query",
      write("subscription.json", { a: "query A { __typename } subscription B { userChanged { userId } }" }),
      'has an invalid operation "a": The schema has no subscriptions.',
    ],
    [
      "has an operation that is over a limit whatever its variables",
      write("limit.json", {
        ...manifest,
        operations: [{ id: "a", body: `mutation { ${"__typename ".repeat(6)} }` }],
      }),
      'has an invalid operation "a": Operation has 6 mutations (limit 5).',
    ],
    [
      "has an id without a text",
      write("ids.json", { a: "{ __typename }", b: 1 }),
      "is not a manifest of persisted operations (b: Invalid input: expected string, received number)",
    ],
    [
      "has ids with a text that does not parse",
      write("texts.json", { a: "query A {" }),
      'has an invalid operation "a": Syntax Error: Expected Name, found <EOF>.',
    ],
    [
      "is a list",
      write("list.json", [operation]),
      "is not a manifest of persisted operations (Invalid input: expected record, received array)",
    ],
  ])("%s", async (_what, path, problem) => {
    const start = startOn(strict.chimeUrl, { PERSISTED_OPERATIONS: path });

    await expect(start).rejects.toThrow(new Error(`PERSISTED_OPERATIONS ${path} ${problem}`));
  });
});
