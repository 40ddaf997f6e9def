import { setTimeout as sleep } from "node:timers/promises";
import { ListUsersCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { ask, startOnResponses, useHarness } from "../../support/fixture.js";

const harness = useHarness();
const { emptyAccountId, largeAccountId, smallAccountId, teamAccountId } = SEED;

describe("batchUpdateUser", () => {
  const mutation = `mutation ($input: BatchUpdateUserInput!) { batchUpdateUser(input: $input) {
    users { userId licenseType }
    userErrors { index userId errorCode errorMessage }
    errors { code path message }
  } }`;
  const toBasic = (ids: readonly string[]) => ids.map((userId) => ({ userId, licenseType: "BASIC" }));
  const update = async (accountId: string, updateUserRequestItems: object[]) =>
    harness.ask(mutation, { input: { accountId, updateUserRequestItems } });

  test("updates 50 users in 3 calls and reads them back in one", async () => {
    const ids = await harness.userIds(largeAccountId, 50);
    const { data, errors } = await update(largeAccountId, toBasic(ids));

    expect(errors).toBeUndefined();
    expect(data.batchUpdateUser).toEqual({
      users: ids.map((userId) => ({ userId, licenseType: "BASIC" })),
      userErrors: [],
      errors: [],
    });
    expect(await harness.calls()).toEqual({ BatchUpdateUser: 3, ListUsers: 1 });
  });

  test("accepts 500 items, and reads nothing back that the query does not select", async () => {
    const ids = await harness.userIds(largeAccountId, 450);
    const { data } = await harness.ask(
      `mutation ($input: BatchUpdateUserInput!) { batchUpdateUser(input: $input) { userErrors { userId } errors { code } } }`,
      {
        input: { accountId: largeAccountId, updateUserRequestItems: toBasic([...ids, ...ids.slice(0, 50)]) },
      },
    );

    expect(data.batchUpdateUser).toEqual({ userErrors: [], errors: [] });
    expect(await harness.calls()).toEqual({ BatchUpdateUser: 23 });
  });

  test("reports every item once, in input order: done items in users, failed items in userErrors", async () => {
    const ids = await harness.userIds(largeAccountId, 4);
    const [a, b, c, d] = ids as [string, string, string, string];
    const { data } = await update(largeAccountId, toBasic([d, "nobody-1", a, "nobody-2", c, b]));

    expect(data.batchUpdateUser).toEqual({
      users: toBasic([d, a, c, b]),
      userErrors: [
        {
          index: 1,
          userId: "nobody-1",
          errorCode: "NOT_FOUND",
          errorMessage: "userId is not the id of a user of the account",
        },
        {
          index: 3,
          userId: "nobody-2",
          errorCode: "NOT_FOUND",
          errorMessage: "userId is not the id of a user of the account",
        },
      ],
      errors: [],
    });
  });

  test("a call that fails as a whole fails only its own 20 items, and is not sent again", async () => {
    const ids = await harness.userIds(largeAccountId, 60);
    await harness.fault({ operation: "BatchUpdateUser", kind: "500", next: 1 });
    const { data } = await update(largeAccountId, toBasic(ids));
    const { users, userErrors } = data.batchUpdateUser;

    expect(users).toHaveLength(40);
    expect(userErrors).toHaveLength(20);
    expect(new Set(userErrors.map((error: { errorCode: string }) => error.errorCode))).toEqual(
      new Set(["OUTCOME_UNKNOWN"]),
    );
    const failed = new Set(userErrors.map((error: { userId: string }) => error.userId));
    expect(users).toEqual(toBasic(ids.filter((id) => !failed.has(id))));
    for (const { index, userId } of userErrors) expect(ids[index]).toBe(userId);
    expect((await harness.calls())["BatchUpdateUser"]).toBe(3);
  });

  test.each([
    ["a code of Chime's own failures", { ErrorCode: "ServiceFailure" }],
    ["a code that says Chime was unavailable", { ErrorCode: "ServiceUnavailable" }],
    ["an unknown code", { ErrorCode: "Teapot" }],
    ["no code", {}],
  ])("an item that fails with %s has an unknown outcome, and the others are done", async (_what, error) => {
    const url = await startOnResponses(() => ({ UserErrors: [{ UserId: "b", ...error }] }));
    const { data } = await ask(url, {
      query: `mutation ($input: BatchUpdateUserInput!) { batchUpdateUser(input: $input) {
        outcome results { outcome } userErrors { errorCode } } }`,
      variables: { input: { accountId: "a", updateUserRequestItems: toBasic(["a", "b"]) } },
    });
    expect(data.batchUpdateUser).toEqual({
      outcome: "PARTIAL",
      results: [{ outcome: "DONE" }, { outcome: "UNKNOWN" }],
      userErrors: [{ errorCode: "OUTCOME_UNKNOWN" }],
    });
  });

  test.each([
    ["NotFound", "ServiceFailure"],
    ["ServiceFailure", "NotFound"],
    ["NotFound", "BadRequest"],
  ])("an item with two contradicting errors, %s and %s, has an unknown outcome", async (...codes) => {
    const url = await startOnResponses(() => ({
      UserErrors: codes.map((ErrorCode) => ({ UserId: "a", ErrorCode })),
    }));
    const { data } = await ask(url, {
      query: `mutation ($input: BatchUpdateUserInput!) { batchUpdateUser(input: $input) { outcome } }`,
      variables: { input: { accountId: "a", updateUserRequestItems: toBasic(["a"]) } },
    });
    expect(data.batchUpdateUser).toEqual({ outcome: "UNKNOWN" });
  });

  test("an item that Chime throttles until no call can be sent in time is THROTTLED", async () => {
    const url = await startOnResponses(
      async () => {
        await sleep(500);
        return { UserErrors: [{ UserId: "a", ErrorCode: "Throttled" }] };
      },
      { WRITE_DEADLINE_MS: "1600" },
    );
    const { data } = await ask(url, {
      query: `mutation ($input: BatchUpdateUserInput!) { batchUpdateUser(input: $input) { userErrors { errorCode } } }`,
      variables: { input: { accountId: "a", updateUserRequestItems: toBasic(["a"]) } },
    });
    expect(data.batchUpdateUser.userErrors).toEqual([{ errorCode: "THROTTLED" }]);
  });

  test("an account that does not exist fails each item with NOT_FOUND", async () => {
    const { data } = await update("no-such-account", toBasic(["a", "b"]));

    expect(data.batchUpdateUser).toMatchObject({
      users: [],
      userErrors: [
        { index: 0, userId: "a", errorCode: "NOT_FOUND" },
        { index: 1, userId: "b", errorCode: "NOT_FOUND" },
      ],
      errors: [],
    });
  });

  test("the same change given twice is sent once and answered twice", async () => {
    const [a, b] = (await harness.userIds(largeAccountId, 2)) as [string, string];
    const { data } = await update(largeAccountId, toBasic([a, b, a, "nobody", "nobody"]));

    expect(data.batchUpdateUser).toMatchObject({
      users: toBasic([a, b, a]),
      userErrors: [
        { index: 3, userId: "nobody" },
        { index: 4, userId: "nobody" },
      ],
    });
    const [call] = await harness.arrivals();
    expect(call?.operation).toBe("BatchUpdateUser");
    expect((await harness.calls())["BatchUpdateUser"]).toBe(1);
  });

  test("an empty list of items is rejected", async () => {
    const { data } = await update(largeAccountId, []);

    expect(data.batchUpdateUser.errors).toMatchObject([
      { code: "BAD_REQUEST", path: ["updateUserRequestItems"] },
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test("a user that is updated but cannot be read back is null with a located error; the update stays", async () => {
    const [a, b] = (await harness.userIds(largeAccountId, 2)) as [string, string];
    await harness.fault({ operation: "GetUser", kind: "500", path: b });
    const { data, errors } = await update(largeAccountId, toBasic([a, b]));

    expect(data.batchUpdateUser).toEqual({ users: [...toBasic([a]), null], userErrors: [], errors: [] });
    expect(errors).toMatchObject([
      { path: ["batchUpdateUser", "users", 1], extensions: { code: "UPSTREAM_UNAVAILABLE" } },
    ]);
  });
});

describe("inviteUsers", () => {
  const mutation = `mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) {
    invites { inviteId status emailAddress emailStatus }
    inviteErrors { index emailAddress errorCode errorMessage }
    errors { code path message }
  } }`;
  const invite = async (accountId: string, userEmailList: string[], more: object = {}) =>
    (await harness.ask(mutation, { input: { accountId, userEmailList, ...more } })).data.inviteUsers;
  const addresses = (count: number) => Array.from({ length: count }, (_, i) => `guest${i}@example.com`);

  test("invites 120 people in 3 calls, and answers in input order", async () => {
    const { invites, inviteErrors, errors } = await invite(emptyAccountId, addresses(120));

    expect(invites.map((one: { emailAddress: string }) => one.emailAddress)).toEqual(addresses(120));
    expect(invites[0]).toMatchObject({
      inviteId: expect.any(String),
      status: "PENDING",
      emailStatus: "SENT",
    });
    expect({ inviteErrors, errors }).toEqual({ inviteErrors: [], errors: [] });
    expect(await harness.calls()).toEqual({ InviteUsers: 3 });
    expect(await harness.userIds(emptyAccountId, 200)).toHaveLength(120);
  });

  test("invites with the requested user type", async () => {
    await invite(emptyAccountId, addresses(1), { userType: "SHARED_DEVICE" });
    const { Users } = await harness.chime.send(new ListUsersCommand({ AccountId: emptyAccountId }));

    expect(Users).toMatchObject([{ UserType: "SharedDevice", PrimaryEmail: "guest0@example.com" }]);
  });

  test("a call that fails as a whole fails only its own 50 addresses, and is not sent again", async () => {
    const emails = addresses(120);
    await harness.fault({ operation: "InviteUsers", kind: "reset-after", next: 1 });
    const { invites, inviteErrors } = await invite(emptyAccountId, emails);

    expect(inviteErrors.length === 50 || inviteErrors.length === 20).toBe(true);
    expect(invites.length + inviteErrors.length).toBe(120);
    for (const { index, emailAddress, errorCode } of inviteErrors)
      expect([emailAddress, errorCode]).toEqual([emails[index], "OUTCOME_UNKNOWN"]);
    expect((await harness.calls())["InviteUsers"]).toBe(3);
  });

  test("an address given twice, in any letter case, is invited once and answered twice", async () => {
    const { invites } = await invite(emptyAccountId, [
      "ada.b@example.com",
      "c@example.com",
      "ADA.B@example.com",
    ]);

    expect(invites).toHaveLength(3);
    expect(invites[2]).toEqual(invites[0]);
    expect(await harness.userIds(emptyAccountId, 10)).toHaveLength(2);
  });

  test.each([
    ["Failed", "Pending"],
    ["Pending", "Failed"],
  ])("an address whose invitations are %s and %s has an unknown outcome", async (...statuses) => {
    const EmailAddress = "ada@example.com";
    const url = await startOnResponses(() => ({
      Invites: statuses.map((Status) => ({ InviteId: Status, EmailAddress, Status })),
    }));
    const query = `mutation { inviteUsers(input: { accountId: "a", userEmailList: ["${EmailAddress}"] }) { outcome } }`;

    expect((await ask(url, { query })).data).toEqual({ inviteUsers: { outcome: "UNKNOWN" } });
  });

  test("an account that is not a Team account fails each address with FORBIDDEN", async () => {
    const { invites, inviteErrors } = await invite(smallAccountId, addresses(2));

    expect(invites).toEqual([]);
    expect(inviteErrors).toMatchObject([
      { index: 0, emailAddress: "guest0@example.com", errorCode: "FORBIDDEN" },
      { index: 1, emailAddress: "guest1@example.com", errorCode: "FORBIDDEN" },
    ]);
  });

  test("an empty list of addresses is rejected", async () => {
    const { errors } = await invite(teamAccountId, []);

    expect(errors).toMatchObject([{ code: "BAD_REQUEST", path: ["userEmailList"] }]);
  });
});
