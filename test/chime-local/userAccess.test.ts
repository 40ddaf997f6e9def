import {
  BatchSuspendUserCommand,
  BatchUnsuspendUserCommand,
  CreateAccountCommand,
  CreateUserCommand,
  DeleteAccountCommand,
  GetAccountCommand,
  GetRetentionSettingsCommand,
  GetUserCommand,
  GetUserSettingsCommand,
  InviteUsersCommand,
  ListAccountsCommand,
  ListUsersCommand,
  LogoutUserCommand,
  PutRetentionSettingsCommand,
  UpdateUserSettingsCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, output, useChime } from "./fixture.js";

const chime = useChime(3);

const { teamAccountId, twoHundredAccountId, largeAccountId } = SEED;

const suspend = (AccountId: string, UserIdList: string[]) =>
  output(chime.client.send(new BatchSuspendUserCommand({ AccountId, UserIdList })));
const unsuspend = (AccountId: string, UserIdList: string[]) =>
  output(chime.client.send(new BatchUnsuspendUserCommand({ AccountId, UserIdList })));
const deleteAccount = (AccountId: string) =>
  output(chime.client.send(new DeleteAccountCommand({ AccountId })));

async function getUser(AccountId: string, UserId: string | undefined) {
  return (await chime.client.send(new GetUserCommand({ AccountId, UserId }))).User;
}

async function userIdsOf(AccountId: string): Promise<string[]> {
  const { Users = [] } = await chime.client.send(new ListUsersCommand({ AccountId, MaxResults: 200 }));
  return Users.map(({ UserId = "" }) => UserId);
}

async function suspendAll(AccountId: string): Promise<void> {
  const userIds = await userIdsOf(AccountId);
  for (let start = 0; start < userIds.length; start += 50)
    await suspend(AccountId, userIds.slice(start, start + 50));
}

test("the settings of a suspended user can be changed, and a second suspension changes nothing", async () => {
  const ids = { AccountId: teamAccountId, UserId: SEED.suspendedUserId };
  const before = await getUser(teamAccountId, SEED.suspendedUserId);
  expect(await suspend(teamAccountId, [SEED.suspendedUserId])).toEqual({ UserErrors: [] });
  expect(await getUser(teamAccountId, SEED.suspendedUserId)).toEqual(before);
  const UserSettings = { Telephony: { InboundCalling: true, OutboundCalling: false, SMS: false } };
  await chime.client.send(new UpdateUserSettingsCommand({ ...ids, UserSettings }));
  expect((await chime.client.send(new GetUserSettingsCommand(ids))).UserSettings).toEqual(UserSettings);
});

test("users are suspended one by one: an unknown one doesn't stop the others", async () => {
  const before = await getUser(teamAccountId, SEED.userId);
  expect(await suspend(teamAccountId, ["unknown", SEED.userId, SEED.suspendedUserId])).toEqual({
    UserErrors: [{ UserId: "unknown", ErrorCode: "NotFound", ErrorMessage: expect.any(String) }],
  });
  expect(await getUser(teamAccountId, SEED.userId)).toEqual({
    ...before,
    UserRegistrationStatus: "Suspended",
  });
  expect(await getUser(teamAccountId, SEED.suspendedUserId)).toMatchObject({
    UserRegistrationStatus: "Suspended",
  });
});

test("the end of a suspension leaves users as registered as they were", async () => {
  const { User } = await chime.client.send(
    new CreateUserCommand({ AccountId: twoHundredAccountId, Email: "nia@example.com" }),
  );
  const [first = ""] = await userIdsOf(twoHundredAccountId);
  const userIds = [first, String(User?.UserId)];
  expect(await suspend(twoHundredAccountId, userIds)).toEqual({ UserErrors: [] });
  expect(await unsuspend(twoHundredAccountId, [...userIds, "unknown"])).toMatchObject({
    UserErrors: [{ UserId: "unknown", ErrorCode: "NotFound" }],
  });
  const users = await Promise.all(userIds.map((userId) => getUser(twoHundredAccountId, userId)));
  expect(users.map((user) => user?.UserRegistrationStatus)).toEqual(["Registered", "Unregistered"]);
  expect(await unsuspend(twoHundredAccountId, userIds)).toEqual({ UserErrors: [] });
});

test("only some types of accounts can suspend users", async () => {
  const forbidden = { name: "ForbiddenException", status: 403, Code: "Forbidden" };
  expect(await failure(suspend(largeAccountId, ["u"]))).toMatchObject(forbidden);
  expect(await failure(unsuspend(largeAccountId, ["u"]))).toMatchObject(forbidden);
  expect(await failure(unsuspend(teamAccountId, [SEED.suspendedUserId]))).toMatchObject(forbidden);
  expect(await failure(suspend("unknown", ["u"]))).toMatchObject({ name: "NotFoundException" });
});

test("50 users fit one request, and 51 don't", async () => {
  const users = (count: number) => Array.from({ length: count }, (_, n) => `user-${n}`);
  expect((await suspend(teamAccountId, users(50))).UserErrors).toHaveLength(50);
  expect(await failure(suspend(teamAccountId, users(51)))).toMatchObject({
    message: "UserIdList must have at most 50 items.",
  });
});

test("a suspended user of a Team account is invited again", async () => {
  const before = await getUser(teamAccountId, SEED.suspendedUserId);
  const { Invites } = await chime.client.send(
    new InviteUsersCommand({
      AccountId: teamAccountId,
      UserEmailList: [String(before?.PrimaryEmail)],
    }),
  );
  expect(Invites).toMatchObject([{ Status: "Pending", EmailStatus: "Sent" }]);
  expect(await getUser(teamAccountId, SEED.suspendedUserId)).toEqual({
    ...before,
    UserRegistrationStatus: "Unregistered",
    UserInvitationStatus: "Pending",
    InvitedOn: expect.any(Date),
    RegisteredOn: undefined,
  });
});

test("a user can be logged out, an unknown one can't", async () => {
  const logout = (UserId: string) =>
    output(chime.client.send(new LogoutUserCommand({ AccountId: teamAccountId, UserId })));
  expect(await logout(SEED.userId)).toEqual({});
  expect(await failure(logout("unknown"))).toMatchObject({ name: "NotFoundException" });
});

test("a Team account can be deleted when all its users are suspended", async () => {
  const unprocessable = { name: "UnprocessableEntityException", status: 422, Code: "Unprocessable" };
  expect(await failure(deleteAccount(teamAccountId))).toMatchObject(unprocessable);
  await suspendAll(teamAccountId);
  expect(await deleteAccount(teamAccountId)).toEqual({});
  const notFound = { name: "NotFoundException" };
  expect(await failure(deleteAccount(teamAccountId))).toMatchObject(notFound);
  expect(await failure(chime.client.send(new GetAccountCommand({ AccountId: teamAccountId })))).toMatchObject(
    notFound,
  );
  expect(await failure(getUser(teamAccountId, SEED.userId))).toMatchObject(notFound);
});

test("a deleted account is in no list, and the addresses of its users are free", async () => {
  await suspendAll(teamAccountId);
  await deleteAccount(teamAccountId);
  for (const filter of [{}, { Name: "Harbor" }, { UserEmail: SEED.userEmail }]) {
    const { Accounts = [] } = await chime.client.send(new ListAccountsCommand(filter));
    expect(Accounts.map(({ AccountId }) => AccountId)).not.toContain(teamAccountId);
  }
  const { Account } = await chime.client.send(new CreateAccountCommand({ Name: "Harbor Street Studio" }));
  const { User } = await chime.client.send(
    new CreateUserCommand({ AccountId: Account?.AccountId, Email: SEED.userEmail }),
  );
  expect(User?.PrimaryEmail).toBe(SEED.userEmail);
});

test("an Enterprise account can be deleted when its domains are released", async () => {
  const release = (accountId: string) =>
    chime.http("POST", "/_local/domains", { body: { accountId, release: true } });
  expect(await failure(deleteAccount(largeAccountId))).toMatchObject({
    name: "UnprocessableEntityException",
    message: expect.stringContaining("domains"),
  });
  expect(await release(largeAccountId)).toMatchObject({
    status: 200,
    body: JSON.stringify({ domains: ["meridian.example.com"] }),
  });
  const [first] = await userIdsOf(largeAccountId);
  expect(await getUser(largeAccountId, first)).toMatchObject({ UserRegistrationStatus: "Suspended" });
  await deleteAccount(largeAccountId);
  for (const Command of [GetRetentionSettingsCommand, PutRetentionSettingsCommand]) {
    const command = new Command({ AccountId: largeAccountId, RetentionSettings: {} });
    expect(await failure(chime.client.send(command as GetRetentionSettingsCommand))).toMatchObject({
      name: "NotFoundException",
    });
  }
  expect((await release(largeAccountId)).status).toBe(404);
  expect((await release(SEED.emptyAccountId)).status).toBe(400);
});
