import {
  type PhoneNumberError,
  PhoneNumberStatus,
  type UpdatePhoneNumberRequestItem as RequestItem,
} from "@aws-sdk/client-chime";
import { z } from "zod";
import {
  numberOf,
  type PhoneNumberFilter,
  type PhoneNumberKey,
  phoneNumberIdOf,
  rejectsProductType,
} from "../../../chime/phoneNumbers.js";
import { type BulkWrite, resultsByFailure } from "../../../chime/writes/writes.js";
import { createRequest } from "../../../chime-api/requests.js";
import type {
  BatchDeletePhoneNumberInput,
  BatchDeletePhoneNumberPayloadResolvers,
  BatchDeletePhoneNumberResultResolvers,
  BatchUpdatePhoneNumberInput,
  BatchUpdatePhoneNumberPayloadResolvers,
  BatchUpdatePhoneNumberResultResolvers,
  DeletePhoneNumberInput,
  MutationResolvers,
  RestorePhoneNumberInput,
  UpdatePhoneNumberInput,
  UpdatePhoneNumberRequestItem,
} from "../../../generated/schema.js";
import {
  type BulkItem,
  type BulkResult,
  type BulkRules,
  conflictsBy,
  runBulkMutation,
} from "../shared/bulkMutation.js";
import type { Context } from "../shared/context.js";
import { type FieldErrors, type MutationRules, readBack, runMutation } from "../shared/mutation.js";
import { itemOutcome, outcomeAndErrors, outcomeAndResults, written } from "../shared/payloads.js";
import { atLeastOneOf, atMostOneOf, callingName, itemList, phoneNumberId } from "../shared/validation.js";
import { phoneNumber, readListedNumber, readPhoneNumber } from "./phoneNumber.js";

const notFound = { field: "phoneNumberId", message: "is not the id of a phone number" } as const;
const notFree = "is the id of a phone number that is not free";
const notInQueue = "is not the id of a phone number in the deletion queue";

const numberChange = z
  .looseObject({ phoneNumberId, callingName: callingName.nullish() })
  .refine(...atLeastOneOf("productType", "callingName"))
  .refine(...atMostOneOf("productType", "callingName"));

const changeErrors: FieldErrors<UpdatePhoneNumberRequestItem> = {
  NotFound: notFound,
  BadRequest: [
    {
      field: "productType",
      message: "is not possible for this phone number",
      appliesTo: ({ phoneNumberId: number, productType }) =>
        rejectsProductType(numberOf(number), productType),
    },
    {
      message:
        "Chime rejected the change: the phone number may be in the deletion queue, or not be acquired yet.",
    },
  ],
  PhoneNumberAssociationsExist: {
    field: "productType",
    message: "cannot change while the phone number is assigned",
  },
  Conflict: { field: "callingName", message: "cannot change while another change of it is in progress" },
};
const update: MutationRules<UpdatePhoneNumberInput> = { rules: numberChange, fieldErrors: changeErrors };

const deletion: MutationRules<DeletePhoneNumberInput> = {
  rules: z.looseObject({ phoneNumberId }),
  fieldErrors: {
    NotFound: notFound,
    BadRequest: { field: "phoneNumberId", message: notFree },
    PhoneNumberAssociationsExist: { field: "phoneNumberId", message: notFree },
  },
};

const restoration: MutationRules<RestorePhoneNumberInput> = {
  rules: z.looseObject({ phoneNumberId }),
  fieldErrors: {
    NotFound: notFound,
    BadRequest: { field: "phoneNumberId", message: notInQueue },
    ResourceLimitExceeded: {
      field: "phoneNumberId",
      message: "cannot be restored: the AWS account has as many phone numbers as it may have",
    },
  },
};

const updates: BulkRules<
  BatchUpdatePhoneNumberInput,
  "updatePhoneNumberRequestItems",
  UpdatePhoneNumberRequestItem
> = {
  rules: z.looseObject({ updatePhoneNumberRequestItems: itemList(z.unknown()) }),
  list: "updatePhoneNumberRequestItems",
  fieldErrors: {},
  itemRules: numberChange,
  itemFieldErrors: changeErrors,
  findConflicts: conflictsBy("phoneNumberId", ({ productType, callingName: name }) => [productType, name]),
};

const deletions: BulkRules<BatchDeletePhoneNumberInput, "phoneNumberIds", string> = {
  rules: z.looseObject({ phoneNumberIds: itemList(z.unknown()) }),
  list: "phoneNumberIds",
  fieldErrors: {},
  itemRules: phoneNumberId,
  itemFieldErrors: {
    NotFound: { message: notFound.message },
    BadRequest: { message: notFree },
    PhoneNumberAssociationsExist: { message: notFree },
  },
};

/** Chime may name a phone number in either form. */
const failedNumbers = (errors: readonly PhoneNumberError[] = []) =>
  errors.map(({ PhoneNumberId: id, ErrorCode: code }) => ({ id: id && numberOf(id), code }));

const numberOfItem = ({ PhoneNumberId = "" }: RequestItem): string => numberOf(PhoneNumberId);

const batchUpdatePhoneNumber: BulkWrite<"BatchUpdatePhoneNumber", RequestItem, string> = {
  operation: "BatchUpdatePhoneNumber",
  list: "UpdatePhoneNumberRequestItems",
  keyOf: JSON.stringify,
  readResults: ({ PhoneNumberErrors }, items) =>
    resultsByFailure(items, failedNumbers(PhoneNumberErrors), numberOfItem, numberOfItem),
};

const batchDeletePhoneNumber: BulkWrite<"BatchDeletePhoneNumber", string, string> = {
  operation: "BatchDeletePhoneNumber",
  list: "PhoneNumberIds",
  keyOf: String,
  readResults: ({ PhoneNumberErrors }, ids) =>
    resultsByFailure(ids, failedNumbers(PhoneNumberErrors), numberOf, numberOf),
};

export const phoneNumberMutations = {
  updatePhoneNumber: (_parent, { input }, context) =>
    runMutation(context, update, input, (valid) => {
      const request = createRequest("UpdatePhoneNumber", valid);
      return context.writes.object(phoneNumber, "UpdatePhoneNumber", request, () => keyOf(valid));
    }),

  batchUpdatePhoneNumber: (_parent, { input }, context) =>
    runBulkMutation(context, updates, input, (_valid, items) =>
      context.writes.bulk(batchUpdatePhoneNumber, {}, requestItems(items)),
    ),

  deletePhoneNumber: (_parent, { input }, context) =>
    runMutation(context, deletion, input, async (valid) => {
      await context.writes.run("DeletePhoneNumber", createRequest("DeletePhoneNumber", valid));
      return keyOf(valid);
    }),

  batchDeletePhoneNumber: (_parent, { input }, context) =>
    runBulkMutation(context, deletions, input, (_valid, ids) =>
      context.writes.bulk(batchDeletePhoneNumber, {}, ids.map(phoneNumberIdOf)),
    ),

  restorePhoneNumber: (_parent, { input }, context) =>
    runMutation(context, restoration, input, (valid) => {
      const request = createRequest("RestorePhoneNumber", valid);
      return context.writes.object(phoneNumber, "RestorePhoneNumber", request, () => keyOf(valid));
    }),
} satisfies Partial<MutationResolvers>;

/** The loaders compare keys as a whole. */
const keyOf = ({ phoneNumberId: id }: PhoneNumberKey): PhoneNumberKey => ({ phoneNumberId: id });

/** Items in Chime's names, and ids in Chime's form. */
function requestItems(items: readonly UpdatePhoneNumberRequestItem[]): RequestItem[] {
  const { UpdatePhoneNumberRequestItems = [] } = createRequest("BatchUpdatePhoneNumber", {
    updatePhoneNumberRequestItems: items.map((item) => ({
      ...item,
      phoneNumberId: phoneNumberIdOf(item.phoneNumberId),
    })),
  });
  return UpdatePhoneNumberRequestItems;
}

export const writtenNumber = written((key: PhoneNumberKey, { loaders }) =>
  readPhoneNumber(keyOf(key), loaders),
);

/** The payload of every mutation of one phone number. */
export const phoneNumberPayload = { ...outcomeAndErrors, phoneNumber: writtenNumber };

interface BulkFields<Item> {
  /** The id in an item. */
  idOf(item: Item): string;
  /** A list that has the phone number once the write is done. */
  filterOf(item: Item): PhoneNumberFilter;
}

const readItemBack =
  <Item>({ filterOf }: BulkFields<Item>) =>
  ({ item, value }: BulkItem<Item, string>, _args: unknown, { loaders }: Context) =>
    readBack(value, (number) => readListedNumber({ phoneNumberId: number, filter: filterOf(item) }, loaders));

/** The payload of a bulk write of phone numbers. */
const payload = <Item>(fields: BulkFields<Item>) => ({
  ...outcomeAndResults,
  phoneNumbers: ({ results }: BulkResult<Item, string>, args: unknown, context: Context) =>
    results.flatMap((each) => (each.value ? [readItemBack(fields)(each, args, context)] : [])),
  phoneNumberErrors: ({ results }: BulkResult<Item, string>) =>
    results.flatMap(({ index, item, error }) =>
      error
        ? [{ index, phoneNumberId: fields.idOf(item), errorCode: error.code, errorMessage: error.summary }]
        : [],
    ),
});

const result = <Item>(fields: BulkFields<Item>) => ({
  ...itemOutcome,
  phoneNumberId: ({ item }: BulkItem<Item, string>) => fields.idOf(item),
  phoneNumber: readItemBack(fields),
});

const ofUpdate: BulkFields<UpdatePhoneNumberRequestItem> = {
  idOf: ({ phoneNumberId: id }) => id,
  // Only an unassigned number can change its product type; ListPhoneNumbers cannot filter by calling name.
  filterOf: ({ productType: ProductType }) =>
    ProductType ? { ProductType, Status: PhoneNumberStatus.Unassigned } : {},
};
const ofDeletion: BulkFields<string> = {
  idOf: String,
  filterOf: () => ({ Status: PhoneNumberStatus.ReleaseInProgress }),
};
export const BatchUpdatePhoneNumberPayload: BatchUpdatePhoneNumberPayloadResolvers = payload(ofUpdate);
export const BatchUpdatePhoneNumberResult: BatchUpdatePhoneNumberResultResolvers = result(ofUpdate);
export const BatchDeletePhoneNumberPayload: BatchDeletePhoneNumberPayloadResolvers = payload(ofDeletion);
export const BatchDeletePhoneNumberResult: BatchDeletePhoneNumberResultResolvers = result(ofDeletion);
