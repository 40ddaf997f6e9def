import { z } from "zod";
import type { UserPlanSettings } from "./chime/reads/userPlan.js";
import type { UpstreamSettings } from "./chime/upstream.js";
import { type ChimeLocalSettings, chimeLocalFields, wholeNumber } from "./chime-local/settings.js";
import { fixedLimits, type Limits } from "./graphql/limits/limits.js";
import type { PersistedOperationsSettings } from "./graphql/persistedOperations.js";
import type { AuthenticationSettings } from "./server/authentication.js";
import {
  authenticationFields,
  authenticationProblems,
  readAuthentication,
} from "./server/authenticationSettings.js";
import { apolloOrigins } from "./server/explorer.js";
import { isLoopback } from "./server/loopback.js";
import type { StoresSettings } from "./stores/stores.js";
import { type LogLevel, logLevels } from "./telemetry/requestLog.js";

export interface Config {
  readonly host: string;
  readonly port: number;
  /** The embedded Chime to start; absent in remote mode. */
  readonly chimeLocal?: ChimeLocalSettings;
  /** An existing Chime to talk to, by its URL or by AWS's default; absent in local mode. */
  readonly remote?: { readonly endpoint?: string | undefined };
  /** Which tokens are taken; absent: callers are not asked for one. */
  readonly authentication?: AuthenticationSettings | undefined;
  /** One of them must come with each request; absent: none. */
  readonly routerSecrets?: readonly string[] | undefined;
  /** Whether anyone gets in whom the default would keep out. */
  readonly open: boolean;
  /** Whether browsers are shown the explorers, and introspection is answered. */
  readonly explorer: boolean;
  readonly corsOrigins: readonly string[];
  readonly logLevel: LogLevel;
  /** Of the hash that stands for a caller in the log; absent: one is made. */
  readonly logKey?: string | undefined;
  /** A port for /metrics alone; absent: none. */
  readonly metricsPort?: number | undefined;
  /** Names of operations that metrics learn. */
  readonly metricsOperations: number;
  /** Where traces are sent to; absent: nothing is traced. */
  readonly traceEndpoint?: string | undefined;
  readonly persistedOperations?: PersistedOperationsSettings;
  readonly limits: Limits;
  readonly upstream: Omit<UpstreamSettings, "target" | "cache">;
  readonly stores: StoresSettings;
  readonly userPlan: UserPlanSettings;
  /** GraphQL requests under way at once. */
  readonly maxRequests: number;
}

/** To be said where a configuration is `open`. */
export const openWarning =
  "WARNING: AUTH=none: whoever reaches the gateway may do all that its credentials may.";

/** Something is wrong with the settings: all of it, a line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

const wholePort = z
  .string()
  .regex(/^\d{1,5}$/, "must be a whole number from 0 to 65535")
  .transform(Number)
  .refine((port) => port <= 65_535, "must be a whole number from 0 to 65535");

/** Every setting of the gateway, an environment variable each. */
export const settings = z.object({
  CHIME_MODE: z
    .enum(["local", "remote"], "must be local or remote")
    .optional()
    .describe(
      "`local` starts the embedded Chime; `remote` talks to an existing one. `local` unless NODE_ENV is production",
    ),
  CHIME_ENDPOINT: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .optional()
    .describe("URL of the remote Chime. AWS's own by default"),
  HOST: z.string().default("127.0.0.1").describe("Address that the gateway listens on"),
  PORT: wholeNumber(4000, 0, 65_535).describe("Port of the gateway. 0 takes any free one"),
  ...chimeLocalFields,
  ...authenticationFields,
  EXPLORER: z
    .enum(["on", "off"], "must be on or off")
    .optional()
    .describe(
      "Apollo Sandbox and GraphiQL in the browser, and introspection. `on` unless NODE_ENV is production",
    ),
  CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(",").map((origin) => origin.trim()))
    .pipe(
      z.array(
        z
          .string()
          .regex(
            /^https?:\/\/[^/\s]+$/,
            "must be origins such as https://app.example.com, with commas between",
          ),
      ),
    )
    .optional()
    .describe(
      "Origins whose pages may call the gateway from a browser, with commas between. While EXPLORER is on, Apollo's hosted Sandbox and Studio may as well",
    ),
  LOG_LEVEL: z
    .enum(logLevels, `must be one of ${logLevels.join(", ")}`)
    .default("info")
    .describe(
      "What is logged to standard output, as JSON, or readable in a terminal: this and what is graver. A request is a line at `info`",
    ),
  LOG_KEY: z
    .string()
    .min(16, "must have at least 16 characters")
    .optional()
    .describe(
      "Secret that callers are hashed with in the log. By default a new one each start: a caller's hash is then another",
    ),
  METRICS_PORT: wholePort
    .optional()
    .describe("Port of HOST for `/metrics` alone, which is then not on PORT. 0 takes any free one"),
  METRICS_OPERATIONS: wholeNumber(100, 0, 10_000).describe(
    "Operations that metrics name, beside persisted ones: the first that are answered. The rest are `other`",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .optional()
    .describe("OpenTelemetry collector to send traces to, by OTLP over HTTP. Without it nothing is traced"),
  PERSISTED_OPERATIONS: z
    .string()
    .optional()
    .describe(
      "File with a manifest of persisted operations, as `@apollo/generate-persisted-query-manifest` writes it",
    ),
  PERSISTED_OPERATIONS_MODE: z
    .enum(["allow", "only"], "must be allow or only")
    .default("allow")
    .describe("`allow` answers its operations beside all others; `only` refuses whatever is not in it"),
  LIMIT_BODY_BYTES: wholeNumber(524_288, 1_024, 104_857_600).describe("Bytes of a request's body"),
  LIMIT_TOKENS: wholeNumber(12_000, 100, 100_000).describe(
    "Tokens of a document, and comments. 500 items of a bulk write as literals take up to 11,000",
  ),
  LIMIT_SELECTIONS: wholeNumber(2_000, 100, 10_000).describe(
    "Fields, spreads and definitions of a document, where a spread counts as what it stands for",
  ),
  LIMIT_DEPTH: wholeNumber(20, 5, 200).describe(
    "Levels of fields in one another, and of values in one another. Introspection takes up to 15",
  ),
  LIMIT_ALIASES: wholeNumber(200, 0, 10_000).describe("Aliases of a document"),
  LIMIT_DIRECTIVES: wholeNumber(100, 0, 10_000).describe("Directives of a document, such as `@include`"),
  LIMIT_OVERLAPS: wholeNumber(10_000, 100, 100_000).describe(
    "Pairs of fields of one name at one place, and of spreads: validation compares each. 140 of one name make 9,730; two values in their arguments count as one pair more",
  ),
  LIMIT_ROOT_FIELDS: wholeNumber(20, 1, 10_000).describe("Fields at the root of a query"),
  LIMIT_ROOT_MUTATIONS: wholeNumber(5, 1, 10_000).describe("Mutations of one operation"),
  LIMIT_LIST_ITEMS: wholeNumber(500, 1, 100_000).describe(
    "Items of one list in the arguments, such as ids or the items of a bulk write",
  ),
  LIMIT_ENTITIES: wholeNumber(1_000, 1, 100_000).describe("Representations that a router asks for at once"),
  LIMIT_NODES: wholeNumber(30_000, 1, 1_000_000_000).describe(
    "Nodes that an operation asks for: the items of its lists, multiplied where lists are in one another",
  ),
  MAX_REQUESTS: wholeNumber(128, 1, 100_000).describe(
    "GraphQL requests under way at once; fewer while the process is too busy to be prompt. The rest are answered 503",
  ),
  CHIME_CONCURRENCY: wholeNumber(50, 1, 1000).describe(
    "Calls to Chime under way at once, in the whole process",
  ),
  CHIME_CALL_TIMEOUT_MS: wholeNumber(5_000, 1, 600_000).describe(
    "Milliseconds that one attempt of a call to Chime may take",
  ),
  READ_DEADLINE_MS: wholeNumber(8_000, 1, 600_000).describe("Milliseconds that a query may take"),
  WRITE_DEADLINE_MS: wholeNumber(10_000, 1, 600_000).describe(
    "Milliseconds that a single write may take, for each mutation field; a bulk write, and a whole request, three times as many. A call that might not be answered by then is not sent",
  ),
  USER_BATCH_THRESHOLD: wholeNumber(3, 2, 1000).describe(
    "So many users of one account are looked for in ListUsers pages before GetUser is asked",
  ),
  USER_BATCH_PAGES: wholeNumber(5, 1, 100).describe("ListUsers pages that one such look may take"),
  CACHE_TTL_SECONDS: wholeNumber(0, 0, 86_400).describe(
    "Seconds for which accounts and users that were read are kept for other requests. 0: not at all",
  ),
  CACHE_ENTRIES: wholeNumber(10_000, 1, 10_000_000).describe(
    "Accounts and users that are kept in memory at most, where REDIS_URL is not set",
  ),
  REDIS_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text) && /^rediss?:\/\/[^\s/?#]+(\/\d*)?$/.test(text),
      "must be a redis or rediss URL such as redis://127.0.0.1:6379/0",
    )
    .optional()
    .describe(
      "Redis or Valkey that replicas share: for what CACHE_TTL_SECONDS keeps, and for automatic persisted queries",
    ),
  NODE_ENV: z.string().optional().describe("`production` needs CHIME_MODE and turns EXPLORER off"),
});

/**
 * Reads the configuration from environment variables; an empty one counts as unset.
 *
 * @throws ConfigError that names every bad setting
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const { data, error } = settings.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== "")),
  );
  const problems = (error?.issues ?? []).map(({ path, message }) => `${String(path[0])} ${message}`);
  const mode = env["CHIME_MODE"] || "local";
  const production = env["NODE_ENV"] === "production";
  if (production && !env["CHIME_MODE"])
    problems.push("CHIME_MODE must be set in production: remote, or local for the embedded Chime");
  if (env["CHIME_ENDPOINT"] && mode === "local")
    problems.push("CHIME_ENDPOINT is for CHIME_MODE=remote: the embedded Chime has its own");
  if (env["PERSISTED_OPERATIONS_MODE"] === "only" && !env["PERSISTED_OPERATIONS"])
    problems.push("PERSISTED_OPERATIONS must be set where PERSISTED_OPERATIONS_MODE is only");
  if (data && data.WRITE_DEADLINE_MS <= data.CHIME_CALL_TIMEOUT_MS)
    problems.push("WRITE_DEADLINE_MS must be greater than CHIME_CALL_TIMEOUT_MS, or no write is ever sent");
  const onlyLocal = mode === "local" && isLoopback(env["HOST"] || "127.0.0.1");
  problems.push(...authenticationProblems(env, onlyLocal));
  if (!data || problems.length > 0) throw new ConfigError(problems);

  const authentication = readAuthentication(data);
  const explorer = data.EXPLORER ? data.EXPLORER === "on" : !production;
  return {
    host: data.HOST,
    port: data.PORT,
    ...(mode === "local"
      ? {
          chimeLocal: {
            port: data.CHIME_LOCAL_PORT,
            dataFile: data.CHIME_LOCAL_DATA,
            users: data.CHIME_LOCAL_USERS,
          },
        }
      : { remote: { endpoint: data.CHIME_ENDPOINT } }),
    authentication,
    routerSecrets: data.ROUTER_SECRET,
    open: !authentication && !data.ROUTER_SECRET && !onlyLocal,
    explorer,
    corsOrigins: [...(explorer ? apolloOrigins : []), ...(data.CORS_ORIGINS ?? [])],
    logLevel: data.LOG_LEVEL,
    logKey: data.LOG_KEY,
    metricsPort: data.METRICS_PORT,
    metricsOperations: data.METRICS_OPERATIONS,
    traceEndpoint: data.OTEL_EXPORTER_OTLP_ENDPOINT,
    ...(data.PERSISTED_OPERATIONS !== undefined && {
      persistedOperations: {
        file: data.PERSISTED_OPERATIONS,
        only: data.PERSISTED_OPERATIONS_MODE === "only",
      },
    }),
    limits: {
      bodyBytes: data.LIMIT_BODY_BYTES,
      tokens: data.LIMIT_TOKENS,
      selections: data.LIMIT_SELECTIONS,
      depth: data.LIMIT_DEPTH,
      aliases: data.LIMIT_ALIASES,
      directives: data.LIMIT_DIRECTIVES,
      overlaps: data.LIMIT_OVERLAPS,
      rootFields: data.LIMIT_ROOT_FIELDS,
      rootMutations: data.LIMIT_ROOT_MUTATIONS,
      listItems: data.LIMIT_LIST_ITEMS,
      entities: data.LIMIT_ENTITIES,
      nodes: data.LIMIT_NODES,
      ...fixedLimits,
    },
    upstream: {
      concurrency: data.CHIME_CONCURRENCY,
      callTimeout: data.CHIME_CALL_TIMEOUT_MS,
      readDeadline: data.READ_DEADLINE_MS,
      writeDeadline: data.WRITE_DEADLINE_MS,
    },
    stores: {
      timeToLive: data.CACHE_TTL_SECONDS * 1_000,
      entries: data.CACHE_ENTRIES,
      redisUrl: data.REDIS_URL,
    },
    userPlan: { threshold: data.USER_BATCH_THRESHOLD, pageBudget: data.USER_BATCH_PAGES },
    maxRequests: data.MAX_REQUESTS,
  };
}
