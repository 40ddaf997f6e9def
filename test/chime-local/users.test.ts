import {
  BatchUpdateUserCommand,
  CreateUserCommand,
  GetUserCommand,
  ListUsersCommand,
  ResetPersonalPINCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, output, useChime } from "./fixture.js";

const chime = useChime(3);

const AccountId = SEED.teamAccountId;
const UserId = SEED.userId;
const getUser = async (id: string | undefined = UserId) =>
  (await chime.client.send(new GetUserCommand({ AccountId, UserId: id }))).User;

test("GetUser returns every member of a user", async () => {
  const { status, body } = await chime.http("GET", `/accounts/${AccountId}/users/${UserId}`);
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    User: {
      UserId,
      AccountId,
      PrimaryEmail: "amara.okafor@harborstreet.example.com",
      PrimaryProvisionedNumber: "+12065550100",
      DisplayName: "Amara Okafor",
      LicenseType: "Basic",
      UserType: "PrivateUser",
      UserRegistrationStatus: "Registered",
      UserInvitationStatus: "Accepted",
      RegisteredOn: "2019-06-04T09:01:00Z",
      InvitedOn: "2019-06-03T09:01:00Z",
      AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: false },
      PersonalPIN: expect.stringMatching(/^[1-9]\d{9}$/),
    },
  });
});

test("a ListUsers row is the user without PersonalPIN and InvitedOn", async () => {
  const { Users = [] } = await chime.client.send(new ListUsersCommand({ AccountId }));
  expect(Users).toHaveLength(16);
  for (const row of Users) {
    const { PersonalPIN, InvitedOn, ...rest } = (await getUser(row.UserId)) ?? {};
    expect(row).toEqual(rest);
  }
});

test("the seeded users show every registration, invitation and user type", async () => {
  expect(await getUser(SEED.pendingUserId)).toMatchObject({
    UserRegistrationStatus: "Unregistered",
    UserInvitationStatus: "Pending",
  });
  expect(await getUser(SEED.failedInviteUserId)).toMatchObject({ UserInvitationStatus: "Failed" });
  expect(await getUser(SEED.suspendedUserId)).toMatchObject({ UserRegistrationStatus: "Suspended" });
  expect(await getUser(SEED.sharedDeviceUserId)).toMatchObject({
    UserType: "SharedDevice",
    LicenseType: "Pro",
    AlexaForBusinessMetadata: {
      IsAlexaForBusinessEnabled: true,
      AlexaForBusinessRoomArn: expect.stringMatching(/^arn:aws:a4b:us-east-1:111122223333:room\//),
    },
  });
});

test("a user is found only in its own account", async () => {
  const elsewhere = new GetUserCommand({ AccountId: SEED.smallAccountId, UserId });
  expect(await failure(chime.client.send(elsewhere))).toEqual({
    name: "NotFoundException",
    status: 404,
    Code: "NotFound",
    message: "There is no user with this UserId in the account.",
  });
  const nowhere = new GetUserCommand({ AccountId: "none", UserId });
  expect(await failure(chime.client.send(nowhere))).toMatchObject({
    name: "NotFoundException",
    message: "There is no account with this AccountId.",
  });
});

test("a new person is unregistered, invited, and has the account's default license", async () => {
  const create = new CreateUserCommand({ AccountId, Email: "Nia@Example.com", Username: "Nia" });
  const created = await output(chime.client.send(create));
  expect(created).toEqual({
    User: {
      UserId: expect.any(String),
      AccountId,
      PrimaryEmail: "Nia@Example.com",
      DisplayName: "Nia",
      LicenseType: "Pro",
      UserType: "PrivateUser",
      UserRegistrationStatus: "Unregistered",
      UserInvitationStatus: "Pending",
      InvitedOn: expect.any(Date),
      AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: false },
      PersonalPIN: expect.stringMatching(/^[1-9]\d{9}$/),
    },
  });
  expect(await getUser(created.User?.UserId)).toEqual(created.User);
});

test("a person without an e-mail address is not invited", async () => {
  const { User } = await chime.client.send(new CreateUserCommand({ AccountId, Username: "Nia" }));
  expect(User).not.toHaveProperty("UserInvitationStatus");
  expect(User).not.toHaveProperty("InvitedOn");
  expect(User).not.toHaveProperty("PrimaryEmail");
});

test("a new shared device is registered at once, with a Pro license", async () => {
  const create = new CreateUserCommand({
    AccountId: SEED.smallAccountId,
    Username: "Lobby",
    UserType: "SharedDevice",
  });
  expect(await output(chime.client.send(create))).toEqual({
    User: {
      UserId: expect.any(String),
      AccountId: SEED.smallAccountId,
      DisplayName: "Lobby",
      LicenseType: "Pro",
      UserType: "SharedDevice",
      UserRegistrationStatus: "Registered",
      RegisteredOn: expect.any(Date),
      AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: false },
      PersonalPIN: expect.any(String),
    },
  });
});

test("a user needs an e-mail address or a name", async () => {
  for (const Username of [undefined, "", "  "])
    expect(await failure(chime.client.send(new CreateUserCommand({ AccountId, Username })))).toMatchObject({
      name: "BadRequestException",
      message: "Email or Username is required.",
    });
});

test("an e-mail address is unique in all accounts, whatever its case", async () => {
  for (const account of [AccountId, SEED.emptyAccountId]) {
    const create = new CreateUserCommand({ AccountId: account, Email: SEED.userEmail.toUpperCase() });
    expect(await failure(chime.client.send(create))).toMatchObject({
      name: "ConflictException",
      status: 409,
      Code: "Conflict",
    });
  }
});

test("UpdateUser changes license, type and Alexa metadata, and returns only the UserId", async () => {
  const before = await getUser();
  const change = {
    LicenseType: "Pro",
    UserType: "SharedDevice",
    AlexaForBusinessMetadata: {
      IsAlexaForBusinessEnabled: true,
      AlexaForBusinessRoomArn: "arn:aws:a4b:::room/1",
    },
  } as const;
  const { status, body } = await chime.http("POST", `/accounts/${AccountId}/users/${UserId}`, {
    body: change,
  });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({ User: { UserId } });
  expect(await getUser()).toEqual({ ...before, ...change });
});

test("an update keeps Alexa metadata that it doesn't contain; an empty ARN removes the room", async () => {
  const update = (AlexaForBusinessMetadata: object) =>
    chime.client.send(new UpdateUserCommand({ AccountId, UserId, AlexaForBusinessMetadata }));
  const metadata = async () => (await getUser())?.AlexaForBusinessMetadata;
  await update({ AlexaForBusinessRoomArn: "arn:1" });
  expect(await metadata()).toEqual({ IsAlexaForBusinessEnabled: false, AlexaForBusinessRoomArn: "arn:1" });
  await update({ IsAlexaForBusinessEnabled: true });
  expect(await metadata()).toEqual({ IsAlexaForBusinessEnabled: true, AlexaForBusinessRoomArn: "arn:1" });
  await update({ AlexaForBusinessRoomArn: "" });
  expect(await metadata()).toEqual({ IsAlexaForBusinessEnabled: true });
});

test("a license must be one that the account supports", async () => {
  const update = new UpdateUserCommand({ AccountId, UserId, LicenseType: "Plus" });
  expect(await failure(chime.client.send(update))).toMatchObject({
    name: "BadRequestException",
    message: "The account supports the licenses Basic, Pro, not Plus.",
  });
});

test("BatchUpdateUser applies each item independently and returns the failed ones", async () => {
  const UpdateUserRequestItems = [
    { UserId: "none", LicenseType: "Pro" },
    { UserId: SEED.pendingUserId, LicenseType: "Plus" },
    { UserId, LicenseType: "Pro" },
  ] as const;
  const batch = new BatchUpdateUserCommand({
    AccountId,
    UpdateUserRequestItems: [...UpdateUserRequestItems],
  });
  expect(await output(chime.client.send(batch))).toEqual({
    UserErrors: [
      { UserId: "none", ErrorCode: "NotFound", ErrorMessage: expect.any(String) },
      { UserId: SEED.pendingUserId, ErrorCode: "BadRequest", ErrorMessage: expect.any(String) },
    ],
  });
  expect(await getUser()).toMatchObject({ LicenseType: "Pro" });
});

test("a batch applies several items for one user in their order", async () => {
  const UpdateUserRequestItems = [
    { UserId, LicenseType: "Pro" as const },
    { UserId, LicenseType: "Basic" as const, UserType: "SharedDevice" as const },
  ];
  const batch = new BatchUpdateUserCommand({ AccountId, UpdateUserRequestItems });
  expect(await output(chime.client.send(batch))).toEqual({ UserErrors: [] });
  expect(await getUser()).toMatchObject({ LicenseType: "Basic", UserType: "SharedDevice" });
});

test("a batch for an unknown account is a NotFoundException", async () => {
  const batch = new BatchUpdateUserCommand({ AccountId: "none", UpdateUserRequestItems: [] });
  expect(await failure(chime.client.send(batch))).toMatchObject({ name: "NotFoundException" });
});

test("ResetPersonalPIN sets a new PIN of ten digits and returns the whole user", async () => {
  const before = await getUser();
  const pins = new Set([before?.PersonalPIN]);
  for (let round = 0; round < 5; round++) {
    const { User } = await chime.client.send(new ResetPersonalPINCommand({ AccountId, UserId }));
    expect(User).toEqual({ ...before, PersonalPIN: expect.stringMatching(/^[1-9]\d{9}$/) });
    expect(await getUser()).toEqual(User);
    pins.add(User?.PersonalPIN);
  }
  expect(pins.size).toBe(6);
});

test("text of any alphabet, quotes and control characters are stored unchanged", async () => {
  const Username = 'Ünïcode 名前 👩‍🚀 "quoted" \\ \n\t\u0001 </script>';
  const { User } = await chime.client.send(new CreateUserCommand({ AccountId, Username }));
  expect((await getUser(User?.UserId))?.DisplayName).toBe(Username);
  const { Users } = await chime.client.send(new ListUsersCommand({ AccountId }));
  expect(Users?.at(-1)?.DisplayName).toBe(Username);
});
