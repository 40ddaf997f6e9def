import { GetUserCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed.js";
import { useWorld } from "../../support/world.js";

const world = useWorld();
const { largeAccountId, smallAccountId, teamAccountId, userId } = SEED;

async function userInChime(accountId: string, id: string) {
  const { User } = await world.chime.send(new GetUserCommand({ AccountId: accountId, UserId: id }));
  return User;
}

const inUpperSnake = (value: string | undefined) =>
  value?.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase() ?? null;

const allFields = `userId accountId primaryEmail primaryProvisionedNumber displayName licenseType userType
  userRegistrationStatus userInvitationStatus registeredOn invitedOn personalPin
  alexaForBusinessMetadata { isAlexaForBusinessEnabled alexaForBusinessRoomArn }`;

const userQuery = `query ($accountId: ID!, $userId: ID!) { user(accountId: $accountId, userId: $userId) { ${allFields} } }`;

describe("user", () => {
  test.each([
    ["a registered person", SEED.userId],
    ["one whose invitation is pending", SEED.pendingUserId],
    ["a suspended one", SEED.suspendedUserId],
    ["a shared device", SEED.sharedDeviceUserId],
    ["one whose invitation failed", SEED.failedInviteUserId],
  ])("gives every field of Chime's: %s", async (_who, id) => {
    const chime = await userInChime(teamAccountId, id);

    expect(await world.ask(userQuery, { accountId: teamAccountId, userId: id })).toEqual({
      data: {
        user: {
          userId: id,
          accountId: teamAccountId,
          primaryEmail: chime?.PrimaryEmail ?? null,
          primaryProvisionedNumber: chime?.PrimaryProvisionedNumber ?? null,
          displayName: chime?.DisplayName ?? null,
          licenseType: inUpperSnake(chime?.LicenseType),
          userType: inUpperSnake(chime?.UserType),
          userRegistrationStatus: inUpperSnake(chime?.UserRegistrationStatus),
          userInvitationStatus: inUpperSnake(chime?.UserInvitationStatus),
          registeredOn: chime?.RegisteredOn?.toISOString() ?? null,
          invitedOn: chime?.InvitedOn?.toISOString() ?? null,
          personalPin: chime?.PersonalPIN ?? null,
          alexaForBusinessMetadata: {
            isAlexaForBusinessEnabled: chime?.AlexaForBusinessMetadata?.IsAlexaForBusinessEnabled ?? null,
            alexaForBusinessRoomArn: chime?.AlexaForBusinessMetadata?.AlexaForBusinessRoomArn ?? null,
          },
        },
      },
    });
  });

  test("that does not exist is null, without an error", async () => {
    expect(await world.ask(userQuery, { accountId: teamAccountId, userId: "nobody" })).toEqual({
      data: { user: null },
    });
  });

  test("is found below its account too, and its account below it", async () => {
    const { data } = await world.ask(
      `query ($accountId: ID!, $userId: ID!) {
        account(accountId: $accountId) { user(userId: $userId) { userId account { accountId } } } }`,
      { accountId: teamAccountId, userId },
    );

    expect(data.account.user).toEqual({ userId, account: { accountId: teamAccountId } });
    expect(await world.calls()).toEqual({ GetAccount: 1, GetUser: 1 });
  });

  test("below an account, with a null id, fails alone: the account stands", async () => {
    const { data, errors } = await world.ask(
      `query ($id: ID = "a") { account(accountId: "${teamAccountId}") { accountId user(userId: $id) { userId } } }`,
      { id: null },
    );

    expect(data).toEqual({ account: { accountId: teamAccountId, user: null } });
    expect(errors).toMatchObject([{ path: ["account", "user"], extensions: { code: "BAD_USER_INPUT" } }]);
  });

  test("with ids that would lead elsewhere asks Chime nothing", async () => {
    const { errors } = await world.ask(userQuery, { accountId: "..", userId: "a/b" });

    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["accountId"] }, { path: ["userId"] }] } },
    ]);
    expect(await world.calls()).toEqual({});
  });
});

describe("userByEmail", () => {
  const byEmail = `query ($email: EmailAddress!) { userByEmail(email: $email) { userId } }`;

  test("takes the address in any letter case", async () => {
    expect(await world.ask(byEmail, { email: SEED.userEmail.toUpperCase() })).toEqual({
      data: { userByEmail: { userId } },
    });
  });

  test("is null for an address that nobody has", async () => {
    expect(await world.ask(byEmail, { email: "nobody@example.com" })).toEqual({
      data: { userByEmail: null },
    });
    expect(await world.calls()).toEqual({ ListAccounts: 1 });
  });

  test("refuses what is no address, and does not repeat it", async () => {
    const { errors } = await world.ask(byEmail, { email: "secret" });

    expect(errors).toMatchObject([
      { message: "email must be an e-mail address", extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});

describe("users", () => {
  test("names the ids that are wrong", async () => {
    const users = `query ($userIds: [ID!]!) { users(accountId: "a", userIds: $userIds) { userId } }`;
    const wrong = await world.ask(users, { userIds: ["x", "..", "y", ""] });

    expect(wrong.errors).toMatchObject([
      { extensions: { problems: [{ path: ["userIds", "1"] }, { path: ["userIds", "3"] }] } },
    ]);
    expect(await world.calls()).toEqual({});
  });
});

describe("the users of an account", () => {
  const page = `query ($id: ID!, $first: Int, $after: String, $userEmail: EmailAddress, $userType: UserType) {
    account(accountId: $id) { users(first: $first, after: $after, userEmail: $userEmail, userType: $userType) {
      edges { cursor node { userId } }
      nodes { userId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } } }`;
  const usersOf = async (variables: object) =>
    (await world.ask(page, { id: largeAccountId, ...variables })).data.account.users;

  const idsOf = ({ nodes }: { nodes: { userId: string }[] }) => nodes.map((node) => node.userId);

  test("are 50 unless asked for more", async () => {
    expect(idsOf(await usersOf({}))).toHaveLength(50);
    expect(idsOf(await usersOf({ first: null }))).toHaveLength(50);
  });

  test.each([7, 100, 200, 333])(
    "can be paged through %i at a time: all of them, each once, one call for each 200",
    async (first) => {
      const all = await world.userIds(largeAccountId);
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const users: Awaited<ReturnType<typeof usersOf>> = await usersOf({ first, after });
        expect(users.pageInfo.hasPreviousPage).toBe(after !== null);
        seen.push(...idsOf(users));
        after = users.pageInfo.hasNextPage ? users.pageInfo.endCursor : null;
      } while (after);

      expect(seen).toEqual(all);
      const pages = Math.ceil(all.length / first);
      expect((await world.calls())["ListUsers"]).toBeLessThanOrEqual(first <= 200 ? pages : 2 * pages);
    },
  );

  test("1000 at once take one call for each 200 that there are", async () => {
    expect(idsOf(await usersOf({ first: 1000 }))).toEqual(await world.userIds(largeAccountId));
    await usersOf({ first: 1000 });
    expect((await world.calls())["ListUsers"]).toBe(3);
  });

  test("go on behind any edge", async () => {
    const all = await world.userIds(largeAccountId);
    const { edges } = await usersOf({ first: 300 });

    for (const index of [0, 1, 98, 198, 199, 200, 201, 299])
      expect(idsOf(await usersOf({ first: 3, after: edges[index].cursor }))).toEqual(
        all.slice(index + 1, index + 4),
      );
  });

  test("can be filtered by type and by address, and paged on with the filter", async () => {
    const all = await usersOf({ id: teamAccountId, first: 100, userType: "SHARED_DEVICE" });
    const first = await usersOf({ id: teamAccountId, first: 1, userType: "SHARED_DEVICE" });
    const second = await usersOf({
      id: teamAccountId,
      first: 1,
      userType: "SHARED_DEVICE",
      after: first.pageInfo.endCursor,
    });

    expect(idsOf(all)).toContain(SEED.sharedDeviceUserId);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(idsOf(all).slice(0, 2));
    expect(idsOf(await usersOf({ id: teamAccountId, userEmail: SEED.userEmail }))).toEqual([userId]);
    expect(idsOf(await usersOf({ id: teamAccountId, userEmail: "nobody@example.com" }))).toEqual([]);
  });

  test("refuse a cursor of another list, and one that is none", async () => {
    const { pageInfo } = await usersOf({ first: 5 });
    for (const variables of [
      { after: pageInfo.endCursor, userType: "SHARED_DEVICE" },
      { after: pageInfo.endCursor, id: smallAccountId },
      { after: "junk" },
      { after: Buffer.from("{}").toString("base64url") },
    ]) {
      const { errors } = await world.ask(page, { id: largeAccountId, ...variables });
      expect(errors).toMatchObject([
        {
          path: ["account", "users"],
          extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["after"] }] },
        },
      ]);
    }
  });

  test.each([0, -1, 1001])("refuse first: %i by name", async (first) => {
    const { errors } = await world.ask(page, { id: largeAccountId, first });

    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["first"] }] } },
    ]);
  });
});

describe("createUser", () => {
  const createUser = `mutation ($input: CreateUserInput!) {
    createUser(input: $input) { user { ${allFields} } errors { code path message } } }`;

  test("invites a person, and answers with all fields in one call", async () => {
    const { data } = await world.ask(createUser, {
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
    expect(await world.calls()).toEqual({ CreateUser: 1 });
    expect((await userInChime(smallAccountId, user.userId))?.PrimaryEmail).toBe("ada.new@example.com");
  });

  test("registers a shared device at once, with license Pro", async () => {
    const { data } = await world.ask(createUser, {
      input: { accountId: teamAccountId, username: "Room 12", userType: "SHARED_DEVICE" },
    });

    expect(data.createUser).toMatchObject({
      user: { userType: "SHARED_DEVICE", userRegistrationStatus: "REGISTERED", licenseType: "PRO" },
      errors: [],
    });
  });

  test("with an address that is taken is CONFLICT, as data", async () => {
    const { data } = await world.ask(createUser, {
      input: { accountId: teamAccountId, email: SEED.userEmail },
    });

    expect(data.createUser).toMatchObject({ user: null, errors: [{ code: "CONFLICT", path: ["email"] }] });
  });

  test.each(["reset-after", "truncate", "malformed"])(
    "whose answer is lost (%s) is found by its address",
    async (kind) => {
      await world.fault({ operation: "CreateUser", kind });
      const { data } = await world.ask(createUser, {
        input: { accountId: smallAccountId, email: "lost@example.com" },
      });

      expect(data.createUser).toMatchObject({ user: { primaryEmail: "lost@example.com" }, errors: [] });
      expect(await world.calls()).toEqual({ CreateUser: 1, ListUsers: 1, GetUser: 1 });
    },
  );

  test("whose answer is lost is not confirmed by a user who was there before", async () => {
    await world.fault({ operation: "CreateUser", kind: "reset-after" });
    const { data } = await world.ask(createUser, {
      input: { accountId: teamAccountId, email: SEED.userEmail },
    });

    expect(data.createUser).toMatchObject({ user: null, errors: [{ code: "OUTCOME_UNKNOWN" }] });
  });

  test("whose answer is lost is not taken for a user of another name who is invited meanwhile", async () => {
    const email = "twice@example.com";
    await world.ask(createUser, { input: { accountId: teamAccountId, username: "Earlier", email } });
    await world.fault({ operation: "CreateUser", kind: "latency", ms: 400, next: 1 });
    await world.fault({ operation: "CreateUser", kind: "reset-after", next: 1 });
    const later = world.ask(createUser, { input: { accountId: teamAccountId, username: "Later", email } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await world.ask(
      `mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { errors { code } } }`,
      { input: { accountId: teamAccountId, userEmailList: [email] } },
    );

    expect((await later).data.createUser).toMatchObject({
      user: null,
      errors: [{ code: "OUTCOME_UNKNOWN" }],
    });
  });

  test.each(["500", "503"])(
    "that Chime fails with %s is of unknown outcome: that the user is not there yet proves nothing",
    async (kind) => {
      await world.fault({ operation: "CreateUser", kind });
      const { data } = await world.ask(createUser, {
        input: { accountId: smallAccountId, email: "lost@example.com" },
      });

      expect(data.createUser).toMatchObject({ user: null, errors: [{ code: "OUTCOME_UNKNOWN" }] });
      expect(await world.calls()).toMatchObject({ CreateUser: 1 });
      // A few looks, not one after another until the deadline.
      expect((await world.calls())["ListUsers"]).toBeLessThanOrEqual(4);
    },
  );

  test("needs an address or a name, and text that can be stored", async () => {
    const refuse = async (input: object) =>
      (await world.ask(createUser, { input: { accountId: smallAccountId, ...input } })).data.createUser
        .errors;

    expect(await refuse({})).toMatchObject([{ code: "BAD_REQUEST", path: ["email"] }]);
    expect(await refuse({ username: "  " })).toMatchObject([{ code: "BAD_REQUEST", path: ["username"] }]);
    expect(await refuse({ username: "half a \ud83d" })).toMatchObject([
      { code: "BAD_REQUEST", path: ["username"] },
    ]);
    expect(await refuse({ username: "nul \0" })).toMatchObject([{ code: "BAD_REQUEST", path: ["username"] }]);
    expect(await world.calls()).toEqual({});
  });

  test("names all that is wrong, and repeats none of it", async () => {
    const { data } = await world.ask(createUser, { input: { accountId: "../x", email: "secret" } });

    expect(data.createUser.errors).toEqual([
      { code: "BAD_REQUEST", path: ["accountId"], message: "must be 1 to 128 letters, digits, '-' or '_'" },
      { code: "BAD_REQUEST", path: ["email"], message: "must be an e-mail address" },
    ]);
    expect(await world.calls()).toEqual({});
  });
});

describe("updateUser", () => {
  const updateUser = `mutation ($input: UpdateUserInput!) {
    updateUser(input: $input) { user { ${allFields} } errors { code path } } }`;

  test("changes what is given, leaves the rest, and reads the user anew", async () => {
    const before = (await world.ask(userQuery, { accountId: teamAccountId, userId })).data.user;
    await world.forgetCalls();
    const { data } = await world.ask(updateUser, {
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
    expect(await world.calls()).toEqual({ UpdateUser: 1, GetUser: 1 });
  });

  test("shows the new state also to a later mutation of the same request", async () => {
    const change = (alias: string, license: string) =>
      `${alias}: updateUser(input: { accountId: "${teamAccountId}", userId: "${userId}", licenseType: ${license} }) {
        user { licenseType account { users(first: 1) { nodes { licenseType } } } } }`;
    const { data } = await world.ask(`mutation { ${change("a", "BASIC")} ${change("b", "PRO")} }`);

    expect(data.a.user).toEqual({
      licenseType: "BASIC",
      account: { users: { nodes: [{ licenseType: "BASIC" }] } },
    });
    expect(data.b.user).toEqual({
      licenseType: "PRO",
      account: { users: { nodes: [{ licenseType: "PRO" }] } },
    });
  });

  test("does not read the user where the query does not select it", async () => {
    await world.ask(`mutation ($input: UpdateUserInput!) { updateUser(input: $input) { errors { code } } }`, {
      input: { accountId: teamAccountId, userId, userType: "SHARED_DEVICE" },
    });

    expect(await world.calls()).toEqual({ UpdateUser: 1 });
    expect((await userInChime(teamAccountId, userId))?.UserType).toBe("SharedDevice");
  });

  test("that is done but cannot be read back says both", async () => {
    await world.fault({ operation: "GetUser", kind: "500" });
    const { data, errors } = await world.ask(updateUser, {
      input: { accountId: teamAccountId, userId, licenseType: "BASIC" },
    });

    expect(data.updateUser).toEqual({ user: null, errors: [] });
    expect(errors).toMatchObject([
      { path: ["updateUser", "user"], extensions: { code: "UPSTREAM_UNAVAILABLE" } },
    ]);
  });

  test("to a license that the account does not support is BAD_REQUEST, as data", async () => {
    const { data } = await world.ask(updateUser, {
      input: { accountId: teamAccountId, userId, licenseType: "PLUS" },
    });

    expect(data.updateUser).toEqual({ user: null, errors: [{ code: "BAD_REQUEST", path: ["licenseType"] }] });
  });

  test("says so if nothing is to be changed", async () => {
    const refuse = async (changes: object) => {
      const { data } = await world.ask(updateUser, {
        input: { accountId: teamAccountId, userId, ...changes },
      });
      return data.updateUser.errors;
    };

    expect(await refuse({})).toEqual([{ code: "BAD_REQUEST", path: ["licenseType"] }]);
    expect(await refuse({ licenseType: null, userType: null })).toEqual([
      { code: "BAD_REQUEST", path: ["licenseType"] },
    ]);
    expect(await refuse({ alexaForBusinessMetadata: {} })).toEqual([
      { code: "BAD_REQUEST", path: ["alexaForBusinessMetadata"] },
    ]);
    expect(await world.calls()).toEqual({});
  });
});

describe("resetPersonalPin", () => {
  const reset = `mutation ($input: ResetPersonalPinInput!) {
    resetPersonalPin(input: $input) { user { userId personalPin } errors { code } } }`;

  test("gives a new PIN, in one call", async () => {
    const before = (await userInChime(teamAccountId, userId))?.PersonalPIN;
    await world.forgetCalls();
    const { data } = await world.ask(reset, { input: { accountId: teamAccountId, userId } });
    const { user, errors } = data.resetPersonalPin;

    expect(errors).toEqual([]);
    expect(user.personalPin).not.toBe(before);
    expect(await world.calls()).toEqual({ ResetPersonalPIN: 1 });
    expect((await userInChime(teamAccountId, userId))?.PersonalPIN).toBe(user.personalPin);
  });

  test("of nobody is NOT_FOUND, as data", async () => {
    const { data } = await world.ask(reset, { input: { accountId: teamAccountId, userId: "nobody" } });

    expect(data.resetPersonalPin).toEqual({ user: null, errors: [{ code: "NOT_FOUND" }] });
  });
});
