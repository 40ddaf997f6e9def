import {
  CallingNameStatus,
  ErrorCode,
  type PhoneNumber,
  type PhoneNumberAssociation,
  PhoneNumberAssociationName,
  type PhoneNumberCapabilities,
  type PhoneNumberProductType,
  PhoneNumberStatus,
  PhoneNumberType,
} from "@aws-sdk/client-chime";
import { badRequest, notFound } from "./errors.js";
import { countryOf, toE164, toPhoneNumberId, typeOf } from "./numberPool.js";
import type { ListedRecord } from "./store/records.js";
import type { Store } from "./store/store.js";

/** A phone number of the AWS account. Schema.ts has an index for each member that listings filter by. */
export interface InventoryNumber {
  readonly E164PhoneNumber: string;
  readonly ProductType: PhoneNumberProductType;
  /** Stored as Unassigned while the number is being acquired: whether it has been follows from the clock. */
  readonly Status: PhoneNumberStatus;
  /** The id of the user that the number is assigned to, and whose PrimaryProvisionedNumber it is. */
  readonly AccountId?: string;
  readonly UserId?: string;
  /** Instead of a user. */
  readonly VoiceConnectorId?: string;
  readonly AssociatedTimestamp?: Date;
  readonly CallingName?: string | undefined;
  readonly CallingNameTimestamp?: Date | undefined;
  /** When the number was ordered. */
  readonly CreatedTimestamp: Date;
  readonly UpdatedTimestamp: Date;
  /** When the number was moved to the deletion queue. */
  readonly DeletionTimestamp?: Date;
}

/** The members that listings filter by. */
type NumberListFilter = {
  readonly [Member in keyof InventoryNumber]?: string | undefined;
};

/**
 * Duration of an order, and of a change of the calling name. Assumption for orders; AWS documents up to 72 hours for
 * calling names.
 */
export const processingMs = 2000;
/** Time in the deletion queue, as AWS documents. */
const queueMs = 7 * 24 * 60 * 60 * 1000;
/** The largest page, and the row after it. */
const rowsPerRead = 100;

const { AcquireInProgress, Assigned, ReleaseInProgress, Unassigned } = PhoneNumberStatus;

/** The phone numbers of the AWS account, with those in the deletion queue. */
export function createInventory(store: Store) {
  const numbers = store.collection<InventoryNumber>("phoneNumber");
  const hasPassed = (since: Date, ms: number): boolean => store.now().getTime() - since.getTime() >= ms;

  /** The number as of now; undefined once it has left the deletion queue for good. */
  function asOfNow(stored: InventoryNumber): InventoryNumber | undefined {
    const { DeletionTimestamp, Status, CreatedTimestamp } = stored;
    if (DeletionTimestamp && hasPassed(DeletionTimestamp, queueMs)) return undefined;
    return Status === Unassigned && !hasPassed(CreatedTimestamp, processingMs)
      ? { ...stored, Status: AcquireInProgress }
      : stored;
  }

  function find(id: string): InventoryNumber | undefined {
    const stored = numbers.find("", toE164(id));
    return stored && asOfNow(stored);
  }

  const save = (number: InventoryNumber): void => numbers.save("", number.E164PhoneNumber, number);

  /** The numbers that match all filters, in the order of their orders. */
  function* list(filter: NumberListFilter, afterSeq = 0): Generator<ListedRecord<InventoryNumber>> {
    const filters = Object.entries(filter).filter(([, value]) => value !== undefined);
    // The first is the most selective; its index includes numbers that are being acquired.
    const [[member, value] = []] = filters as [keyof InventoryNumber, string][];
    const indexed = member === "Status" && value === AcquireInProgress ? Unassigned : value;
    for (let last = afterSeq; ; ) {
      const rows =
        member === undefined || indexed === undefined
          ? numbers.list("", last, rowsPerRead)
          : numbers.listBy(member, indexed, last, rowsPerRead);
      for (const { body, ...row } of rows) {
        const number = asOfNow(body);
        if (number && filters.every(([name, wanted]) => number[name as keyof InventoryNumber] === wanted))
          yield { ...row, body: number };
        last = row.seq;
      }
      if (rows.length < rowsPerRead) return;
    }
  }

  /** Takes the number from its user, whose PrimaryProvisionedNumber the caller removes. */
  function release({ AccountId, UserId, AssociatedTimestamp, ...number }: InventoryNumber): void {
    save({ ...number, Status: Unassigned, UpdatedTimestamp: store.now() });
  }

  return {
    find,

    /** @throws NotFoundException */
    get(id: string): InventoryNumber {
      const number = find(id);
      if (!number) throw notFound("There is no phone number with this id in the inventory.");
      return number;
    },

    list,
    save,

    /** Adds a number that has just been ordered. */
    add(number: string, ProductType: PhoneNumberProductType): void {
      const now = store.now();
      // A deleted number that is ordered again comes last.
      numbers.remove("", number);
      save({
        E164PhoneNumber: number,
        ProductType,
        Status: Unassigned,
        CreatedTimestamp: now,
        UpdatedTimestamp: now,
      });
    },

    release,

    /** Releases the numbers of an account's users. */
    releaseAll(AccountId: string): void {
      for (const { body } of list({ AccountId })) release(body);
    },

    /** The number as Chime returns it. */
    describe(number: InventoryNumber): PhoneNumber {
      const { E164PhoneNumber, CallingName, CallingNameTimestamp: named } = number;
      return {
        PhoneNumberId: toPhoneNumberId(E164PhoneNumber),
        E164PhoneNumber,
        Country: countryOf(E164PhoneNumber),
        Type: typeOf(E164PhoneNumber),
        ProductType: number.ProductType,
        Status: number.Status,
        Capabilities: capabilitiesOf(number),
        Associations: associationsOf(number),
        CallingName,
        CallingNameStatus: !named
          ? CallingNameStatus.Unassigned
          : hasPassed(named, processingMs)
            ? CallingNameStatus.UpdateSucceeded
            : CallingNameStatus.UpdateInProgress,
        CreatedTimestamp: number.CreatedTimestamp,
        UpdatedTimestamp: number.UpdatedTimestamp,
        DeletionTimestamp: number.DeletionTimestamp,
      };
    },

    /** Whether the calling name is being updated. */
    isBeingNamed: ({ CallingNameTimestamp: named }: InventoryNumber): boolean =>
      named !== undefined && !hasPassed(named, processingMs),
  };
}

/** Whether the number has been acquired and is not in the deletion queue. */
export const isInUse = ({ Status }: InventoryNumber): boolean => Status === Assigned || Status === Unassigned;

/** @throws BadRequestException, whose Code is PhoneNumberAssociationsExist for an assigned number */
export function requireUnassigned({ Status }: InventoryNumber): void {
  if (Status === Assigned)
    throw badRequest("The phone number is assigned.", ErrorCode.PhoneNumberAssociationsExist);
  requireInUse(Status);
}

/** @throws BadRequestException */
export function requireInUse(status: PhoneNumberStatus): void {
  if (status === ReleaseInProgress) throw badRequest("The phone number is in the deletion queue.");
  if (status === AcquireInProgress) throw badRequest("The phone number has not been acquired yet.");
}

/** AWS's examples show local numbers with all six. Assumption: toll-free numbers have no outbound ones. */
export function capabilitiesOf({ E164PhoneNumber }: InventoryNumber): PhoneNumberCapabilities {
  const outbound = typeOf(E164PhoneNumber) === PhoneNumberType.Local;
  return {
    InboundCall: true,
    OutboundCall: outbound,
    InboundSMS: true,
    OutboundSMS: outbound,
    InboundMMS: true,
    OutboundMMS: outbound,
  };
}

function associationsOf(number: InventoryNumber): PhoneNumberAssociation[] {
  const { AccountId, UserId, VoiceConnectorId } = PhoneNumberAssociationName;
  return [AccountId, UserId, VoiceConnectorId].flatMap((Name) => {
    const Value = number[Name];
    return Value === undefined ? [] : [{ Value, Name, AssociatedTimestamp: number.AssociatedTimestamp }];
  });
}
