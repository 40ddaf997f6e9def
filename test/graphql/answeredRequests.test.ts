import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ask, startOnStub } from "../support/fixture.js";

/** A gateway on an account with an endless list of users, which may be read this often, and how often the list was called. */
async function startOnForbiddenAccount(reads: number) {
  const calls = { ListUsers: 0, GetAccount: 0 };
  const answer = async ({ url: path = "" }: IncomingMessage, response: ServerResponse) => {
    response.setHeader("content-type", "application/json");
    if (!path.includes("/users")) {
      if (++calls.GetAccount <= reads)
        return response.end(JSON.stringify({ Account: { AccountId: "a", AwsAccountId: "1", Name: "A" } }));
      return response.writeHead(403, { "x-amzn-errortype": "ForbiddenException" }).end("{}");
    }
    const NextToken = `${++calls.ListUsers}`;
    await sleep(100);
    return response.end(JSON.stringify({ Users: [{ UserId: `u${NextToken}` }], NextToken }));
  };
  const url = await startOnStub(answer, { READ_DEADLINE_MS: "3000" });
  return { url, calls };
}

test("a request that is answered early, because a non-null field failed, makes no more calls", async () => {
  const { url, calls } = await startOnForbiddenAccount(0);
  const { data, errors } = await ask(url, {
    query: `{ account(accountId: "a") { name userSummary { total } } }`,
  });
  expect([data, errors?.length]).toEqual([{ account: null }, 1]);
  const before = calls.ListUsers;
  await sleep(600);
  expect(calls.ListUsers - before).toBeLessThanOrEqual(1);
});

test("what another request shares with it goes on", async () => {
  const { url, calls } = await startOnForbiddenAccount(1);
  const summary = ask(url, { query: `{ account(accountId: "a") { userSummary { total } } }` });
  while (calls.ListUsers < 1) await sleep(5);
  await ask(url, { query: `{ account(accountId: "a") { name userSummary { total } } }` });

  expect((await summary).data.account.userSummary.total).toBeGreaterThan(10);
});
