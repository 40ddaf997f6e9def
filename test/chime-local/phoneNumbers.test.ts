import {
  BatchDeletePhoneNumberCommand,
  BatchUpdatePhoneNumberCommand,
  DeletePhoneNumberCommand,
  GetPhoneNumberCommand,
  ListPhoneNumbersCommand,
  type ListPhoneNumbersRequest,
  paginateListPhoneNumbers,
  RestorePhoneNumberCommand,
  UpdatePhoneNumberCommand,
  type UpdatePhoneNumberCommandInput,
  type UpdatePhoneNumberRequestItem,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, output, useChime } from "./fixture.js";

const chime = useChime(3);

const day = 24 * 60 * 60 * 1000;
const { assignedNumber, freeNumber, deletedNumber } = SEED;
const tollFreeNumber = "+18005550100";
const unknownNumber = "+19075550199";

const badRequest = { name: "BadRequestException", status: 400, Code: "BadRequest" };
const isAssigned = { name: "BadRequestException", status: 400, Code: "PhoneNumberAssociationsExist" };
const notFound = { name: "NotFoundException", status: 404, Code: "NotFound" };

async function getNumber(PhoneNumberId: string) {
  return (await chime.client.send(new GetPhoneNumberCommand({ PhoneNumberId }))).PhoneNumber;
}
async function update(input: UpdatePhoneNumberCommandInput) {
  return (await chime.client.send(new UpdatePhoneNumberCommand(input))).PhoneNumber;
}
const batchUpdate = (UpdatePhoneNumberRequestItems: UpdatePhoneNumberRequestItem[]) =>
  output(chime.client.send(new BatchUpdatePhoneNumberCommand({ UpdatePhoneNumberRequestItems })));
const deleteNumber = (PhoneNumberId: string) =>
  output(chime.client.send(new DeletePhoneNumberCommand({ PhoneNumberId })));
const batchDelete = (PhoneNumberIds: string[]) =>
  output(chime.client.send(new BatchDeletePhoneNumberCommand({ PhoneNumberIds })));
async function restore(PhoneNumberId: string) {
  return (await chime.client.send(new RestorePhoneNumberCommand({ PhoneNumberId }))).PhoneNumber;
}
const listNumbers = (input: ListPhoneNumbersRequest = {}) =>
  chime.client.send(new ListPhoneNumbersCommand(input));
async function listAll(input: ListPhoneNumbersRequest = {}) {
  const numbers: (string | undefined)[] = [];
  for await (const { PhoneNumbers = [] } of paginateListPhoneNumbers({ client: chime.client }, input))
    numbers.push(...PhoneNumbers.map(({ E164PhoneNumber }) => E164PhoneNumber));
  return numbers;
}

test("a user's number has both associations", async () => {
  const AssociatedTimestamp = expect.any(Date);
  expect(await getNumber(assignedNumber)).toEqual({
    PhoneNumberId: "%2B12065550100",
    E164PhoneNumber: "+12065550100",
    Country: "US",
    Type: "Local",
    ProductType: "BusinessCalling",
    Status: "Assigned",
    Capabilities: {
      InboundCall: true,
      OutboundCall: true,
      InboundSMS: true,
      OutboundSMS: true,
      InboundMMS: true,
      OutboundMMS: true,
    },
    Associations: [
      { Name: "AccountId", Value: SEED.teamAccountId, AssociatedTimestamp },
      { Name: "UserId", Value: SEED.userId, AssociatedTimestamp },
    ],
    CallingNameStatus: "Unassigned",
    CreatedTimestamp: expect.any(Date),
    UpdatedTimestamp: expect.any(Date),
  });
});

test.each(["+12065550100", "%2B12065550100", "%2b12065550100", "12065550100"])(
  "%s is an id of the number",
  async (id) => {
    expect((await getNumber(id))?.E164PhoneNumber).toBe("+12065550100");
  },
);

test("an unknown number is a NotFoundException, and other text a BadRequestException", async () => {
  expect(await failure(getNumber(unknownNumber))).toMatchObject(notFound);
  expect(await failure(getNumber("front desk"))).toMatchObject(badRequest);
});

test("a toll-free number cannot call", async () => {
  expect(await getNumber(tollFreeNumber)).toMatchObject({
    Type: "TollFree",
    ProductType: "VoiceConnector",
    Status: "Assigned",
    Capabilities: { InboundCall: true, OutboundCall: false, InboundSMS: true, OutboundSMS: false },
    Associations: [{ Name: "VoiceConnectorId" }],
  });
});

test.each([5, 7, 99])("pages of %d contain each number once", async (MaxResults) => {
  const all = (await listNumbers({ MaxResults: 99 })).PhoneNumbers ?? [];
  expect(all.length).toBeGreaterThan(7);
  expect(await listAll({ MaxResults })).toEqual(all.map(({ E164PhoneNumber }) => E164PhoneNumber));
});

test("a page has 50 numbers by default, and 99 at most", async () => {
  await chime.http("POST", "/_local/reset", { body: { users: 300 } });
  expect((await listNumbers()).PhoneNumbers).toHaveLength(50);
  expect(await failure(listNumbers({ MaxResults: 100 }))).toMatchObject(badRequest);
  expect((await listAll({ MaxResults: 99 })).length).toBeGreaterThan(100);
  const ofAccount = { FilterName: "AccountId", FilterValue: SEED.largeAccountId } as const;
  expect(new Set(await listAll({ ...ofAccount, MaxResults: 30 })).size).toBeGreaterThan(60);
  await chime.http("POST", "/_local/reset", { body: { users: 3 } });
});

test("numbers are filtered by status, product type and association", async () => {
  const free = Array.from({ length: 5 }, (_, n) => `+1907555010${n}`);
  expect(await listAll({ Status: "Unassigned" })).toEqual(free);
  expect(await listAll({ Status: "ReleaseInProgress" })).toEqual([deletedNumber]);
  expect(await listAll({ Status: "AcquireInProgress" })).toEqual([]);
  expect(await listAll({ ProductType: "VoiceConnector" })).toEqual([tollFreeNumber]);
  expect(await listAll({ ProductType: "VoiceConnector", Status: "Unassigned" })).toEqual([]);
  expect(await listAll({ FilterName: "UserId", FilterValue: SEED.userId })).toEqual([assignedNumber]);
  const ofAccount = { FilterName: "AccountId", FilterValue: SEED.suspendedAccountId } as const;
  expect(await listAll(ofAccount)).toHaveLength(1);
  expect(await listAll({ ...ofAccount, Status: "Assigned" })).toHaveLength(1);
  expect(await listAll({ ...ofAccount, Status: "Unassigned" })).toEqual([]);
  expect(await listAll({ ...ofAccount, ProductType: "VoiceConnector" })).toEqual([]);
  expect(await listAll({ FilterName: "SipRuleId", FilterValue: SEED.userId })).toEqual([]);
  const [voiceConnector] = (await getNumber(tollFreeNumber))?.Associations ?? [];
  expect(
    await listAll({ FilterName: "VoiceConnectorId", FilterValue: String(voiceConnector?.Value) }),
  ).toEqual([tollFreeNumber]);
});

test("a filter needs its name and its value, and a token belongs to its filters", async () => {
  expect(await failure(listNumbers({ FilterName: "UserId" }))).toMatchObject(badRequest);
  expect(await failure(listNumbers({ FilterValue: SEED.userId }))).toMatchObject(badRequest);
  const { NextToken } = await listNumbers({ MaxResults: 1 });
  expect(await failure(listNumbers({ NextToken, Status: "Assigned" }))).toMatchObject(badRequest);
});

test("an update changes either the product type or the calling name", async () => {
  expect(await update({ PhoneNumberId: freeNumber, ProductType: "VoiceConnector" })).toMatchObject({
    PhoneNumberId: "%2B19075550100",
    ProductType: "VoiceConnector",
  });
  for (const change of [{}, { ProductType: "VoiceConnector", CallingName: "Front Desk" } as const])
    expect(await failure(update({ PhoneNumberId: freeNumber, ...change }))).toMatchObject(badRequest);
  expect(await failure(update({ PhoneNumberId: unknownNumber, CallingName: "Front Desk" }))).toMatchObject(
    notFound,
  );
});

test("a calling name is being updated at first, and can then be replaced or removed", async () => {
  const name = (CallingName: string) => update({ PhoneNumberId: assignedNumber, CallingName });
  expect(await name("Front Desk")).toMatchObject({
    CallingName: "Front Desk",
    CallingNameStatus: "UpdateInProgress",
  });
  expect(await failure(name("Back Office"))).toMatchObject({ name: "ConflictException", status: 409 });
  await chime.advanceClock(2000);
  expect(await getNumber(assignedNumber)).toMatchObject({ CallingNameStatus: "UpdateSucceeded" });
  const removed = await name("");
  expect(removed).toMatchObject({ CallingNameStatus: "Unassigned" });
  expect(removed).not.toHaveProperty("CallingName");
  expect(await failure(name("x"))).toMatchObject(badRequest);
});

test("a product type must fit the number and its assignment", async () => {
  const use = (PhoneNumberId: string, ProductType: "BusinessCalling" | "VoiceConnector") =>
    update({ PhoneNumberId, ProductType });
  expect(await failure(use(tollFreeNumber, "BusinessCalling"))).toMatchObject(badRequest);
  expect(await failure(use(assignedNumber, "VoiceConnector"))).toMatchObject(isAssigned);
  expect(await use(assignedNumber, "BusinessCalling")).toMatchObject({ Status: "Assigned" });
  expect(await failure(use(deletedNumber, "VoiceConnector"))).toMatchObject(badRequest);
});

test("numbers are updated one by one, each with its own error", async () => {
  const errors = await batchUpdate([
    { PhoneNumberId: "%2B19075550100", CallingName: "Front Desk" },
    { PhoneNumberId: freeNumber, CallingName: "Back Office" },
    { PhoneNumberId: unknownNumber, CallingName: "Front Desk" },
    { PhoneNumberId: assignedNumber, ProductType: "VoiceConnector" },
    { PhoneNumberId: "+19075550101", ProductType: "VoiceConnector" },
  ]);
  const ErrorMessage = expect.any(String);
  expect(errors.PhoneNumberErrors).toEqual([
    { PhoneNumberId: "%2B19075550100", ErrorCode: "Conflict", ErrorMessage },
    { PhoneNumberId: "%2B19075550199", ErrorCode: "NotFound", ErrorMessage },
    { PhoneNumberId: "%2B12065550100", ErrorCode: "PhoneNumberAssociationsExist", ErrorMessage },
  ]);
  expect(await getNumber(freeNumber)).toMatchObject({ CallingName: "Front Desk" });
  expect(await getNumber("+19075550101")).toMatchObject({ ProductType: "VoiceConnector" });
});

test("an unassigned number is moved to the deletion queue, another is not", async () => {
  expect(await deleteNumber(freeNumber)).toEqual({});
  expect(await getNumber(freeNumber)).toMatchObject({
    Status: "ReleaseInProgress",
    DeletionTimestamp: expect.any(Date),
  });
  expect(await failure(deleteNumber(freeNumber))).toMatchObject(badRequest);
  expect(await failure(deleteNumber(assignedNumber))).toMatchObject(isAssigned);
  expect(await failure(deleteNumber(unknownNumber))).toMatchObject(notFound);
});

test("numbers are deleted one by one, up to 50 in a request", async () => {
  expect(
    (await batchDelete(["%2B19075550100", assignedNumber, unknownNumber])).PhoneNumberErrors,
  ).toMatchObject([
    { PhoneNumberId: "%2B12065550100", ErrorCode: "PhoneNumberAssociationsExist" },
    { PhoneNumberId: "%2B19075550199", ErrorCode: "NotFound" },
  ]);
  expect(await getNumber(freeNumber)).toMatchObject({ Status: "ReleaseInProgress" });
  const many = Array.from({ length: 51 }, () => unknownNumber);
  expect((await batchDelete(many.slice(1))).PhoneNumberErrors).toHaveLength(50);
  expect(await failure(batchDelete(many))).toMatchObject(badRequest);
  expect(await failure(batchDelete([]))).toMatchObject(badRequest);
});

test("a number can be restored for seven days after its deletion", async () => {
  const before = await getNumber(freeNumber);
  await deleteNumber(freeNumber);
  await chime.advanceClock(6 * day);
  expect(await restore(freeNumber)).toEqual({ ...before, UpdatedTimestamp: expect.any(Date) });
  expect(await failure(restore(freeNumber))).toMatchObject(badRequest);
  expect(await failure(restore(deletedNumber))).toMatchObject(notFound);
  expect(await listAll({ Status: "ReleaseInProgress" })).toEqual([]);
  expect(await listAll()).not.toContain(deletedNumber);
});
