import { ErrorCode as ChimeErrorCode, NotFoundException } from "@aws-sdk/client-chime";
import { PublicError } from "../publicError.js";
import {
  asSdkError,
  CredentialsError,
  NotSentError,
  provesNotDone,
  type SdkError,
  SettingsError,
  saysNotSent,
  statusOf,
  TransportError,
  throttleOf,
  UnfitAnswerError,
} from "./callErrors.js";
import type { Attempts } from "./client/transport.js";

/** Chime's error codes, and the one that only a client can find out. */
export const ErrorCode = { ...ChimeErrorCode, OutcomeUnknown: "OutcomeUnknown" } as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** The stable `extensions.code` of a GraphQL error that an upstream call caused. */
export type UpstreamCode =
  | "BAD_USER_INPUT"
  | "INTERNAL_SERVER_ERROR"
  | "THROTTLED"
  | "UPSTREAM_DENIED"
  | "UPSTREAM_TIMEOUT"
  | "UPSTREAM_UNAVAILABLE";

/** What one kind of failed call means to a caller. */
export interface Failure {
  readonly errorCode: ErrorCode;
  readonly code: UpstreamCode;
  readonly message: string;
  /** Whether the caller can fix it: then a mutation answers it as data. */
  readonly fixable: boolean;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
}

/** What each code means, in words for a developer. Fixed text: upstream prose may carry names and addresses. */
export const messages: Readonly<Record<ErrorCode, string>> = {
  AccessDenied: "The gateway's credentials may not do this in Chime.",
  BadRequest: "Chime refused a value of the request.",
  Conflict: "It exists already.",
  Forbidden: "Chime does not allow this here.",
  NotFound: "The account or user does not exist.",
  OutcomeUnknown: "It may or may not have been done: read the state before you try again.",
  PhoneNumberAssociationsExist: "A phone number is still associated.",
  PreconditionFailed: "Something that has to be in place first is not.",
  ResourceLimitExceeded: "A quota of the account or of Chime is used up.",
  ServiceFailure: "Chime failed: try again later.",
  ServiceUnavailable: "Chime is not available: try again later.",
  Throttled: "Too many requests to Chime: try again later.",
  Throttling: "Too many requests to Chime: try again later.",
  Unauthorized: "Chime does not accept the gateway's credentials.",
  Unprocessable: "The request is well-formed, but Chime cannot carry it out.",
  VoiceConnectorGroupAssociationsExist: "A Voice Connector group is still associated.",
};

/** Errors that the caller can fix, as far as the code tells. */
export const callerErrors: ReadonlySet<ErrorCode> = new Set([
  "BadRequest",
  "Conflict",
  "Forbidden",
  "NotFound",
  "PhoneNumberAssociationsExist",
  "PreconditionFailed",
  "ResourceLimitExceeded",
  "Unprocessable",
  "VoiceConnectorGroupAssociationsExist",
]);

/** `OUTCOME_UNKNOWN` of OutcomeUnknown: the schema's name. */
export const schemaName = (errorCode: ErrorCode): string =>
  errorCode.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();

/** The caller can fix it. */
const fixable = (errorCode: ErrorCode, code: UpstreamCode = "BAD_USER_INPUT"): Failure => ({
  errorCode,
  code,
  message: messages[errorCode],
  fixable: true,
  retryable: false,
});

/** The operator can fix it. */
const denied = (errorCode: ErrorCode, message = messages[errorCode]): Failure => ({
  errorCode,
  code: "UPSTREAM_DENIED",
  message,
  fixable: false,
  retryable: false,
});

/** Time may fix it. */
const passing = (errorCode: ErrorCode, code: UpstreamCode, message = messages[errorCode]): Failure => ({
  errorCode,
  code,
  message,
  fixable: false,
  retryable: true,
});

const conflict = fixable("Conflict");
const unauthorized = denied("Unauthorized");
const noCredentials = denied("Unauthorized", "The gateway has no valid AWS credentials.");
/** Any other 4xx: repeating the request does not help. */
const refused = denied("BadRequest", "Chime refused the request.");
const throttled = passing("Throttled", "THROTTLED");
const unavailable = passing("ServiceUnavailable", "UPSTREAM_UNAVAILABLE");
const failed = passing("ServiceFailure", "UPSTREAM_UNAVAILABLE");
const timeout = passing("ServiceUnavailable", "UPSTREAM_TIMEOUT", "Chime did not answer in time.");
const outcomeUnknown = fixable("OutcomeUnknown", "UPSTREAM_UNAVAILABLE");
const misconfigured: Failure = {
  errorCode: "ServiceFailure",
  code: "INTERNAL_SERVER_ERROR",
  message: "The gateway's settings for Chime are invalid.",
  fixable: false,
  retryable: false,
};
const unfit: Failure = {
  errorCode: "ServiceFailure",
  code: "INTERNAL_SERVER_ERROR",
  message: "Chime returned an unexpected response.",
  fixable: false,
  retryable: false,
};

/** The one table from an exception's class, by name, to what it means. */
const failureByException: Readonly<Record<string, Failure>> = {
  BadRequestException: fixable("BadRequest"),
  ConflictException: conflict,
  NotFoundException: fixable("NotFound"),
  ForbiddenException: fixable("Forbidden", "UPSTREAM_DENIED"),
  ResourceLimitExceededException: fixable("ResourceLimitExceeded"),
  UnprocessableEntityException: fixable("Unprocessable"),
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
  UnfitAnswerError: unfit,
};

const failureByReason: Readonly<Record<TransportError["reason"], Failure>> = {
  aborted: timeout,
  timeout,
  broken: unavailable,
  oversize: unavailable,
};

/** For answers of an unknown class, such as a proxy's. A bare 404 does not prove that a user does not exist. */
function failureByStatus(status: number | undefined): Failure {
  if (status === 409) return conflict;
  if (status === 401 || status === 403) return unauthorized;
  if (status === 429) return throttled;
  if (status !== undefined && status >= 400 && status < 500) return refused;
  if (status !== undefined && status >= 500 && status !== 503) return failed;
  return unavailable;
}

/** One call to Chime has failed: which, and what that means. The SDK's own error is the `cause`. */
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
      ...(code === "THROTTLED" && { retryAfterSeconds }),
      chime: { operation, requestId, httpStatus, retryable: failure.retryable },
    };
  }

  get httpStatus(): number | undefined {
    return statusOf(this.cause);
  }

  get requestId(): string | undefined {
    return this.cause.$metadata?.requestId;
  }

  /** One word for it: Chime's own code where the caller can fix it, such as NOT_FOUND, else an UpstreamCode. */
  get outcome(): string {
    const { fixable, errorCode, code } = this.failure;
    return fixable ? schemaName(errorCode) : code;
  }

  /** Why the gateway cannot send any call, if that is the reason: the SDK's or a credential source's own error. */
  get configurationError(): unknown {
    const { cause } = this;
    return cause instanceof CredentialsError || cause instanceof SettingsError ? cause.cause : undefined;
  }

  /** Whether Chime took too long, or no slot was free in time: further calls would fare alike. Not if it throttles. */
  get timedOut(): boolean {
    const { cause, failure } = this;
    if (failure === throttled) return false;
    return (
      cause instanceof NotSentError ||
      (cause instanceof TransportError && (cause.reason === "timeout" || cause.reason === "aborted"))
    );
  }

  /** Seconds to wait after THROTTLED: as Chime asks, else 1. */
  get retryAfterSeconds(): number {
    const { cause } = this;
    const milliseconds = cause instanceof NotSentError ? cause.retryAfter : throttleOf(cause)?.retryAfter;
    return Math.max(1, Math.ceil((milliseconds ?? 0) / 1_000));
  }
}

/** A failed read. @param attempts how far its requests got, for errors that do not tell */
export function readFailed(operation: string, thrown: unknown, attempts?: Attempts): ChimeError {
  const error = asSdkError(thrown);
  if (attempts?.count === 0 && !saysNotSent(error))
    return new ChimeError(operation, misconfigured, new SettingsError(error));
  return new ChimeError(operation, failureOf(error), error);
}

function failureOf(error: SdkError): Failure {
  if (error instanceof TransportError) return failureByReason[error.reason];
  if (error instanceof NotSentError) return error.reason === "throttled" ? throttled : timeout;
  return failureByException[error.name] ?? failureByStatus(statusOf(error));
}

/** Chime has answered a read, but the answer lacks what the operation always answers. */
export const answerUnfit = (operation: string, member: string): ChimeError =>
  readFailed(operation, new UnfitAnswerError(`The answer lacks ${member}.`));

/** An account that does not exist for the caller: the same as for one that Chime does not know. */
export const accountNotFound = (operation: string): ChimeError =>
  readFailed(operation, new NotFoundException({ message: "It is not the caller's.", $metadata: {} }));

/** What a caller who is limited to some accounts may not do at all. */
export const notForCaller = (operation: string): ChimeError =>
  new ChimeError(
    operation,
    { ...fixable("Forbidden"), message: "A caller who is limited to some accounts may not do this." },
    new Error("The caller is limited to some accounts."),
  );

/** A failed write: the same, unless nothing proves that it was not done. */
export function writeFailed(operation: string, thrown: unknown, attempts?: Attempts): ChimeError {
  const read = readFailed(operation, thrown, attempts);
  return attempts?.isSent === false || provesNotDone(thrown)
    ? read
    : new ChimeError(operation, outcomeUnknown, read.cause);
}

/** Chime has answered a write, but the answer lacks what the operation always answers. */
export const answerLacks = (operation: string, member: string): ChimeError =>
  new ChimeError(operation, outcomeUnknown, new Error(`The answer lacks ${member}.`));

/** Whether an error is a call that failed with this code. */
export const failedWith = (error: unknown, errorCode: ErrorCode): error is ChimeError =>
  error instanceof ChimeError && error.failure.errorCode === errorCode;
