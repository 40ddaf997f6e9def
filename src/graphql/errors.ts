import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { ChimeError } from "../chime/errors.js";
import { internalError, PublicError, type PublicPart, unexpectedResponse } from "../publicError.js";
import type { LimitError, Limits } from "./limits/limits.js";
import { isMalformedValue, requestError } from "./requestErrors.js";

const internalCode = "INTERNAL_SERVER_ERROR";

/**
 * Apollo's `formatError`, which every error of a response passes: clients see a stable code and a text without personal
 * data.
 *
 * @param onUnexpected gets the errors that only the gateway's developers can fix
 */
export const createFormatError =
  (limits: Limits, onUnexpected: (error: unknown) => void) =>
  (formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError => {
    const { locations, path } = formatted;
    const error = innermost(thrown);
    const { message, extensions } =
      error instanceof PublicError
        ? error
        : (requestError(formatted, thrown, error, limits) ?? gatewayError(error));
    if (extensions.code === internalCode && !isReported(error)) onUnexpected(error);
    return { message, extensions, ...(locations && { locations }), ...(path && { path }) };
  };

/** Invalid settings for Chime are reported once, not for each request. */
const isReported = (error: Error): boolean =>
  error instanceof ChimeError && error.configurationError !== undefined;

/** graphql and Apollo wrap errors, some of them several times. */
const innermost = (error: unknown): Error =>
  error instanceof GraphQLError && error.originalError ? innermost(error.originalError) : (error as Error);

const gatewayError = (error: Error): PublicPart => ({
  message: isMalformedValue(error) ? unexpectedResponse : internalError,
  extensions: { code: internalCode },
});

/** The body of a response to a request that has not reached Apollo. */
export const graphqlError = (message: string, code: string) => ({
  errors: [{ message, extensions: { code } }],
});

/** The same for a request that exceeds a limit. */
export const graphqlLimitError = ({ message, extensions }: LimitError) => ({
  errors: [{ message, extensions }],
});
