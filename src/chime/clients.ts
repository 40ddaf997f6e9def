import { ChimeClient, type ChimeClientConfig } from "@aws-sdk/client-chime";
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

/** Reads and writes go through clients of their own: a storm of failing writes can't use up the reads' retries. */
export interface ChimeClients {
  readonly reads: ChimeClient;
  readonly writes: ChimeClient;
  /** Puts a command on a leash, all its attempts. */
  hold(command: { readonly input: object }, leash: Leash): void;
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
    return client;
  };
  return {
    reads: createClient(new ReadRetryStrategy(turns)),
    writes: createClient(new WriteRetryStrategy(turns)),
    hold: ({ input }, leash) => leashes.set(input, leash),
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
