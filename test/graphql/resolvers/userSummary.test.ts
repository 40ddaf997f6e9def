import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { ask, startOn, startOnResponses, useClosedGateway, useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { largeAccountId, teamAccountId, twoHundredAccountId, emptyAccountId, userId } = SEED;

const fields = `total scannedCount isComplete
  byLicenseType { licenseType count }
  byUserRegistrationStatus { userRegistrationStatus count }
  byUserType { userType count }
  byUserInvitationStatus { userInvitationStatus count }`;
const query = `query ($id: ID!) { account(accountId: $id) { userSummary { ${fields} } } }`;
const summaryOf = async (id: string, url = harness.url) => {
  const { data, errors } = await ask(url, { query, variables: { id } });
  expect(errors).toBeUndefined();
  return data.account.userSummary;
};
const listCalls = async () => (await harness.calls())["ListUsers"] ?? 0;

describe("the summary of an account's users", () => {
  test("counts all of them, the most frequent value first, null for those without one", async () => {
    const users = await harness.chime.users(largeAccountId);
    const count = (isWanted: (user: (typeof users)[number]) => boolean) => users.filter(isWanted).length;
    const summary = await summaryOf(largeAccountId);

    expect(summary).toMatchObject({ total: 450, scannedCount: 450, isComplete: true });
    expect(summary.byUserType).toEqual([
      { userType: "PRIVATE_USER", count: 420 },
      { userType: "SHARED_DEVICE", count: 30 },
    ]);
    expect(summary.byLicenseType[0].licenseType).toBe("PRO");
    expect(summary.byLicenseType).toContainEqual({
      licenseType: "PRO_TRIAL",
      count: count(({ LicenseType }) => LicenseType === "ProTrial"),
    });
    expect(summary.byUserRegistrationStatus).toContainEqual({
      userRegistrationStatus: "UNREGISTERED",
      count: count(({ UserRegistrationStatus }) => UserRegistrationStatus === "Unregistered"),
    });
    expect(summary.byUserInvitationStatus).toContainEqual({ userInvitationStatus: null, count: 30 });
    for (const counts of Object.values(summary).filter(Array.isArray)) {
      const numbers = counts.map((each: { count: number }) => each.count);
      expect(numbers.reduce((sum, each) => sum + each, 0)).toBe(450);
      expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    }
  });

  test("is empty for an account without users, and null for a missing account", async () => {
    expect(await summaryOf(emptyAccountId)).toEqual({
      total: 0,
      scannedCount: 0,
      isComplete: true,
      byLicenseType: [],
      byUserRegistrationStatus: [],
      byUserType: [],
      byUserInvitationStatus: [],
    });
    expect((await harness.ask(query, { id: "missing" })).data).toEqual({ account: null });
  });

  test("takes one call for each 200 users, at the same time as the account's", async () => {
    await harness.setFaults({ kind: "latency", ms: 100 });
    await summaryOf(largeAccountId);
    const [first, second] = await harness.arrivals();

    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 3 });
    expect(second?.startedAt).toBeLessThan(first?.finishedAt ?? 0);
  });

  test("of several accounts are read side by side", async () => {
    await harness.setFaults({ operation: "ListUsers", kind: "latency", ms: 100 });
    const { data } = await harness.ask("{ accounts(first: 6) { nodes { userSummary { total } } } }");
    const lists = (await harness.arrivals()).filter(({ operation }) => operation === "ListUsers");

    expect(
      data.accounts.nodes.map((node: { userSummary: { total: number } }) => node.userSummary.total),
    ).toEqual([16, 450, 200, 5, 0, 3]);
    const begun = lists.slice(0, 6).map(({ startedAt }) => startedAt);
    expect(Math.max(...begun)).toBeLessThan(lists[0]?.finishedAt ?? 0);
  });

  test("fails alone", async () => {
    await harness.fault({ operation: "ListUsers", kind: "500" });
    const { data, errors } = await harness.ask(query.replace("userSummary", "name userSummary"), {
      id: teamAccountId,
    });

    expect(data.account).toEqual({ name: "Harbor Street Studio", userSummary: null });
    expect(errors).toMatchObject([
      { path: ["account", "userSummary"], extensions: { code: "UPSTREAM_UNAVAILABLE" } },
    ]);
  });

  test("is incomplete after 100 pages, and costs no more calls", async () => {
    const url = await startOnPages();
    expect(await summaryOf("a", url)).toMatchObject({ total: 100, scannedCount: 100, isComplete: false });
    expect(pages.length).toBe(100);
  });

  test("has the users that were read by the deadline, and is incomplete", async () => {
    const url = await startOnPages({ READ_DEADLINE_MS: "1000" }, 150);
    const { isComplete, total, byLicenseType } = await summaryOf("a", url);

    expect(isComplete).toBe(false);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(8);
    expect(byLicenseType).toEqual([{ licenseType: "PRO", count: total }]);
  });

  test("fails after three empty pages in a row were followed", async () => {
    let pages = 0;
    const url = await startOnResponses(({ pathname }) =>
      pathname.endsWith("/users") ? { Users: [], NextToken: `token-${pages++}` } : account,
    );
    const { errors } = await ask(url, { query, variables: { id: "a" } });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
    expect(pages).toBe(4);
  });

  test("fails if the tokens of Chime's pages repeat", async () => {
    const url = await startOnResponses(({ pathname }) =>
      pathname.endsWith("/users") ? { Users: [{ UserId: "u" }], NextToken: "again" } : account,
    );
    const { errors } = await ask(url, { query, variables: { id: "a" } });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
  });
});

/** The tokens of the pages that were read. */
const pages: (string | null)[] = [];
beforeEach(() => {
  pages.length = 0;
});
const account = { Account: { AccountId: "a", AwsAccountId: "1", Name: "A" } };

/** A gateway on an account whose list of users, one on a page, does not end. */
async function startOnPages(env: Record<string, string> = {}, latency = 0): Promise<string> {
  let count = 0;
  return startOnResponses(async ({ pathname, searchParams }) => {
    if (!pathname.endsWith("/users")) return account;
    pages.push(searchParams.get("next-token"));
    await sleep(latency);
    return { Users: [{ UserId: `u${count}`, LicenseType: "Pro" }], NextToken: `${++count}` };
  }, env);
}

describe("requests at the same time", () => {
  test("share the calls of a summary, also one that joins later", async () => {
    await harness.setFaults({ operation: "ListUsers", kind: "latency", ms: 150 });
    const first = summaryOf(largeAccountId);
    while ((await listCalls()) < 2) await sleep(10);
    const others = [summaryOf(largeAccountId), summaryOf(largeAccountId)];

    expect((await Promise.all([first, ...others])).map(({ total }) => total)).toEqual([450, 450, 450]);
    expect(await listCalls()).toBe(3);
    await summaryOf(largeAccountId);
    expect(await listCalls()).toBe(6);
  });

  test("go on if the first of them disconnects", async () => {
    await harness.setFaults({ operation: "ListUsers", kind: "latency", ms: 150 });
    const leaving = new AbortController();
    const first = ask(harness.url, { query, variables: { id: largeAccountId } }, {}, leaving.signal);
    first.catch(() => undefined);
    while ((await listCalls()) < 2) await sleep(10);
    const second = summaryOf(largeAccountId);
    await sleep(50);
    leaving.abort();

    expect((await second).total).toBe(450);
    expect(await listCalls()).toBeLessThanOrEqual(4);
  });

  test("do not share what was read before a write to the account", async () => {
    await harness.setFaults({ operation: "ListUsers", kind: "latency", ms: 150 });
    const before = summaryOf(twoHundredAccountId);
    while ((await listCalls()) < 1) await sleep(10);
    await harness.ask(
      `mutation { createUser(input: { accountId: "${twoHundredAccountId}", username: "New" }) { outcome } }`,
    );
    const after = await summaryOf(twoHundredAccountId);

    expect((await before).total).toBeGreaterThanOrEqual(200);
    expect(after.total).toBe(201);
  });
});

describe("with a cache", () => {
  const startCached = async () => {
    const gateway = await startOn(harness.chimeUrl, { CACHE_TTL_SECONDS: "60" });
    onTestFinished(() => gateway.close());
    return gateway.url;
  };

  test("a summary is read once, until a write to its account", async () => {
    const url = await startCached();
    const first = await summaryOf(teamAccountId, url);
    expect(await summaryOf(teamAccountId, url)).toEqual(first);
    expect(await listCalls()).toBe(1);

    const change = (accountId: string, id: string) =>
      ask(url, {
        query: `mutation { updateUser(input: { accountId: "${accountId}", userId: "${id}", licenseType: PRO }) { outcome } }`,
      });
    const [other = ""] = await harness.userIds(twoHundredAccountId, 1);
    await change(twoHundredAccountId, other);
    await summaryOf(teamAccountId, url);
    expect(await listCalls()).toBe(0);
    await change(teamAccountId, userId);
    const changed = await summaryOf(teamAccountId, url);
    expect(await listCalls()).toBe(1);
    expect(changed).not.toEqual(first);
  });

  test("a summary that the deadline cut off is read again", async () => {
    const url = await startOnPages({ READ_DEADLINE_MS: "500", CACHE_TTL_SECONDS: "60" }, 150);
    await summaryOf("a", url);
    const { length } = pages;
    await summaryOf("a", url);
    expect(pages.length).toBeGreaterThan(length);
  });
});

describe("the caller of a summary", () => {
  const closed = useClosedGateway(harness);

  test("needs the scope chime:read, and the account among its own", async () => {
    const read = async (claims: object) =>
      ask(closed.url, { query, variables: { id: teamAccountId } }, await closed.headersFor({ ...claims }));

    expect((await read({ scope: "chime:read" })).data.account.userSummary.total).toBe(16);
    expect((await read({ scope: "chime:write" })).data).toEqual({ account: null });
    expect((await read({ scope: "chime:read", chime_accounts: [emptyAccountId] })).data).toEqual({
      account: null,
    });
  });
});
