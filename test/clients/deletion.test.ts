import { gql, type NormalizedCacheObject } from "@apollo/client";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed.js";
import { useHarness } from "../support/fixture.js";
import { createClient } from "./app/client.js";

const harness = useHarness();
const { teamAccountId: accountId } = SEED;

test("a Team account whose users have all been suspended is deleted, and leaves Apollo Client's cache", async () => {
  const apollo = createClient(`${harness.url}/graphql`);
  const accounts = gql(
    `{ accounts(first: 10) { nodes { id accountId name users(first: 50) { nodes { id userId } } } } }`,
  );
  const write = async (mutation: string, input: object) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const selection = mutation === "deleteAccount" ? "deletedId" : "results { outcome }";
    const { data } = await apollo.mutate<{
      payload: { outcome: string; deletedId: string | null; errors: { code: string; path: string[] }[] };
    }>({
      mutation: gql(`mutation ($input: ${type}!) {
        payload: ${mutation}(input: $input) { outcome ${selection} errors { code path } } }`),
      variables: { input },
    });
    return data?.payload;
  };
  const cached = () => Object.keys(apollo.cache.extract() as NormalizedCacheObject);
  const deletion = { accountId, confirmName: "Harbor Street Studio" };

  await apollo.query({ query: accounts });
  const before = cached();
  expect(await write("deleteAccount", deletion)).toMatchObject({
    outcome: "NOT_DONE",
    errors: [{ code: "UNPROCESSABLE", path: ["accountId"] }],
  });
  const userIdList = await harness.userIds(accountId);
  expect(await write("batchSuspendUser", { accountId, userIdList })).toMatchObject({ outcome: "DONE" });
  const payload = await write("deleteAccount", deletion);
  expect(payload).toMatchObject({ outcome: "DONE", errors: [] });

  const deletedId = String(payload?.deletedId);
  expect(before).toContain(`Account:${deletedId}`);
  apollo.cache.evict({ id: `Account:${deletedId}` });
  apollo.cache.gc();
  // With the account, its 16 users are gone.
  expect(before.filter((key) => !cached().includes(key))).toHaveLength(17);
  const { data } = await apollo.query<{ accounts: { nodes: { accountId: string }[] } }>({
    query: accounts,
    fetchPolicy: "network-only",
  });
  expect(data?.accounts.nodes.map((account) => account.accountId)).not.toContain(accountId);
});
