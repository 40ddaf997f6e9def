import { expect, test } from "vitest";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { idOf } from "../../../src/chime-local/store/ids.js";
import { useHarness } from "../../support/fixture.js";
import { advanceClock } from "../../support/freeNumbers.js";

const harness = useHarness();
const { teamAccountId: accountId } = SEED;
const userId = idOf("seeded-user", 1);
const seconds = 1_000;
const day = 24 * 60 * 60 * seconds;

const pass = (milliseconds: number) => advanceClock(harness.chimeUrl, milliseconds);

async function read(selection: string) {
  const { data, errors } = await harness.ask(`{ field: ${selection} }`);
  expect(errors).toBeUndefined();
  return data.field;
}

/** Carries out a mutation, which must be done. */
async function write(mutation: string, input: string, selection: string) {
  const { data, errors } = await harness.ask(
    `mutation { field: ${mutation}(input: { ${input} }) { outcome ${selection} errors { code path } } }`,
  );
  expect(errors).toBeUndefined();
  const { outcome, errors: own, ...payload } = data.field;
  expect([outcome, own]).toEqual(["DONE", []]);
  return payload;
}

test("a phone number is found, ordered, named, assigned, taken back, deleted, restored, and gone a week after it is deleted", async () => {
  const search = `availablePhoneNumbers(first: 1, state: "NC") { nodes { e164PhoneNumber } }`;
  const [found] = (await read(search)).nodes;
  const number: string = found.e164PhoneNumber;
  const id = number.replace("+", "%2B");
  const status = async (selection = "") =>
    read(`phoneNumber(phoneNumberId: "${id}") { status ${selection} }`);

  const { phoneNumberOrder } = await write(
    "createPhoneNumberOrder",
    `productType: BUSINESS_CALLING, e164PhoneNumbers: ["${number}"]`,
    "phoneNumberOrder { phoneNumberOrderId status }",
  );
  const orderStatus = () =>
    read(
      `phoneNumberOrder(phoneNumberOrderId: "${phoneNumberOrder.phoneNumberOrderId}") { status orderedPhoneNumbers { status } }`,
    );
  expect(phoneNumberOrder.status).toBe("PROCESSING");
  expect((await read(search)).nodes).not.toContainEqual(found);
  await pass(2 * seconds);
  expect(await orderStatus()).toEqual({
    status: "SUCCESSFUL",
    orderedPhoneNumbers: [{ status: "ACQUIRED" }],
  });
  expect(await status()).toEqual({ status: "UNASSIGNED" });

  await write("updatePhoneNumber", `phoneNumberId: "${id}", callingName: "Front Desk"`, "phoneNumber { id }");
  expect(await status("callingNameStatus")).toMatchObject({ callingNameStatus: "UPDATE_IN_PROGRESS" });
  await pass(2 * seconds);
  expect(await status("callingName callingNameStatus")).toMatchObject({
    callingName: "Front Desk",
    callingNameStatus: "UPDATE_SUCCEEDED",
  });

  const user = `accountId: "${accountId}", userId: "${userId}"`;
  await write("associatePhoneNumberWithUser", `${user}, e164PhoneNumber: "${number}"`, "user { userId }");
  expect(await status("user { userId } account { accountId }")).toEqual({
    status: "ASSIGNED",
    user: { userId },
    account: { accountId },
  });
  expect(await read(`user(${user}) { phoneNumber { e164PhoneNumber } }`)).toEqual({ phoneNumber: found });

  await write("disassociatePhoneNumberFromUser", user, "user { userId }");
  expect(await status("user { userId }")).toEqual({ status: "UNASSIGNED", user: null });

  await write("deletePhoneNumber", `phoneNumberId: "${number}"`, "phoneNumber { status }");
  await pass(6 * day);
  expect(await status()).toEqual({ status: "RELEASE_IN_PROGRESS" });
  await write("restorePhoneNumber", `phoneNumberId: "${id}"`, "phoneNumber { status }");
  expect(await status("deletionTimestamp")).toEqual({ status: "UNASSIGNED", deletionTimestamp: null });

  await write("batchDeletePhoneNumber", `phoneNumberIds: ["${number}"]`, "results { outcome }");
  await pass(7 * day);
  expect(await status()).toBeNull();
  expect((await read(search)).nodes).toContainEqual(found);
});
