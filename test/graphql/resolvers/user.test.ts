import { GetUserCommand } from "@aws-sdk/client-chime";
import { describe, expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";
import { userQuery } from "./userFields.js";

const harness = useHarness();
const { teamAccountId, userId } = SEED;

async function userInChime(accountId: string, id: string) {
  const { User } = await harness.chime.send(new GetUserCommand({ AccountId: accountId, UserId: id }));
  return User;
}

const inUpperSnake = (value: string | undefined) =>
  value?.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase() ?? null;

describe("user", () => {
  test.each([
    ["a registered person", SEED.userId],
    ["a person whose invitation is pending", SEED.pendingUserId],
    ["a suspended person", SEED.suspendedUserId],
    ["a shared device", SEED.sharedDeviceUserId],
    ["a person whose invitation failed", SEED.failedInviteUserId],
  ])("has every field that Chime reports: %s", async (_who, id) => {
    const chime = await userInChime(teamAccountId, id);

    expect(await harness.ask(userQuery, { accountId: teamAccountId, userId: id })).toEqual({
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

  test("that does not exist is null without an error", async () => {
    expect(await harness.ask(userQuery, { accountId: teamAccountId, userId: "nobody" })).toEqual({
      data: { user: null },
    });
  });

  test("is a field of its account, which is a field of the user", async () => {
    const { data } = await harness.ask(
      `query ($accountId: ID!, $userId: ID!) {
        account(accountId: $accountId) { user(userId: $userId) { userId account { accountId } } } }`,
      { accountId: teamAccountId, userId },
    );

    expect(data.account.user).toEqual({ userId, account: { accountId: teamAccountId } });
    expect(await harness.calls()).toEqual({ GetAccount: 1, GetUser: 1 });
  });

  test("with a null id is null with an error, and its account is not affected", async () => {
    const { data, errors } = await harness.ask(
      `query ($id: ID = "a") { account(accountId: "${teamAccountId}") { accountId user(userId: $id) { userId } } }`,
      { id: null },
    );

    expect(data).toEqual({ account: { accountId: teamAccountId, user: null } });
    expect(errors).toMatchObject([{ path: ["account", "user"], extensions: { code: "BAD_USER_INPUT" } }]);
  });

  test("with ids that would change the path makes no call", async () => {
    const { errors } = await harness.ask(userQuery, { accountId: "..", userId: "a/b" });

    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", problems: [{ path: ["accountId"] }, { path: ["userId"] }] } },
    ]);
    expect(await harness.calls()).toEqual({});
  });
});

describe("userByEmail", () => {
  const byEmail = `query ($email: EmailAddress!) { userByEmail(email: $email) { userId } }`;

  test("ignores the case of the address", async () => {
    expect(await harness.ask(byEmail, { email: SEED.userEmail.toUpperCase() })).toEqual({
      data: { userByEmail: { userId } },
    });
  });

  test("is null for an address without a user", async () => {
    expect(await harness.ask(byEmail, { email: "nobody@example.com" })).toEqual({
      data: { userByEmail: null },
    });
    expect(await harness.calls()).toEqual({ ListAccounts: 1 });
  });

  test("rejects an invalid address without repeating it", async () => {
    const { errors } = await harness.ask(byEmail, { email: "secret" });

    expect(errors).toMatchObject([
      { message: "email must be an e-mail address", extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});

describe("users", () => {
  test("reports the invalid ids", async () => {
    const users = `query ($userIds: [ID!]!) { users(accountId: "a", userIds: $userIds) { userId } }`;
    const wrong = await harness.ask(users, { userIds: ["x", "..", "y", ""] });

    expect(wrong.errors).toMatchObject([
      { extensions: { problems: [{ path: ["userIds", "1"] }, { path: ["userIds", "3"] }] } },
    ]);
    expect(await harness.calls()).toEqual({});
  });
});
