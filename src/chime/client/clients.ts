import { ChimeClient, type ChimeClientConfig } from "@aws-sdk/client-chime";
import { isThrottlingError, StandardRetryStrategy } from "@smithy/core/retry";
import type { Logger, UserAgent } from "@smithy/types";
import { packageJson } from "../../packageJson.js";
import { CredentialsError, provesNotDone, statusOf, TransportError } from "../callErrors.js";
import { replaceSerialization } from "./middleware.js";
import { ChimeProtocol } from "./protocol.js";
import type { Scheduler } from "./scheduler.js";
import { createSigner } from "./signer.js";
import { type Attempts, createTransport, type TrackedRequest } from "./transport.js";

/** The Chime to call. */
export type ChimeTarget =
  /** The embedded Chime: no AWS_* variable may affect it. */
  | { readonly mode: "local"; readonly endpoint: string }
  /** AWS, or another server; credentials come from the SDK's default chain. */
  | { readonly mode: "remote"; readonly endpoint?: string | undefined };

export interface ChimeClientSettings {
  readonly target: ChimeTarget;
  /** Maximum number of calls in flight in the process. */
  readonly concurrency: number;
  /** Milliseconds that one attempt of a call may take. */
  readonly callTimeout: number;
}

/** Separate clients: failing writes cannot use up the retry quota of reads, and the probe makes one attempt. */
export interface ChimeClients {
  readonly reads: ChimeClient;
  readonly writes: ChimeClient;
  readonly probe: ChimeClient;
  /** Records the attempts of the next call with this command, and aborts them by their signal. */
  track(command: { readonly input: object }, attempts: Attempts): void;
  destroy(): void;
}

export function createChimeClients(
  { target, concurrency, callTimeout }: ChimeClientSettings,
  scheduler: Pick<Scheduler, "isPaused">,
): ChimeClients {
  // One more connection for the probe, which uses no slot.
  const transport = createTransport({ connections: concurrency + 1, callTimeout });
  const tracked = new WeakMap<object, Attempts>();
  const createClient = (retryStrategy: StandardRetryStrategy) => {
    const client = new ChimeClient({
      ...targetConfig(target),
      requestHandler: transport,
      retryStrategy,
      protocol: ChimeProtocol,
      // The SDK would assemble its own for each call.
      defaultUserAgentProvider: async () => userAgent,
      cacheMiddleware: true,
      logger: silentLogger,
    });
    nameCredentialErrors(client);
    removeOverhead(client);
    client.middlewareStack.add(
      (next) => (args) => {
        // An AbortSignal in the options of `send` would make the SDK rebuild its middleware for each call.
        (args.request as TrackedRequest).attempts = tracked.get(args.input);
        return next(args);
      },
      // Once per attempt, after the signing, which makes a new request.
      { name: "trackRequest", step: "finalizeRequest", priority: "low" },
    );
    return client;
  };
  return {
    reads: createClient(new ReadRetryStrategy(scheduler)),
    writes: createClient(new WriteRetryStrategy(scheduler)),
    probe: createClient(new StandardRetryStrategy(1)),
    track: ({ input }, attempts) => void tracked.set(input, attempts),
    destroy: () => transport.destroy?.(),
  };
}

type Refresh = StandardRetryStrategy["refreshRetryTokenForRetry"];
type RetryToken = Awaited<ReturnType<StandardRetryStrategy["acquireInitialRetryToken"]>>;

/** Attempts of a call that Chime fails, and of one that does not reach Chime: reconnecting costs Chime nothing. */
const maxAttempts = { failed: 3, unsent: 6 };
/** Milliseconds of a `Retry-After` up to which a failed call keeps its slot; with a longer one it fails at once. */
const maxRetryAfterMs = 1_000;
/** Milliseconds that a credential source may take: less than the probe has. */
const credentialsTimeout = 2_500;

/** The SDK's standard strategy, except for throttled calls: the scheduler retries those. */
class ReadRetryStrategy extends StandardRetryStrategy {
  constructor(readonly scheduler: Pick<Scheduler, "isPaused">) {
    super(maxAttempts.unsent);
  }

  override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): Promise<RetryToken> {
    const { error, retryAfterHint } = info;
    const isLater = retryAfterHint !== undefined && retryAfterHint.getTime() > Date.now() + maxRetryAfterMs;
    const isUnsent = error instanceof TransportError && !error.sent;
    const isLast = !isUnsent && token.getRetryCount() + 1 >= maxAttempts.failed;
    const isFinal = isLast || isLater || isRejected(error) || this.scheduler.isPaused;
    if (error && (isFinal || isThrottlingError(error))) throw error;
    // The quota protects Chime from retries: requests that were never sent do not use it up.
    return isUnsent
      ? new StandardRetryStrategy(maxAttempts.unsent).refreshRetryTokenForRetry(token, info)
      : super.refreshRetryTokenForRetry(token, info);
  }
}

/** Whether Chime answered 4xx, whatever the error's name: unless the SDK has corrected its clock, it would do so again. */
function isRejected(error: unknown): boolean {
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly clockSkewCorrected?: boolean } };
  const status = statusOf(error) ?? 0;
  return status >= 400 && status < 500 && !$metadata?.clockSkewCorrected;
}

/**
 * Retries a request only if it was never sent. The SDK's own strategy retries CreateUser after a lost response, which can
 * create two users.
 */
class WriteRetryStrategy extends ReadRetryStrategy {
  override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): Promise<RetryToken> {
    if (info.error && provesNotDone(info.error)) return super.refreshRetryTokenForRetry(token, info);
    throw info.error ?? new Error("The outcome of the request is unknown.");
  }
}

const userAgent: UserAgent = [[packageJson.name, packageJson.version]];

/**
 * A credential source fails with an error of its own, such as another AWS service's: it must not pass for Chime's. One
 * that hangs goes on in the background, and the SDK keeps what it returns.
 */
function nameCredentialErrors({ config }: ChimeClient): void {
  const { credentials } = config;
  let latest: Awaited<ReturnType<typeof credentials>> | undefined;
  async function named(...options: Parameters<typeof credentials>) {
    if (latest && !options[0]?.forceRefresh && !expiresSoon(latest)) return latest;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const error = new Error(`The credential source has not responded for ${credentialsTimeout} ms.`);
      timer = setTimeout(() => reject(error), credentialsTimeout);
    });
    try {
      latest = await Promise.race([credentials(...options), timeout]);
      return latest;
    } catch (error) {
      throw new CredentialsError(error);
    } finally {
      clearTimeout(timer);
    }
  }
  config.credentials = Object.assign(named, credentials);
}

/** Whether the SDK would ask for new credentials. */
const expiresSoon = ({ expiration }: { readonly expiration?: Date | undefined }): boolean =>
  expiration !== undefined && expiration.getTime() - Date.now() < 5 * 60_000;

/** Takes out of a call what the SDK does anew each time: two thirds of the client's CPU. */
function removeOverhead(client: ChimeClient): void {
  const { config, middlewareStack } = client;
  const signer = createSigner(config.credentials);
  config.signer = async () => signer;
  // The SDK copies this object for each call. V8 copies a spread copy a hundred times faster than an object built by assignments.
  Object.assign(client, { config: { ...config } });
  replaceSerialization(client);
  // They only log, and detect a Lambda function that calls itself.
  middlewareStack.remove("loggerMiddleware");
  middlewareStack.remove("recursionDetectionMiddleware");
}

/** Without `info` and `error`: with them the SDK would redact a copy of each response. */
const silentLogger = { trace() {}, debug() {}, warn() {} } as unknown as Logger;

/**
 * Chime is available in us-east-1 only, so no region is read. For the embedded Chime this sets everything that the SDK
 * would otherwise read from AWS_* variables and ~/.aws.
 */
function targetConfig(target: ChimeTarget): ChimeClientConfig {
  const region = "us-east-1";
  if (target.mode === "remote") return { region, ...(target.endpoint && { endpoint: target.endpoint }) };
  return {
    region,
    endpoint: target.endpoint,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: "chime-graphql-gateway",
    authSchemePreference: [],
  };
}
