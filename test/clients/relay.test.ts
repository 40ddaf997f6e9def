import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildClientSchema, getIntrospectionQuery, printSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { accountGlobalId, userGlobalId } from "../../src/graphql/resolvers/shared/globalId.js";
import { ask as askGateway, useHarness } from "../support/fixture.js";
import { startSparseAccount } from "../support/sparseAccount.js";

const harness = useHarness();
const require = createRequire(import.meta.url);
const project = mkdtempSync(join(tmpdir(), "relay-"));
afterAll(() => rmSync(project, { recursive: true }));

/** A Relay app: what its components need, and what its screens ask. */
const components = {
  UserCard: `
    fragment UserCard_user on User
    @refetchable(queryName: "UserCardRefetchQuery")
    @argumentDefinitions(withPin: { type: "Boolean", defaultValue: false }) {
      displayName
      account { name }
      personalPin @include(if: $withPin)
    }`,
  AccountUsers: `
    fragment AccountUsers_account on Account
    @refetchable(queryName: "AccountUsersPaginationQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 3 }, cursor: { type: "String" }, only: { type: "UserType" }) {
      name
      users(first: $count, after: $cursor, userType: $only) @connection(key: "AccountUsers_users") {
        edges { node { userId ...UserCard_user } }
      }
    }`,
  AccountScreen: `
    query AccountScreenQuery($accountId: ID!, $only: UserType) {
      account(accountId: $accountId) { ...AccountUsers_account @arguments(only: $only) }
    }`,
  FoundUsers: `
    fragment FoundUsers_account on Account
    @refetchable(queryName: "FoundUsersPaginationQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 3 }, cursor: { type: "String" }, filter: { type: "UserFilter" }) {
      users(first: $count, after: $cursor, filter: $filter) @connection(key: "FoundUsers_users") {
        edges { node { userId licenseType } }
      }
    }`,
  AccountList: `
    query AccountListQuery($count: Int!, $cursor: String) {
      accounts(first: $count, after: $cursor) @connection(key: "AccountList_accounts") {
        edges { node { name ...AccountUsers_account } }
      }
    }`,
  Invitation: `
    mutation InvitationMutation($input: CreateUserInput!, $connections: [ID!]!) {
      createUser(input: $input) {
        user @appendNode(connections: $connections, edgeTypeName: "UserEdge") { ...UserCard_user }
        errors { code }
      }
    }`,
};

/** Asks the gateway what the compiler has made of a query. */
async function ask(name: string, variables: object, url = harness.url) {
  const artifact: { params: { text: string } } = require(join(project, "generated", `${name}.graphql.js`));
  return askGateway(url, { query: artifact.params.text, variables });
}

describe("relay-compiler", () => {
  let output = "";

  beforeAll(async () => {
    const { data } = await harness.ask(getIntrospectionQuery());
    writeFileSync(join(project, "schema.graphql"), printSchema(buildClientSchema(data)));
    writeFileSync(
      join(project, "relay.config.json"),
      JSON.stringify({
        src: "src",
        schema: "schema.graphql",
        artifactDirectory: "generated",
        language: "javascript",
        eagerEsModules: false,
      }),
    );
    mkdirSync(join(project, "src"));
    mkdirSync(join(project, "generated"));
    for (const [name, source] of Object.entries(components))
      writeFileSync(join(project, "src", `${name}.js`), `graphql\`${source}\`;\n`);
    const compiler = require.resolve("relay-compiler/cli.js");
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [compiler], { cwd: project });
    output = stdout + stderr;
  });

  test("accepts the schema's connections and nodes", () => {
    expect(output).not.toMatch(/ERROR|WARN/);
    expect(output).toContain("Compilation completed");
  });

  test("compiles the query of a screen, and the gateway answers it", async () => {
    const { data, errors } = await ask("AccountScreenQuery", { accountId: SEED.teamAccountId });

    expect(errors).toBeUndefined();
    expect(data.account.users.edges).toHaveLength(3);
    expect(data.account.users.edges[0]).toMatchObject({
      cursor: expect.any(String),
      node: { __typename: "User", userId: SEED.userId, displayName: "Amara Okafor" },
    });
  });

  test("compiles a fragment on Account to a query that continues through its node", async () => {
    const id = accountGlobalId(SEED.twoHundredAccountId);
    const seen = new Set<string>();
    let cursor: string | null = null;
    do {
      const { data } = await ask("AccountUsersPaginationQuery", { id, count: 80, cursor });
      for (const { node } of data.node.users.edges) seen.add(node.userId);
      cursor = data.node.users.pageInfo.hasNextPage ? data.node.users.pageInfo.endCursor : null;
    } while (cursor);

    expect(seen.size).toBe(200);
  });

  test("compiles a filtered list to a query that continues across empty pages", async () => {
    const url = await startSparseAccount();
    const seen: string[][] = [];
    let cursor: string | null = null;
    do {
      const variables = { id: accountGlobalId("a"), count: 3, cursor, filter: { licenseTypes: ["PRO"] } };
      const { data, errors } = await ask("FoundUsersPaginationQuery", variables, url);
      expect(errors).toBeUndefined();
      const { edges, pageInfo } = data.node.users;
      seen.push(edges.map(({ node }: { node: { userId: string } }) => node.userId));
      // Relay asks for the next page by the last endCursor, and appends it if that is not null.
      expect(pageInfo.endCursor).not.toBeNull();
      expect(pageInfo.endCursor).not.toBe(cursor);
      cursor = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (cursor);

    expect(seen).toEqual([[], ["u12"], [], ["u35"]]);
  });

  test("compiles a fragment on User to a query that refetches it through its node", async () => {
    const id = userGlobalId({ accountId: SEED.teamAccountId, userId: SEED.userId });
    const { data } = await ask("UserCardRefetchQuery", { id, withPin: true });

    expect(data.node).toMatchObject({ id, displayName: "Amara Okafor", personalPin: expect.any(String) });
  });

  test("compiles a mutation that appends a user to a list, and the gateway answers it", async () => {
    const input = { accountId: SEED.teamAccountId, email: "new@example.com" };
    const { data } = await ask("InvitationMutation", { input });

    expect(data.createUser).toMatchObject({ user: { id: expect.any(String) }, errors: [] });
  });
});
