import {
  ErrorCode,
  PhoneNumberAssociationName,
  type PhoneNumberProductType,
  PhoneNumberStatus,
} from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { badRequest, collectError, conflict } from "../errors.js";
import { createInventory, type InventoryNumber, requireInUse, requireUnassigned } from "../inventory.js";
import { requireProductType, toE164, toPhoneNumberId } from "../numberPool.js";
import type { Store } from "../store/store.js";
import { cutPage, type Listing, readPageToken, shortPageSize, takeRows } from "./paging.js";

interface NumberChange {
  readonly PhoneNumberId: string;
  readonly ProductType?: PhoneNumberProductType | undefined;
  readonly CallingName?: string | undefined;
}

const { Assigned, ReleaseInProgress, Unassigned } = PhoneNumberStatus;
const { AccountId, UserId, VoiceConnectorId } = PhoneNumberAssociationName;
/** No number here belongs to a Voice Connector group or a SIP rule. */
const associations: readonly PhoneNumberAssociationName[] = [AccountId, UserId, VoiceConnectorId];

/** Assumption: a number in the deletion queue has the status ReleaseInProgress; no other status of a deletion occurs. */
export function phoneNumberOperations(store: Store) {
  const inventory = createInventory(store);

  /** One detail at a time, as AWS documents. */
  function update({ PhoneNumberId, ProductType, CallingName }: NumberChange): InventoryNumber {
    const number = inventory.get(PhoneNumberId);
    if ((ProductType === undefined) === (CallingName === undefined))
      throw badRequest("Either ProductType or CallingName is required, not both.");
    requireInUse(number.Status);
    const UpdatedTimestamp = store.now();
    const changed = { ...number, UpdatedTimestamp };
    const updated =
      ProductType !== undefined
        ? { ...changed, ProductType: checkProductType(number, ProductType) }
        : { ...changed, ...rename(number, CallingName ?? "", UpdatedTimestamp) };
    inventory.save(updated);
    return updated;
  }

  /**
   * AWS documents that a pending update must be complete first. Assumption: Conflict is the error; the name is visible at
   * once, and an empty one removes it at once.
   */
  function rename(number: InventoryNumber, name: string, now: Date) {
    if (inventory.isBeingNamed(number)) throw conflict("The calling name is still being updated.");
    return name === ""
      ? { CallingName: undefined, CallingNameTimestamp: undefined }
      : { CallingName: name, CallingNameTimestamp: now };
  }

  /** A number must be unassigned before, as AWS documents. Assumption: one in the deletion queue cannot be deleted again. */
  function moveToQueue(id: string): void {
    const number = inventory.get(id);
    requireUnassigned(number);
    const now = store.now();
    inventory.save({ ...number, Status: ReleaseInProgress, UpdatedTimestamp: now, DeletionTimestamp: now });
  }

  return {
    GetPhoneNumber: ({ PhoneNumberId }) => ({
      PhoneNumber: inventory.describe(inventory.get(PhoneNumberId)),
    }),

    /** Assumption: in the order in which the numbers were ordered, with the deletion queue, 50 by default. */
    ListPhoneNumbers(input) {
      const { Status, ProductType, FilterName, FilterValue } = input;
      const { MaxResults = shortPageSize, NextToken } = input;
      if ((FilterName === undefined) !== (FilterValue === undefined))
        throw badRequest("FilterName and FilterValue are required together.");
      const listing: Listing = ["ListPhoneNumbers", Status, ProductType, FilterName, FilterValue];
      const [afterSeq] = readPageToken(listing, NextToken, [0] as const);
      if (FilterName && (!associations.includes(FilterName) || (Status ?? Assigned) !== Assigned))
        return { PhoneNumbers: [] };
      const filter = { ...(FilterName && { [FilterName]: FilterValue }), Status, ProductType };
      const rows = takeRows(inventory.list(filter, afterSeq), MaxResults + 1);
      const { page, NextToken: next } = cutPage(listing, rows, MaxResults, ({ seq }) => [seq]);
      return { PhoneNumbers: page.map(({ body }) => inventory.describe(body)), NextToken: next };
    },

    UpdatePhoneNumber: (change) => ({ PhoneNumber: inventory.describe(update(change)) }),

    /** Applies each item independently, in the order of the request. */
    BatchUpdatePhoneNumber: ({ UpdatePhoneNumberRequestItems }) => ({
      PhoneNumberErrors: UpdatePhoneNumberRequestItems.flatMap((change) =>
        collectError(namedBy(change.PhoneNumberId), () => void update(change)),
      ),
    }),

    DeletePhoneNumber({ PhoneNumberId }) {
      moveToQueue(PhoneNumberId);
      return {};
    },

    /** Deletes each number independently, in the order of the request. */
    BatchDeletePhoneNumber: ({ PhoneNumberIds }) => ({
      PhoneNumberErrors: PhoneNumberIds.flatMap((id) => collectError(namedBy(id), () => moveToQueue(id))),
    }),

    /** Assumption: a number that is not in the deletion queue is a BadRequestException. */
    RestorePhoneNumber({ PhoneNumberId }) {
      const { DeletionTimestamp, ...number } = inventory.get(PhoneNumberId);
      if (!DeletionTimestamp) throw badRequest("The phone number is not in the deletion queue.");
      const restored = { ...number, Status: Unassigned, UpdatedTimestamp: store.now() };
      inventory.save(restored);
      return { PhoneNumber: inventory.describe(restored) };
    },
  } satisfies Partial<Operations>;
}

/** Assumption: an assigned number keeps its product type. */
function checkProductType(
  number: InventoryNumber,
  productType: PhoneNumberProductType,
): PhoneNumberProductType {
  requireProductType(number.E164PhoneNumber, productType);
  if (number.Status === Assigned && productType !== number.ProductType)
    throw badRequest(
      "The product type of an assigned phone number cannot be changed.",
      ErrorCode.PhoneNumberAssociationsExist,
    );
  return productType;
}

/** The member that identifies an item in a list of errors. */
const namedBy = (id: string) => ({ PhoneNumberId: toPhoneNumberId(toE164(id)) });
