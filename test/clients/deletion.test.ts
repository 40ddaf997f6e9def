import { gql, type NormalizedCacheObject } from "@apollo/client";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { useHarness } from "../support/fixture.js";
import { createClient } from "./app/client.js";
import { deleteAccount, suspendUsers } from "./app/deletion.js";
import { setRetention } from "./app/retention.js";

const harness = useHarness();
const { teamAccountId: accountId, largeAccountId } = SEED;

test("a Team account whose users have all been suspended is deleted, and leaves Apollo Client's cache", async () => {
  const apollo = createClient(`${harness.url}/graphql`);
  const accounts = gql(
    `{ accounts(first: 10) { nodes { id accountId name users(first: 50) { nodes { id userId } } } } }`,
  );
  const cached = () => Object.keys(apollo.cache.extract() as NormalizedCacheObject);
  const deletion = { accountId, confirmName: "Harbor Street Studio" };

  await apollo.query({ query: accounts });
  const before = cached();
  expect(await deleteAccount(apollo, deletion)).toMatchObject({
    outcome: "NOT_DONE",
    errors: [{ code: "UNPROCESSABLE", path: ["accountId"] }],
  });
  const userIdList = await harness.userIds(accountId);
  expect(await suspendUsers(apollo, { accountId, userIdList })).toEqual({
    outcome: "DONE",
    errors: [],
    failed: [],
  });
  expect(await deleteAccount(apollo, { ...deletion, confirmName: "Harbor" })).toMatchObject({
    outcome: "NOT_DONE",
    errors: [{ path: ["confirmName"] }],
  });
  expect(cached()).toEqual(expect.arrayContaining(before));
  expect(await deleteAccount(apollo, deletion)).toEqual({ outcome: "DONE", errors: [] });

  const left = before.filter((key) => !cached().includes(key));
  // With the account, its 16 users are gone.
  expect(left).toHaveLength(17);
  expect(left.filter((key) => key.startsWith("Account:"))).toHaveLength(1);
  const { data } = await apollo.query<{ accounts: { nodes: { accountId: string }[] } }>({
    query: accounts,
    fetchPolicy: "network-only",
  });
  expect(data?.accounts.nodes.map((account) => account.accountId)).not.toContain(accountId);
});

test("a shorter retention is set once the person at the screen has confirmed that messages may be deleted", async () => {
  const apollo = createClient(`${harness.url}/graphql`);
  const retentionSettings = {
    roomRetentionSettings: { retentionDays: 30 },
    conversationRetentionSettings: { retentionDays: 30 },
  };
  const put = (answer: boolean) =>
    setRetention(apollo, { accountId: largeAccountId, retentionSettings }, async () => answer);

  expect(await put(false)).toMatchObject({
    outcome: "NOT_DONE",
    errors: [{ code: "PRECONDITION_FAILED", path: ["mayDelete"] }],
  });
  expect(await put(true)).toEqual({ outcome: "DONE", errors: [] });
});
