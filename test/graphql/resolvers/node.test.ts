import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { teamAccountId, userId } = SEED;

async function globalIds(): Promise<{ account: string; user: string }> {
  const { data } = await harness.ask(
    `query ($accountId: ID!, $userId: ID!) {
      account(accountId: $accountId) { id }
      user(accountId: $accountId, userId: $userId) { id }
    }`,
    { accountId: teamAccountId, userId },
  );
  await harness.forgetCalls();
  return { account: data.account.id, user: data.user.id };
}

const nodesQuery = `query ($ids: [ID!]!) { nodes(ids: $ids) {
  __typename id ... on Account { accountId } ... on User { userId }
} }`;

describe("node and nodes", () => {
  test("return the objects with these global ids, in the same order", async () => {
    const { account, user } = await globalIds();
    const { data } = await harness.ask(nodesQuery, { ids: [user, account, user] });

    expect(data.nodes).toEqual([
      { __typename: "User", id: user, userId },
      { __typename: "Account", id: account, accountId: teamAccountId },
      { __typename: "User", id: user, userId },
    ]);
    expect(await harness.calls()).toEqual({ GetUser: 1, GetAccount: 1 });
  });

  test("return null without an error for objects that do not exist", async () => {
    const missing = Buffer.from(`User:${teamAccountId}:nobody`).toString("base64url");

    expect(await harness.ask(nodesQuery, { ids: [missing] })).toEqual({ data: { nodes: [null] } });
    expect(await harness.ask(`query ($id: ID!) { node(id: $id) { id } }`, { id: missing })).toEqual({
      data: { node: null },
    });
  });

  test("fetch the settings of each type only for the objects of that type", async () => {
    const { account, user } = await globalIds();
    const query = (fragments: string) =>
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Node { ${fragments} } } }`;
    const ofAccount = "... on Account { settings { enableDialOut } }";
    const ofUser = "... on User { userSettings: settings { telephony { sms } } }";
    for (const [fragments, calls] of [
      [ofAccount, { GetAccountSettings: 1 }],
      [ofUser, { GetUserSettings: 1 }],
      [`${ofAccount} ${ofUser}`, { GetAccountSettings: 1, GetUserSettings: 1 }],
    ] as const) {
      await harness.forgetCalls();
      expect((await harness.ask(query(fragments), { ids: [user, account] })).errors).toBeUndefined();
      expect(await harness.calls()).toEqual({ GetUser: 1, GetAccount: 1, ...calls });
    }
  });

  test("load an account's users together with the account", async () => {
    const { account } = await globalIds();
    await harness.fault({ kind: "latency", ms: 100 });
    await harness.ask(
      `query ($id: ID!) { node(id: $id) { ... on Account { name users { nodes { userId } } } } }`,
      {
        id: account,
      },
    );
    const [first, second] = await harness.arrivals();

    expect(Number(second?.startedAt)).toBeLessThan(Number(first?.finishedAt));
  });

  test.each([
    "junk",
    "",
    Buffer.from("User:a").toString("base64url"),
    Buffer.from("Room:a:b").toString("base64url"),
    Buffer.from("Account:..").toString("base64url"),
    Buffer.from("User:a:b/c").toString("base64url"),
  ])("reject an id that the API did not return: '%s'", async (id) => {
    const { data, errors } = await harness.ask(`query ($id: ID!) { node(id: $id) { id } }`, { id });

    expect(data).toEqual({ node: null });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["id"] }] } }]);
    expect(await harness.calls()).toEqual({});
  });
});

test("500 malformed ids are one error of bounded length", async () => {
  const { errors } = await harness.ask(`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, {
    ids: Array.from({ length: 500 }, (_, n) => `bad-${n}`),
  });
  const [{ message = "", extensions } = {}] = errors ?? [];

  expect(message).toMatch(/^ids\.0 .*; ids\.4 .*; and 495 more$/);
  expect(extensions?.["problems"]).toHaveLength(100);
});
