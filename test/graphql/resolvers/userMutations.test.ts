import { GetUserCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";
import { allUserFields, userQuery } from "./userFields.js";

const harness = useHarness();
const { smallAccountId, teamAccountId, userId } = SEED;

async function userInChime(accountId: string, id: string) {
  const { User } = await harness.chime.send(new GetUserCommand({ AccountId: accountId, UserId: id }));
  return User;
}

describe("createUser", () => {
  const createUser = `mutation ($input: CreateUserInput!) {
    createUser(input: $input) { user { ${allUserFields} } errors { code path message } } }`;

  test("invites a person and returns all fields in one call", async () => {
    const { data } = await harness.ask(createUser, {
      input: { accountId: smallAccountId, username: "Ada", email: "ada.new@example.com" },
    });
    const { user, errors } = data.createUser;

    expect(errors).toEqual([]);
    expect(user).toMatchObject({
      accountId: smallAccountId,
      primaryEmail: "ada.new@example.com",
      userType: "PRIVATE_USER",
      userRegistrationStatus: "UNREGISTERED",
      userInvitationStatus: "PENDING",
    });
    expect(await harness.calls()).toEqual({ CreateUser: 1 });
    expect((await userInChime(smallAccountId, user.userId))?.PrimaryEmail).toBe("ada.new@example.com");
  });

  test("registers a shared device immediately, with license Pro", async () => {
    const { data } = await harness.ask(createUser, {
      input: { accountId: teamAccountId, username: "Room 12", userType: "SHARED_DEVICE" },
    });

    expect(data.createUser).toMatchObject({
      user: { userType: "SHARED_DEVICE", userRegistrationStatus: "REGISTERED", licenseType: "PRO" },
      errors: [],
    });
  });

  test("with the address of another user returns CONFLICT", async () => {
    const { data } = await harness.ask(createUser, {
      input: { accountId: teamAccountId, email: SEED.userEmail },
    });

    expect(data.createUser).toMatchObject({ user: null, errors: [{ code: "CONFLICT", path: ["email"] }] });
  });

  test.each(["reset-after", "truncate", "malformed"])(
    "finds the user by its address if the response is lost (%s)",
    async (kind) => {
      await harness.fault({ operation: "CreateUser", kind });
      const { data } = await harness.ask(createUser, {
        input: { accountId: smallAccountId, email: "lost@example.com" },
      });

      expect(data.createUser).toMatchObject({ user: { primaryEmail: "lost@example.com" }, errors: [] });
      expect(await harness.calls()).toEqual({ CreateUser: 1, ListUsers: 1, GetUser: 1 });
    },
  );

  test("does not take an existing user for the new one if the response is lost", async () => {
    await harness.fault({ operation: "CreateUser", kind: "reset-after" });
    const { data } = await harness.ask(createUser, {
      input: { accountId: teamAccountId, email: SEED.userEmail },
    });

    expect(data.createUser).toMatchObject({ user: null, errors: [{ code: "OUTCOME_UNKNOWN" }] });
  });

  test("does not take a user of another name, invited meanwhile, for the new one if the response is lost", async () => {
    const email = "twice@example.com";
    await harness.ask(createUser, { input: { accountId: teamAccountId, username: "Earlier", email } });
    await harness.fault({ operation: "CreateUser", kind: "latency", ms: 400, next: 1 });
    await harness.fault({ operation: "CreateUser", kind: "reset-after", next: 1 });
    const later = harness.ask(createUser, { input: { accountId: teamAccountId, username: "Later", email } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await harness.ask(
      `mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { errors { code } } }`,
      { input: { accountId: teamAccountId, userEmailList: [email] } },
    );

    expect((await later).data.createUser).toMatchObject({
      user: null,
      errors: [{ code: "OUTCOME_UNKNOWN" }],
    });
  });

  test.each(["500", "503"])(
    "has an unknown outcome if Chime fails with %s, although the user cannot be found",
    async (kind) => {
      await harness.fault({ operation: "CreateUser", kind });
      const { data } = await harness.ask(createUser, {
        input: { accountId: smallAccountId, email: "lost@example.com" },
      });

      expect(data.createUser).toMatchObject({ user: null, errors: [{ code: "OUTCOME_UNKNOWN" }] });
      expect(await harness.calls()).toMatchObject({ CreateUser: 1 });
      // A few lookups, not one after another until the deadline.
      expect((await harness.calls())["ListUsers"]).toBeLessThanOrEqual(4);
    },
  );

  test("requires an address or a name, and characters that can be stored", async () => {
    const errorsOf = async (input: object) =>
      (await harness.ask(createUser, { input: { accountId: smallAccountId, ...input } })).data.createUser
        .errors;

    expect(await errorsOf({})).toMatchObject([{ code: "BAD_REQUEST", path: ["email"] }]);
    expect(await errorsOf({ username: "  " })).toMatchObject([{ code: "BAD_REQUEST", path: ["username"] }]);
    expect(await errorsOf({ username: "half a \ud83d" })).toMatchObject([
      { code: "BAD_REQUEST", path: ["username"] },
    ]);
    expect(await errorsOf({ username: "nul \0" })).toMatchObject([
      { code: "BAD_REQUEST", path: ["username"] },
    ]);
    expect(await harness.calls()).toEqual({});
  });

  test("reports all issues without repeating the values", async () => {
    const { data } = await harness.ask(createUser, { input: { accountId: "../x", email: "secret" } });

    expect(data.createUser.errors).toEqual([
      { code: "BAD_REQUEST", path: ["accountId"], message: "must be 1 to 128 letters, digits, '-' or '_'" },
      { code: "BAD_REQUEST", path: ["email"], message: "must be an e-mail address" },
    ]);
    expect(await harness.calls()).toEqual({});
  });
});

describe("updateUser", () => {
  const updateUser = `mutation ($input: UpdateUserInput!) {
    updateUser(input: $input) { user { ${allUserFields} } errors { code path } } }`;

  test("changes only the given fields, and reads the user again", async () => {
    const before = (await harness.ask(userQuery, { accountId: teamAccountId, userId })).data.user;
    await harness.forgetCalls();
    const { data } = await harness.ask(updateUser, {
      input: {
        accountId: teamAccountId,
        userId,
        licenseType: "BASIC",
        alexaForBusinessMetadata: {
          isAlexaForBusinessEnabled: true,
          alexaForBusinessRoomArn: "arn:aws:a4b:::room/1",
        },
      },
    });

    expect(data.updateUser).toEqual({
      user: {
        ...before,
        licenseType: "BASIC",
        alexaForBusinessMetadata: {
          isAlexaForBusinessEnabled: true,
          alexaForBusinessRoomArn: "arn:aws:a4b:::room/1",
        },
      },
      errors: [],
    });
    expect(await harness.calls()).toEqual({ UpdateUser: 1, GetUser: 1 });
  });

  test("is visible to later mutations of the same request", async () => {
    const change = (alias: string, license: string) =>
      `${alias}: updateUser(input: { accountId: "${teamAccountId}", userId: "${userId}", licenseType: ${license} }) {
        user { licenseType account { users(first: 1) { nodes { licenseType } } } } }`;
    const { data } = await harness.ask(`mutation { ${change("a", "BASIC")} ${change("b", "PRO")} }`);

    expect(data.a.user).toEqual({
      licenseType: "BASIC",
      account: { users: { nodes: [{ licenseType: "BASIC" }] } },
    });
    expect(data.b.user).toEqual({
      licenseType: "PRO",
      account: { users: { nodes: [{ licenseType: "PRO" }] } },
    });
  });

  test("does not read a user that is not selected", async () => {
    await harness.ask(
      `mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }`,
      {
        input: { accountId: teamAccountId, userId, userType: "SHARED_DEVICE" },
      },
    );

    expect(await harness.calls()).toEqual({ UpdateUser: 1 });
    expect((await userInChime(teamAccountId, userId))?.UserType).toBe("SharedDevice");
  });

  test("returns a null user with an error if the user cannot be read back", async () => {
    await harness.fault({ operation: "GetUser", kind: "500" });
    const { data, errors } = await harness.ask(updateUser, {
      input: { accountId: teamAccountId, userId, licenseType: "BASIC" },
    });

    expect(data.updateUser).toEqual({ user: null, errors: [] });
    expect(errors).toMatchObject([
      { path: ["updateUser", "user"], extensions: { code: "UPSTREAM_UNAVAILABLE" } },
    ]);
  });

  test("to an unsupported license returns BAD_REQUEST", async () => {
    const { data } = await harness.ask(updateUser, {
      input: { accountId: teamAccountId, userId, licenseType: "PLUS" },
    });

    expect(data.updateUser).toEqual({ user: null, errors: [{ code: "BAD_REQUEST", path: ["licenseType"] }] });
  });

  test("requires at least one change", async () => {
    const errorsOf = async (changes: object) => {
      const { data } = await harness.ask(updateUser, {
        input: { accountId: teamAccountId, userId, ...changes },
      });
      return data.updateUser.errors;
    };

    expect(await errorsOf({})).toEqual([{ code: "BAD_REQUEST", path: ["licenseType"] }]);
    expect(await errorsOf({ licenseType: null, userType: null })).toEqual([
      { code: "BAD_REQUEST", path: ["licenseType"] },
    ]);
    expect(await errorsOf({ alexaForBusinessMetadata: {} })).toEqual([
      { code: "BAD_REQUEST", path: ["alexaForBusinessMetadata"] },
    ]);
    expect(await harness.calls()).toEqual({});
  });
});

describe("resetPersonalPin", () => {
  const reset = `mutation ($input: ResetPersonalPinInput!) {
    resetPersonalPin(input: $input) { user { userId personalPin } errors { code } } }`;

  test("returns a new PIN in one call", async () => {
    const before = (await userInChime(teamAccountId, userId))?.PersonalPIN;
    await harness.forgetCalls();
    const { data } = await harness.ask(reset, { input: { accountId: teamAccountId, userId } });
    const { user, errors } = data.resetPersonalPin;

    expect(errors).toEqual([]);
    expect(user.personalPin).not.toBe(before);
    expect(await harness.calls()).toEqual({ ResetPersonalPIN: 1 });
    expect((await userInChime(teamAccountId, userId))?.PersonalPIN).toBe(user.personalPin);
  });

  test("of a missing user returns NOT_FOUND", async () => {
    const { data } = await harness.ask(reset, { input: { accountId: teamAccountId, userId: "nobody" } });

    expect(data.resetPersonalPin).toEqual({ user: null, errors: [{ code: "NOT_FOUND" }] });
  });
});
