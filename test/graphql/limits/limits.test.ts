import { createHash } from "node:crypto";
import { getIntrospectionQuery } from "graphql";
import { describe, expect, onTestFinished, test } from "vitest";
import { bombs, throwBomb } from "../../support/bombs.js";
import { type Answer, startOn, useHarness } from "../../support/fixture.js";
import { fuzz } from "../../support/fuzz.js";

const harness = useHarness();

const many = (count: number, item: (index: number) => string, separator = " ") =>
  Array.from({ length: count }, (_, index) => item(index)).join(separator);

async function post(body: object, url = harness.url) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as Answer) };
}

/** The limit that a request exceeds; undefined if it exceeds none. */
async function limitOf(query: string, variables: object = {}, url = harness.url) {
  const { status, data, errors } = await post({ query, variables }, url);
  const [limit] = (errors ?? []).flatMap(({ extensions }) => extensions["limit"] ?? []);
  if (limit)
    expect([status, data, errors?.map(({ extensions }) => extensions.code)]).toEqual([
      400,
      undefined,
      ["LIMIT_EXCEEDED"],
    ]);
  return limit;
}

describe("a malicious request is rejected before any call to Chime:", () => {
  test.each(bombs)("$name", async (bomb) => {
    const { status, code, limit } = await throwBomb(harness.url, bomb);

    expect({ status, code, limit }).toEqual({
      // HTTP has a status of its own for a body that is too large; a field's own error comes with 200.
      status: bomb.limit === "bodyBytes" ? 413 : bomb.code === "BAD_USER_INPUT" ? 200 : 400,
      code: bomb.code ?? (bomb.limit ? "LIMIT_EXCEEDED" : "GRAPHQL_VALIDATION_FAILED"),
      limit: bomb.limit,
    });
    expect(await harness.calls()).toEqual({});
  });
});

test("an error names the limit, how much it is, and the setting that raises it if there is one", async () => {
  const query = `{ ${many(21, (i) => `a${i}: __typename`)} }`;

  expect(await post({ query })).toEqual({
    status: 400,
    errors: [
      {
        message: "Query has 21 root fields (limit 20).",
        extensions: { code: "LIMIT_EXCEEDED", limit: { name: "rootFields", most: 20, found: 21 } },
      },
    ],
  });
  const wide = "{ accounts(first: 200) { nodes { users(first: 200) { nodes { id } } } } }";
  expect((await post({ query: wide })).errors).toMatchObject([
    { message: expect.stringMatching(/^Query may return 40200 nodes \(limit 30000, LIMIT_NODES\)/) },
  ]);
  const gateway = await startOn(harness.chimeUrl, { LIMIT_NODES: "40200" });
  onTestFinished(() => gateway.close());
  expect((await post({ query: wide }, gateway.url)).errors).toBeUndefined();
});

describe("a request at a limit is served, and one above it is rejected:", () => {
  const list = (item: unknown) => (count: number) => ({ list: Array(count).fill(item) });
  const inAccount = (fields: string) => `{ account(accountId: "..") { ${fields} } }`;
  const nested = (open: string, levels: number) => `${open.repeat(levels)}name${" }".repeat(levels)}`;
  /** Fields of which this many pairs have the same name. */
  function alike(pairs: number): string {
    if (pairs === 0) return "";
    const count = Math.floor((1 + Math.sqrt(1 + 8 * pairs)) / 2);
    return `${`f${count} `.repeat(count)}${alike(pairs - (count * (count - 1)) / 2)}`;
  }

  test.each<[string, number, (count: number) => string, ((count: number) => object)?]>([
    [
      "tokens",
      12_000,
      (count) =>
        `query (${many(Math.floor(count / 4) - 2, (i) => `$v${i}:Int`)}) {${" f".repeat(3 + (count % 4))}}`,
    ],
    ["depth", 20, (count) => `{ __type(name: "User") { ${nested("ofType { ", count - 2)} } }`],
    ["aliases", 200, (count) => inAccount(many(count, (i) => `a${i}: name`))],
    ["directives", 100, (count) => inAccount("name @skip(if: true) ".repeat(count))],
    ["selections", 2_000, (count) => inAccount(many(count - 2, (i) => `f${i}`))],
    ["overlaps", 10_000, (count) => inAccount(alike(count))],
    ["rootFields", 20, (count) => `{ ${many(count, (i) => `a${i}: __typename`)} }`],
    [
      "rootEntities",
      200,
      (count) =>
        `query ($list: [_Any!]!) { ${many(count, (i) => `a${i}: _entities(representations: $list) { __typename }`)} }`,
      () => ({ list: [{ __typename: "Account", accountId: ".." }] }),
    ],
    ["rootMutations", 5, (count) => `mutation { ${many(count, (i) => `a${i}: __typename`)} }`],
    ["listItems", 500, () => "query ($list: [ID!]!) { nodes(ids: $list) { id } }", list("a")],
    ["listItems", 500, (count) => `{ nodes(ids: ${JSON.stringify(list("a")(count).list)}) { id } }`],
    [
      "entities",
      1_000,
      () => "query ($list: [_Any!]!) { _entities(representations: $list) { __typename } }",
      list({ __typename: "Account", accountId: ".." }),
    ],
    [
      "nodes",
      30_000,
      (count) =>
        `{ accounts(first: 1000) { nodes { users(first: ${count / 1_000 - 1}) { nodes { id } } } } }`,
    ],
  ])("%s", async (name, most, query, variables) => {
    const more = name === "nodes" ? 31_000 : most + 1;
    expect(await limitOf(query(most), variables?.(most))).toBeUndefined();
    expect(await limitOf(query(more), variables?.(more))).toMatchObject({ name, most });
  });

  test("bodyBytes", async () => {
    const body = JSON.stringify({ query: "{ __typename }" });
    const statuses = [524_288, 524_289].map(async (size) => {
      const headers = { "content-type": "application/json" };
      return (await fetch(`${harness.url}/graphql`, { method: "POST", headers, body: body.padEnd(size) }))
        .status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 413]);
  });
});

describe("the limits allow", () => {
  const text = JSON.stringify;
  const full = (i: number) => ({
    userId: `user-${i}`,
    licenseType: "PRO",
    userType: "PRIVATE_USER",
    alexaForBusinessMetadata: {
      isAlexaForBusinessEnabled: true,
      alexaForBusinessRoomArn: `arn:aws:a4b:us-east-1:111122223333:room/f5ed2ecac2/${i}`,
    },
  });
  const items = Array.from({ length: 500 }, (_, i) => full(i));
  const literals = text(items)
    .replace(/"(\w+)":/g, "$1:")
    .replace(/"(PRO|PRIVATE_USER)"/g, "$1");

  test.each<[string, string, object?]>([
    [
      "the introspection query of explorers with all options",
      getIntrospectionQuery({
        descriptions: true,
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
        oneOf: true,
      }),
    ],
    ["a router's request for the SDL", "{ _service { sdl } }"],
    [
      "1,000 entities at once, with their accounts",
      `query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on User { __typename id displayName account { name } }
      } }`,
      { representations: Array(1_000).fill({ __typename: "User", accountId: "..", userId: "u" }) },
    ],
    [
      "500 users by id, as literals",
      `{ users(accountId: "..", userIds: ${text(items.map(({ userId }) => userId))}) { id personalPin } }`,
    ],
    [
      "500 changes of users with all that can be changed, as variables",
      `mutation ($input: BatchUpdateUserInput!) {
        batchUpdateUser(input: $input) { users { id } userErrors { index } errors { code } }
      }`,
      { input: { accountId: "..", updateUserRequestItems: items } },
    ],
    [
      "the same, as literals",
      `mutation { batchUpdateUser(input: { accountId: "..", updateUserRequestItems: ${literals} }) { errors { code } } }`,
    ],
    [
      "100 look-ups under aliases",
      `{ account(accountId: "..") { ${many(100, (i) => `u${i}: user(userId: "${i}") { id displayName }`)} } }`,
    ],
    [
      "a page of many components, each with a fragment of its own",
      `{ account(accountId: "..") { users { nodes { ${many(40, (i) => `...F${i}`)} } } } }
      ${many(40, (i) => `fragment F${i} on User { __typename id account { __typename id ${i % 2 ? "name" : "accountType"} } }`)}`,
    ],
  ])("%s", async (_what, query, variables) => {
    expect(await limitOf(query, variables)).toBeUndefined();
    const { errors = [] } = await post({ query, variables });
    expect(errors.filter(({ extensions }) => !["BAD_USER_INPUT"].includes(extensions.code))).toEqual([]);
  });
});

describe("a list of more than 500 items is rejected in the same way everywhere:", () => {
  const fields = "errors { code path }";
  test.each<[string, string, (items: string[]) => unknown, readonly string[]]>([
    ["ids", "query ($in: [ID!]!) { nodes(ids: $in) { id } }", (items) => items, ["nodes", "ids"]],
    [
      "user ids",
      `query ($in: [ID!]!) { users(accountId: "a", userIds: $in) { id } }`,
      (items) => items,
      ["users", "userIds"],
    ],
    [
      "changes of users",
      `mutation ($in: BatchUpdateUserInput!) { batchUpdateUser(input: $in) { ${fields} } }`,
      (items) => ({
        accountId: "a",
        updateUserRequestItems: items.map((userId) => ({ userId, licenseType: "PRO" })),
      }),
      ["batchUpdateUser", "input", "updateUserRequestItems"],
    ],
    [
      "addresses",
      `mutation ($in: InviteUsersInput!) { inviteUsers(input: $in) { ${fields} } }`,
      (items) => ({ accountId: "a", userEmailList: items.map((id) => `${id}@example.com`) }),
      ["inviteUsers", "input", "userEmailList"],
    ],
    [
      "group names",
      `mutation ($in: AssociateSigninDelegateGroupsWithAccountInput!) {
        associateSigninDelegateGroupsWithAccount(input: $in) { ${fields} } }`,
      (items) => ({ accountId: "a", groupNames: items }),
      ["associateSigninDelegateGroupsWithAccount", "input", "groupNames"],
    ],
  ])("%s", async (_what, query, inputOf, path) => {
    const variables = (count: number) => ({ in: inputOf(Array.from({ length: count }, (_, i) => `i${i}`)) });
    for (const count of [501, 1_000, 1_001, 5_000])
      expect(await limitOf(query, variables(count))).toEqual({
        name: "listItems",
        most: 500,
        found: count,
        path,
      });
    expect(await harness.calls()).toEqual({});
    expect(await limitOf(query, variables(500))).toBeUndefined();
  });

  test("the error states how many", async () => {
    const query = `{ nodes(ids: ${JSON.stringify(Array(501).fill("a"))}) { id } }`;

    expect(await post({ query })).toMatchObject({
      errors: [
        {
          message: "nodes.ids has 501 items (limit 500).",
        },
      ],
    });
  });
});

describe("a rejected document", () => {
  const query = `{ account(accountId: "a") { ${many(201, (i) => `a${i}: name`)} } }`;

  test("is rejected again, whatever its operation name", async () => {
    for (const body of [{ query }, { query }, { query, operationName: "A" }])
      expect(await post(body)).toMatchObject({
        status: 400,
        errors: [{ extensions: { code: "LIMIT_EXCEEDED" } }],
      });
  });

  test("is not stored as a persisted query", async () => {
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    const extensions = { persistedQuery: { version: 1, sha256Hash } };

    expect((await post({ query, extensions })).errors).toMatchObject([
      { extensions: { code: "LIMIT_EXCEEDED" } },
    ]);
    expect((await post({ extensions })).errors).toMatchObject([
      { extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } },
    ]);
  });
});

test("no generated request, valid or malformed, gets a server error, a stack trace or a response that is not GraphQL", {
  timeout: 120_000,
}, async () => {
  const { statuses, problems } = await fuzz(harness.url, 2_000, 7);

  expect(problems).toEqual([]);
  expect(Object.keys(statuses)).toContain("200");
});
