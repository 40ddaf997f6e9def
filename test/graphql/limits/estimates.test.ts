import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Limits } from "../../../src/graphql/limits/limits.js";
import type { Gateway } from "../../../src/server/listen.js";
import { ask, startOn, useHarness } from "../../support/fixture.js";

const harness = useHarness();
type Estimated = "nodes" | "calls" | "values" | "responseBytes";

const many = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join(" ");

/** The estimate of an operation, from the errors of gateways whose limits it exceeds. */
const gateways = new Map<Estimated, Gateway>();
beforeAll(async () => {
  const nothing: Partial<Limits> = { nodes: -1, calls: -1, values: -1, responseBytes: -1 };
  for (const name of ["nodes", "calls", "values", "responseBytes"] as const) {
    const open = Object.fromEntries(Object.keys(nothing).map((key) => [key, Number.MAX_SAFE_INTEGER]));
    gateways.set(name, await startOn(harness.chimeUrl, {}, { ...open, [name]: -1 }));
  }
});
afterAll(() => Promise.all([...gateways.values()].map((gateway) => gateway.close())));

async function estimate(name: Estimated, query: string, variables?: object): Promise<unknown> {
  const { errors } = await ask(gateways.get(name)?.url ?? "", { query, variables });
  expect(errors).toMatchObject([{ extensions: { code: "LIMIT_EXCEEDED", limit: { name, most: -1 } } }]);
  expect(await harness.calls()).toEqual({});
  const [limit] = (errors ?? []).map(({ extensions }) => extensions["limit"] as { readonly found: number });
  return limit?.found;
}

const users = "{ nodes { id } }";
const fill = (count: number, representation: object) => ({ of: Array(count).fill(representation) });
const entities = (fields: string) =>
  `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { ${fields} } } }`;

describe("nodes are the items of lists:", () => {
  test.each<[string, string, number, object?]>([
    ["the number in first", `{ accounts(first: 3) ${users} }`, 3],
    ["the default without first", `{ accounts ${users} }`, 50],
    ["the number in a variable", `query ($n: Int) { accounts(first: $n) ${users} }`, 7, { n: 7 }],
    ["the number in a variable's default", `query ($n: Int = 8) { accounts(first: $n) ${users} }`, 8],
    [
      "the default if a variable is null",
      `query ($n: Int) { accounts(first: $n) ${users} }`,
      50,
      { n: null },
    ],
    ["at most 1,000, since more are rejected", `{ accounts(first: 2000000000) ${users} }`, 1_000],
    ["none if it is negative", `{ accounts(first: -5) ${users} }`, 0],
    ["also if no row is selected", `{ accounts(first: 3) { pageInfo { hasNextPage } } }`, 3],
    [
      "list in list, by the product",
      `{ accounts(first: 3) { nodes { users(first: 10) ${users} } } }`,
      3 + 30,
    ],
    [
      "200 users of each account of a default page",
      `{ accounts { nodes { users(first: 200) ${users} } } }`,
      10_050,
    ],
    ["by edges as well", `{ accounts(first: 3) { edges { node { users(first: 10) ${users} } } } }`, 3 + 30],
    ["once for both edges and nodes", `{ accounts(first: 3) { edges { cursor } nodes { name } } }`, 3],
    [
      "through fragments",
      `{ accounts(first: 3) { ...A } } fragment A on AccountConnection { nodes { ... on Account { users(first: 2) ${users} } } }`,
      3 + 6,
    ],
    ["under each alias", `{ a: accounts(first: 3) ${users} b: accounts(first: 4) ${users} }`, 7],
    [
      "once for a field that is selected twice",
      `{ accounts(first: 3) ${users} ...Q } fragment Q on Query { accounts(first: 3) { nodes { name } } }`,
      3,
    ],
    ["each id of a list", `{ nodes(ids: ["a", "b", "c"]) { id } }`, 3],
    [
      "each id of a list in a variable, and what is below it",
      `query ($ids: [ID!]!) { users(accountId: "a", userIds: $ids) { account { users(first: 5) ${users} } } }`,
      2 + 10,
      { ids: ["a", "b"] },
    ],
    ["each entity", `{ _entities(representations: [{}, {}]) { __typename } }`, 2],
    ["not a lookup", `{ accounts(first: 3) { nodes { user(userId: "a") { id } } } }`, 3],
    [
      "each list of a write's result, as long as its input",
      `mutation { inviteUsers(input: { accountId: "a", userEmailList: ["a@b.co", "c@d.co"] }) {
        invites { inviteId } inviteErrors { index }
      } }`,
      2 + 2,
    ],
    [
      "lists without arguments, as long as the schema assumes",
      `{ account(accountId: "a") { signinDelegateGroups { groupName } supportedLicenses } }`,
      5,
    ],
  ])("%s", async (_what, query, found, variables) => {
    expect(await estimate("nodes", query, variables)).toBe(found);
  });
});

describe("upstream calls follow from the SDL's weights:", () => {
  const inAccount = (fields: string) => `{ account(accountId: "a") { ${fields} } }`;
  const updates = { i: { accountId: "a", updateUserRequestItems: Array(500).fill({ userId: "u" }) } };
  const update = (fields: string) =>
    `mutation ($i: BatchUpdateUserInput!) { batchUpdateUser(input: $i) { ${fields} } }`;

  test.each<[string, string, number, object?]>([
    ["one for a lookup", inAccount("name"), 1],
    ["two for a user by e-mail", `{ userByEmail(email: "a@b.co") { id } }`, 2],
    ["one for each alias", `{ ${many(20, (i) => `a${i}: account(accountId: "a${i}") { name }`)} }`, 20],
    ["one for each 200 rows", `{ accounts(first: 1000) ${users} }`, 5],
    ["one for a page without rows", `{ accounts(first: 200) { pageInfo { hasNextPage } } }`, 1],
    [
      "one more after a cursor, which may be in the middle of Chime's page",
      `{ accounts(first: 200, after: "a") ${users} }`,
      2,
    ],
    [
      "a connection for each row",
      `{ accounts(first: 100) { nodes { users(first: 201) ${users} } } }`,
      1 + 200,
    ],
    [
      "ten for a page of a filtered list",
      inAccount(`users(filter: { hasPhoneNumber: true }) ${users}`),
      1 + 10,
    ],
    [
      "ten, however long the page is and wherever it begins",
      inAccount(`users(first: 1000, after: "a", filter: {}) ${users}`),
      1 + 10,
    ],
    ["none for a filter that is null", inAccount(`users(filter: null) ${users}`), 1 + 1],
    [
      "ten for each account with a filtered list",
      `{ accounts(first: 20) { nodes { users(filter: {}) ${users} } } }`,
      1 + 200,
    ],
    ["a hundred for a summary of users", inAccount("userSummary { total byUserType { count } }"), 1 + 100],
    ["a lookup for each row", `{ accounts(first: 100) { nodes { user(userId: "u") { id } } } }`, 1 + 100],
    [
      "one for each row that lacks a field",
      inAccount("users(first: 100) { nodes { personalPin } }"),
      2 + 100,
    ],
    [
      "one for all fields that a row lacks, and all their aliases",
      `${inAccount("users(first: 100) { nodes { personalPin invitedOn a: personalPin ...U } }")}
        fragment U on User { b: invitedOn account { id } }`,
      2 + 100,
    ],
    ["the same in edges", inAccount("users(first: 100) { edges { node { invitedOn } } }"), 2 + 100],
    [
      "none for a field of a single user",
      `{ user(accountId: "a", userId: "u") { personalPin invitedOn } }`,
      1,
    ],
    ["none for the account of a row", inAccount("users(first: 100) { nodes { account { name } } }"), 2],
    ["one for the account of a single user", `{ user(accountId: "a", userId: "u") { account { name } } }`, 2],
    [
      "9,046 by 77 bytes",
      "{accounts(first:9){nodes{users(first:1000){nodes{personalPin}}}}}",
      1 + 9 * 5 + 9_000,
    ],
    ["one for each id", `{ nodes(ids: ["a", "b", "c"]) { id ... on User { personalPin } } }`, 3],
    [
      "two for each id with its account",
      `{ users(accountId: "a", userIds: ["b", "c"]) { account { name } } }`,
      4,
    ],
    [
      "one for each entity by its ids",
      entities("personalPin"),
      7,
      fill(7, { __typename: "User", accountId: "a", userId: "u" }),
    ],
    ["one for each entity by its global id", entities("id"), 7, fill(7, { __typename: "User", id: "x" })],
    [
      "two for each entity by its e-mail",
      entities("account { name }"),
      14,
      fill(7, { __typename: "User", primaryEmail: "a@b.co" }),
    ],
    [
      "two for each if the other keys are null",
      entities("id"),
      14,
      fill(7, { __typename: "User", id: null, userId: null, primaryEmail: "a@b.co" }),
    ],
    [
      "one more for each that lacks a field",
      entities("personalPin"),
      21,
      fill(7, { __typename: "User", primaryEmail: "a@b.co" }),
    ],
    [
      "the selections of an entity's own type",
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { account { name } } ... on Account { users { nodes { id } } } } }`,
      2 * 7,
      fill(7, { __typename: "Account", accountId: "a" }),
    ],
    ["one for a write", `mutation { createAccount(input: { name: "a" }) { account { name } } }`, 1],
    [
      "one more to read back",
      `mutation { updateUser(input: { accountId: "a", userId: "u", licenseType: PRO }) { user { personalPin } } }`,
      2,
    ],
    ["at most one for each ten items of a bulk write", update("errors { code }"), 1 + 50, updates],
    [
      "one for each user that is read back",
      update("users { id personalPin invitedOn }"),
      1 + 50 + 500,
      updates,
    ],
    ["none for introspection", "{ __schema { types { fields { name } } } }", 0],
  ])("%s", async (_what, query, found, variables) => {
    expect(await estimate("calls", query, variables)).toBe(found);
  });
});

describe("values of the response:", () => {
  /** An account and its connection count ten each, for they are fetched; the list and each of its ten rows one. */
  const page = (fields: string) => `{ account(accountId: "a") { users(first: 10) { nodes { ${fields} } } } }`;
  const around = 10 + 10 + 1 + 10;

  test.each<[string, string, number]>([
    ["a field for each row", page("id displayName"), around + 20],
    ["each alias", page("a: displayName b: displayName"), around + 20],
    [
      "one key once, however often it is selected",
      `${page("id ...U ...U ... on User { id }")} fragment U on User { id }`,
      around + 10,
    ],
    ["an object and its fields", page("alexaForBusinessMetadata { isAlexaForBusinessEnabled }"), around + 20],
    ["a list by its length", `{ account(accountId: "a") { supportedLicenses } }`, 10 + 4],
    ["ten for a fetched value", page("personalPin"), around + 100],
    ["ten for a reference to another entity", page("account { name }"), around + 110],
  ])("%s", async (_what, query, found) => {
    expect(await estimate("values", query)).toBe(found);
  });
});

test("the example in docs/limits.md has the documented numbers", async () => {
  const query = "{ accounts(first: 3) { nodes { users(first: 10) { nodes { personalPin invitedOn } } } } }";

  expect([
    await estimate("nodes", query),
    await estimate("calls", query),
    await estimate("values", query),
  ]).toEqual([33, 34, 677]);
});

test("entities of unknown types count as lookups, and their fields do not count", async () => {
  const names = ["User", "Account", "Query", "PageInfo", "__Schema", "__proto__", "none", 7, null, {}];
  const of = Array.from({ length: 1_000 }, (_, i) => ({ __typename: names[i % names.length], id: "a" }));
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) {
    ... on User { id } ... on Account { users(first: 200) { nodes { id } } } } }`;

  // 100 are accounts.
  expect(await estimate("calls", query, { of })).toBe(1_000 + 100);
});

test("variables that are not declared do not count, whatever their names", async () => {
  const query = `query ($n: Int = 1, $m: Int = 1) { accounts(first: $n) { nodes { users(first: $m) ${users} } } }`;
  const [harmless, most] = [{ "n:200;m:1000;x": 1 }, { n: 200, m: 1_000 }];
  const codeFor = async (variables: object) =>
    (await harness.ask(query, variables)).errors?.[0]?.extensions.code;

  expect(await codeFor(harmless)).toBeUndefined();
  expect(await codeFor({ "1": 200, "200;1000;": 1 })).toBeUndefined();
  for (const more of [{}, { x: 1 }, harmless])
    expect(await codeFor({ ...most, ...more })).toBe("LIMIT_EXCEEDED");
});

describe("bytes are those of the keys, and of values by their types:", () => {
  const page = (fields: string) => `{ account(accountId: "a") { users(first: 10) { nodes { ${fields} } } } }`;
  const bytes = (fields: string) => estimate("responseBytes", page(fields)).then(Number);

  test("a key of 1,000 characters counts for each row", async () => {
    const key = "k".repeat(1_000);
    expect((await bytes(`${key}: userType`)) - (await bytes("k: userType"))).toBe(10 * 999);
  });

  test("a global id counts more than a string, and a string more than other values", async () => {
    const [none, id, text, date] = await Promise.all(
      ["a: userType", "a: userType b: id", "a: userType b: displayName", "a: userType b: registeredOn"].map(
        bytes,
      ),
    );
    expect([id, text, date].map((more) => (more ?? 0) - (none ?? 0))).toEqual(
      [140, 80, 40].map((size) => 10 * (1 + 4 + size)),
    );
  });
});
