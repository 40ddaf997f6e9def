import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask, useHarness } from "../support/fixture.js";
import { sdlFor } from "../support/routerSdl.js";
import { allComposers, composers, fieldIn, type Router, routers, typeIn } from "../support/supergraph.js";
import { startSubgraph, type TestSubgraph } from "./people.js";

const prefix = "Chime";
const harness = useHarness({ SCHEMA_PREFIX: prefix });
const { teamAccountId: accountId, userId, userEmail } = SEED;

/** Another team's subgraph, whose names are those of the gateway without a prefix. */
const shopSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])

  type Query {
    "A customer of the shop."
    user(id: ID!): User
    "All accounts of the shop."
    accounts: [Account!]!
    node(id: ID!): Node
  }

  type Mutation { updateUser(input: UpdateUserInput!): UpdateUserPayload }
  input UpdateUserInput { id: ID! nickname: String }
  type UpdateUserPayload { user: User error: UserError }
  type UserError { reason: String! }
  enum License { FREE }
  interface Node { id: ID! }

  type User implements Node @key(fields: "id") {
    id: ID!
    nickname: String!
    license: License!
    "The customer in Chime."
    chime: ChimeUser
  }

  type Account @key(fields: "id") { id: ID! balance: Int! }

  type ChimeUser @key(fields: "primaryEmail") {
    primaryEmail: EmailAddress
    customer: User
  }

  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  scalar EmailAddress
`;

const customer = { __typename: "User", id: "1", nickname: "ada", license: "FREE" };
let shop: TestSubgraph;
beforeAll(async () => {
  shop = await startSubgraph(shopSdl, {
    Query: { user: () => customer, accounts: () => [{ id: "1", balance: 5 }] },
    User: { __resolveReference: () => customer, chime: () => ({ primaryEmail: userEmail }) },
    ChimeUser: { customer: () => customer },
  });
});
afterAll(() => shop?.close());

const subgraphs = (routerName: string) => [
  { name: "chime", url: `${harness.url}/graphql`, sdl: sdlFor(routerName, prefix) },
  { name: "shop", url: shop.url, sdl: shopSdl },
];

test.each(Object.entries(allComposers))(
  "%s composes the schema with a prefix next to another User, Account and License",
  (_name, compose) => {
    const { problems, supergraph } = compose(subgraphs(""));
    const document = parse(supergraph);

    expect(problems).toEqual([]);
    expect(typeIn(document, "User")?.fields?.map(({ name }) => name.value)).toEqual([
      "id",
      "nickname",
      "license",
      "chime",
    ]);
    expect(fieldIn(document, "ChimeUser", "licenseType")).toBeDefined();
  },
);

const pairs = Object.entries(routers).flatMap(([routerName, startRouter]) =>
  Object.entries(composers).map(([composer, compose]) => ({ routerName, startRouter, composer, compose })),
);

describe.each(pairs)(
  "$routerName, with a supergraph from $composer,",
  ({ routerName, startRouter, compose }) => {
    let router: Router;
    beforeAll(async () => {
      router = await startRouter(compose(subgraphs(routerName)).supergraph);
    });
    afterAll(() => router?.close());

    test("reads both users in one query, and joins them in both directions", async () => {
      const query = `{
      user(id: "1") { __typename nickname license chime { __typename displayName licenseType account { name } } }
      accounts { balance }
      chimeUser(accountId: "${accountId}", userId: "${userId}") { __typename displayName customer { nickname } }
      chimeAccounts(first: 1) { nodes { __typename } } }`;

      expect(await ask(router.url, { query })).toEqual({
        data: {
          user: {
            __typename: "User",
            nickname: "ada",
            license: "FREE",
            chime: {
              __typename: "ChimeUser",
              displayName: "Amara Okafor",
              licenseType: "BASIC",
              account: { name: "Harbor Street Studio" },
            },
          },
          accounts: [{ balance: 5 }],
          chimeUser: {
            __typename: "ChimeUser",
            displayName: "Amara Okafor",
            customer: { nickname: "ada" },
          },
          chimeAccounts: { nodes: [{ __typename: "ChimeAccount" }] },
        },
      });
    });

    test("sends mutations with prefixed inputs", async () => {
      const query = `mutation ($input: ChimeUpdateUserInput!) {
      chimeUpdateUser(input: $input) { outcome user { licenseType } errors { code } } }`;
      const input = { accountId, userId, licenseType: "PRO" };

      expect(await ask(router.url, { query, variables: { input } })).toEqual({
        data: { chimeUpdateUser: { outcome: "DONE", user: { licenseType: "PRO" }, errors: [] } },
      });
    });

    test("passes on errors", async () => {
      const query = `{ chimeUser(accountId: "../x", userId: "b") { displayName } }`;

      expect(await ask(router.url, { query })).toMatchObject({
        data: { chimeUser: null },
        errors: [{ path: ["chimeUser"], extensions: { code: "BAD_USER_INPUT" } }],
      });
    });
  },
);
