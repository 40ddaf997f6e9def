import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { type Answer, useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { twoHundredAccountId: accountId, teamAccountId } = SEED;

/** A router's request: `_entities` under aliases, as it asks for the entities at several places of its query at once. */
const entities = (count: number, fields: string, variable = (index: number) => `$of${index}`) => {
  const aliases = Array.from(
    { length: count },
    (_, index) => `_e${index}: _entities(representations: ${variable(index)}) { ... on User { ${fields} } }`,
  );
  const variables = new Set(aliases.map((_, index) => variable(index)));
  return (more = "") =>
    `query (${[...variables].map((name) => `${name}: [_Any!]!`)}) { ${aliases.join(" ")} ${more} }`;
};
const user = (userId: string, account = accountId) => ({ __typename: "User", accountId: account, userId });
const limitsOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions["limit"]);

describe("a router may ask", () => {
  test("for entities under 200 aliases at once", async () => {
    const ids = await harness.userIds(accountId, 200);
    const of = Object.fromEntries(ids.map((id, index) => [`of${index}`, [user(id)]]));
    const { data, errors } = await harness.ask(entities(200, "userId")(), of);

    expect(errors).toBeUndefined();
    expect(Object.values(data)).toEqual(ids.map((userId) => [{ userId }]));
    expect(await harness.calls()).toEqual({ ListUsers: 1 });
  });

  test("for the same 200 users under 15 aliases: they are looked up once, and count once", async () => {
    const of = (await harness.userIds(accountId, 200)).map((id) => user(id));
    const shared = await harness.ask(entities(15, "licenseType", () => "$of")(), { of });
    const sharedCalls = await harness.calls();
    await harness.forgetCalls();
    const copies = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`of${index}`, of]));
    const copied = await harness.ask(entities(15, "licenseType")(), copies);

    expect(shared.errors).toBeUndefined();
    expect(shared.data._e14).toHaveLength(200);
    expect(copied).toEqual(shared);
    expect([sharedCalls, await harness.calls()]).toEqual([{ ListUsers: 1 }, { ListUsers: 1 }]);
  });

  test("for entities beside 20 other fields, as before", async () => {
    const others = (count: number) =>
      Array.from({ length: count }, (_, i) => `a${i}: account(accountId: "${teamAccountId}") { name }`).join(
        " ",
      );
    const query = entities(100, "userId", () => "$of");
    const of = [user("nobody")];

    expect((await harness.ask(query(others(20)), { of })).errors).toBeUndefined();
    expect(limitsOf(await harness.ask(query(others(21)), { of }))).toEqual([
      { name: "rootFields", most: 20, found: 21 },
    ]);
  });
});

describe("with _entities a client gets no more than without:", () => {
  const eleven = Object.fromEntries(
    Array.from({ length: 200 }, (_, field) => [
      `of${field}`,
      Array.from({ length: 11 }, (_, n) => user(`u${field}-${n}`)),
    ]),
  );

  test.each<[string, string, object, object]>([
    ["calls", entities(200, "userId")(), eleven, { name: "calls", most: 2_100, found: 2_200 }],
    [
      "nodes",
      entities(200, "account { users(first: 1000) { nodes { userId } } }", () => "$of")(),
      { of: [user("u")] },
      { name: "nodes", most: 30_000 },
    ],
    [
      "values",
      entities(200, "userId displayName", () => "$of")(),
      { of: Array.from({ length: 100 }, (_, n) => user(`u${n}`)) },
      { name: "values", most: 200_000 },
    ],
    [
      "aliases of other fields",
      entities(200, "a: userId b: userId", () => "$of")(),
      { of: [user("u")] },
      { name: "aliases", most: 200 },
    ],
    [
      "fields of all kinds",
      entities(
        200,
        "userId displayName id licenseType userType accountId invitedOn registeredOn",
        () => "$of",
      )(),
      { of: [user("u")] },
      { name: "selections", most: 2_000 },
    ],
  ])("%s", async (_what, query, variables, limit) => {
    expect(limitsOf(await harness.ask(query, variables))).toMatchObject([limit]);
    expect(await harness.calls()).toEqual({});
  });

  test("errors", async () => {
    const { errors, extensions } = await harness.ask(entities(200, "userId", () => "$of")(), { of: [{}] });

    expect(errors).toHaveLength(100);
    expect(extensions).toEqual({ omittedErrors: 100 });
  });
});
