import { ErrorCode as ChimeErrorCode, NotFoundException } from "@aws-sdk/client-chime";
import { enumName } from "../chime-api/names.js";
import { PublicError, unexpectedResponse } from "../publicError.js";
import {
  asSdkError,
  CredentialsError,
  DeadlineError,
  isUnsent,
  MalformedResponseError,
  provesNotDone,
  retryAfterOf,
  type SdkError,
  SettingsError,
  statusOf,
  TransportError,
} from "./callErrors.js";
import type { Attempts } from "./client/transport.js";

/** Chime's error codes, and one for writes whose outcome is unknown. */
export const ErrorCode = { ...ChimeErrorCode, OutcomeUnknown: "OutcomeUnknown" } as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** The stable `extensions.code` of a GraphQL error that an upstream call caused. */
export type UpstreamCode =
  | "BAD_USER_INPUT"
  | "FORBIDDEN"
  | "INTERNAL_SERVER_ERROR"
  | "THROTTLED"
  | "UPSTREAM_DENIED"
  | "UPSTREAM_TIMEOUT"
  | "UPSTREAM_UNAVAILABLE";

/** The meaning of a kind of failed call for a caller. */
export interface Failure {
  readonly errorCode: ErrorCode;
  readonly code: UpstreamCode;
  readonly message: string;
  /** Whether the caller can fix it: then a mutation returns it as data. */
  readonly isUserError: boolean;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
}

/** Texts for developers. They are fixed: Chime's own messages may contain names and addresses. */
export const messages: Readonly<Record<ErrorCode, string>> = {
  AccessDenied: "The gateway's credentials do not allow this in Chime.",
  BadRequest: "Chime rejected a value in the request.",
  Conflict: "An object with this name or address already exists.",
  Forbidden: "Chime does not allow this operation for this account.",
  NotFound: "The requested object does not exist.",
  OutcomeUnknown: "The outcome is unknown. Check the current state before retrying.",
  PhoneNumberAssociationsExist: "A phone number is still associated.",
  PreconditionFailed: "The current state does not allow this change.",
  ResourceLimitExceeded: "A quota of the account or of Chime has been exceeded.",
  ServiceFailure: "Chime failed. Try again later.",
  ServiceUnavailable: "Chime is unavailable. Try again later.",
  Throttled: "Too many requests to Chime. Try again later.",
  Throttling: "Too many requests to Chime. Try again later.",
  Unauthorized: "Chime does not accept the gateway's credentials.",
  Unprocessable: "The request is well-formed, but Chime cannot process it.",
  VoiceConnectorGroupAssociationsExist: "A Voice Connector group is still associated.",
};

/** The caller can fix it. */
const userError = (errorCode: ErrorCode, code: UpstreamCode = "BAD_USER_INPUT"): Failure => ({
  errorCode,
  code,
  message: messages[errorCode],
  isUserError: true,
  retryable: false,
});

/** The operator can fix it. */
const denied = (errorCode: ErrorCode, message = messages[errorCode]): Failure => ({
  errorCode,
  code: "UPSTREAM_DENIED",
  message,
  isUserError: false,
  retryable: false,
});

/** Time may fix it. */
const transient = (errorCode: ErrorCode, code: UpstreamCode, message = messages[errorCode]): Failure => ({
  errorCode,
  code,
  message,
  isUserError: false,
  retryable: true,
});

const unauthorized = denied("Unauthorized");
const noCredentials = denied("Unauthorized", "The gateway has no valid AWS credentials.");
/** Any other 4xx: repeating the request does not help. */
const rejected = denied("AccessDenied", "Chime rejected the request.");
const throttled = transient("Throttled", "THROTTLED");
const unavailable = transient("ServiceUnavailable", "UPSTREAM_UNAVAILABLE");
const failed = transient("ServiceFailure", "UPSTREAM_UNAVAILABLE");
const timeout = transient("ServiceUnavailable", "UPSTREAM_TIMEOUT", "Chime did not respond in time.");
const unsent = transient("ServiceUnavailable", "UPSTREAM_TIMEOUT", "The call could not be sent in time.");
const outcomeUnknown = userError("OutcomeUnknown", "UPSTREAM_UNAVAILABLE");
const misconfigured: Failure = {
  errorCode: "ServiceFailure",
  code: "INTERNAL_SERVER_ERROR",
  message: "The gateway's settings for Chime are invalid.",
  isUserError: false,
  retryable: false,
};
const malformed: Failure = {
  errorCode: "ServiceFailure",
  code: "INTERNAL_SERVER_ERROR",
  message: unexpectedResponse,
  isUserError: false,
  retryable: false,
};

/** From the name of an exception's class to its meaning. */
const failureByException: Readonly<Record<string, Failure>> = {
  BadRequestException: userError("BadRequest"),
  ConflictException: userError("Conflict"),
  NotFoundException: userError("NotFound"),
  ForbiddenException: userError("Forbidden", "UPSTREAM_DENIED"),
  ResourceLimitExceededException: userError("ResourceLimitExceeded"),
  UnprocessableEntityException: userError("Unprocessable"),
  UnauthorizedClientException: unauthorized,
  AccessDeniedException: denied("AccessDenied"),
  // AWS's common errors: https://docs.aws.amazon.com/general/latest/gr/CommonErrors.html
  ExpiredTokenException: unauthorized,
  IncompleteSignatureException: unauthorized,
  InvalidClientTokenIdException: unauthorized,
  InvalidSignatureException: unauthorized,
  MissingAuthenticationTokenException: unauthorized,
  RequestExpiredException: unauthorized,
  SignatureDoesNotMatchException: unauthorized,
  UnrecognizedClientException: unauthorized,
  CredentialsError: noCredentials,
  SettingsError: misconfigured,
  ThrottledClientException: throttled,
  ThrottlingException: throttled,
  ServiceUnavailableException: unavailable,
  ServiceFailureException: failed,
  MalformedResponseError: malformed,
};

const failureByReason: Readonly<Record<TransportError["reason"], Failure>> = {
  aborted: timeout,
  timeout,
  broken: unavailable,
  oversize: unavailable,
};

/** For unknown error classes, such as a proxy's. A bare 404 does not prove that a user does not exist. */
function failureByStatus(status: number | undefined): Failure {
  if (status === 401 || status === 403) return unauthorized;
  if (status === 429) return throttled;
  if (status !== undefined && status >= 400 && status < 500) return rejected;
  if (status !== undefined && status >= 500 && status !== 503) return failed;
  return unavailable;
}

/** A call to Chime has failed. The SDK's own error is the `cause`. */
export class ChimeError extends PublicError {
  override readonly name = "ChimeError";

  constructor(
    readonly operation: string,
    readonly failure: Failure,
    override readonly cause: SdkError,
  ) {
    super(failure.message);
  }

  get code(): UpstreamCode {
    return this.failure.code;
  }

  override get extensions() {
    const { code, operation, requestId, httpStatus, failure, retryAfterSeconds } = this;
    return {
      code,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      chime: { operation, requestId, httpStatus, retryable: failure.retryable },
    };
  }

  get httpStatus(): number | undefined {
    return statusOf(this.cause);
  }

  get requestId(): string | undefined {
    return this.cause.$metadata?.requestId;
  }

  /** Chime's own code, such as NOT_FOUND, if the caller can fix it; else an UpstreamCode. */
  get outcome(): string {
    const { isUserError, errorCode, code } = this.failure;
    return isUserError ? enumName(errorCode) : code;
  }

  /** The reason why the gateway cannot send any call. Its cause is the SDK's or a credential source's error. */
  get configurationError(): CredentialsError | SettingsError | undefined {
    const { cause } = this;
    return cause instanceof CredentialsError || cause instanceof SettingsError ? cause : undefined;
  }

  /** Whether Chime took too long, or no slot was free in time: further calls would probably fail too. Not if it throttles. */
  get timedOut(): boolean {
    const { cause, failure } = this;
    if (failure === throttled) return false;
    return (
      cause instanceof DeadlineError ||
      (cause instanceof TransportError && (cause.reason === "timeout" || cause.reason === "aborted"))
    );
  }

  /** Seconds of Chime's Retry-After; without one, 1 after THROTTLED. */
  get retryAfterSeconds(): number | undefined {
    const { cause, code } = this;
    const milliseconds = cause instanceof DeadlineError ? cause.retryAfter : retryAfterOf(cause);
    if (milliseconds === 0 && code !== "THROTTLED") return undefined;
    return Math.max(1, Math.ceil(milliseconds / 1_000));
  }
}

/** @param attempts how far the requests got, for errors that do not show it */
export function readFailed(operation: string, thrown: unknown, attempts?: Attempts): ChimeError {
  const error = asSdkError(thrown);
  if (attempts?.count === 0 && !isUnsent(error))
    return new ChimeError(operation, misconfigured, new SettingsError(error));
  return new ChimeError(operation, failureOf(error), error);
}

/** Codes of rejected requests that have no exception of their own. */
const specificCodes: readonly ErrorCode[] = [
  "PhoneNumberAssociationsExist",
  "PreconditionFailed",
  "VoiceConnectorGroupAssociationsExist",
];
const isSpecific = (code: string): code is ErrorCode => specificCodes.some((each) => each === code);

/** Errors that the caller can fix. An unknown outcome is an error of the call. */
export const callerErrors: ReadonlySet<ErrorCode> = new Set([
  ...Object.values(failureByException).flatMap(({ isUserError, errorCode }) =>
    isUserError ? errorCode : [],
  ),
  ...specificCodes,
]);

function failureOf(error: SdkError): Failure {
  if (error instanceof TransportError)
    return error.reason === "aborted" && !error.sent ? unsent : failureByReason[error.reason];
  if (error instanceof DeadlineError)
    return { throttled, unavailable, unsent, unanswered: timeout }[error.reason];
  // Chime's code may be more specific than the exception.
  const { Code } = error as { readonly Code?: string };
  if (error.name === "BadRequestException" && Code && isSpecific(Code)) return userError(Code);
  return failureByException[error.name] ?? failureByStatus(statusOf(error));
}

/** The response to a read lacks a member that the operation always returns. */
export const malformedResponse = (operation: string, member: string): ChimeError =>
  readFailed(operation, new MalformedResponseError(`The response lacks ${member}.`));

/** An account that the caller may not see: the same error as for one that does not exist. */
export const accountNotFound = (operation: string): ChimeError =>
  readFailed(
    operation,
    new NotFoundException({ message: "The caller is not allowed to see it.", $metadata: {} }),
  );

/** For operations that callers limited to some accounts may not use. */
export const forbiddenForCaller = (operation: string): ChimeError =>
  new ChimeError(
    operation,
    {
      ...userError("Forbidden", "FORBIDDEN"),
      message: "A token limited to certain accounts cannot use this operation.",
    },
    new Error("The caller is limited to certain accounts."),
  );

/** The error of a read, unless nothing proves that the write was not done. */
export function writeFailed(operation: string, thrown: unknown, attempts?: Attempts): ChimeError {
  const read = readFailed(operation, thrown, attempts);
  return attempts?.isSent === false || provesNotDone(thrown)
    ? read
    : new ChimeError(operation, outcomeUnknown, read.cause);
}

/** The response to a write lacks a member that the operation always returns. */
export const incompleteWriteResponse = (operation: string, member: string): ChimeError =>
  new ChimeError(operation, outcomeUnknown, new Error(`The response lacks ${member}.`));

/** Whether an error is a call that failed with this code. */
export const failedWith = (error: unknown, errorCode: ErrorCode): error is ChimeError =>
  error instanceof ChimeError && error.failure.errorCode === errorCode;
