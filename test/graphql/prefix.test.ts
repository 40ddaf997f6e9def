import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType, isScalarType } from "graphql";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { accountGlobalId, userGlobalId } from "../../src/graphql/resolvers/shared/globalId.js";
import { createSchema } from "../../src/graphql/schema.js";
import { rootFieldName } from "../../src/graphql/subgraph/prefix.js";
import { createExample } from "../../src/server/exampleQuery.js";
import type { Gateway } from "../../src/server/listen.js";
import { ask, startOn, useClosedGateway, useHarness } from "../support/fixture.js";
import { operations } from "../support/operations.js";
import { fetchSdl } from "../support/supergraph.js";

const SCHEMA_PREFIX = "Chime";
const harness = useHarness({ SCHEMA_PREFIX });
const closed = useClosedGateway(harness, { SCHEMA_PREFIX });
const { teamAccountId: accountId, userId, userEmail: email } = SEED;
const amara = { __typename: "ChimeUser", userId, displayName: "Amara Okafor" };
let plain: Gateway;

beforeAll(async () => {
  plain = await startOn(harness.chimeUrl);
});
afterAll(() => plain?.close());

describe("the schema with a prefix", () => {
  const types = Object.values(createSchema().getTypeMap());
  const prefixed = createSchema(SCHEMA_PREFIX);
  const mutations = Object.keys(createSchema().getMutationType()?.getFields() ?? {});

  test("has it on object, input, enum, union and interface types, and on no other", () => {
    const others = new Set(["Query", "Mutation", "PageInfo", "_Entity", "_Service"]);
    const names = types.map((type) =>
      isScalarType(type) || isIntrospectionType(type) || others.has(type.name)
        ? type.name
        : `Chime${type.name}`,
    );

    expect(Object.keys(prefixed.getTypeMap()).toSorted()).toEqual(names.toSorted());
    expect(names).toEqual(
      expect.arrayContaining(["ChimeNode", "ChimeErrorCode", "ChimeCreateUserInput", "DateTime"]),
    );
    expect(prefixed.getDirectives().map(String)).toEqual(createSchema().getDirectives().map(String));
  });

  test("has it on root fields, and on no other field, argument or input field", () => {
    for (const type of types) {
      if (!isObjectType(type) && !isInputObjectType(type) && !isInterfaceType(type)) continue;
      const isRoot = ["Query", "Mutation"].includes(type.name);
      const served = prefixed.getType(type.name) ?? prefixed.getType(`Chime${type.name}`);
      const expected = Object.keys(type.getFields()).map((name) =>
        isRoot && !name.startsWith("_") ? `chime${name.charAt(0).toUpperCase()}${name.slice(1)}` : name,
      );
      expect(served && "getFields" in served && Object.keys(served.getFields())).toEqual(expected);
    }
  });

  test("has it where descriptions name mutations, `node` and `nodes`", async () => {
    const sdl = await fetchSdl(harness.url);

    for (const name of mutations) expect(sdl).not.toContain(`\`${name}\``);
    expect(sdl).toContain("`Query.chimeNode`");
    expect(sdl).toContain("`ChimeAccount.supportedLicenses`");
  });

  test.each([
    ["Chime", "chimeUser"],
    ["AWS", "awsUser"],
    ["AWSChime", "awsChimeUser"],
    ["X1", "x1User"],
    ["", "user"],
  ])("with the prefix %s has the root field %s", (prefix, name) => {
    expect(rootFieldName("user", prefix)).toBe(name);
    expect(rootFieldName("_entities", prefix)).toBe("_entities");
  });
});

describe("with a prefix", () => {
  const examples = operations({ accountId, userId, email });
  const withPrefix = (name: string, text: string) =>
    `${name}: ${rootFieldName(name, SCHEMA_PREFIX)}${text.slice(name.length)}`;

  test.each(Object.entries(examples.Query))(
    "the query %s has the same result, ids included, for the same calls",
    async (name, text) => {
      const expected = await ask(plain.url, { query: `{ ${text} }` });
      const calls = await harness.calls();
      await harness.forgetCalls();
      const { data, errors } = await harness.ask(`{ ${withPrefix(name, text)} }`);

      expect(errors).toBeUndefined();
      expect(JSON.parse(JSON.stringify(data).replaceAll('"__typename":"Chime', '"__typename":"'))).toEqual(
        expected.data,
      );
      expect(await harness.calls()).toEqual(calls);
    },
  );

  test.each(Object.entries(examples.Mutation))(
    "the mutation %s makes the same calls, and has no errors",
    async (name, text) => {
      await ask(plain.url, { query: `mutation { ${text} }` });
      const calls = await harness.calls();
      await harness.reset();
      const { data, errors } = await harness.ask(`mutation { ${withPrefix(name, text)} }`);

      expect(errors).toBeUndefined();
      expect(data[name].errors).toEqual([]);
      expect(await harness.calls()).toEqual(calls);
    },
  );

  test("a query that comes repeatedly, and is compiled, has the same result", async () => {
    const query = `{ chimeNodes(ids: ["${accountGlobalId(accountId)}", "${userGlobalId({ accountId, userId })}"]) {
      __typename id ... on ChimeAccount { users(first: 2) { nodes { __typename displayName userType } } } } }`;
    const first = await harness.ask(query);

    expect(first.data.chimeNodes.map((node: { __typename: string }) => node.__typename)).toEqual([
      "ChimeAccount",
      "ChimeUser",
    ]);
    for (let i = 0; i < 5; i++) expect(await harness.ask(query)).toEqual(first);
  });

  test("fields that lists lack are looked ahead for: users come complete in one call each", async () => {
    const { errors } = await harness.ask(
      `query ($ids: [ID!]!) { chimeUsers(accountId: "${accountId}", userIds: $ids) { ...U } }
      fragment U on ChimeUser { personalPin settings { telephony { sms } } }`,
      { ids: await harness.userIds(accountId, 2) },
    );

    expect(errors).toBeUndefined();
    expect(await harness.calls()).toEqual({ GetUser: 2, GetUserSettings: 2 });
  });

  test("variables have input types with the prefix", async () => {
    const input = { accountId, updateUserRequestItems: [{ userId, licenseType: "PRO" }, { userId: "../x" }] };
    const { data, errors } = await harness.ask(
      `mutation ($input: ChimeBatchUpdateUserInput!) { chimeBatchUpdateUser(input: $input) {
        outcome users { userId } results { outcome error { code path } } } }`,
      { input },
    );

    expect(errors).toBeUndefined();
    expect(data.chimeBatchUpdateUser).toMatchObject({
      outcome: "PARTIAL",
      users: [{ userId }],
      results: [{ outcome: "DONE" }, { error: { path: ["updateUserRequestItems", "1", "userId"] } }],
    });
    const invalid = await harness.ask(
      "mutation ($input: ChimeUpdateUserInput!) { chimeUpdateUser(input: $input) { outcome } }",
      { input: { accountId, userId, license: "PRO" } },
    );
    expect(invalid.errors).toMatchObject([
      {
        extensions: {
          problems: [
            { path: ["input", "license"], message: 'is not defined by type "ChimeUpdateUserInput"' },
          ],
        },
      },
    ]);
  });

  test("a router's representations have types with the prefix, and no others", async () => {
    const { data, errors } = await harness.ask(
      `query ($of: [_Any!]!) { _entities(representations: $of) {
        __typename ... on ChimeUser { userId displayName } ... on ChimeAccount { name } } }`,
      {
        of: [
          { __typename: "ChimeUser", primaryEmail: email },
          { __typename: "ChimeAccount", accountId },
          { __typename: "User", accountId, userId },
        ],
      },
    );

    expect(data._entities).toEqual([
      amara,
      { __typename: "ChimeAccount", name: "Harbor Street Studio" },
      null,
    ]);
    expect(errors).toMatchObject([
      {
        path: ["_entities", 2],
        extensions: {
          problems: [
            { path: ["__typename"], message: expect.stringMatching(/^must be ChimeAccount or .*ChimeUser$/) },
          ],
        },
      },
    ]);
  });

  test("an error names the served type or field", async () => {
    const ids = JSON.stringify(Array(501).fill("a"));
    const tooLong = await harness.ask(`{ chimeUsers(accountId: "a", userIds: ${ids}) { id } }`);
    const headers = await closed.headersFor({ scope: "chime:read" });
    const pin = `{ chimeUser(accountId: "${accountId}", userId: "${userId}") { personalPin } }`;
    const create = `mutation { chimeCreateAccount(input: { name: "New" }) { outcome } }`;

    expect(tooLong.errors).toMatchObject([
      {
        message: "chimeUsers.userIds has 501 items (limit 500).",
        extensions: { limit: { path: ["chimeUsers", "userIds"] } },
      },
    ]);
    expect(await ask(closed.url, { query: pin }, headers)).toMatchObject({
      data: { chimeUser: { personalPin: null } },
      errors: [{ message: "ChimeUser.personalPin requires chime:pin.", path: ["chimeUser", "personalPin"] }],
    });
    expect(await ask(closed.url, { query: create }, headers)).toMatchObject({
      errors: [{ message: "Mutation.chimeCreateAccount requires chime:write." }],
    });
    const many = `{ chimeAccounts(first: 200) { nodes { users(first: 1000) { nodes { id } } } } }`;
    expect((await harness.ask(many)).errors).toMatchObject([
      { extensions: { limit: { name: "nodes", found: 200_200 } } },
    ]);
  });

  test("persisted operations are checked against the served names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "prefix-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "manifest.json");
    const start = (body: string) => {
      const operations = [{ id: "accounts", name: "Accounts", type: "query", body }];
      writeFileSync(
        file,
        JSON.stringify({ format: "apollo-persisted-query-manifest", version: 1, operations }),
      );
      return startOn(harness.chimeUrl, { SCHEMA_PREFIX, PERSISTED_OPERATIONS: file });
    };

    await expect(start("query Accounts { accounts { nodes { id } } }")).rejects.toThrow(
      /Cannot query field "accounts" on type "Query"/,
    );
    const gateway = await start("query Accounts { chimeAccounts { nodes { id } } }");
    onTestFinished(() => gateway.close());
  });

  test.each([
    ["with an account", SEED.largeAccountId],
    ["without an account", undefined],
  ])("the explorers' example %s runs", async (_what, exampleAccountId) => {
    const { document, variables } = createExample(exampleAccountId, SCHEMA_PREFIX);

    expect((await harness.ask(document, variables)).errors).toBeUndefined();
  });
});
