import { ChimeClient, type ChimeClientConfig } from "@aws-sdk/client-chime";
import { isThrottlingError, StandardRetryStrategy } from "@smithy/core/retry";
import { provesNotDone } from "./failures.js";

/** Which Chime to talk to. */
export type ChimeTarget =
  /** The embedded one: no AWS setting of the environment may reach it. */
  | { readonly mode: "local"; readonly endpoint: string }
  /** One of AWS's or another server's; credentials come from the SDK's default chain. */
  | { readonly mode: "remote"; readonly endpoint?: string | undefined };

export interface ChimeClientSettings {
  readonly target: ChimeTarget;
  /** Calls under way at once, in the whole process. */
  readonly concurrency: number;
  /** Milliseconds that one attempt of a call may take. */
  readonly callTimeout: number;
}

/** Reads and writes go through clients of their own: a storm of failing writes can't use up the reads' retries. */
export interface ChimeClients {
  readonly reads: ChimeClient;
  readonly writes: ChimeClient;
  destroy(): void;
}

const maxAttempts = 3;

/**
 * Repeats a request only when it certainly changed nothing and may succeed the next time: Chime throttled it, or the
 * connection was never made. The SDK's own strategy repeats CreateUser after a lost answer: two users for one request.
 */
class WriteRetryStrategy extends StandardRetryStrategy {
  override refreshRetryTokenForRetry(
    ...[token, info]: Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>
  ) {
    const { error } = info;
    if (error && (isThrottlingError(error) || provesNotDone(error)))
      return super.refreshRetryTokenForRetry(token, info);
    return Promise.reject(error ?? new Error("The outcome of the request is unknown."));
  }
}

export function createChimeClients({ target, concurrency, callTimeout }: ChimeClientSettings): ChimeClients {
  // One is kept for questions of health, which don't wait for their turn.
  const sockets = { keepAlive: true, maxSockets: concurrency + 1 };
  const reads = new ChimeClient({
    ...targetConfig(target),
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: callTimeout,
      // Without it the SDK only logs a warning and waits on.
      throwOnRequestTimeout: true,
      httpAgent: sockets,
      httpsAgent: sockets,
    },
  });
  const writes = new ChimeClient({
    ...targetConfig(target),
    requestHandler: reads.config.requestHandler,
    retryStrategy: new WriteRetryStrategy({ maxAttempts }),
  });
  return {
    reads,
    writes,
    destroy() {
      writes.destroy();
      reads.destroy();
    },
  };
}

/**
 * Chime is served from us-east-1 alone, so no region is read. For the embedded Chime everything is said that the SDK
 * would otherwise look up in AWS_* variables and in ~/.aws.
 */
function targetConfig(target: ChimeTarget): ChimeClientConfig {
  const region = "us-east-1";
  if (target.mode === "remote")
    return { region, maxAttempts, ...(target.endpoint && { endpoint: target.endpoint }) };
  return {
    region,
    maxAttempts,
    endpoint: target.endpoint,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    retryMode: "standard",
    defaultsMode: "standard",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: "chime-graphql-gateway",
    authSchemePreference: [],
  };
}
