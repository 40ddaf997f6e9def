import type { PhoneNumberError, UpdatePhoneNumberRequestItem as RequestItem } from "@aws-sdk/client-chime";
import { z } from "zod";
import { ChimeError } from "../../../chime/errors.js";
import { numberOf, phoneNumberIdOf } from "../../../chime/phoneNumbers.js";
import { type BulkWrite, resultsByFailure, type Written } from "../../../chime/writes/writes.js";
import { createRequest } from "../../../chime-api/requests.js";
import type { RequestOf } from "../../../chime-api/types.js";
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
  UpdatePhoneNumberPayloadResolvers,
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
import { callingName, exactlyOneOf, itemList, phoneNumberId } from "../shared/validation.js";
import { phoneNumber, readPhoneNumber } from "./phoneNumber.js";

const notFound = { field: "phoneNumberId", message: "is not the id of a phone number" } as const;
const notFree = "is the id of a phone number that is not free";
const notInQueue = "is not the id of a phone number in the deletion queue";

const numberChange = z
  .looseObject({ phoneNumberId, callingName: callingName.nullish() })
  .refine(...exactlyOneOf("productType", "callingName"));

const changeErrors: FieldErrors<UpdatePhoneNumberRequestItem> = {
  NotFound: notFound,
  BadRequest: { field: "productType", message: "is not possible for this phone number" },
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
  fieldErrors: { NotFound: notFound, BadRequest: { field: "phoneNumberId", message: notInQueue } },
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
  findConflicts: conflictsBy("phoneNumberId", ({ productType, callingName }) => [productType, callingName]),
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
    runMutation(context, update, input, (valid) =>
      writeNumber(context, "UpdatePhoneNumber", createRequest("UpdatePhoneNumber", valid), valid),
    ),

  batchUpdatePhoneNumber: (_parent, { input }, context) =>
    runBulkMutation(context, updates, input, (_valid, items) =>
      context.writes.bulk(batchUpdatePhoneNumber, {}, requestItems(items)),
    ),

  deletePhoneNumber: (_parent, { input }, context) =>
    runMutation(context, deletion, input, async (valid) => {
      await context.writes.run("DeletePhoneNumber", createRequest("DeletePhoneNumber", valid));
      return valid.phoneNumberId;
    }),

  batchDeletePhoneNumber: (_parent, { input }, context) =>
    runBulkMutation(context, deletions, input, (_valid, ids) =>
      context.writes.bulk(batchDeletePhoneNumber, {}, ids.map(phoneNumberIdOf)),
    ),

  restorePhoneNumber: (_parent, { input }, context) =>
    runMutation(context, restoration, input, (valid) =>
      writeNumber(context, "RestorePhoneNumber", createRequest("RestorePhoneNumber", valid), valid),
    ),
} satisfies Partial<MutationResolvers>;

async function writeNumber<Name extends "UpdatePhoneNumber" | "RestorePhoneNumber">(
  { writes }: Context,
  operation: Name,
  request: RequestOf<Name>,
  { phoneNumberId }: Pick<UpdatePhoneNumberInput, "phoneNumberId">,
): Promise<Written<string>> {
  const written = await writes.object(phoneNumber, operation, request, () => ({ phoneNumberId }));
  return written instanceof ChimeError ? written : phoneNumberId;
}

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

/** The payload of every mutation of one phone number. */
export const phoneNumberPayload: UpdatePhoneNumberPayloadResolvers = {
  outcome: ({ outcome }) => outcome,
  phoneNumber: ({ value }, _args, context) => readNumberBack(value, context),
  errors: ({ errors }) => errors,
};

export const readNumberBack = (
  number: Parameters<typeof readBack<string, object>>[0],
  { loaders }: Context,
) => readBack(number, (id) => readPhoneNumber(id, loaders));

/** The payload of a bulk write of phone numbers. @param idOf the id in an item */
const payload = <Item>(idOf: (item: Item) => string) => ({
  outcome: ({ outcome }: BulkResult<Item, string>) => outcome,
  results: ({ results }: BulkResult<Item, string>) => results,
  phoneNumbers: ({ results }: BulkResult<Item, string>, _args: unknown, context: Context) =>
    results.flatMap(({ value }) => (value ? [readNumberBack(value, context)] : [])),
  phoneNumberErrors: ({ results }: BulkResult<Item, string>) =>
    results.flatMap(({ index, item, error }) =>
      error ? [{ index, phoneNumberId: idOf(item), errorCode: error.code, errorMessage: error.summary }] : [],
    ),
  errors: ({ errors }: BulkResult<Item, string>) => errors,
});

const result = <Item>(idOf: (item: Item) => string) => ({
  index: ({ index }: BulkItem<Item, string>) => index,
  phoneNumberId: ({ item }: BulkItem<Item, string>) => idOf(item),
  outcome: ({ outcome }: BulkItem<Item, string>) => outcome,
  phoneNumber: ({ value }: BulkItem<Item, string>, _args: unknown, context: Context) =>
    readNumberBack(value, context),
  error: ({ error }: BulkItem<Item, string>) => error,
});

const idOfChange = ({ phoneNumberId: id }: Pick<UpdatePhoneNumberRequestItem, "phoneNumberId">) => id;
export const BatchUpdatePhoneNumberPayload: BatchUpdatePhoneNumberPayloadResolvers = payload(idOfChange);
export const BatchUpdatePhoneNumberResult: BatchUpdatePhoneNumberResultResolvers = result(idOfChange);
export const BatchDeletePhoneNumberPayload: BatchDeletePhoneNumberPayloadResolvers = payload(String);
export const BatchDeletePhoneNumberResult: BatchDeletePhoneNumberResultResolvers = result(String);
