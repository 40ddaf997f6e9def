import { z } from "zod";
import { isLoopback } from "../network.js";
import { logLevels } from "../telemetry/requestLog.js";
import { authenticationSettings, contradictionsOfTokens, tokensOf } from "./authentication.js";
import { chimeLocalSettings } from "./chimeLocal.js";
import { schemaSettings } from "./schemaPrefix.js";
import {
  choice,
  httpUrl,
  list,
  port,
  redisUrls,
  secret,
  setting,
  text,
  type Variable,
  variablesOf,
  wholeNumber,
} from "./variables.js";

const deadline = wholeNumber(100, 600_000);

/** The settings by their groups: each is an environment variable. */
export const groups = {
  chime: z
    .object({
      mode: setting(
        "CHIME_MODE",
        choice("local", "remote"),
        "`local` starts the embedded Chime, `remote` calls an existing one.",
        { ifUnset: "local; required if NODE_ENV is production" },
      ),
      endpoint: setting("CHIME_ENDPOINT", httpUrl, "URL of the remote Chime.", { ifUnset: "AWS" }),
      concurrency: setting(
        "CHIME_CONCURRENCY",
        wholeNumber(1, 1_000),
        "Calls to Chime in flight at once, for the whole process.",
        "50",
      ),
      readDeadline: setting(
        "READ_DEADLINE_MS",
        deadline,
        "Maximum duration of a query, in milliseconds.",
        "8000",
      ),
      writeDeadline: setting(
        "WRITE_DEADLINE_MS",
        deadline,
        "Maximum duration of a mutation field, in milliseconds. Bulk writes and whole requests may take three times as long.",
        "10000",
      ),
    })
    .describe("Chime"),
  chimeLocal: chimeLocalSettings,
  http: z
    .object({
      host: setting("HOST", text("an address"), "Address on which the gateway listens.", "127.0.0.1"),
      port: setting("PORT", port, "Port of the gateway; 0 picks a free one.", "4000"),
      maxRequests: setting(
        "MAX_REQUESTS",
        wholeNumber(1, 100_000),
        "Maximum number of concurrent GraphQL requests. Further ones get status 503. While the event loop is delayed, the maximum is 64.",
        "128",
      ),
      explorer: setting(
        "EXPLORER",
        choice("on", "off"),
        "Apollo Sandbox and GraphiQL in the browser, and introspection.",
        { ifUnset: "on; off if NODE_ENV is production" },
      ),
      corsOrigins: setting(
        "CORS_ORIGINS",
        list("origins such as https://app.example.com, separated by commas", (origin) =>
          /^https?:\/\/[^/\s]+$/.test(origin),
        ),
        "Origins whose pages may call the gateway, besides loopback ones if CHIME_MODE is local, and Apollo's Sandbox and Studio while EXPLORER is on.",
      ),
      rateLimit: setting(
        "RATE_LIMIT_PER_MINUTE",
        wholeNumber(1, 1_000_000),
        "GraphQL requests and exports that a caller may begin in a minute. With REDIS_URL, replicas count together.",
        { ifUnset: "no limit" },
      ),
    })
    .describe("HTTP"),
  schema: schemaSettings,
  auth: authenticationSettings,
  persistedOperations: z
    .object({
      file: setting(
        "PERSISTED_OPERATIONS",
        text("a path"),
        "File with a manifest of persisted operations, of `@apollo/generate-persisted-query-manifest`, relay-compiler or the client preset.",
      ),
      mode: setting(
        "PERSISTED_OPERATIONS_MODE",
        choice("allow", "only"),
        "`allow` also runs operations that are not in the manifest, `only` rejects them.",
        "allow",
      ),
    })
    .describe("Persisted operations"),
  limits: z
    .object({
      bodyBytes: setting(
        "LIMIT_BODY_BYTES",
        wholeNumber(1_024, 104_857_600),
        "Bytes of a request's body.",
        "524288",
      ),
      depth: setting(
        "LIMIT_DEPTH",
        wholeNumber(5, 200),
        "Levels of nested fields, and of nested values; introspection has up to 15.",
        "20",
      ),
      nodes: setting(
        "LIMIT_NODES",
        wholeNumber(1, 1_000_000_000),
        "Nodes that an operation may return: the items of its lists, multiplied where lists are nested.",
        "30000",
      ),
    })
    .describe("Limits of a request"),
  cache: z
    .object({
      ttlSeconds: setting(
        "CACHE_TTL_SECONDS",
        wholeNumber(0, 86_400),
        "Seconds for which accounts and users are cached between requests; 0 disables the cache.",
        "0",
      ),
      redisUrls: setting(
        "REDIS_URL",
        redisUrls,
        "Redis or Valkey that replicas share, for the cache and for automatic persisted queries; of a cluster, two or more nodes.",
      ),
    })
    .describe("Cache"),
  logging: z
    .object({
      level: setting(
        "LOG_LEVEL",
        choice(...logLevels),
        "Least severe level that is logged to standard output; each request is a line at `info`.",
        "info",
      ),
      key: setting(
        "LOG_KEY",
        secret,
        "Key of the hashes that stand for callers in the log, and for addresses and phone numbers in the audit log.",
        { ifUnset: "a new key at each start; required if AUDIT_LOG is set" },
      ),
      audit: setting(
        "AUDIT_LOG",
        text("`stdout` or a path"),
        "File, or `stdout`, for a line about each write, export and read of a secret, with the caller and ids.",
        { ifUnset: "no audit log" },
      ),
      isAuditRequired: setting(
        "AUDIT_REQUIRED",
        choice("true", "false"),
        "`true` rejects a write if its intent cannot be recorded first.",
        "false",
      ),
    })
    .describe("Log"),
  monitoring: z
    .object({
      metricsPort: setting("METRICS_PORT", port, "Port of HOST for `/metrics` alone; 0 picks a free one.", {
        ifUnset: "on PORT, if HOST is a loopback address and callers need no token or secret",
      }),
      otlpEndpoint: setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        httpUrl,
        "OpenTelemetry collector that receives traces and metrics; OpenTelemetry's other variables apply as well.",
        { ifUnset: "nothing is exported" },
      ),
    })
    .describe("Metrics and traces"),
} as const;

/** The groups with their titles and settings, for documentation. */
export const documentedGroups: readonly { title: string; settings: readonly Variable[] }[] = Object.values(
  groups,
).map((group) => ({ title: group.description ?? "", settings: variablesOf(group.shape) }));

export const settingNames: ReadonlySet<string> = new Set(
  documentedGroups.flatMap(({ settings }) => settings.map(({ name }) => name)),
);

const allSettings = z.object({ ...groups, isProduction: z.boolean() });
export type Settings = z.output<typeof allSettings>;

/** Rules between settings. They run on settings of which some may be invalid, so that all problems are reported. */
export const checkedSettings = allSettings.check(
  z.superRefine(
    (settings, { addIssue }) => {
      for (const message of contradictions(settings)) addIssue({ code: "custom", path: [], message });
    },
    { when: () => true },
  ),
);

export const modeOf = ({ chime }: Settings): "local" | "remote" => chime.mode ?? "local";

const isReachableLocallyOnly = (settings: Settings): boolean =>
  modeOf(settings) === "local" && isLoopback(settings.http.host);

function* contradictions(settings: Settings): Generator<string> {
  const { isProduction, chime, auth, persistedOperations, logging } = settings;
  if (isProduction && chime.mode === undefined)
    yield "CHIME_MODE must be set in production: remote, or local for the embedded Chime";
  if (chime.endpoint !== undefined && modeOf(settings) === "local")
    yield "CHIME_ENDPOINT requires CHIME_MODE=remote: the embedded Chime has an endpoint of its own";
  if (persistedOperations.mode === "only" && persistedOperations.file === undefined)
    yield "PERSISTED_OPERATIONS is required when PERSISTED_OPERATIONS_MODE=only";
  if (logging.audit !== undefined && logging.key === undefined)
    yield "LOG_KEY is required when AUDIT_LOG is set: it hashes addresses and phone numbers";
  if (logging.audit === undefined && logging.isAuditRequired === "true")
    yield "AUDIT_LOG is required when AUDIT_REQUIRED=true";
  yield* contradictionsOfTokens(auth);
  if (auth.mode === undefined && !isReachableLocallyOnly(settings))
    yield "AUTH must be set when CHIME_MODE is remote or HOST is not a loopback address: jwt, or none to let everyone in";
}

/**
 * Milliseconds of one attempt of a call: Chime answers within tens of milliseconds, and a query of 8 seconds has time for a
 * second attempt.
 */
const maxCallTimeout = 4_500;

/** The settings as the gateway uses them: defaults that depend on others filled in, times in milliseconds. */
export function toConfig(settings: Settings) {
  const { isProduction, chime, chimeLocal, http, schema, auth, persistedOperations, limits, cache, logging } =
    settings;
  const explorer = http.explorer ? http.explorer === "on" : !isProduction;
  const tokens = tokensOf(auth);
  const { routerSecrets } = auth;
  return {
    chime: {
      ...chime,
      mode: modeOf(settings),
      // A write is only sent if an attempt fits before its deadline. One that is repeated has time for two.
      callTimeout: Math.min(maxCallTimeout, Math.floor(0.45 * chime.writeDeadline)),
    },
    chimeLocal,
    http: { ...http, explorer, corsOrigins: http.corsOrigins ?? [] },
    schema,
    auth: {
      /** Rules for tokens; undefined: callers need none. */
      tokens,
      /** Each request must carry one of them; undefined: not required. */
      routerSecrets,
      /** Whether AUTH=none lets in callers that the default would keep out. */
      isOpen: !tokens && !routerSecrets && !isReachableLocallyOnly(settings),
    },
    persistedOperations:
      persistedOperations.file === undefined
        ? undefined
        : { file: persistedOperations.file, only: persistedOperations.mode === "only" },
    limits,
    cache: { timeToLive: cache.ttlSeconds * 1_000, redisUrls: cache.redisUrls },
    logging: {
      level: logging.level,
      key: logging.key,
      /** Undefined: there is no audit log. */
      audit:
        logging.audit === undefined
          ? undefined
          : { target: logging.audit, isRequired: logging.isAuditRequired === "true" },
    },
    monitoring: settings.monitoring,
  };
}

export type Config = ReturnType<typeof toConfig>;
