import { describe, expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";

const harness = useHarness();
const { largeAccountId, teamAccountId, twoHundredAccountId, smallAccountId, userId } = SEED;

const usersQuery = (fields: string) =>
  `query ($accountId: ID!, $userIds: [ID!]!) { users(accountId: $accountId, userIds: $userIds) { ${fields} } }`;

describe("a lookup of users", () => {
  test("100 aliases of one user of an account cost one GetUser", async () => {
    const aliases = Array.from({ length: 100 }, (_, i) => `u${i}: user(userId: "${userId}") { userId }`);
    const { data } = await harness.ask(
      `{ account(accountId: "${teamAccountId}") { ${aliases.join("\n")} } }`,
    );

    expect(Object.values(data.account)).toEqual(Array(100).fill({ userId }));
    expect(await harness.calls()).toEqual({ GetAccount: 1, GetUser: 1 });
  });

  test("100 users of an account of 200 cost one ListUsers", async () => {
    const ids = await harness.userIds(twoHundredAccountId, 100);
    const { data } = await harness.ask(usersQuery("userId displayName"), {
      accountId: twoHundredAccountId,
      userIds: ids,
    });

    expect(data.users.map((user: { userId: string }) => user.userId)).toEqual(ids);
    expect(await harness.calls()).toEqual({ ListUsers: 1 });
  });

  test("100 single lookups in one query cost what one list of them costs", async () => {
    const ids = await harness.userIds(twoHundredAccountId, 100);
    const lookups = ids.map((id, i) => `u${i}: user(userId: "${id}") { userId }`);
    const { data } = await harness.ask(
      `{ account(accountId: "${twoHundredAccountId}") { ${lookups.join("\n")} } }`,
    );

    expect(Object.values(data.account)).toEqual(ids.map((id) => ({ userId: id })));
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 1 });
  });

  test("a field that lists lack costs one GetUser per user, and no ListUsers", async () => {
    const ids = await harness.userIds(twoHundredAccountId, 100);
    const { data } = await harness.ask(usersQuery("personalPin displayName"), {
      accountId: twoHundredAccountId,
      userIds: ids,
    });

    expect(data.users.every((user: { personalPin: unknown }) => typeof user.personalPin === "string")).toBe(
      true,
    );
    expect(await harness.calls()).toEqual({ GetUser: 100 });
  });

  test("a field that lists lack is detected in fragments, and ignored if @include leaves it out", async () => {
    const ids = await harness.userIds(twoHundredAccountId, 10);
    const query = `query ($accountId: ID!, $userIds: [ID!]!, $withPin: Boolean!) {
      users(accountId: $accountId, userIds: $userIds) { ...Phone }
    }
    fragment Phone on User { displayName ... on User { personalPin @include(if: $withPin) } }`;
    const variables = { accountId: twoHundredAccountId, userIds: ids };

    await harness.ask(query, { ...variables, withPin: true });
    expect(await harness.calls()).toEqual({ GetUser: 10 });

    await harness.forgetCalls();
    await harness.ask(query, { ...variables, withPin: false });
    expect(await harness.calls()).toEqual({ ListUsers: 1 });
  });

  test("the same user with and without the PIN costs one GetUser", async () => {
    const lookup = (alias: string, fields: string) =>
      `${alias}: user(accountId: "${teamAccountId}", userId: "${userId}") { ${fields} }`;
    const { errors } = await harness.ask(
      `{ ${lookup("a", "displayName")} ${lookup("b", "personalPin invitedOn")} }`,
    );

    expect(errors).toBeUndefined();
    expect(await harness.calls()).toEqual({ GetUser: 1 });
  });

  test("2 users missing among 50 are 2 nulls and no error", async () => {
    const ids = [...(await harness.userIds(twoHundredAccountId, 48)), "nobody-1", "nobody-2"];
    const { data, errors } = await harness.ask(usersQuery("userId"), {
      accountId: twoHundredAccountId,
      userIds: ids,
    });

    expect(data.users).toEqual([...ids.slice(0, 48).map((id) => ({ userId: id })), null, null]);
    expect(errors).toBeUndefined();
    expect(await harness.calls()).toEqual({ ListUsers: 1 });
  });

  test("one user that fails is one null and one located error; the other 49 are returned", async () => {
    const ids = await harness.userIds(twoHundredAccountId, 50);
    await harness.fault({ operation: "GetUser", kind: "500", path: ids[7] });
    const { data, errors } = await harness.ask(usersQuery("userId personalPin"), {
      accountId: twoHundredAccountId,
      userIds: ids,
    });

    expect(data.users.map((user: { userId: string } | null) => user?.userId ?? null)).toEqual(
      ids.map((id, i) => (i === 7 ? null : id)),
    );
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [["users", 7], "UPSTREAM_UNAVAILABLE"],
    ]);
  });

  test("users of an account that does not exist are null", async () => {
    const { data, errors } = await harness.ask(usersQuery("userId"), {
      accountId: "no-such-account",
      userIds: ["a", "b", "c", "d"],
    });

    expect(data.users).toEqual([null, null, null, null]);
    expect(errors).toBeUndefined();
    expect(await harness.calls()).toEqual({ ListUsers: 1 });
  });

  test("by e-mail costs two calls, however large the account", async () => {
    const { data } = await harness.ask(
      `query ($email: EmailAddress!) { userByEmail(email: $email) { userId } }`,
      {
        email: SEED.userEmail,
      },
    );

    expect(data).toEqual({ userByEmail: { userId } });
    expect(await harness.calls()).toEqual({ ListAccounts: 1, ListUsers: 1 });
  });
});

describe("reading an account", () => {
  test("users(first: 100) { nodes { displayName } } costs one ListUsers and no GetUser", async () => {
    await harness.ask(
      `query ($id: ID!) { account(accountId: $id) { users(first: 100) { nodes { displayName } } } }`,
      {
        id: largeAccountId,
      },
    );

    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 1 });
  });

  test("account and users start together: one round trip", async () => {
    await harness.fault({ kind: "latency", ms: 100 });
    await harness.ask(
      `query ($id: ID!) { account(accountId: $id) { name users { nodes { displayName } } } }`,
      {
        id: largeAccountId,
      },
    );
    const [first, second, ...more] = await harness.arrivals();

    expect(more).toEqual([]);
    expect(new Set([first?.operation, second?.operation])).toEqual(new Set(["GetAccount", "ListUsers"]));
    expect(Number(second?.startedAt)).toBeLessThan(Number(first?.finishedAt));
  });

  test("the same account requested in three ways in one query costs one GetAccount", async () => {
    const { data } = await harness.ask(`query ($id: ID!) { account(accountId: $id) { id name } }`, {
      id: smallAccountId,
    });
    await harness.forgetCalls();
    const { data: three } = await harness.ask(
      `query ($accountId: ID!, $id: ID!) {
        account(accountId: $accountId) { name }
        node(id: $id) { ... on Account { name } }
        again: account(accountId: $accountId) { users(first: 2) { nodes { account { name } } } }
      }`,
      { accountId: smallAccountId, id: data.account.id },
    );
    const { name } = data.account;

    expect(three).toEqual({
      account: { name },
      node: { name },
      again: { users: { nodes: [{ account: { name } }, { account: { name } }] } },
    });
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 1 });
  });

  test("accounts, their users and the users' accounts repeat no call", async () => {
    const { data, errors } = await harness.ask(
      `{ accounts(first: 50) { nodes { accountId users(first: 5) { nodes { displayName account { name } } } } } }`,
    );
    const paths = (await harness.arrivals()).map(({ path }) => path);

    expect(errors).toBeUndefined();
    expect(new Set(paths).size).toBe(paths.length);
    expect(await harness.calls()).toEqual({ ListAccounts: 1, ListUsers: data.accounts.nodes.length });
  });

  test("fields that a list lacks are added by one GetUser per user", async () => {
    await harness.ask(
      `query ($id: ID!) { account(accountId: $id) { users(first: 5) { nodes { invitedOn personalPin } } } }`,
      { id: smallAccountId },
    );

    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 1, GetUser: 5 });
  });
});

describe("a request with x-chime-trace", () => {
  test("returns what the query cost", async () => {
    const { extensions } = await harness.ask(
      `query ($id: ID!) { a: account(accountId: $id) { name } b: account(accountId: $id) { name } }`,
      { id: smallAccountId },
      { "x-chime-trace": "1" },
    );

    expect(extensions?.chime).toEqual({
      calls: [{ operation: "GetAccount", count: 1, retries: 0, ms: expect.any(Number) }],
      totalCalls: 1,
      ms: expect.any(Number),
    });
  });

  test("returns how much of its time Chime took, while other requests return the total only", async () => {
    const timing = async (headers: Record<string, string>) => {
      const query = `{ account(accountId: "${smallAccountId}") { name } }`;
      const response = await fetch(`${harness.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ query }),
      });
      return response.headers.get("server-timing");
    };
    expect(await timing({})).toMatch(/^total;dur=[\d.]+$/);
    expect(await timing({ "x-chime-trace": "1" })).toMatch(
      /^total;dur=[\d.]+, upstream;dur=[\d.]+, GetAccount;dur=[\d.]+;desc="1x"$/,
    );
  });

  test("is the only kind that returns it", async () => {
    const { extensions } = await harness.ask(`query ($id: ID!) { account(accountId: $id) { name } }`, {
      id: smallAccountId,
    });

    expect(extensions).toBeUndefined();
  });
});
