import type { GraphQLResolveInfo } from "graphql";
import type { Written } from "../../../chime/writes/writes.js";
import type { Context } from "./context.js";
import { type MutationResult, readBack } from "./mutation.js";

/** What every payload has. */
export const outcomeAndErrors = {
  outcome: <Value>({ outcome }: MutationResult<Value>) => outcome,
  errors: <Value>({ errors }: MutationResult<Value>) => errors,
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
