import type { GraphQLResolveInfo } from "graphql";
import type { WriteKey } from "../../../chime/writes/writes.js";
import type { BulkItem, BulkResult } from "./bulkMutation.js";
import type { Context, MutationError } from "./context.js";
import { type MutationResult, readBack, type WriteOutcome } from "./mutation.js";

/** Fields of every payload. */
export const outcomeAndErrors = {
  outcome: ({ outcome }: { readonly outcome: WriteOutcome }) => outcome,
  errors: ({ errors }: { readonly errors: readonly MutationError[] }) => errors,
};

/** Fields of every payload of a bulk mutation. */
export const outcomeAndResults = {
  ...outcomeAndErrors,
  results: <Item, Value>({ results }: BulkResult<Item, Value>) => results,
};

/** Fields of the result of each item of a bulk mutation. */
export const itemOutcome = {
  index: <Item, Value>({ index }: BulkItem<Item, Value>) => index,
  outcome: <Item, Value>({ outcome }: BulkItem<Item, Value>) => outcome,
  error: <Item, Value>({ error }: BulkItem<Item, Value>) => error,
};

/** The field of a payload that reads the written object back, by its key. */
export const written =
  <Key, Entity>(
    read: (key: Key, context: Context, info: GraphQLResolveInfo) => Entity | Promise<Entity | null>,
  ) =>
  ({ value }: MutationResult<WriteKey<Key>>, _args: object, context: Context, info: GraphQLResolveInfo) =>
    readBack(value, (key) => read(key, context, info));

/** The payload of a mutation that deletes: its value is the global id of the deleted object. */
export const deletionPayload = {
  ...outcomeAndErrors,
  deletedId: ({ value }: MutationResult<string>) => value,
};
