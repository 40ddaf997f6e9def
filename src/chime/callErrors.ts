import { isThrottlingError } from "@smithy/core/retry";
import { PublicError } from "../publicError.js";

/** A call was not sent within its time. */
export class NotSentError extends Error {
  override readonly name = "NotSentError";
  readonly $metadata: Metadata;

  constructor(
    /** `throttled`: Chime's rate did not allow it; `late`: no slot was free, or its caller has disconnected. */
    readonly reason: "throttled" | "late",
    /** Milliseconds until Chime wants to be called again, as far as it has said so. */
    readonly retryAfter = 0,
    /** The last throttle, if Chime has throttled this call. */
    lastThrottle?: unknown,
  ) {
    super(`The call was not sent: ${reason}.`, { cause: lastThrottle });
    this.$metadata = (lastThrottle as SdkError | undefined)?.$metadata ?? {};
  }
}

/** No credential source has given credentials. The cause may be another AWS service's error, such as STS's. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";

  constructor(cause: unknown) {
    super("The AWS credentials are unavailable.", { cause });
  }
}

/** The SDK cannot make requests with these settings, such as FIPS with a custom endpoint. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(cause: unknown) {
    super("The settings for Chime are invalid.", { cause });
  }
}

/** Chime has answered, but not with what the operation answers. */
export class UnfitAnswerError extends PublicError {
  override readonly name = "UnfitAnswerError";
  readonly code = "INTERNAL_SERVER_ERROR";

  /** @param detail what does not fit: clients do not get it */
  constructor(readonly detail: string) {
    super("Chime returned an unexpected response.");
  }
}

/** A request got no answer, or none that could be taken in. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** The SDK repeats what has this: reads, and those writes that its retry strategy lets pass. */
  readonly $retryable?: object;

  constructor(
    readonly reason: /** Its time was over, or its caller has disconnected. */
      | "aborted"
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
export interface SdkError extends Error {
  readonly $metadata?: Metadata;
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/** The status of an answer, also of one that the SDK could not read. */
export function statusOf(thrown: unknown): number | undefined {
  const { $metadata, $response } = thrown as SdkError;
  return $metadata?.httpStatusCode ?? $response?.statusCode;
}

/** Whether an error is a throttle, and the milliseconds of its `Retry-After`: 0 without one. */
export function throttleOf(thrown: unknown): { readonly retryAfter: number } | undefined {
  const error = thrown as SdkError;
  if (!isThrottlingError(error as Parameters<typeof isThrottlingError>[0])) return undefined;
  const text = error.$response?.headers?.["retry-after"] ?? "";
  const milliseconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return { retryAfter: milliseconds > 0 ? milliseconds : 0 };
}

export const asSdkError = (thrown: unknown): SdkError =>
  thrown instanceof Error ? thrown : new Error("not an error", { cause: thrown });

export const saysNotSent = (error: unknown): boolean =>
  error instanceof NotSentError ||
  error instanceof CredentialsError ||
  (error instanceof TransportError && !error.sent);

/**
 * Whether a failed request certainly changed nothing: it was never sent, or Chime refused it (4xx). A lost, incomplete or
 * unreadable answer, a timeout and a 5xx prove nothing, nor does 408: a proxy has stopped waiting.
 */
export function provesNotDone(thrown: unknown): boolean {
  if (saysNotSent(thrown)) return true;
  if (thrown instanceof TransportError) return false;
  const status = statusOf(asSdkError(thrown));
  return status !== undefined && status >= 400 && status < 500 && status !== 408;
}
