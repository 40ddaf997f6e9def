import type { Operations } from "../../chime-api/types.js";
import { forbidden } from "../errors.js";
import { capabilitiesOf, createInventory, isInUse } from "../inventory.js";
import type { Store } from "../store/store.js";

export function meetingOperations(store: Store) {
  const inventory = createInventory(store);

  return {
    /**
     * There are neither meetings nor calls here: every id of a meeting and every join token is accepted. AWS documents that
     * FromPhoneNumber must belong to the customer. Assumption: ForbiddenException if it doesn't, or cannot call.
     */
    CreateMeetingDialOut({ FromPhoneNumber }) {
      const number = inventory.find(FromPhoneNumber);
      if (!number || !isInUse(number) || !capabilitiesOf(number).OutboundCall)
        throw forbidden("FromPhoneNumber is not a number of the inventory that can call.");
      return { TransactionId: store.nextId("transaction") };
    },
  } satisfies Partial<Operations>;
}
