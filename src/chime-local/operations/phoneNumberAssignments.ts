import { PhoneNumberProductType, PhoneNumberStatus } from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { badRequest } from "../errors.js";
import { createInventory, requireUnassigned } from "../inventory.js";
import type { Store } from "../store/store.js";
import { userSettingsOf } from "./userSettings.js";
import { findUser } from "./users.js";

/** Assumption: neither a suspension nor an invitation takes a user's number away. */
export function phoneNumberAssignmentOperations(store: Store) {
  const inventory = createInventory(store);

  return {
    /**
     * Turns the user's telephony settings off, as AWS documents for a new number. Assumption: a user has at most one number,
     * and a repeated request succeeds; AWS lists neither Conflict nor another error for these cases.
     */
    AssociatePhoneNumberWithUser({ AccountId, UserId, E164PhoneNumber }) {
      const user = findUser(store, AccountId, UserId);
      const number = inventory.get(E164PhoneNumber);
      if (number.UserId === UserId) return {};
      requireUnassigned(number);
      if (number.ProductType !== PhoneNumberProductType.BusinessCalling)
        throw badRequest("Users can have BusinessCalling phone numbers only.");
      if (user.PrimaryProvisionedNumber) throw badRequest("The user already has a phone number.");
      const now = store.now();
      inventory.save({
        ...number,
        Status: PhoneNumberStatus.Assigned,
        AccountId,
        UserId,
        AssociatedTimestamp: now,
        UpdatedTimestamp: now,
      });
      store.users.save({ ...user, PrimaryProvisionedNumber: number.E164PhoneNumber });
      userSettingsOf(store).remove(AccountId, UserId);
      return {};
    },

    /** Assumption: a user without a number is not an error. */
    DisassociatePhoneNumberFromUser({ AccountId, UserId }) {
      const { PrimaryProvisionedNumber, ...user } = findUser(store, AccountId, UserId);
      if (PrimaryProvisionedNumber === undefined) return {};
      inventory.release(inventory.get(PrimaryProvisionedNumber));
      store.users.save(user);
      return {};
    },
  } satisfies Partial<Operations>;
}
