import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { MalformedResponseError } from "../chime/callErrors.js";
import { ChimeError } from "../chime/errors.js";
import { InvalidCursorError } from "../chime/reads/cursors.js";
import { EndlessListError } from "../chime/reads/pagination.js";
import { ForbiddenError } from "./authorization.js";
import {
  argumentProblem,
  literalProblem,
  variableProblem,
  withoutLiterals,
  withoutValues,
} from "./coercionErrors.js";
import { asDocumentLimitError, asLimitError, type LimitError, type Limits } from "./limits/limits.js";
import { ReadBackError } from "./resolvers/mutation.js";
import { type InputProblem, InvalidInputError } from "./resolvers/validation.js";

/** What a caller gets to know of an error beyond where it happened. */
interface PublicError {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly [key: string]: unknown };
}

/** Of the request itself, all of them the caller's to fix: their messages speak of the query, not of what is in it. */
const requestCodes: ReadonlySet<unknown> = new Set([
  "BAD_REQUEST",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_OPERATION_REQUIRED",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);

/** Codes of errors that graphql finds while it reads the document, before anything is executed. */
const documentCodes: ReadonlySet<unknown> = new Set(["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"]);

/**
 * The one hook that every error of an answer passes, the one place that says what leaves the house: a stable code and
 * fixed text, where it happened, and for an upstream call which one. Apollo calls it as `formatError`.
 *
 * @param unexpected is told of errors that are nobody's but the gateway's own
 */
export const createFormatError =
  (limits: Limits, unexpected: (error: unknown) => void) =>
  (formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError => {
    const error = innermost(thrown);
    const { locations, path } = formatted;
    const where = { ...(locations && { locations }), ...(path && { path }) };
    const isOfDocument = documentCodes.has(formatted.extensions?.["code"]);
    const excess = isOfDocument ? asDocumentLimitError(error, limits) : asLimitError(error, limits);
    if (excess) return { ...publicLimit(excess), ...where };
    const known = publicError(error) ?? requestError(formatted, thrown) ?? uncodedRequestError(thrown);
    if (known?.extensions.code === "INTERNAL_SERVER_ERROR" || !known) unexpected(error);
    if (known) return { ...known, ...where };
    return {
      message: misfits(error) ? "Chime returned an unexpected response." : "The gateway failed.",
      extensions: { code: "INTERNAL_SERVER_ERROR" },
      ...where,
    };
  };

function publicError(error: unknown): PublicError | undefined {
  if (error instanceof ChimeError) {
    const { code, message, retryable } = error.failure;
    return {
      message,
      extensions: {
        code,
        ...(code === "THROTTLED" && { retryAfterSeconds: error.retryAfterSeconds }),
        chime: {
          operation: error.operation,
          requestId: error.requestId,
          httpStatus: error.httpStatus,
          retryable,
        },
      },
    };
  }
  if (error instanceof ForbiddenError)
    return {
      message: error.message,
      extensions: { code: "FORBIDDEN", missingScopes: error.missingScopes },
    };
  if (error instanceof InvalidInputError)
    return { message: error.message, extensions: { code: "BAD_USER_INPUT", problems: error.problems } };
  if (error instanceof InvalidCursorError)
    return {
      message: "after is not a cursor of this list",
      extensions: {
        code: "BAD_USER_INPUT",
        problems: [{ path: ["after"], message: "is not a cursor of this list" }],
      },
    };
  if (error instanceof ReadBackError)
    return {
      message: "It was written, but could not be read back.",
      extensions: { code: "UPSTREAM_UNAVAILABLE" },
    };
  if (error instanceof EndlessListError)
    return {
      message: "Chime's list does not end: its page tokens repeat or lead nowhere.",
      extensions: { code: "UPSTREAM_UNAVAILABLE" },
    };
  return undefined;
}

/** What is wrong with the request itself, in graphql's and Apollo's words, without the values that came in it. */
function requestError(
  { message, extensions }: GraphQLFormattedError,
  thrown: unknown,
): PublicError | undefined {
  const code = extensions?.["code"];
  // graphql finds out while it runs the operation, and gives no code: a variable is null where its argument may not be.
  if (code === "INTERNAL_SERVER_ERROR" && /^Argument "/.test(message))
    return {
      message: message.replace(/ has invalid value .*$/s, " has an invalid value."),
      extensions: withProblem("BAD_USER_INPUT", argumentProblem(message)),
    };
  // It comes without a code after the fiftieth thing that is wrong with the variables.
  if (message.startsWith("Too many errors processing variables"))
    return { message, extensions: { code: "BAD_USER_INPUT" } };
  if (code === "BAD_USER_INPUT") {
    const reason = innermost(thrown).message;
    return {
      message: withoutValues(message, reason),
      extensions: withProblem(code, variableProblem(message, reason)),
    };
  }
  if (typeof code === "string" && requestCodes.has(code))
    return {
      message: withoutLiterals(message),
      extensions: withProblem(code, literalProblem(thrown, message)),
    };
  return undefined;
}

const withProblem = (code: string, problem: InputProblem | undefined) => ({
  code,
  ...(problem && { problems: [problem] }),
});

/** Apollo gives a status, but no code, to a persisted query whose hash is not its own or whose version is not 1. */
function uncodedRequestError(error: unknown): PublicError | undefined {
  if (!(error instanceof GraphQLError) || error.originalError || error.extensions["code"]) return undefined;
  const { status } = (error.extensions["http"] ?? {}) as { readonly status?: number };
  return status === 400 ? { message: error.message, extensions: { code: "BAD_REQUEST" } } : undefined;
}

/** graphql and Apollo wrap errors, in part several times. */
const innermost = (error: unknown): Error =>
  error instanceof GraphQLError && error.originalError ? innermost(error.originalError) : (error as Error);

/** graphql could not complete a value: an enum value that the schema does not know, or null where there is none. */
const misfits = (error: Error): boolean =>
  error instanceof GraphQLError ||
  error instanceof MalformedResponseError ||
  error.message.startsWith("Cannot return null for non-nullable field");

const publicLimit = ({ message, limit }: LimitError): PublicError => ({
  message,
  extensions: { code: "LIMIT_EXCEEDED", limit },
});

/** An answer to what did not get as far as GraphQL, in GraphQL's form. */
export const graphqlError = (message: string, code: string) => ({
  errors: [{ message, extensions: { code } }],
});

/** The same, for what is over a limit. */
export const graphqlLimitError = (error: LimitError) => ({ errors: [publicLimit(error)] });
