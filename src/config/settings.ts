import { z } from "zod";
import { isLoopback, isSecure } from "../network.js";
import { logLevels } from "../telemetry/requestLog.js";
import { chimeLocalSettings } from "./chimeLocal.js";
import {
  choice,
  httpUrl,
  list,
  port,
  redisUrls,
  setting,
  text,
  textThat,
  type Variable,
  variablesOf,
  wholeNumber,
} from "./variables.js";

const secureUrl = textThat("an https URL; http is allowed for loopback hosts only", isSecure);
const defaultAccountsClaim = "chime_accounts";
const minSecretLength = 16;
const isLongSecret = (secret: string) => secret.length >= minSecretLength;
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
      endpoint: setting("CHIME_ENDPOINT", httpUrl, "URL of the remote Chime.", { ifUnset: "that of AWS" }),
      concurrency: setting(
        "CHIME_CONCURRENCY",
        wholeNumber(1, 1_000),
        "Calls to Chime in flight at once, for the whole process.",
        "50",
      ),
      readDeadline: setting("READ_DEADLINE_MS", deadline, "Milliseconds that a query may take.", "8000"),
      writeDeadline: setting(
        "WRITE_DEADLINE_MS",
        deadline,
        "Milliseconds that a mutation field may take; bulk writes and whole requests may take three times as many.",
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
        "GraphQL requests in progress at once, beyond which requests are answered with 503; fewer while the event loop is slow.",
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
        "Origins whose pages may call the gateway, besides Apollo's Sandbox and Studio while EXPLORER is on.",
      ),
    })
    .describe("HTTP"),
  auth: z
    .object({
      mode: setting(
        "AUTH",
        choice("none", "jwt"),
        "`jwt` requires a bearer token of AUTH_ISSUER, `none` disables authentication.",
        { ifUnset: "none; required if CHIME_MODE is remote or HOST is not a loopback address" },
      ),
      issuer: setting("AUTH_ISSUER", secureUrl, "OpenID Connect issuer of the tokens: their `iss` claim."),
      audience: setting("AUTH_AUDIENCE", text("a string"), "What the `aud` claim of a token must contain."),
      jwksUrl: setting("AUTH_JWKS_URL", secureUrl, "URL of the issuer's signing keys.", {
        ifUnset: "as in the issuer's /.well-known/openid-configuration",
      }),
      accountsClaim: setting(
        "AUTH_ACCOUNTS_CLAIM",
        text("a claim's name"),
        "Claim that limits a token to some accounts, by their ids.",
        { ifUnset: defaultAccountsClaim },
      ),
      routerSecrets: setting(
        "ROUTER_SECRET",
        list(
          `one or two secrets of at least ${minSecretLength} characters, separated by a comma`,
          isLongSecret,
          2,
        ),
        "Secret that each request must carry as `x-router-secret`; two while it is being rotated.",
        { ifUnset: "requests need none" },
      ),
    })
    .describe("Authentication"),
  persistedOperations: z
    .object({
      file: setting(
        "PERSISTED_OPERATIONS",
        text("a path"),
        "File with a manifest of persisted operations, as `@apollo/generate-persisted-query-manifest` writes it.",
      ),
      mode: setting(
        "PERSISTED_OPERATIONS_MODE",
        choice("allow", "only"),
        "`allow` answers other operations as well, `only` refuses them.",
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
        textThat(`a secret of at least ${minSecretLength} characters`, isLongSecret),
        "Key of the hash that stands for a caller in the log.",
        { ifUnset: "a new key at each start" },
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
        { ifUnset: "none are sent" },
      ),
    })
    .describe("Metrics and traces"),
} as const;

/** For documentation: the groups, with their titles and settings. */
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
  const { isProduction, chime, auth, persistedOperations } = settings;
  if (isProduction && chime.mode === undefined)
    yield "CHIME_MODE must be set in production: remote, or local for the embedded Chime";
  if (chime.endpoint !== undefined && modeOf(settings) === "local")
    yield "CHIME_ENDPOINT requires CHIME_MODE=remote: the embedded Chime has an endpoint of its own";
  if (persistedOperations.mode === "only" && persistedOperations.file === undefined)
    yield "PERSISTED_OPERATIONS is required when PERSISTED_OPERATIONS_MODE=only";
  if (auth.mode === "jwt") {
    if (auth.issuer === undefined) yield "AUTH_ISSUER is required when AUTH=jwt";
    if (auth.audience === undefined) yield "AUTH_AUDIENCE is required when AUTH=jwt";
  }
  if (auth.mode === undefined || auth.mode === "none") {
    // Otherwise a forgotten AUTH=jwt would let everyone in.
    if (auth.issuer !== undefined) yield "AUTH_ISSUER requires AUTH=jwt";
    if (auth.audience !== undefined) yield "AUTH_AUDIENCE requires AUTH=jwt";
    if (auth.jwksUrl !== undefined) yield "AUTH_JWKS_URL requires AUTH=jwt";
    if (auth.accountsClaim !== undefined) yield "AUTH_ACCOUNTS_CLAIM requires AUTH=jwt";
  }
  if (auth.mode === undefined && !isReachableLocallyOnly(settings))
    yield "AUTH must be set when CHIME_MODE is remote or HOST is not a loopback address: jwt, or none to let everyone in";
}

/**
 * Milliseconds of one attempt of a call: Chime answers within tens of milliseconds, and a query of 8 seconds has time for a
 * second attempt.
 */
const maxCallTimeout = 5_000;

/** The settings as the gateway uses them: defaults that depend on others filled in, times in milliseconds. */
export function toConfig(settings: Settings) {
  const { isProduction, chime, chimeLocal, http, auth, persistedOperations, limits, cache } = settings;
  const { issuer, audience, jwksUrl, accountsClaim = defaultAccountsClaim, routerSecrets } = auth;
  const explorer = http.explorer ? http.explorer === "on" : !isProduction;
  const tokens =
    auth.mode === "jwt" && issuer !== undefined && audience !== undefined
      ? { issuer, audience, jwksUrl, accountsClaim }
      : undefined;
  return {
    chime: {
      ...chime,
      mode: modeOf(settings),
      // A write is only sent if an attempt fits before its deadline.
      callTimeout: Math.min(maxCallTimeout, Math.floor(chime.writeDeadline / 2)),
    },
    chimeLocal,
    http: { ...http, explorer, corsOrigins: http.corsOrigins ?? [] },
    auth: {
      /** Which tokens are accepted; undefined: callers need none. */
      tokens,
      /** Each request must carry one of them; undefined: none is needed. */
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
    logging: settings.logging,
    monitoring: settings.monitoring,
  };
}

export type Config = ReturnType<typeof toConfig>;
