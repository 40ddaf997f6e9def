import { ChimeClient, type ChimeClientConfig } from "@aws-sdk/client-chime";
import { isThrottlingError } from "@smithy/core/retry";
import type { Logger, UserAgent } from "@smithy/types";
import { packageJson } from "../packageJson.js";
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

/** What is known of a command while it is under way. */
interface Held {
  readonly leash: Leash;
  readonly attempts: Attempts | undefined;
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
  const held = new WeakMap<object, Held>();
  const createClient = (retryStrategy: ReadRetryStrategy) => {
    const client = new ChimeClient({
      ...targetConfig(target),
      requestHandler: transport,
      retryStrategy,
      protocol: ChimeProtocol,
      // The SDK's own would be put together anew for each call.
      defaultUserAgentProvider: async () => userAgent,
      cacheMiddleware: true,
      logger: silence,
    });
    quicken(client);
    client.middlewareStack.add(
      (next) => async (args) => {
        const { leash, attempts } = held.get(args.input) ?? {};
        if (leash) transport.hold(args.request as object, leash);
        if (attempts) attempts.made++;
        try {
          return await next(args);
        } catch (error) {
          if (attempts && isThrottlingError(error as Parameters<typeof isThrottlingError>[0]))
            attempts.throttled++;
          throw error;
        }
      },
      // Within the SDK's retries, once an attempt: behind the signing, which makes a new request, and where the answer has been
      // read.
      { name: "holdRequest", step: "finalizeRequest", priority: "low" },
    );
    return client;
  };
  return {
    reads: createClient(new ReadRetryStrategy(turns)),
    writes: createClient(new WriteRetryStrategy(turns)),
    hold({ input }, leash, attempts) {
      held.set(input, { leash, attempts });
    },
    destroy: () => transport.destroy?.(),
  };
}

const userAgent: UserAgent = [[packageJson.name, packageJson.version]];

/** Spares a client what the SDK would do anew for each call, a quarter of all its work. */
function quicken(client: ChimeClient): void {
  const { config, middlewareStack } = client;
  // A signer, of a copy of the settings.
  const createSigner = config.signer;
  let signer: ReturnType<typeof createSigner> | undefined;
  config.signer = (scheme) => {
    signer ??= createSigner(scheme).catch((error: unknown) => {
      // The next call tries anew.
      signer = undefined;
      throw error;
    });
    return signer;
  };
  // Two more copies of the settings. V8 copies what has grown bit by bit a hundred times slower than a copy of it.
  Object.assign(client, { config: { ...config } });
  // To log nothing, and to look whether a function of Lambda's calls itself.
  middlewareStack.remove("loggerMiddleware");
  middlewareStack.remove("recursionDetectionMiddleware");
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
