import { GetUserCommand, InviteUsersCommand, ListUsersCommand, type UserType } from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, output, useChime } from "./fixture.js";

const chime = useChime(3);

const AccountId = SEED.teamAccountId;
const invite = (UserEmailList: string[], UserType?: UserType) =>
  output(chime.client.send(new InviteUsersCommand({ AccountId, UserEmailList, UserType })));
const findUsers = async (UserEmail: string) =>
  (await chime.client.send(new ListUsersCommand({ AccountId, UserEmail }))).Users;

test("each address gets an invite, in the order of the request", async () => {
  expect(await invite(["nia@example.com", "Olu@Example.com"])).toEqual({
    Invites: [
      {
        InviteId: expect.any(String),
        Status: "Pending",
        EmailAddress: "nia@example.com",
        EmailStatus: "Sent",
      },
      {
        InviteId: expect.any(String),
        Status: "Pending",
        EmailAddress: "Olu@Example.com",
        EmailStatus: "Sent",
      },
    ],
  });
});

test("an invited person is found by address, unregistered and pending", async () => {
  await invite(["nia@example.com"], "SharedDevice");
  expect(await findUsers("NIA@example.com")).toEqual([
    {
      UserId: expect.any(String),
      AccountId,
      PrimaryEmail: "nia@example.com",
      LicenseType: "Pro",
      UserType: "SharedDevice",
      UserRegistrationStatus: "Unregistered",
      UserInvitationStatus: "Pending",
      AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: false },
    },
  ]);
});

test("a second invitation goes to the same user", async () => {
  const { Invites = [] } = await invite(["nia@example.com", "NIA@example.com"]);
  expect(Invites.map(({ EmailStatus }) => EmailStatus)).toEqual(["Sent", "Sent"]);
  expect(new Set(Invites.map(({ InviteId }) => InviteId)).size).toBe(2);
  expect(await findUsers("nia@example.com")).toHaveLength(1);
});

test("an invitation that failed becomes pending when it is sent again", async () => {
  const read = async () =>
    (await chime.client.send(new GetUserCommand({ AccountId, UserId: SEED.failedInviteUserId }))).User;
  const before = await read();
  await invite([String(before?.PrimaryEmail)]);
  const after = await read();
  expect(after).toEqual({ ...before, UserInvitationStatus: "Pending", InvitedOn: expect.any(Date) });
  expect(after?.InvitedOn?.getTime()).toBeGreaterThan(before?.InvitedOn?.getTime() ?? 0);
});

test("a person who has accepted gets no e-mail and stays unchanged", async () => {
  const { Invites } = await invite([SEED.userEmail]);
  expect(Invites).toMatchObject([{ Status: "Accepted", EmailStatus: "NotSent" }]);
  expect(await findUsers(SEED.userEmail)).toMatchObject([{ UserRegistrationStatus: "Registered" }]);
});

test("an address of a user of another account can't be invited", async () => {
  const { Users } = await chime.client.send(
    new ListUsersCommand({ AccountId: SEED.smallAccountId, MaxResults: 1 }),
  );
  const { Invites } = await invite([String(Users?.[0]?.PrimaryEmail)]);
  expect(Invites).toMatchObject([{ Status: "Failed", EmailStatus: "NotSent" }]);
});

test("only Team accounts can invite", async () => {
  const command = new InviteUsersCommand({
    AccountId: SEED.largeAccountId,
    UserEmailList: ["nia@example.com"],
  });
  expect(await failure(chime.client.send(command))).toMatchObject({
    name: "ForbiddenException",
    status: 403,
    Code: "Forbidden",
  });
});

test("50 addresses fit one request", async () => {
  const { Invites } = await invite(Array.from({ length: 50 }, (_, n) => `guest-${n}@example.com`));
  expect(Invites).toHaveLength(50);
});
