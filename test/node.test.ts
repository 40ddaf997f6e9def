import { describe, expect, test } from "vitest";
import { SEED } from "../src/chime-local/seed.js";
import { useWorld } from "./support/world.js";

const world = useWorld();
const { teamAccountId, userId } = SEED;

async function globalIds(): Promise<{ account: string; user: string }> {
  const { data } = await world.ask(
    `query ($accountId: ID!, $userId: ID!) {
      account(accountId: $accountId) { id }
      user(accountId: $accountId, userId: $userId) { id }
    }`,
    { accountId: teamAccountId, userId },
  );
  await world.forgetCalls();
  return { account: data.account.id, user: data.user.id };
}

const nodesQuery = `query ($ids: [ID!]!) { nodes(ids: $ids) {
  __typename id ... on Account { accountId } ... on User { userId }
} }`;

describe("node and nodes", () => {
  test("give back what has this global id, in the order asked for", async () => {
    const { account, user } = await globalIds();
    const { data } = await world.ask(nodesQuery, { ids: [user, account, user] });

    expect(data.nodes).toEqual([
      { __typename: "User", id: user, userId },
      { __typename: "Account", id: account, accountId: teamAccountId },
      { __typename: "User", id: user, userId },
    ]);
    expect(await world.calls()).toEqual({ GetUser: 1, GetAccount: 1 });
  });

  test("give null for what does not exist, without an error", async () => {
    const gone = Buffer.from(`User:${teamAccountId}:nobody`).toString("base64url");

    expect(await world.ask(nodesQuery, { ids: [gone] })).toEqual({ data: { nodes: [null] } });
    expect(await world.ask(`query ($id: ID!) { node(id: $id) { id } }`, { id: gone })).toEqual({
      data: { node: null },
    });
  });

  test("start an account's users along with it", async () => {
    const { account } = await globalIds();
    await world.fault({ kind: "latency", ms: 100 });
    await world.ask(
      `query ($id: ID!) { node(id: $id) { ... on Account { name users { nodes { userId } } } } }`,
      {
        id: account,
      },
    );
    const [first, second] = await world.arrivals();

    expect(Number(second?.startedAt)).toBeLessThan(Number(first?.finishedAt));
  });

  test.each([
    "junk",
    "",
    Buffer.from("User:a").toString("base64url"),
    Buffer.from("Room:a:b").toString("base64url"),
    Buffer.from("Account:..").toString("base64url"),
    Buffer.from("User:a:b/c").toString("base64url"),
  ])("refuse an id that was never given out: '%s'", async (id) => {
    const { data, errors } = await world.ask(`query ($id: ID!) { node(id: $id) { id } }`, { id });

    expect(data).toEqual({ node: null });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["id"] }] } }]);
    expect(await world.calls()).toEqual({});
  });

  test("take at most 250 ids", async () => {
    const { user } = await globalIds();
    const { errors } = await world.ask(nodesQuery, { ids: Array(251).fill(user) });

    expect(errors).toMatchObject([
      { message: "ids must hold at most 250", extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});

describe("a router's _entities", () => {
  const entities = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    __typename ... on Account { accountId name } ... on User { userId displayName } } }`;

  test("resolves accounts by id and by accountId, users by id, by accountId and userId, and by e-mail", async () => {
    const { account, user } = await globalIds();
    const { data, errors } = await world.ask(entities, {
      representations: [
        { __typename: "Account", id: account },
        { __typename: "Account", accountId: teamAccountId },
        { __typename: "User", id: user },
        { __typename: "User", accountId: teamAccountId, userId },
        { __typename: "User", primaryEmail: SEED.userEmail },
      ],
    });

    expect(errors).toBeUndefined();
    expect(
      data._entities.map(
        (entity: { accountId?: string; userId?: string }) => entity.accountId ?? entity.userId,
      ),
    ).toEqual([teamAccountId, teamAccountId, userId, userId, userId]);
  });

  test("costs for 100 users what looking them up costs, and null for an unknown one", async () => {
    const { data: list } = await world.ask(
      `query ($id: ID!) { account(accountId: $id) { users(first: 100) { nodes { userId primaryEmail } } } }`,
      { id: SEED.twoHundredAccountId },
    );
    const users: { userId: string; primaryEmail: string | null }[] = list.account.users.nodes;
    const ids = [...users.map((user) => user.userId), "nobody"];
    await world.forgetCalls();
    const { data, errors } = await world.ask(entities, {
      representations: ids.map((id) => ({
        __typename: "User",
        accountId: SEED.twoHundredAccountId,
        userId: id,
      })),
    });

    expect(errors).toBeUndefined();
    expect(data._entities.map((user: { userId: string } | null) => user?.userId ?? null)).toEqual([
      ...users.map((user) => user.userId),
      null,
    ]);
    expect(await world.calls()).toEqual({ ListUsers: 1 });

    const emails = users.flatMap(({ primaryEmail }) => primaryEmail ?? []);
    await world.forgetCalls();
    const byEmail = await world.ask(entities, {
      representations: emails.map((primaryEmail) => ({ __typename: "User", primaryEmail })),
    });
    expect(byEmail.errors).toBeUndefined();
    expect(byEmail.data._entities).toHaveLength(emails.length);
    expect(await world.calls()).toEqual({ ListAccounts: 1, ListUsers: 1 });
  });

  test.each([
    { __typename: "Account", accountId: ".." },
    { __typename: "Account", id: "junk" },
    { __typename: "User", id: "junk" },
    { __typename: "User", primaryEmail: "junk" },
  ])("refuses $__typename alone where its key is wrong: %j", async (wrong) => {
    const { data, errors } = await world.ask(entities, {
      representations: [wrong, { __typename: "User", accountId: teamAccountId, userId }],
    });

    expect(data._entities).toEqual([null, expect.objectContaining({ userId })]);
    expect(errors).toMatchObject([{ path: ["_entities", 0], extensions: { code: "BAD_USER_INPUT" } }]);
  });

  test.each(["x", null, 3, {}, { __typename: "Room" }])(
    "refuses %j, which is no representation",
    async (wrong) => {
      const { errors } = await world.ask(entities, { representations: [wrong] });

      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    },
  );

  test("refuses a representation as it refuses any input", async () => {
    const { data, errors } = await world.ask(entities, {
      representations: [
        { __typename: "User", accountId: teamAccountId, userId: "../x" },
        { __typename: "User", accountId: teamAccountId, userId },
      ],
    });

    expect(data._entities[1]).toMatchObject({ userId });
    expect(errors).toMatchObject([
      { path: ["_entities", 0], extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["userId"] }] } },
    ]);
  });
});
