import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { type Entry, short } from "../../support/bulk.js";
import { ask, startOnResponses, useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { emptyAccountId } = SEED;

const invitations = `mutation ($input: InviteUsersInput!) { payload: inviteUsers(input: $input) {
  outcome
  results { index emailAddress outcome invite { emailAddress status } error { code message path } }
  invites { emailAddress }
  inviteErrors { index emailAddress errorCode errorMessage }
  errors { code path message }
} }`;

/** The payload; its lists must agree with its results. */
async function invite(accountId: string, userEmailList: readonly string[]) {
  const { data, errors } = await harness.ask(invitations, { input: { accountId, userEmailList } });
  expect(errors).toBeUndefined();
  const { results, invites, inviteErrors } = data.payload;
  expect(invites).toEqual(
    results.flatMap(({ invite: made }: { invite: { emailAddress: string } | null }) =>
      made ? { emailAddress: made.emailAddress } : [],
    ),
  );
  expect(inviteErrors).toEqual(
    results.flatMap(({ index, emailAddress, error }: Entry & { emailAddress: string }) =>
      error ? { index, emailAddress, errorCode: error.code, errorMessage: expect.any(String) } : [],
    ),
  );
  return data.payload;
}

const addresses = (count: number) => Array.from({ length: count }, (_, i) => `guest${i}@example.com`);

describe("inviteUsers", () => {
  test("invites 119 of 120 people if one address is malformed", async () => {
    const emails = addresses(120);
    emails[57] = "broken";
    const { outcome, results, errors } = await invite(emptyAccountId, emails);

    expect(outcome).toBe("PARTIAL");
    expect(errors).toEqual([]);
    expect(results[57]).toEqual({
      index: 57,
      emailAddress: "broken",
      outcome: "NOT_DONE",
      invite: null,
      error: { code: "BAD_REQUEST", message: expect.any(String), path: ["userEmailList", "57"] },
    });
    expect(results[58]).toEqual({
      index: 58,
      emailAddress: "guest58@example.com",
      outcome: "DONE",
      invite: { emailAddress: "guest58@example.com", status: "PENDING" },
      error: null,
    });
    expect(results.map(({ index }: Entry) => index)).toEqual(emails.map((_, index) => index));
    expect(await harness.calls()).toEqual({ InviteUsers: 3 });
    expect(await harness.userIds(emptyAccountId, 200)).toHaveLength(119);
  });

  test("rejects each malformed address without repeating it in a message", async () => {
    const emails = ["ok@example.com", "secret", "", `${"x".repeat(320)}@example.com`, "zero\0@example.com"];
    const { outcome, results } = await invite(emptyAccountId, emails);

    expect(outcome).toBe("PARTIAL");
    expect(short(results)).toEqual([
      ["DONE"],
      ...[1, 2, 3, 4].map((index) => ["NOT_DONE", "BAD_REQUEST", ["userEmailList", String(index)]]),
    ]);
    expect(JSON.stringify(results.map(({ error }: Entry) => error))).not.toMatch(/secret|xxx|zero/);
  });

  test("sends a repeated address once, ignoring case, and reports it at both entries", async () => {
    const { outcome, results } = await invite(emptyAccountId, ["ada@example.com", "b@c", "ADA@example.com"]);

    expect(outcome).toBe("PARTIAL");
    expect(
      results.map((entry: Entry & { emailAddress: string }) => [entry.emailAddress, entry.outcome]),
    ).toEqual([
      ["ada@example.com", "DONE"],
      ["b@c", "NOT_DONE"],
      ["ADA@example.com", "DONE"],
    ]);
    expect(results[2].invite).toEqual(results[0].invite);
    expect(await harness.userIds(emptyAccountId, 10)).toHaveLength(1);
  });

  test("is rejected as a whole, and sends nothing, if the account's id is malformed", async () => {
    expect(await invite("..", ["ok@example.com", "broken"])).toMatchObject({
      outcome: "NOT_DONE",
      results: [],
      errors: [{ code: "BAD_REQUEST", path: ["accountId"] }],
    });
    expect(await harness.calls()).toEqual({});
  });

  test("is DONE if all are invited, UNKNOWN if all responses are lost", async () => {
    const done = await invite(emptyAccountId, addresses(60));
    await harness.fault({ operation: "InviteUsers", kind: "truncate" });
    const lost = await invite(emptyAccountId, addresses(60));

    expect([done.outcome, new Set(done.results.map((entry: Entry) => entry.outcome))]).toEqual([
      "DONE",
      new Set(["DONE"]),
    ]);
    expect([lost.outcome, new Set(lost.results.map((entry: Entry) => entry.outcome))]).toEqual([
      "UNKNOWN",
      new Set(["UNKNOWN"]),
    ]);
  });
});

describe("an invitation that Chime reports as failed", () => {
  test("is NOT_DONE, with its path: the address belongs to a user of another account", async () => {
    const { outcome, results } = await invite(emptyAccountId, ["ada@example.com", SEED.userEmail]);

    expect(outcome).toBe("PARTIAL");
    expect(results[1]).toEqual({
      index: 1,
      emailAddress: SEED.userEmail,
      outcome: "NOT_DONE",
      invite: null,
      error: {
        code: "UNPROCESSABLE",
        message: "could not be invited by Chime: a user of another account may have this address",
        path: ["userEmailList", "1"],
      },
    });
    expect(await harness.calls()).toEqual({ InviteUsers: 1 });
  });

  test.each([
    ["Failed", "Failed", "NOT_DONE"],
    ["Pending", "Failed", "DONE"],
    ["Pending", "NotSent", "DONE"],
    ["Accepted", "NotSent", "DONE"],
    [undefined, undefined, "DONE"],
  ])("depends on its own status, %s, not on that of its e-mail, %s", async (Status, EmailStatus, outcome) => {
    const EmailAddress = "ada@example.com";
    const url = await startOnResponses(() => ({ Invites: [{ EmailAddress, Status, EmailStatus }] }));
    const variables = { input: { accountId: emptyAccountId, userEmailList: [EmailAddress] } };
    const { data } = await ask(url, { query: invitations, variables });

    expect(data.payload.results).toMatchObject([{ outcome }]);
  });
});

describe("a bulk write that Chime throttles until the deadline", () => {
  const hurried = useHarness({ WRITE_DEADLINE_MS: "600" }, { callTimeout: 500 });

  test("is NOT_DONE for each item", async () => {
    await hurried.fault({ operation: "InviteUsers", kind: "429" });
    const { data } = await hurried.ask(invitations, {
      input: { accountId: emptyAccountId, userEmailList: addresses(60) },
    });

    expect(data.payload.outcome).toBe("NOT_DONE");
    expect(short(data.payload.results)).toEqual(Array(60).fill(["NOT_DONE", "THROTTLED", null]));
  });
});
