import {
  AssociatePhoneNumberWithUserCommand,
  BatchSuspendUserCommand,
  DeleteAccountCommand,
  DisassociatePhoneNumberFromUserCommand,
  GetPhoneNumberCommand,
  GetUserCommand,
  GetUserSettingsCommand,
  InviteUsersCommand,
  ListPhoneNumbersCommand,
  ListUsersCommand,
  UpdatePhoneNumberCommand,
  UpdateUserSettingsCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, output, useChime } from "./fixture.js";

const chime = useChime(3);

const { teamAccountId: AccountId, userId, pendingUserId, assignedNumber, freeNumber, deletedNumber } = SEED;
const badRequest = { name: "BadRequestException", status: 400, Code: "BadRequest" };
const notFound = { name: "NotFoundException", status: 404, Code: "NotFound" };

const associate = (UserId: string, E164PhoneNumber: string) =>
  output(chime.client.send(new AssociatePhoneNumberWithUserCommand({ AccountId, UserId, E164PhoneNumber })));
const disassociate = (UserId: string) =>
  output(chime.client.send(new DisassociatePhoneNumberFromUserCommand({ AccountId, UserId })));
async function getNumber(PhoneNumberId: string) {
  return (await chime.client.send(new GetPhoneNumberCommand({ PhoneNumberId }))).PhoneNumber;
}
async function numberOf(UserId: string) {
  const { User } = await chime.client.send(new GetUserCommand({ AccountId, UserId }));
  return User?.PrimaryProvisionedNumber;
}
async function usersOf(accountId: string) {
  return (
    (await chime.client.send(new ListUsersCommand({ AccountId: accountId, MaxResults: 200 }))).Users ?? []
  );
}
async function numbersOf(FilterValue: string) {
  const { PhoneNumbers = [] } = await chime.client.send(
    new ListPhoneNumbersCommand({ FilterName: "AccountId", FilterValue, MaxResults: 99 }),
  );
  return PhoneNumbers.map(({ E164PhoneNumber, Associations }) => ({
    number: E164PhoneNumber,
    UserId: Associations?.find(({ Name }) => Name === "UserId")?.Value,
  }));
}

test("a free number is assigned to a user, and a repeated request changes nothing", async () => {
  expect(await associate(pendingUserId, freeNumber)).toEqual({});
  expect(await numberOf(pendingUserId)).toBe(freeNumber);
  const number = await getNumber(freeNumber);
  expect(number).toMatchObject({
    Status: "Assigned",
    Associations: [
      { Name: "AccountId", Value: AccountId },
      { Name: "UserId", Value: pendingUserId },
    ],
  });
  expect(await associate(pendingUserId, freeNumber.slice(1))).toEqual({});
  expect(await getNumber(freeNumber)).toEqual(number);
});

test("a new number turns the user's telephony settings off", async () => {
  const ids = { AccountId, UserId: pendingUserId };
  const settings = (value: boolean) => ({
    Telephony: { InboundCalling: value, OutboundCalling: value, SMS: value },
  });
  const set = () =>
    chime.client.send(new UpdateUserSettingsCommand({ ...ids, UserSettings: settings(true) }));
  const get = async () => (await chime.client.send(new GetUserSettingsCommand(ids))).UserSettings;
  await set();
  await associate(pendingUserId, freeNumber);
  expect(await get()).toEqual(settings(false));
  await set();
  await associate(pendingUserId, freeNumber);
  expect(await get(), "The user already had this number.").toEqual(settings(true));
});

test("only a free BusinessCalling number can be assigned", async () => {
  expect(await failure(associate(pendingUserId, "+19075550199"))).toMatchObject(notFound);
  expect(await failure(associate("unknown", freeNumber))).toMatchObject(notFound);
  expect(await failure(associate(pendingUserId, deletedNumber))).toMatchObject(badRequest);
  expect(await failure(associate(pendingUserId, assignedNumber))).toMatchObject({
    ...badRequest,
    Code: "PhoneNumberAssociationsExist",
  });
  await chime.client.send(
    new UpdatePhoneNumberCommand({ PhoneNumberId: freeNumber, ProductType: "VoiceConnector" }),
  );
  expect(await failure(associate(pendingUserId, freeNumber))).toMatchObject(badRequest);
  expect(await numberOf(pendingUserId)).toBeUndefined();
});

test("a user has one number at most", async () => {
  expect(await failure(associate(userId, freeNumber))).toMatchObject(badRequest);
  await disassociate(userId);
  await associate(userId, freeNumber);
  expect(await numberOf(userId)).toBe(freeNumber);
});

test("a number that is taken from a user is free again, and a repeated request succeeds", async () => {
  expect(await disassociate(userId)).toEqual({});
  expect(await numberOf(userId)).toBeUndefined();
  expect(await getNumber(assignedNumber)).toMatchObject({ Status: "Unassigned", Associations: [] });
  expect(await disassociate(userId)).toEqual({});
  expect(await failure(disassociate("unknown"))).toMatchObject(notFound);
  expect(await associate(pendingUserId, assignedNumber)).toEqual({});
});

test("the numbers of an account's users are those with its id", async () => {
  await disassociate(userId);
  await associate(pendingUserId, freeNumber);
  for (const accountId of [AccountId, SEED.twoHundredAccountId, SEED.largeAccountId]) {
    const ofUsers = (await usersOf(accountId)).flatMap(({ UserId, PrimaryProvisionedNumber: number }) =>
      number ? [{ number, UserId }] : [],
    );
    const byNumber = (a: { number?: string | undefined }, b: { number?: string | undefined }) =>
      String(a.number).localeCompare(String(b.number));
    expect(ofUsers.length).toBeGreaterThan(0);
    expect((await numbersOf(accountId)).toSorted(byNumber)).toEqual(ofUsers.toSorted(byNumber));
  }
});

test("a suspended user keeps the number, also when invited again", async () => {
  await chime.client.send(new BatchSuspendUserCommand({ AccountId, UserIdList: [userId] }));
  expect(await numberOf(userId)).toBe(assignedNumber);
  await chime.client.send(new InviteUsersCommand({ AccountId, UserEmailList: [SEED.userEmail] }));
  expect(await numberOf(userId)).toBe(assignedNumber);
  expect(await getNumber(assignedNumber)).toMatchObject({ Status: "Assigned" });
});

test("the numbers of a deleted account are free", async () => {
  const numbers = await numbersOf(AccountId);
  expect(numbers.length).toBeGreaterThan(1);
  const UserIdList = (await usersOf(AccountId)).map(({ UserId }) => String(UserId));
  await chime.client.send(new BatchSuspendUserCommand({ AccountId, UserIdList }));
  await chime.client.send(new DeleteAccountCommand({ AccountId }));
  expect(await numbersOf(AccountId)).toEqual([]);
  for (const { number } of numbers)
    expect(await getNumber(String(number))).toMatchObject({ Status: "Unassigned", Associations: [] });
});
