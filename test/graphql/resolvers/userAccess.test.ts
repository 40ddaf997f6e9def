import { GetUserCommand, ListUsersCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { short } from "../../support/bulk.js";
import { type Answer, ask as askAt, startOn, useHarness } from "../../support/fixture.js";
import { startStub } from "../../support/stub.js";

const harness = useHarness();
const { teamAccountId, twoHundredAccountId, suspendedUserId } = SEED;

type Bulk = "batchSuspendUser" | "batchUnsuspendUser";

/** @param selection of the user of each result */
const ask = (mutation: Bulk, accountId: string, userIdList: readonly string[], selection = "") =>
  harness.ask(queryOf(mutation, selection), { input: { accountId, userIdList } });

const queryOf = (mutation: Bulk, selection: string) => {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  return `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) {
    outcome results { index userId outcome ${selection} error { code message path } }
    userErrors { index userId errorCode errorMessage } errors { code message path } } }`;
};

/** Asks for one user of a Chime that confirms every write, and has no users. */
async function askWithoutUsers(mutation: Bulk): Promise<Answer> {
  const stub = await startStub(({ method }, response) => {
    response.setHeader("content-type", "application/json");
    if (method === "POST") return response.end("{}");
    response.statusCode = 404;
    return response.setHeader("x-amzn-errortype", "NotFoundException").end("{}");
  });
  const gateway = await startOn(stub.url);
  const variables = { input: { accountId: "a", userIdList: ["u"] } };
  const answer = await askAt(gateway.url, { query: queryOf(mutation, userStatus), variables });
  await gateway.close();
  await stub.close();
  return answer;
}

interface ItemError {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[] | null;
}

/** The payload; its `userErrors` must agree with its results. */
async function write(...args: Parameters<typeof ask>) {
  const { data, errors } = await ask(...args);
  expect(errors).toBeUndefined();
  const { results, userErrors } = data.payload;
  expect(userErrors).toEqual(
    results.flatMap(({ index, userId, error }: { index: number; userId: string; error: ItemError }) => {
      const field = error?.path?.[0] === "accountId" ? "accountId " : "";
      return error ? { index, userId, errorCode: error.code, errorMessage: `${field}${error.message}` } : [];
    }),
  );
  return data.payload;
}

const userStatus = "user { userId userRegistrationStatus }";
const statusOf = async (AccountId: string, UserId: string | undefined) =>
  (await harness.chime.send(new GetUserCommand({ AccountId, UserId }))).User?.UserRegistrationStatus;

async function suspendedOf(AccountId: string): Promise<number> {
  const { Users = [] } = await harness.chime.send(new ListUsersCommand({ AccountId, MaxResults: 200 }));
  return Users.filter(({ UserRegistrationStatus }) => UserRegistrationStatus === "Suspended").length;
}

describe("batchSuspendUser", () => {
  test("suspends 200 users in four calls, and accounts for each", async () => {
    const userIds = await harness.userIds(twoHundredAccountId);
    const { outcome, results, errors } = await write("batchSuspendUser", twoHundredAccountId, userIds);

    expect([userIds.length, outcome, errors]).toEqual([200, "DONE", []]);
    expect(results).toEqual(
      userIds.map((userId, index) => ({ index, userId, outcome: "DONE", error: null })),
    );
    expect(await harness.calls()).toEqual({ BatchSuspendUser: 4 });
    expect(await suspendedOf(twoHundredAccountId)).toBe(200);
  });

  test("reads the users of 200 results in one call more", async () => {
    const userIds = await harness.userIds(twoHundredAccountId);
    const { results } = await write("batchSuspendUser", twoHundredAccountId, userIds, userStatus);

    expect(results.map(({ user }: { user: object }) => user)).toEqual(
      userIds.map((userId) => ({ userId, userRegistrationStatus: "SUSPENDED" })),
    );
    expect(await harness.calls()).toEqual({ BatchSuspendUser: 4, ListUsers: 1 });
  });

  test("fails for unknown and malformed ids alone, and sends a repeated id once", async () => {
    const [a = "", b = ""] = await harness.userIds(teamAccountId, 2);
    const ids = [a, "nobody", "../x", b, a, "nobody"];
    const { outcome, results } = await write("batchSuspendUser", teamAccountId, ids);

    expect(outcome).toBe("PARTIAL");
    expect(short(results)).toEqual([
      ["DONE"],
      ["NOT_DONE", "NOT_FOUND", ["userIdList", "1"]],
      ["NOT_DONE", "BAD_REQUEST", ["userIdList", "2"]],
      ["DONE"],
      ["DONE"],
      ["NOT_DONE", "NOT_FOUND", ["userIdList", "5"]],
    ]);
    expect(results[1].error.message).toBe("is not the id of a user of the account");
    expect(await harness.calls()).toEqual({ BatchSuspendUser: 1 });
    expect(await statusOf(teamAccountId, b)).toBe("Suspended");
  });

  test("does what Chime confirms when one of several calls fails", async () => {
    const userIds = await harness.userIds(twoHundredAccountId);
    await harness.fault({ operation: "BatchSuspendUser", kind: "reset-after", next: 1 });
    const { outcome, results } = await write("batchSuspendUser", twoHundredAccountId, userIds);

    expect(outcome).toBe("PARTIAL");
    const outcomes = results.map((result: { outcome: string }) => result.outcome);
    expect(outcomes.filter((each: string) => each === "UNKNOWN")).toHaveLength(50);
    expect(outcomes.filter((each: string) => each === "DONE")).toHaveLength(150);
  });

  test("returns null, without an error, for a user who is no longer in the account", async () => {
    const { data, errors } = await askWithoutUsers("batchSuspendUser");

    expect(errors).toBeUndefined();
    expect(data.payload).toMatchObject({
      outcome: "DONE",
      results: [{ index: 0, userId: "u", outcome: "DONE", user: null, error: null }],
    });
  });

  test("lists the suspended users", async () => {
    const [a = "", b = ""] = await harness.userIds(teamAccountId, 2);
    const { data } = await harness.ask(
      `mutation { batchSuspendUser(input: { accountId: "${teamAccountId}", userIdList: ["${b}", "nobody", "${a}"] }) {
        users { userId userRegistrationStatus } } }`,
    );

    expect(data.batchSuspendUser.users).toEqual(
      [b, a].map((userId) => ({ userId, userRegistrationStatus: "SUSPENDED" })),
    );
  });

  test("is refused as a whole for an account that does not exist", async () => {
    const { results } = await write("batchSuspendUser", "unknown", ["u"]);

    expect(results[0].error).toEqual({
      code: "NOT_FOUND",
      message: "is not the id of an account",
      path: ["accountId"],
    });
  });

  test.each([
    ["a malformed account id", "..", ["u"], ["accountId"]],
    ["no users", teamAccountId, [], ["userIdList"]],
  ])("sends nothing for %s", async (_what, accountId, userIds, path) => {
    const { outcome, results, errors } = await write("batchSuspendUser", accountId, userIds);

    expect([outcome, results]).toEqual(["NOT_DONE", []]);
    expect(errors).toMatchObject([{ code: "BAD_REQUEST", path }]);
    expect(await harness.calls()).toEqual({});
  });

  test("takes 500 users, not 501", async () => {
    const ids = Array.from({ length: 501 }, (_, n) => `unknown-${n}`);
    const { outcome, results } = await write("batchSuspendUser", twoHundredAccountId, ids.slice(1));

    expect([outcome, results.length]).toEqual(["NOT_DONE", 500]);
    expect(await harness.calls()).toEqual({ BatchSuspendUser: 10 });
    expect((await ask("batchSuspendUser", twoHundredAccountId, ids)).errors).toHaveLength(1);
  });
});

describe("batchUnsuspendUser", () => {
  test("ends the suspensions, and leaves other users as they are", async () => {
    const [a = "", b = ""] = await harness.userIds(twoHundredAccountId, 2);
    const before = await statusOf(twoHundredAccountId, b);
    await write("batchSuspendUser", twoHundredAccountId, [a]);
    await harness.forgetCalls();
    const ids = [a, b, "nobody"];
    const { outcome, results } = await write("batchUnsuspendUser", twoHundredAccountId, ids, userStatus);

    expect(outcome).toBe("PARTIAL");
    expect(short(results)).toEqual([["DONE"], ["DONE"], ["NOT_DONE", "NOT_FOUND", ["userIdList", "2"]]]);
    expect(results[0].user).toEqual({ userId: a, userRegistrationStatus: "REGISTERED" });
    expect(await statusOf(twoHundredAccountId, b)).toBe(before);
  });

  test("is refused as a whole for a Team account", async () => {
    const { outcome, results } = await write("batchUnsuspendUser", teamAccountId, [
      suspendedUserId,
      "nobody",
    ]);

    expect(outcome).toBe("NOT_DONE");
    const error = {
      code: "FORBIDDEN",
      message: "is not the id of an Enterprise LWA account",
      path: ["accountId"],
    };
    expect(results.map((result: { error: object }) => result.error)).toEqual([error, error]);
  });

  test("reports a user who cannot be read back", async () => {
    const { data, errors = [] } = await askWithoutUsers("batchUnsuspendUser");

    expect(data.payload.results).toMatchObject([{ outcome: "DONE", user: null, error: null }]);
    expect(errors.map(({ path }) => path)).toEqual([["payload", "results", 0, "user"]]);
  });
});

describe("logoutUser", () => {
  const logout = (accountId: string, userId: string, selection = "") =>
    harness.ask(
      `mutation { logoutUser(input: { accountId: "${accountId}", userId: "${userId}" }) {
        outcome ${selection} errors { code path } } }`,
    );

  test("signs the user out, and returns it if it is selected", async () => {
    const { data } = await logout(teamAccountId, SEED.userId, "user { userId }");

    expect(data.logoutUser).toEqual({ outcome: "DONE", user: { userId: SEED.userId }, errors: [] });
    expect(await harness.calls()).toEqual({ LogoutUser: 1, GetUser: 1 });
    await harness.forgetCalls();
    await logout(teamAccountId, SEED.userId);
    expect(await harness.calls()).toEqual({ LogoutUser: 1 });
  });

  test.each([
    ["an unknown user", "nobody", { code: "NOT_FOUND", path: null }, { LogoutUser: 1 }],
    ["a malformed id", "..", { code: "BAD_REQUEST", path: ["userId"] }, {}],
  ])("reports %s", async (_what, userId, error, calls) => {
    const { data } = await logout(teamAccountId, userId);

    expect(data.logoutUser).toEqual({ outcome: "NOT_DONE", errors: [error] });
    expect(await harness.calls()).toEqual(calls);
  });
});
