import type { GraphQLError, GraphQLField, GraphQLResolveInfo } from "graphql";
import type { ErrorCode } from "../../../chime/errors.js";
import type { Loaders } from "../../../chime/reads/loaders.js";
import type { Writes } from "../../../chime/writes/writes.js";

/** An error that a payload reports as data. */
export interface MutationError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: readonly string[] | null;
}

/** Context of the resolvers. */
export interface Context {
  readonly loaders: Loaders;
  readonly writes: Writes;
  /** Whether the caller may see an account, which may be unknown: callers limited to certain accounts see those only. */
  sees(accountId: string | undefined): boolean;
  /** Whether the caller has the scopes for a field. */
  allows(field: GraphQLField<unknown, unknown>): boolean;
  /** Counts the errors in a payload for the log, metrics and spans. */
  countErrors(errors: Iterable<MutationError>): void;
  /** Adds an error at the path of a field that has a value. */
  addError(info: GraphQLResolveInfo, error: GraphQLError): void;
}
