import {
  AssociatePhoneNumberWithUserCommand,
  CreatePhoneNumberOrderCommand,
  DeletePhoneNumberCommand,
  DisassociatePhoneNumberFromUserCommand,
  GetPhoneNumberCommand,
  GetPhoneNumberOrderCommand,
  GetUserCommand,
  RestorePhoneNumberCommand,
  SearchAvailablePhoneNumbersCommand,
  UpdatePhoneNumberCommand,
} from "@aws-sdk/client-chime";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { failure, useChime } from "./fixture.js";

const chime = useChime(3);

const day = 24 * 60 * 60 * 1000;

test("a number is ordered, assigned, named, taken away, deleted, restored, deleted, and free for orders again", async () => {
  const { client, advanceClock } = chime;
  const firstOffer = async () => {
    const { E164PhoneNumbers = [] } = await client.send(
      new SearchAvailablePhoneNumbersCommand({ City: "Raleigh", State: "NC", MaxResults: 1 }),
    );
    return String(E164PhoneNumbers[0]);
  };
  const number = await firstOffer();
  const PhoneNumberId = number;
  const user = { AccountId: SEED.teamAccountId, UserId: SEED.pendingUserId };
  const get = async () => (await client.send(new GetPhoneNumberCommand({ PhoneNumberId }))).PhoneNumber;
  const order = async () => {
    const { PhoneNumberOrder } = await client.send(
      new CreatePhoneNumberOrderCommand({ E164PhoneNumbers: [number], ProductType: "BusinessCalling" }),
    );
    await advanceClock(2000);
    const id = { PhoneNumberOrderId: PhoneNumberOrder?.PhoneNumberOrderId };
    return (await client.send(new GetPhoneNumberOrderCommand(id))).PhoneNumberOrder?.Status;
  };

  expect(await order()).toBe("Successful");
  expect(await firstOffer()).not.toBe(number);

  await client.send(new AssociatePhoneNumberWithUserCommand({ ...user, E164PhoneNumber: number }));
  expect((await client.send(new GetUserCommand(user))).User?.PrimaryProvisionedNumber).toBe(number);
  await client.send(new UpdatePhoneNumberCommand({ PhoneNumberId, CallingName: "Front Desk" }));
  await advanceClock(2000);
  expect(await get()).toMatchObject({
    Status: "Assigned",
    CallingName: "Front Desk",
    CallingNameStatus: "UpdateSucceeded",
  });

  const remove = () => client.send(new DeletePhoneNumberCommand({ PhoneNumberId }));
  expect(await failure(remove())).toMatchObject({ Code: "PhoneNumberAssociationsExist" });
  await client.send(new DisassociatePhoneNumberFromUserCommand(user));
  await remove();
  await advanceClock(6 * day);
  await client.send(new RestorePhoneNumberCommand({ PhoneNumberId }));
  expect(await get()).toMatchObject({ Status: "Unassigned", CallingName: "Front Desk" });

  await remove();
  await advanceClock(7 * day);
  expect(await failure(get())).toMatchObject({ name: "NotFoundException" });
  expect(await firstOffer()).toBe(number);
  expect(await order()).toBe("Successful");
  const orderedAgain = await get();
  expect(orderedAgain).toMatchObject({ Status: "Unassigned", CallingNameStatus: "Unassigned" });
  expect(orderedAgain).not.toHaveProperty("DeletionTimestamp");
});
