import { isThrottlingError } from "@smithy/core/retry";
import { PublicError, unexpectedResponse } from "../publicError.js";

/** A call has no response by its deadline, or its client has disconnected. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  readonly $metadata: Metadata;

  constructor(
    readonly reason: /** Chime's rate did not allow it, or Chime throttled with a longer Retry-After. It is not sent. */
      | "throttled"
      /** Chime was unavailable, with a longer Retry-After. It is not sent. */
      | "unavailable"
      /** No slot was free, or there was no connection. */
      | "unsent"
      | "unanswered",
    /** Milliseconds of Chime's Retry-After that remain; 0 without one. */
    readonly retryAfter = 0,
    /** The last throttle, if Chime has throttled this call. */
    lastThrottle?: unknown,
  ) {
    super(`The call has no response by its deadline: ${reason}.`, { cause: lastThrottle });
    this.$metadata = (lastThrottle as SdkError | undefined)?.$metadata ?? {};
  }
}

/** No credential source has given credentials. The cause may be another AWS service's error, such as STS's. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";

  constructor(cause: unknown, environment: NodeJS.ProcessEnv = process.env) {
    const source = credentialSettings.find((name) => environment[name]) ?? "the SDK's default sources";
    const status = statusOf(cause);
    super(`no AWS credentials from ${source}${status ? `, whose service responded with ${status}` : ""}`, {
      cause,
    });
  }
}

/** Settings that choose a credential source, in the SDK's order. */
const credentialSettings = [
  "AWS_PROFILE",
  "AWS_ACCESS_KEY_ID",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/** The SDK cannot make requests with these settings, such as FIPS with a custom endpoint. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(cause: unknown) {
    super("the settings for Chime are invalid", { cause });
  }
}

/** Chime's response does not match the operation's schema. */
export class MalformedResponseError extends PublicError {
  override readonly name = "MalformedResponseError";
  readonly code = "INTERNAL_SERVER_ERROR";

  /** @param detail what does not match: clients do not see it */
  constructor(readonly detail: string) {
    super(unexpectedResponse);
  }
}

/** A request got no response, or one that could not be read. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** The SDK retries errors that have this, if its retry strategy allows. */
  readonly $retryable?: object;

  constructor(
    readonly reason: /** Its deadline passed, or its caller disconnected. */
      | "aborted"
      | "timeout"
      /** The connection failed. */
      | "broken"
      /** The response was too large. */
      | "oversize",
    /** Whether anything of the request may have reached Chime. */
    readonly sent: boolean,
    /** Metadata of a response that had begun; the SDK's own errors have it too. */
    readonly $metadata: Metadata = {},
    cause?: Error,
  ) {
    super(`The request got no response: ${reason}.`, { cause });
    if (reason === "timeout" || reason === "broken") this.$retryable = {};
  }
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string | undefined;
}

/** Members that the SDK adds to its errors; all may be missing. */
export interface SdkError extends Error {
  readonly $metadata?: Metadata;
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/** The status of a response, also of one that the SDK could not read. */
export function statusOf(thrown: unknown): number | undefined {
  const { $metadata, $response } = (thrown ?? {}) as SdkError;
  return $metadata?.httpStatusCode ?? $response?.statusCode;
}

export const isThrottle = (thrown: unknown): boolean =>
  isThrottlingError(thrown as Parameters<typeof isThrottlingError>[0]);

const yearMs = 365 * 24 * 60 * 60 * 1_000;

/** The milliseconds of the `Retry-After` (at most a year) of a throttle or a 503; 0 without one. */
export function retryAfterOf(thrown: unknown): number {
  if (!isThrottle(thrown) && statusOf(thrown) !== 503) return 0;
  const text = (thrown as SdkError).$response?.headers?.["retry-after"] ?? "";
  // A proxy may have joined two headers to "60, 60".
  const seconds = /^(\d+(\.\d+)?)(,|$)/.exec(text)?.[1];
  const milliseconds = seconds ? Number(seconds) * 1_000 : Date.parse(text) - Date.now();
  return milliseconds > 0 ? Math.min(milliseconds, yearMs) : 0;
}

export const asSdkError = (thrown: unknown): SdkError =>
  thrown instanceof Error ? thrown : new Error("not an error", { cause: thrown });

export const isUnsent = (error: unknown): boolean =>
  (error instanceof DeadlineError && error.reason !== "unanswered") ||
  error instanceof CredentialsError ||
  (error instanceof TransportError && !error.sent);

/**
 * Whether a failed request certainly changed nothing: it was never sent, or Chime rejected it (4xx). A lost, incomplete or
 * unreadable response, a timeout and a 5xx prove nothing, nor does a proxy's 408.
 */
export function provesNotDone(thrown: unknown): boolean {
  if (isUnsent(thrown)) return true;
  if (thrown instanceof TransportError) return false;
  const status = statusOf(asSdkError(thrown));
  return status !== undefined && status >= 400 && status < 500 && status !== 408;
}
