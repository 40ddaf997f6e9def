import type { GraphQLResolveInfo } from "graphql";
import type { Written } from "../../../chime/writes/writes.js";
import type { BulkItem, BulkResult } from "./bulkMutation.js";
import type { Context, MutationError } from "./context.js";
import { type MutationResult, readBack, type WriteOutcome } from "./mutation.js";

/** What every payload has. */
export const outcomeAndErrors = {
  outcome: ({ outcome }: { readonly outcome: WriteOutcome }) => outcome,
  errors: ({ errors }: { readonly errors: readonly MutationError[] }) => errors,
};

/** What every payload of a bulk mutation has. */
export const outcomeAndResults = {
  ...outcomeAndErrors,
  results: <Item, Value>({ results }: BulkResult<Item, Value>) => results,
};

/** What the result of every item of a bulk mutation has. */
export const itemOutcome = {
  index: <Item, Value>({ index }: BulkItem<Item, Value>) => index,
  outcome: <Item, Value>({ outcome }: BulkItem<Item, Value>) => outcome,
  error: <Item, Value>({ error }: BulkItem<Item, Value>) => error,
};

/** The field of a payload that reads back what was written, by its key. */
export const written =
  <Key, Entity>(
    read: (key: Key, context: Context, info: GraphQLResolveInfo) => Entity | Promise<Entity | null>,
  ) =>
  ({ value }: MutationResult<Written<Key>>, _args: object, context: Context, info: GraphQLResolveInfo) =>
    readBack(value, (key) => read(key, context, info));

/** The payload of a mutation that deletes: its value is the global id of what was deleted. */
export const deletionPayload = {
  ...outcomeAndErrors,
  deletedId: ({ value }: MutationResult<string>) => value,
};
