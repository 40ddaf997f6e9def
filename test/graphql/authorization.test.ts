import { readFileSync } from "node:fs";
import { buildSchema, graphql, isObjectType, parse, print } from "graphql";
import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { enforceScopes, missingScopes } from "../../src/graphql/authorization.js";
import { resolvers } from "../../src/graphql/resolvers/index.js";
import { createSchema, readTypeDefs } from "../../src/graphql/schema.js";
import { buildSubgraph } from "../../src/graphql/subgraph/subgraph.js";
import { type Answer, ask, useClosedGateway, useHarness } from "../support/fixture.js";
import { allScopes, operations } from "../support/operations.js";
import { needed, pin, read, write } from "./neededScopes.js";

const harness = useHarness();
const { teamAccountId: accountId, userId, userEmail: email } = SEED;
const examples = operations({ accountId, userId, email });
const closed = useClosedGateway(harness);

/** Asks with a token of these scopes; what it costs in Chime is counted from here. */
async function askWith(scopes: readonly string[], query: string, headers = {}): Promise<Answer> {
  const token = await closed.issuer.sign({ scope: scopes.join(" ") });
  await harness.forgetCalls();
  return ask(closed.url, { query }, { authorization: `Bearer ${token}`, ...headers });
}

describe("the scopes that the schema requires for each field", () => {
  const fields = Object.values(createSchema().getTypeMap())
    .filter(isObjectType)
    .flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ place: `${type.name}.${field.name}`, field })),
    );

  test("are those of this table", () => {
    const required = fields.flatMap(({ place, field }) => {
      const scopes = new Set(missingScopes(field, { scopes: new Set() }));
      return scopes.size > 0 ? [[place, [...scopes]]] : [];
    });

    expect(Object.fromEntries(required)).toEqual(needed);
  });

  test.each(fields.map(({ place }) => place).filter((place) => /^(Query|Mutation)\.[a-z]/.test(place)))(
    "%s requires a scope",
    (place) => {
      expect(needed[place]).toBeDefined();
    },
  );
});

test("a token with 0.2's scopes gains nothing but settings and a summary of what it could read", () => {
  const released = buildSchema(
    readFileSync(new URL("../federation/released.graphql", import.meta.url), "utf8"),
    {
      assumeValidSDL: true,
    },
  );
  const caller = { scopes: new Set([...read, ...write, ...pin, "chime:trace"]) };
  const isNew = (type: string, field: string) => {
    const before = released.getType(type);
    return isObjectType(before) && !(field in before.getFields());
  };
  const gained = ["Query", "Mutation", "Account", "User"].flatMap((name) => {
    const type = createSchema().getType(name);
    return Object.values(isObjectType(type) ? type.getFields() : {})
      .filter((field) => isNew(name, field.name) && missingScopes(field, caller).length === 0)
      .map((field) => `${name}.${field.name}`);
  });

  expect(gained.filter((field) => !/^Query\._/.test(field)).toSorted()).toEqual([
    "Account.retentionSettings",
    "Account.settings",
    "Account.userSummary",
    "Mutation.updateAccountSettings",
    "User.settings",
  ]);
});

describe("each operation requires its scopes", () => {
  const without = (scope: string) => allScopes.filter((each) => each !== scope);
  const callers: (readonly string[])[] = [
    [],
    ...allScopes.map((scope) => [scope]),
    ...without("chime:write").map((scope) => [...write, scope]),
    ...allScopes.map(without),
    allScopes,
  ];
  const all = Object.entries(examples).flatMap(([type, fields]) =>
    Object.entries(fields).map(([name, field]) => ({
      type,
      name,
      operation: `${type.toLowerCase()} { ${field} }`,
    })),
  );

  test.each(all)("$type $name", async ({ type, name, operation }) => {
    const scopes = needed[`${type}.${name}`] ?? [];
    for (const caller of callers) {
      const isAllowed = scopes.every((scope) => caller.includes(scope));
      // The others change nothing, and a reset takes time.
      if (isAllowed) await harness.reset();
      const { data, errors = [] } = await askWith(caller, operation);
      const rejections = errors.filter(({ extensions }) => extensions.code === "FORBIDDEN");
      if (isAllowed) {
        expect(data[name]).not.toBeNull();
        expect(rejections.every(({ path = [] }) => path.length > 1)).toBe(true);
      } else {
        expect(data?.[name] ?? null).toBeNull();
        expect(rejections).toHaveLength(1);
        expect(await harness.calls()).toEqual({});
      }
    }
  });

  test("a token without scopes allows only __typename and the schema", async () => {
    const { data, errors } = await askWith(
      [],
      `{ __typename __schema { queryType { name } } _service { __typename }
        account(accountId: "${accountId}") { name } }`,
    );

    expect(data).toEqual({
      __typename: "Query",
      __schema: { queryType: { name: "Query" } },
      _service: { __typename: "_Service" },
      account: null,
    });
    expect(errors).toEqual([
      {
        message: "Query.account requires chime:read.",
        locations: [{ line: 2, column: 9 }],
        path: ["account"],
        extensions: { code: "FORBIDDEN", missingScopes: ["chime:read"] },
      },
    ]);
  });

  test("each of a router's entities requires the scopes of its own type", async () => {
    const query = `{ _entities(representations: [
      { __typename: "User", primaryEmail: "${email}" }, { __typename: "Account", accountId: "${accountId}" },
      { __typename: "Person" }]) { ... on User { userId personalPin } } }`;
    const { data, errors = [] } = await askWith(write, query);

    expect(data).toEqual({ _entities: [null, null, null] });
    expect(errors.map(({ path, message, extensions }) => [path, message, extensions.code])).toEqual([
      [["_entities", 0], "User requires chime:read.", "FORBIDDEN"],
      [["_entities", 1], "Account requires chime:read.", "FORBIDDEN"],
      [
        ["_entities", 2],
        "__typename must be Account or Bot or PhoneNumber or PhoneNumberOrder or Room or User",
        "BAD_USER_INPUT",
      ],
    ]);
    expect(await harness.calls()).toEqual({});
    expect((await askWith(read, query)).data).toEqual({
      _entities: [{ userId, personalPin: null }, {}, null],
    });
  });
});

test("an entity requires nothing that only another type requires", async () => {
  const sdl = print(readTypeDefs()).replace(/(?<=^type User [^{]*)chime:read/m, "chime:users");
  const small = buildSubgraph(parse(sdl), resolvers);
  enforceScopes(small);
  const { data, errors = [] } = await graphql({
    schema: small,
    source: `{ _entities(representations: [{ __typename: "User", accountId: "a", userId: "u" },
      { __typename: "Account", accountId: "a" }]) { __typename } }`,
    contextValue: {
      caller: { scopes: new Set(read) },
      allows: () => true,
      loaders: { accountById: { load: async () => ({ AccountId: "a" }) } },
    },
  });

  expect(JSON.parse(JSON.stringify(data))).toEqual({ _entities: [null, { __typename: "Account" }] });
  expect(errors.map(({ path, message }) => [path, message])).toEqual([
    [["_entities", 0], "User requires chime:users."],
  ]);
});

describe("a PIN without chime:pin", () => {
  test("is null with an error, and costs no call", async () => {
    const ids = await harness.userIds(accountId, 4);
    const users = `users(accountId: "${accountId}", userIds: ${JSON.stringify(ids)}) { userId personalPin }`;
    const { data, errors = [] } = await askWith(read, `{ ${users} }`);

    expect(data.users).toEqual(ids.map((id) => ({ userId: id, personalPin: null })));
    expect(errors.map(({ path, extensions }) => [path, extensions])).toEqual(
      ids.map((_, n) => [["users", n, "personalPin"], { code: "FORBIDDEN", missingScopes: ["chime:pin"] }]),
    );
    expect(await harness.calls()).toEqual({ ListUsers: 1 });
    expect((await askWith([...read, ...pin], `{ ${users} }`)).errors).toBeUndefined();
    expect(await harness.calls()).toEqual({ GetUser: 4 });
  });

  test.each([
    ["in a list", `account(accountId: "${accountId}") { users(first: 3) { nodes { personalPin } } }`],
    [
      "of an account's user",
      `account(accountId: "${accountId}") { user(userId: "${userId}") { personalPin } }`,
    ],
    [
      "under another name",
      `user(accountId: "${accountId}", userId: "${userId}") { displayName: personalPin }`,
    ],
    ["in a fragment", `userByEmail(email: "${email}") { ... on User { ...P } }`],
  ])("is hidden %s", async (_where, field) => {
    const fragment = field.includes("...P") ? "fragment P on User { personalPin }" : "";
    const { data, errors = [] } = await askWith(read, `{ ${field} } ${fragment}`);

    expect(JSON.stringify(data)).not.toMatch(/\d{10}/);
    expect(new Set(errors.map(({ message }) => message))).toEqual(
      new Set(["User.personalPin requires chime:pin."]),
    );
  });
});

describe("the calls to Chime in the response", () => {
  const trace = { "x-chime-trace": "1" };
  const query = `{ account(accountId: "${accountId}") { name } }`;

  test("require chime:trace", async () => {
    expect((await askWith(read, query, trace)).extensions).toBeUndefined();
    expect((await askWith([...read, "chime:trace"], query, trace)).extensions?.chime).toMatchObject({
      totalCalls: 1,
    });
  });
});
