import type { GraphQLError, GraphQLField, GraphQLResolveInfo } from "graphql";
import type { Loaders } from "../../chime/reads/loaders.js";
import type { Writes } from "../../chime/writes/writes.js";
import type { MutationError } from "./mutation.js";

/** What the resolvers of one GraphQL request work with. */
export interface Context {
  /** What is read. */
  readonly loaders: Loaders;
  /** What is changed. */
  readonly chime: Writes;
  /** Whether the caller has the scopes for a field. */
  allows(field: GraphQLField<unknown, unknown>): boolean;
  /** Counts errors that a payload reports as data, for the log, metrics and spans. */
  countErrors(errors: Iterable<MutationError>): void;
  /** Adds an error at the field that `info` stands for, beside the field's value. */
  report(info: GraphQLResolveInfo, error: GraphQLError): void;
}
