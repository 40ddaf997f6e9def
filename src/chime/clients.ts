import { ChimeClient, type ChimeClientConfig } from "@aws-sdk/client-chime";
import { isThrottlingError } from "@smithy/core/retry";
import type { Logger } from "@smithy/types";
import { ChimeProtocol } from "./protocol.js";
import { ReadRetryStrategy, WriteRetryStrategy } from "./retries.js";
import { createTransport, type Leash } from "./transport.js";
import type { Turns } from "./turns.js";

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

/** How often a command was sent, counted while it is under way. */
export interface Attempts {
  made: number;
  throttled: number;
}

/** Reads and writes go through clients of their own: a storm of failing writes can't use up the reads' retries. */
export interface ChimeClients {
  readonly reads: ChimeClient;
  readonly writes: ChimeClient;
  /** Puts a command on a leash, all its attempts, and counts them if asked to. */
  hold(command: { readonly input: object }, leash: Leash, attempts?: Attempts): void;
  destroy(): void;
}

export function createChimeClients(
  { target, concurrency, callTimeout }: ChimeClientSettings,
  turns: Turns,
): ChimeClients {
  const transport = createTransport({
    // One is kept for questions of health, which don't wait for their turn.
    connections: concurrency + 1,
    callTimeout,
  });
  const leashes = new WeakMap<object, Leash>();
  const counted = new WeakMap<object, Attempts>();
  const createClient = (retryStrategy: ReadRetryStrategy) => {
    const client = new ChimeClient({
      ...targetConfig(target),
      requestHandler: transport,
      retryStrategy,
      protocol: ChimeProtocol,
      cacheMiddleware: true,
      logger: silence,
    });
    client.middlewareStack.add(
      (next) => (args) => {
        const leash = leashes.get(args.input);
        if (leash) transport.hold(args.request as object, leash);
        return next(args);
      },
      // Next to the transport: signing, before it, makes a new request.
      { name: "holdRequest", step: "deserialize", priority: "low" },
    );
    client.middlewareStack.add(
      (next) => async (args) => {
        const attempts = counted.get(args.input);
        if (!attempts) return next(args);
        attempts.made++;
        try {
          return await next(args);
        } catch (error) {
          if (isThrottlingError(error as Parameters<typeof isThrottlingError>[0])) attempts.throttled++;
          throw error;
        }
      },
      // Within the SDK's retries, once an attempt, and where the answer has been read.
      { name: "countAttempts", step: "finalizeRequest", priority: "low" },
    );
    return client;
  };
  return {
    reads: createClient(new ReadRetryStrategy(turns)),
    writes: createClient(new WriteRetryStrategy(turns)),
    hold({ input }, leash, attempts) {
      leashes.set(input, leash);
      if (attempts) counted.set(input, attempts);
    },
    destroy: () => transport.destroy?.(),
  };
}

/** Without `info` and `error`, for which the SDK would copy every answer without what is sensitive, to nobody's use. */
const silence = { trace() {}, debug() {}, warn() {} } as unknown as Logger;

/**
 * Chime is served from us-east-1 alone, so no region is read. For the embedded Chime everything is said that the SDK
 * would otherwise look up in AWS_* variables and in ~/.aws.
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
