import {
  CreateAccountCommand,
  GetAccountSettingsCommand,
  GetGlobalSettingsCommand,
  GetRetentionSettingsCommand,
  GetUserSettingsCommand,
  PutRetentionSettingsCommand,
  UpdateAccountSettingsCommand,
  type UpdateAccountSettingsRequest,
  UpdateGlobalSettingsCommand,
  UpdateUserSettingsCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, output, useChime } from "./fixture.js";

const chime = useChime(3);

const day = 24 * 60 * 60 * 1000;
const AccountId = SEED.largeAccountId;

async function settingsOf(accountId: string | undefined) {
  const command = new GetAccountSettingsCommand({ AccountId: accountId });
  return (await chime.client.send(command)).AccountSettings;
}

const updateSettings = (input: UpdateAccountSettingsRequest) =>
  chime.client.send(new UpdateAccountSettingsCommand(input));

const retentionOf = (accountId: string) =>
  output(chime.client.send(new GetRetentionSettingsCommand({ AccountId: accountId })));

/** Sets the days of rooms and conversations; undefined retains forever. */
const retain = (rooms?: number, conversations?: number, accountId: string = SEED.smallAccountId) =>
  chime.client.send(
    new PutRetentionSettingsCommand({
      AccountId: accountId,
      RetentionSettings: {
        RoomRetentionSettings: { RetentionDays: rooms },
        ConversationRetentionSettings: { RetentionDays: conversations },
      },
    }),
  );

const globalSettings = () => output(chime.client.send(new GetGlobalSettingsCommand({})));

const userSettings = (accountId: string, UserId: string) =>
  output(chime.client.send(new GetUserSettingsCommand({ AccountId: accountId, UserId })));

test("a new account allows remote control and has no dial-out", async () => {
  const { Account } = await chime.client.send(new CreateAccountCommand({ Name: "Birch" }));
  expect(await settingsOf(Account?.AccountId)).toEqual({ DisableRemoteControl: false, EnableDialOut: false });
});

test("account settings that are not given keep their values", async () => {
  expect(await settingsOf(AccountId)).toEqual({ DisableRemoteControl: true, EnableDialOut: true });
  await updateSettings({ AccountId, AccountSettings: { EnableDialOut: false } });
  expect(await settingsOf(AccountId)).toEqual({ DisableRemoteControl: true, EnableDialOut: false });
  await updateSettings({ AccountId, AccountSettings: {} });
  expect(await settingsOf(AccountId)).toEqual({ DisableRemoteControl: true, EnableDialOut: false });
});

test("account settings are required, and an unknown account is not found", async () => {
  const incomplete = { AccountId } as UpdateAccountSettingsRequest;
  expect(await failure(updateSettings(incomplete))).toMatchObject({
    name: "BadRequestException",
    message: "AccountSettings is required.",
  });
  expect(await failure(settingsOf("unknown"))).toMatchObject({ name: "NotFoundException" });
  expect(await failure(updateSettings({ AccountId: "unknown", AccountSettings: {} }))).toMatchObject({
    name: "NotFoundException",
  });
});

test("a response with status 204 has neither a body nor headers about one", async () => {
  const { status, headers, body } = await chime.http("PUT", `/accounts/${AccountId}/settings`, {
    body: { AccountSettings: { DisableRemoteControl: false } },
  });
  expect({ status, body }).toEqual({ status: 204, body: "" });
  expect(Object.keys(headers)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^content-|^transfer-/)]),
  );
  expect(headers["x-amzn-requestid"]).toBeDefined();
});

test.each(["truncate", "malformed"])("the fault %s leaves a write with status 204 done", async (kind) => {
  await chime.fault({ kind, operation: "UpdateAccountSettings" });
  await updateSettings({ AccountId, AccountSettings: { EnableDialOut: false } }).catch(() => undefined);
  expect(await settingsOf(AccountId)).toMatchObject({ EnableDialOut: false });
});

test("chats are retained forever until a retention is set", async () => {
  expect(await retentionOf(SEED.smallAccountId)).toEqual({
    RetentionSettings: { RoomRetentionSettings: {}, ConversationRetentionSettings: {} },
  });
  expect(await retentionOf(AccountId)).toEqual({
    RetentionSettings: {
      RoomRetentionSettings: { RetentionDays: 365 },
      ConversationRetentionSettings: { RetentionDays: 90 },
    },
  });
});

test("the former period takes a deletion back, and a deletion in the past is not returned", async () => {
  const timestamp = async () => (await retentionOf(SEED.smallAccountId)).InitiateDeletionTimestamp;
  const afterDeletion = { advanceMs: 31 * day };
  await retain(90, 90);
  await chime.http("POST", "/_local/clock", { body: afterDeletion });
  expect(await timestamp()).toBeUndefined();
  await retain(30, 90);
  const scheduled = await timestamp();
  expect(scheduled).toBeInstanceOf(Date);
  await retain(60, 90);
  expect(await timestamp()).toEqual(scheduled);
  await retain(90, 90);
  expect(await timestamp()).toBeUndefined();
  await retain(30, 90);
  await chime.http("POST", "/_local/clock", { body: afterDeletion });
  expect(await timestamp()).toBeUndefined();
  await retain(60, 90);
  expect(await timestamp()).toBeUndefined();
});

test("a shorter retention starts to delete after 30 days, a longer one keeps that date", async () => {
  const before = Date.now();
  await retain(365);
  const { RetentionSettings, InitiateDeletionTimestamp } = await retentionOf(SEED.smallAccountId);
  expect(RetentionSettings).toEqual({
    RoomRetentionSettings: { RetentionDays: 365 },
    ConversationRetentionSettings: {},
  });
  expect(InitiateDeletionTimestamp?.getTime()).toBeGreaterThanOrEqual(before + 30 * day - 1000);
  await chime.http("POST", "/_local/clock", { body: { advanceMs: day } });
  await retain(400);
  expect((await retentionOf(SEED.smallAccountId)).InitiateDeletionTimestamp).toEqual(
    InitiateDeletionTimestamp,
  );
  await retain(400, 30);
  expect((await retentionOf(SEED.smallAccountId)).InitiateDeletionTimestamp?.getTime()).toBeGreaterThan(
    before + 31 * day - 1000,
  );
  await retain();
  expect(await retentionOf(SEED.smallAccountId)).toEqual({
    RetentionSettings: { RoomRetentionSettings: {}, ConversationRetentionSettings: {} },
  });
});

test("a retention is 1 to 5,475 days", async () => {
  for (const days of [0, 5476])
    expect(await failure(retain(days))).toMatchObject({ name: "BadRequestException" });
  await retain(1, 5475);
});

test("a Team account has no retention", async () => {
  const forbidden = { name: "ForbiddenException", status: 403 };
  expect(await failure(retentionOf(SEED.teamAccountId))).toMatchObject(forbidden);
  expect(await failure(retain(1, 1, SEED.teamAccountId))).toMatchObject(forbidden);
});

test("telephony is off until it is set, all three parts together", async () => {
  const off = { Telephony: { InboundCalling: false, OutboundCalling: false, SMS: false } };
  const { teamAccountId, pendingUserId: UserId } = SEED;
  expect(await userSettings(teamAccountId, UserId)).toEqual({ UserSettings: off });
  const UserSettings = { Telephony: { InboundCalling: false, OutboundCalling: true, SMS: true } };
  const update = { AccountId: teamAccountId, UserId, UserSettings };
  await chime.client.send(new UpdateUserSettingsCommand(update));
  expect(await userSettings(teamAccountId, UserId)).toEqual({ UserSettings });
  expect(await userSettings(teamAccountId, SEED.userId)).toEqual({
    UserSettings: { Telephony: { InboundCalling: true, OutboundCalling: true, SMS: false } },
  });
  const partial = { ...update, UserSettings: { Telephony: { SMS: true } } } as unknown as typeof update;
  expect(await failure(chime.client.send(new UpdateUserSettingsCommand(partial)))).toMatchObject({
    message:
      "UserSettings.Telephony.InboundCalling is required; UserSettings.Telephony.OutboundCalling is required.",
  });
});

test("a user of another account has no settings here", async () => {
  expect(await failure(userSettings(SEED.smallAccountId, SEED.userId))).toMatchObject({
    name: "NotFoundException",
  });
});

test("an empty structure ends the recording of calls, an absent one keeps it", async () => {
  const seeded = { CdrBucket: "call-records-111122223333" };
  expect(await globalSettings()).toEqual({ BusinessCalling: seeded, VoiceConnector: {} });
  const VoiceConnector = { CdrBucket: "voice-records" };
  await chime.client.send(new UpdateGlobalSettingsCommand({ VoiceConnector }));
  expect(await globalSettings()).toEqual({ BusinessCalling: seeded, VoiceConnector });
  await chime.client.send(new UpdateGlobalSettingsCommand({ BusinessCalling: {} }));
  expect(await globalSettings()).toEqual({ BusinessCalling: {}, VoiceConnector });
});
