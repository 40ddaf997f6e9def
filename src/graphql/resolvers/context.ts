import type { GraphQLError, GraphQLField, GraphQLResolveInfo } from "graphql";
import type { Loaders } from "../../chime/reads/loaders.js";
import type { Writes } from "../../chime/writes/writes.js";
import type { MutationError } from "./mutation.js";

/** What the resolvers of one GraphQL request use. */
export interface Context {
  readonly loaders: Loaders;
  readonly writes: Writes;
  /** Whether the caller has the scopes for a field. */
  allows(field: GraphQLField<unknown, unknown>): boolean;
  /** Counts the errors in a payload for the log, metrics and spans. */
  countErrors(errors: Iterable<MutationError>): void;
  /** Adds an error at the path of a field that has a value. */
  addError(info: GraphQLResolveInfo, error: GraphQLError): void;
}
