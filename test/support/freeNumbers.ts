import {
  AssociatePhoneNumberWithUserCommand,
  CreatePhoneNumberOrderCommand,
  DeletePhoneNumberCommand,
  DisassociatePhoneNumberFromUserCommand,
  GetPhoneNumberCommand,
  ListPhoneNumberOrdersCommand,
  NotFoundException,
  type PhoneNumber,
  RestorePhoneNumberCommand,
} from "@aws-sdk/client-chime";
import type { ChimeTestClient } from "./chimeClient.js";
import { sendHttp } from "./http.js";

/** Numbers that the embedded Chime offers and that its seed does not use. */
const pools = {
  BusinessCalling: { prefix: "+191955501", digits: 2 },
  SipMediaApplicationDialIn: { prefix: "+441632960", digits: 3 },
} as const;
let next = 0;

/** Lets time pass in the embedded Chime. */
export async function advanceClock(chimeUrl: string, advanceMs: number): Promise<void> {
  const { status } = await sendHttp("POST", `${chimeUrl}/_local/clock`, { body: { advanceMs } });
  if (status !== 200) throw new Error(`The clock was not advanced: ${status}`);
}

/** A number in the inventory that is free: the next of a pool, which starts again after its last one. */
export async function nextFreeNumber(
  chime: ChimeTestClient,
  ProductType: keyof typeof pools = "SipMediaApplicationDialIn",
): Promise<string> {
  const { prefix, digits } = pools[ProductType];
  next += 1;
  const number = `${prefix}${String(next % 10 ** digits).padStart(digits, "0")}`;
  const found = await findNumber(chime, number);
  if (!found) {
    await chime.send(new CreatePhoneNumberOrderCommand({ ProductType, E164PhoneNumbers: [number] }));
    await advanceClock(chime.url, 2_000);
  }
  if (found?.DeletionTimestamp) await chime.send(new RestorePhoneNumberCommand({ PhoneNumberId: number }));
  const [AccountId, UserId] = (["AccountId", "UserId"] as const).map(
    (name) => found?.Associations?.find(({ Name }) => Name === name)?.Value,
  );
  if (UserId) await chime.send(new DisassociatePhoneNumberFromUserCommand({ AccountId, UserId }));
  return number;
}

export async function findNumber(chime: ChimeTestClient, number: string): Promise<PhoneNumber | undefined> {
  try {
    return (await chime.send(new GetPhoneNumberCommand({ PhoneNumberId: number }))).PhoneNumber;
  } catch (error) {
    if (error instanceof NotFoundException) return undefined;
    throw error;
  }
}

/** The next number of the pool, in the deletion queue. */
export async function nextDeletedNumber(chime: ChimeTestClient): Promise<string> {
  const number = await nextFreeNumber(chime);
  await chime.send(new DeletePhoneNumberCommand({ PhoneNumberId: number }));
  return number;
}

/** A new user, with or without a number. */
export async function createCallingUser(chime: ChimeTestClient, isAssigned: boolean) {
  const { accountId, userIds } = await chime.createPeople(1);
  const [userId = ""] = userIds;
  const number = await nextFreeNumber(chime, "BusinessCalling");
  if (isAssigned)
    await chime.send(
      new AssociatePhoneNumberWithUserCommand({
        AccountId: accountId,
        UserId: userId,
        E164PhoneNumber: number,
      }),
    );
  return { accountId, userId, number };
}

/** How many orders contain a number. */
export async function ordersOf(chime: ChimeTestClient, number: string): Promise<number> {
  let count = 0;
  let NextToken: string | undefined;
  do {
    const page = await chime.send(new ListPhoneNumberOrdersCommand({ MaxResults: 99, NextToken }));
    for (const { OrderedPhoneNumbers = [] } of page.PhoneNumberOrders ?? [])
      if (OrderedPhoneNumbers.some(({ E164PhoneNumber }) => E164PhoneNumber === number)) count += 1;
    NextToken = page.NextToken;
  } while (NextToken);
  return count;
}
