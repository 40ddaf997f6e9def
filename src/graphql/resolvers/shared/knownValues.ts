import { GraphQLError, type GraphQLResolveInfo } from "graphql";
import type { Context } from "./context.js";

/** For lists that cannot hold null: an unknown value of the enum is omitted, and there is an error at the field. */
export function knownValues<Value extends string>(
  known: Readonly<Record<string, Value>>,
  values: readonly Value[],
  message: string,
  context: Context,
  info: GraphQLResolveInfo,
): Value[] {
  const found = values.filter((value) => Object.values(known).includes(value));
  if (found.length < values.length) context.addError(info, new GraphQLError(message));
  return found;
}
