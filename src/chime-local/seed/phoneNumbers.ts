import {
  type GetPhoneNumberSettingsResponse,
  PhoneNumberProductType,
  PhoneNumberStatus,
} from "@aws-sdk/client-chime";
import { createInventory } from "../inventory.js";
import type { StoredOrder } from "../operations/phoneNumberOrders.js";
import { phoneOf } from "../people.js";
import { idOf } from "../store/ids.js";
import type { Store } from "../store/store.js";
import { largeAccount, seededAccountId } from "./ids.js";

const day = 24 * 60 * 60 * 1000;
const orderedOn = new Date(Date.UTC(2019, 7, 9, 9));
const { BusinessCalling, VoiceConnector } = PhoneNumberProductType;
const { Assigned, ReleaseInProgress, Unassigned } = PhoneNumberStatus;

/** No user has a number of this area code. */
const orderedNumbers = Array.from({ length: 6 }, (_, n) => `+1907555010${n}`);
const tollFreeNumber = "+18005550100";
const assignedNumber = String(phoneOf(0));

/** The seed's phone numbers, as members of SEED. */
export const seededNumbers = {
  /** BusinessCalling, of the user with `userId`. */
  assignedNumber,
  /** BusinessCalling, unassigned, as the four after it. */
  freeNumber: String(orderedNumbers.at(0)),
  /** In the deletion queue for two days. */
  deletedNumber: String(orderedNumbers.at(-1)),
  /** Successful: the order of the free numbers and the deleted one. */
  orderId: idOf("seeded-order", 0),
};

/** A number for each user who has one, six that were ordered later, one of a Voice Connector, and their two orders. */
export function seedPhoneNumbers(store: Store): void {
  store.addNumbersOfUsers();
  const inventory = createInventory(store);
  const dates = { CreatedTimestamp: orderedOn, UpdatedTimestamp: orderedOn };
  for (const E164PhoneNumber of orderedNumbers)
    inventory.save({ ...dates, E164PhoneNumber, ProductType: BusinessCalling, Status: Unassigned });
  const deletedOn = new Date(store.now().getTime() - 2 * day);
  inventory.save({
    ...inventory.get(seededNumbers.deletedNumber),
    Status: ReleaseInProgress,
    UpdatedTimestamp: deletedOn,
    DeletionTimestamp: deletedOn,
  });
  inventory.save({
    ...dates,
    E164PhoneNumber: tollFreeNumber,
    ProductType: VoiceConnector,
    Status: Assigned,
    // From AWS's examples: the API has no operations on Voice Connectors.
    VoiceConnectorId: "abcdef1ghij2klmno3pqr4",
    AssociatedTimestamp: orderedOn,
  });
  const [first] = inventory.list({ AccountId: seededAccountId(largeAccount) });
  if (first) inventory.save({ ...first.body, CallingName: "Meridian", CallingNameTimestamp: orderedOn });
  seedOrders(store);
  store
    .collection<GetPhoneNumberSettingsResponse>("phoneNumberSettings")
    .save("", "", { CallingName: "Harbor Street", CallingNameUpdatedTimestamp: orderedOn });
}

/** The second is Partial: one of its numbers was already in the inventory. */
function seedOrders(store: Store): void {
  const orders = store.collection<StoredOrder>("phoneNumberOrder");
  const save = (n: number, order: Pick<StoredOrder, "ProductType" | "numbers">) => {
    const PhoneNumberOrderId = idOf("seeded-order", n);
    orders.save("", PhoneNumberOrderId, { ...order, PhoneNumberOrderId, CreatedTimestamp: orderedOn });
  };
  save(0, {
    ProductType: BusinessCalling,
    numbers: orderedNumbers.map((number) => ({ number, isAcquired: true })),
  });
  save(1, {
    ProductType: VoiceConnector,
    numbers: [
      { number: tollFreeNumber, isAcquired: true },
      { number: assignedNumber, isAcquired: false },
    ],
  });
}
