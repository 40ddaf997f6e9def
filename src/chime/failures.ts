import { ErrorCode as ChimeErrorCode, NotFoundException } from "@aws-sdk/client-chime";

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

/** The caller can fix it. */
const fixable = (errorCode: ErrorCode, code: UpstreamCode = "BAD_USER_INPUT"): Failure => ({
  errorCode,
  code,
  message: messages[errorCode],
  fixable: true,
  retryable: false,
});

/** The operator can fix it. */
const denied = (errorCode: ErrorCode): Failure => ({
  errorCode,
  code: "UPSTREAM_DENIED",
  message: messages[errorCode],
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
const throttled = passing("Throttled", "THROTTLED");
const unavailable = passing("ServiceUnavailable", "UPSTREAM_UNAVAILABLE");
const failed = passing("ServiceFailure", "UPSTREAM_UNAVAILABLE");
const timeout = passing("ServiceUnavailable", "UPSTREAM_TIMEOUT", "Chime did not answer in time.");
const outcomeUnknown = fixable("OutcomeUnknown", "UPSTREAM_UNAVAILABLE");
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
  CredentialsProviderError: unauthorized,
  TokenProviderError: unauthorized,
  ThrottledClientException: throttled,
  ThrottlingException: throttled,
  ServiceUnavailableException: unavailable,
  ServiceFailureException: failed,
  NotSentError: timeout,
  UnfitAnswerError: unfit,
};

const failureByReason: Readonly<Record<TransportError["reason"], Failure>> = {
  cut: timeout,
  timeout,
  broken: unavailable,
  oversize: unavailable,
};

/** For answers of no class that we know, such as a proxy's. A bare 404 is no proof that a user does not exist. */
function failureByStatus(status: number | undefined): Failure {
  if (status === 409) return conflict;
  if (status === 401 || status === 403) return unauthorized;
  if (status === 429) return throttled;
  if (status !== undefined && status >= 500 && status !== 503) return failed;
  return unavailable;
}

/** A call has waited for its turn until its time was over. */
export class NotSentError extends Error {
  override readonly name = "NotSentError";
}

/** Chime has answered, but not with what the operation answers. */
export class UnfitAnswerError extends Error {
  override readonly name = "UnfitAnswerError";
}

/** A request got no answer, or none that could be taken in. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** The SDK repeats what has this: reads, and those writes that its retry strategy lets pass. */
  readonly $retryable?: object;

  constructor(
    readonly reason: /** Its time was over, or nobody waits for it any more. */
      | "cut"
      /** Chime took too long. */
      | "timeout"
      /** The connection was not made, or broke. */
      | "broken"
      /** The answer was too long. */
      | "oversize",
    /** Whether anything of the request may have reached Chime. */
    readonly sent: boolean,
    /** What is known of an answer that had begun; the SDK has it at its own errors. */
    readonly $metadata: Metadata = {},
    cause?: Error,
  ) {
    super(`The request got no answer: ${reason}.`, { cause });
    if (reason === "timeout" || reason === "broken") this.$retryable = {};
  }
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string | undefined;
}

/** What the SDK hangs on the errors that it raises; all of it may be missing. */
interface SdkError extends Error {
  readonly $metadata?: Metadata;
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/** The status of an answer, be it one that the SDK could not read. */
const statusOf = ({ $metadata, $response }: SdkError): number | undefined =>
  $metadata?.httpStatusCode ?? $response?.statusCode;

/** One call to Chime has failed: which, and what that means. The SDK's own error is the `cause`. */
export class ChimeError extends Error {
  override readonly name = "ChimeError";

  constructor(
    readonly operation: string,
    readonly failure: Failure,
    override readonly cause: SdkError,
  ) {
    super(failure.message);
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
    return fixable ? errorCode.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase() : code;
  }

  /** Whether Chime took too long, or no place came free in time: further calls would fare alike. Not if it throttles. */
  get timedOut(): boolean {
    const { cause, failure } = this;
    if (failure === throttled) return false;
    return (
      cause instanceof NotSentError ||
      (cause instanceof TransportError && (cause.reason === "timeout" || cause.reason === "cut"))
    );
  }

  /** Seconds to wait after THROTTLED: what Chime says, else 1. */
  get retryAfterSeconds(): number {
    const seconds = Number(this.cause.$response?.headers?.["retry-after"]);
    return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 1;
  }
}

const asSdkError = (thrown: unknown): SdkError =>
  thrown instanceof Error ? thrown : new Error("not an error", { cause: thrown });

/** A failed read. */
export function readFailed(operation: string, thrown: unknown): ChimeError {
  const error = asSdkError(thrown);
  const failure =
    error instanceof TransportError ? failureByReason[error.reason] : failureByException[error.name];
  return new ChimeError(operation, failure ?? failureByStatus(statusOf(error)), error);
}

/** A call whose time was over while Chime throttled: nothing of it was done. */
export const throttledTooLong = (operation: string, thrown: unknown): ChimeError =>
  new ChimeError(operation, throttled, asSdkError(thrown));

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
export function writeFailed(operation: string, thrown: unknown): ChimeError {
  const read = readFailed(operation, thrown);
  return provesNotDone(thrown) ? read : new ChimeError(operation, outcomeUnknown, read.cause);
}

/**
 * Whether a write of unknown outcome may be carried out yet: unless Chime itself has said that it failed, the work may go on
 * behind a time-out, a lost connection or a proxy's error.
 */
export const mayStillBeDone = ({ cause }: ChimeError): boolean =>
  failureByException[cause.name] === undefined;

/** A write of unknown outcome has turned out not to be done. */
export const notDone = ({ operation, cause }: ChimeError): ChimeError => readFailed(operation, cause);

/** A write of unknown outcome has turned out to be refused, since what it creates was there. */
export const conflictOf = ({ operation, cause }: ChimeError): ChimeError =>
  new ChimeError(operation, conflict, cause);

/** Chime has answered a write, but the answer lacks what the operation always answers. */
export const answerLacks = (operation: string, member: string): ChimeError =>
  new ChimeError(operation, outcomeUnknown, new Error(`The answer lacks ${member}.`));

/** Whether an error is a call that failed with this code. */
export const failedWith = (error: unknown, errorCode: ErrorCode): error is ChimeError =>
  error instanceof ChimeError && error.failure.errorCode === errorCode;

const neverSigned = new Set(["CredentialsProviderError", "TokenProviderError", "NotSentError"]);

/**
 * Whether a failed request certainly changed nothing: it never left, or Chime refused it (4xx). A lost, cut or
 * unreadable answer, a time-out and a 5xx prove nothing. 408 is a proxy that gave up waiting: it proves nothing either.
 */
export function provesNotDone(thrown: unknown): boolean {
  const error = asSdkError(thrown);
  if (error instanceof TransportError) return !error.sent;
  const status = statusOf(error);
  if (status !== undefined) return status >= 400 && status < 500 && status !== 408;
  return neverSigned.has(error.name);
}
