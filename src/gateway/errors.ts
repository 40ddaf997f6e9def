import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { UnfitAnswerError } from "../chime/callErrors.js";
import { ChimeError } from "../chime/failures.js";
import { EndlessListError, InvalidCursorError } from "../chime/pages.js";
import { InvalidInputError } from "../resolvers/inputs.js";
import { ReadBackError } from "../resolvers/mutation.js";
import { ForbiddenError } from "./authorization.js";
import { asLimitError, type LimitError, type Limits } from "./limits/limits.js";

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
    const excess = asLimitError(error, limits);
    if (excess) return { ...publicLimit(excess), ...where };
    const known = publicError(error) ?? requestError(formatted, thrown) ?? uncodedRequestError(thrown);
    if (known?.extensions.code === "INTERNAL_SERVER_ERROR" || !known) unexpected(error);
    if (known) return { ...known, ...where };
    return {
      message: misfits(error) ? "What Chime answered does not fit the schema." : "The gateway failed.",
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
      extensions: { code: "BAD_USER_INPUT" },
    };
  // It comes without a code after the fiftieth thing that is wrong with the variables.
  if (message.startsWith("Too many errors processing variables"))
    return { message, extensions: { code: "BAD_USER_INPUT" } };
  if (code === "BAD_USER_INPUT") return { message: withoutValues(message, thrown), extensions: { code } };
  if (typeof code === "string" && requestCodes.has(code))
    return { message: withoutLiterals(message), extensions: { code } };
  return undefined;
}

/** Apollo gives a status, but no code, to a persisted query whose hash is not its own or whose version is not 1. */
function uncodedRequestError(error: unknown): PublicError | undefined {
  if (!(error instanceof GraphQLError) || error.originalError || error.extensions["code"]) return undefined;
  const { status } = (error.extensions["http"] ?? {}) as { readonly status?: number };
  return status === 400 ? { message: error.message, extensions: { code: "BAD_REQUEST" } } : undefined;
}

/**
 * graphql repeats the whole variable in the message when a part of it is wrong: `Variable "$input" got invalid value
 * { ... } at "input.email"; String cannot represent a non string value: 42`. The variable may hold what is personal. The
 * reason behind the last semicolon is the message of the original error.
 */
function withoutValues(message: string, thrown: unknown): string {
  const { message: reason } = innermost(thrown);
  if (reason === message || !message.endsWith(reason)) return message;
  const [variable = "Variable"] = /^Variable "\$\w+"/.exec(message) ?? [];
  const [place = ""] = / at "[^"]*"; $/.exec(message.slice(0, -reason.length)) ?? [];
  return `${variable} got an invalid value${place || "; "}${withoutLiterals(reason)}`;
}

/**
 * The names of an input's unknown fields, of enum values and of operations come from the caller as values do. A message may
 * be as long as a body: each step goes over it once.
 */
function withoutLiterals(message: string): string {
  const text = message
    .replace(/^Value ".*" does not exist/s, "The value does not exist")
    .replace(/^Field ".*" is not defined by type/s, "A field is not defined by type")
    .replace(/^Unknown operation named ".*"/s, "Unknown operation")
    .replace(/^(Expected value of type "[^"]*"), found .*$/s, "$1.");
  const value = text.indexOf(": ", Math.max(0, text.indexOf("cannot represent ")));
  if (text.includes("cannot represent ") && value >= 0) return `${text.slice(0, value)}.`;
  const token = /(?:String|BlockString|Int|Float) "/.exec(text);
  return token && text.endsWith('".') ? `${text.slice(0, token.index)}${token[0].slice(0, -2)}.` : text;
}

/** graphql and Apollo wrap errors, in part several times. */
const innermost = (error: unknown): Error =>
  error instanceof GraphQLError && error.originalError ? innermost(error.originalError) : (error as Error);

/** graphql could not complete a value: an enum value that the schema does not know, or null where there is none. */
const misfits = (error: Error): boolean =>
  error instanceof GraphQLError ||
  error instanceof UnfitAnswerError ||
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
