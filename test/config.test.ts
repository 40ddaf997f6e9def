import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "../src/config.js";

/** What is wrong with settings: the lines of the error. */
function problemsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("without any setting", () => {
  test("the gateway and an embedded Chime run on this machine alone, with the explorer on", () => {
    expect(readConfig({})).toEqual({
      host: "127.0.0.1",
      port: 4000,
      chimeLocal: { port: 4001, dataFile: ".chime-local/chime.db", users: 450 },
      authentication: undefined,
      routerSecrets: undefined,
      open: false,
      explorer: true,
      corsOrigins: [
        "https://studio.apollographql.com",
        "https://sandbox.embed.apollographql.com",
        "https://explorer.embed.apollographql.com",
      ],
      logLevel: "info",
      logKey: undefined,
      metricsPort: undefined,
      metricsOperations: 100,
      traceEndpoint: undefined,
      limits: {
        bodyBytes: 524_288,
        tokens: 12_000,
        selections: 2_000,
        depth: 20,
        aliases: 200,
        directives: 100,
        overlaps: 10_000,
        rootFields: 20,
        rootMutations: 5,
        listItems: 500,
        entities: 1_000,
        nodes: 30_000,
        calls: 2_100,
        values: 200_000,
        responseBytes: 10_485_760,
      },
      upstream: { concurrency: 50, callTimeout: 5_000, readDeadline: 8_000, writeDeadline: 10_000 },
      stores: { timeToLive: 0, entries: 10_000, redisUrl: undefined },
      userPlan: { threshold: 3, pageBudget: 5 },
      maxRequests: 128,
    });
  });

  test("an empty variable counts as unset", () => {
    const names = [
      "CHIME_MODE",
      "CHIME_ENDPOINT",
      "HOST",
      "PORT",
      "CHIME_LOCAL_PORT",
      "CHIME_LOCAL_DATA",
      "CHIME_LOCAL_USERS",
      "AUTH",
      "AUTH_ISSUER",
      "AUTH_AUDIENCE",
      "AUTH_JWKS_URL",
      "AUTH_ALGORITHMS",
      "AUTH_ACCOUNTS_CLAIM",
      "ROUTER_SECRET",
      "EXPLORER",
      "CORS_ORIGINS",
      "LOG_LEVEL",
      "LOG_KEY",
      "METRICS_PORT",
      "METRICS_OPERATIONS",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "PERSISTED_OPERATIONS",
      "PERSISTED_OPERATIONS_MODE",
      "LIMIT_BODY_BYTES",
      "LIMIT_TOKENS",
      "LIMIT_SELECTIONS",
      "LIMIT_DEPTH",
      "LIMIT_ALIASES",
      "LIMIT_DIRECTIVES",
      "LIMIT_OVERLAPS",
      "LIMIT_ROOT_FIELDS",
      "LIMIT_ROOT_MUTATIONS",
      "LIMIT_LIST_ITEMS",
      "LIMIT_ENTITIES",
      "LIMIT_NODES",
      "MAX_REQUESTS",
      "CHIME_CONCURRENCY",
      "CHIME_CALL_TIMEOUT_MS",
      "READ_DEADLINE_MS",
      "WRITE_DEADLINE_MS",
      "USER_BATCH_THRESHOLD",
      "USER_BATCH_PAGES",
      "CACHE_TTL_SECONDS",
      "CACHE_ENTRIES",
      "REDIS_URL",
      "NODE_ENV",
    ];
    expect(readConfig(Object.fromEntries(names.map((name) => [name, ""])))).toEqual(readConfig({}));
  });

  test("variables of the process are not looked at, and those of others don't matter", () => {
    process.env["USER_BATCH_PAGES"] = "7";
    try {
      expect(readConfig({ PATH: "/bin", AWS_REGION: "eu-west-1", PORTS: "x" })).toEqual(readConfig({}));
      expect(readConfig({}).userPlan).toEqual({ threshold: 3, pageBudget: 5 });
    } finally {
      delete process.env["USER_BATCH_PAGES"];
    }
  });
});

describe("each setting", () => {
  test("has its place, with an embedded Chime", () => {
    expect(
      readConfig({
        CHIME_MODE: "local",
        HOST: "0.0.0.0",
        PORT: "0",
        CHIME_LOCAL_PORT: "4101",
        CHIME_LOCAL_DATA: ":memory:",
        CHIME_LOCAL_USERS: "1000000",
        AUTH: "jwt",
        AUTH_ISSUER: "https://login.example.com/",
        AUTH_AUDIENCE: "https://chime.example.com",
        AUTH_JWKS_URL: "https://login.example.com/keys",
        AUTH_ALGORITHMS: "ES256, PS512",
        AUTH_ACCOUNTS_CLAIM: "https://chime.example.com/accounts",
        ROUTER_SECRET: "0123456789abcdef, fedcba9876543210",
        EXPLORER: "off",
        CORS_ORIGINS: "https://app.example.com, http://localhost:5173",
        LOG_LEVEL: "warn",
        LOG_KEY: "0123456789abcdef",
        METRICS_PORT: "9464",
        METRICS_OPERATIONS: "7",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
        PERSISTED_OPERATIONS: "operations.json",
        PERSISTED_OPERATIONS_MODE: "only",
        LIMIT_BODY_BYTES: "2000",
        LIMIT_TOKENS: "151",
        LIMIT_SELECTIONS: "152",
        LIMIT_DEPTH: "153",
        LIMIT_ALIASES: "154",
        LIMIT_DIRECTIVES: "155",
        LIMIT_OVERLAPS: "156",
        LIMIT_ROOT_FIELDS: "157",
        LIMIT_ROOT_MUTATIONS: "158",
        LIMIT_LIST_ITEMS: "159",
        LIMIT_ENTITIES: "160",
        LIMIT_NODES: "161",
        MAX_REQUESTS: "100000",
        CHIME_CONCURRENCY: "1",
        CHIME_CALL_TIMEOUT_MS: "250",
        READ_DEADLINE_MS: "600000",
        WRITE_DEADLINE_MS: "500000",
        USER_BATCH_THRESHOLD: "2",
        USER_BATCH_PAGES: "100",
        CACHE_TTL_SECONDS: "86400",
        CACHE_ENTRIES: "1",
        REDIS_URL: "rediss://gateway:secret@redis.example.com:6380/2",
      }),
    ).toEqual({
      host: "0.0.0.0",
      port: 0,
      chimeLocal: { port: 4101, dataFile: ":memory:", users: 1_000_000 },
      authentication: {
        issuer: "https://login.example.com/",
        audience: "https://chime.example.com",
        jwksUrl: "https://login.example.com/keys",
        algorithms: ["ES256", "PS512"],
        accountsClaim: "https://chime.example.com/accounts",
      },
      routerSecrets: ["0123456789abcdef", "fedcba9876543210"],
      open: false,
      explorer: false,
      corsOrigins: ["https://app.example.com", "http://localhost:5173"],
      logLevel: "warn",
      logKey: "0123456789abcdef",
      metricsPort: 9464,
      metricsOperations: 7,
      traceEndpoint: "http://127.0.0.1:4318",
      persistedOperations: { file: "operations.json", only: true },
      limits: {
        bodyBytes: 2000,
        tokens: 151,
        selections: 152,
        depth: 153,
        aliases: 154,
        directives: 155,
        overlaps: 156,
        rootFields: 157,
        rootMutations: 158,
        listItems: 159,
        entities: 160,
        nodes: 161,
        calls: 2_100,
        values: 200_000,
        responseBytes: 10_485_760,
      },
      upstream: { concurrency: 1, callTimeout: 250, readDeadline: 600_000, writeDeadline: 500_000 },
      stores: {
        timeToLive: 86_400_000,
        entries: 1,
        redisUrl: "rediss://gateway:secret@redis.example.com:6380/2",
      },
      userPlan: { threshold: 2, pageBudget: 100 },
      maxRequests: 100_000,
    });
  });

  test("a manifest of persisted operations is not all that is answered, unless said so", () => {
    const persistedOperations = { file: "operations.json", only: false };
    for (const PERSISTED_OPERATIONS_MODE of [undefined, "", "allow"])
      expect(
        readConfig({ PERSISTED_OPERATIONS: "operations.json", PERSISTED_OPERATIONS_MODE })
          .persistedOperations,
      ).toEqual(persistedOperations);
  });

  test("has its place, with a remote Chime: none is embedded then", () => {
    const { chimeLocal, remote } = readConfig({
      CHIME_MODE: "remote",
      CHIME_ENDPOINT: "https://chime.example.com:8443/base",
      AUTH: "none",
    });
    expect({ chimeLocal, remote }).toEqual({
      chimeLocal: undefined,
      remote: { endpoint: "https://chime.example.com:8443/base" },
    });
  });

  test("a remote Chime without an endpoint is AWS's own", () => {
    expect(readConfig({ CHIME_MODE: "remote", AUTH: "none" }).remote).toEqual({ endpoint: undefined });
  });
});

describe("settings that are wrong", () => {
  test("are reported all at once, each by its name", () => {
    expect(
      problemsOf({
        CHIME_MODE: "cloud",
        CHIME_ENDPOINT: "localhost:4001",
        PORT: "65536",
        CHIME_LOCAL_PORT: "-1",
        CHIME_LOCAL_USERS: "many",
        AUTH: "basic",
        AUTH_ISSUER: "login.example.com",
        AUTH_JWKS_URL: "http://login.example.com/keys",
        AUTH_ALGORITHMS: "HS256",
        ROUTER_SECRET: "short",
        EXPLORER: "yes",
        CORS_ORIGINS: "app.example.com",
        LOG_LEVEL: "loud",
        LOG_KEY: "short",
        METRICS_PORT: "70000",
        METRICS_OPERATIONS: "many",
        OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
        PERSISTED_OPERATIONS_MODE: "deny",
        LIMIT_BODY_BYTES: "1",
        LIMIT_ROOT_FIELDS: "0",
        CHIME_CONCURRENCY: "0",
        CHIME_CALL_TIMEOUT_MS: "1.5",
        READ_DEADLINE_MS: "1e3",
        WRITE_DEADLINE_MS: "0",
        USER_BATCH_THRESHOLD: "1",
        USER_BATCH_PAGES: "0x10",
        CACHE_TTL_SECONDS: "-1",
        CACHE_ENTRIES: "0",
        REDIS_URL: "http://redis.example.com",
      }),
    ).toEqual([
      "CHIME_MODE must be local or remote",
      "CHIME_ENDPOINT must be an http or https URL",
      "PORT must be a whole number from 0 to 65535",
      "CHIME_LOCAL_PORT must be a whole number from 0 to 65535",
      "CHIME_LOCAL_USERS must be a whole number from 0 to 1000000",
      "AUTH must be none or jwt",
      "AUTH_ISSUER must be an https URL; http is for this machine alone",
      "AUTH_JWKS_URL must be an https URL; http is for this machine alone",
      "AUTH_ALGORITHMS must be of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, with commas between",
      "ROUTER_SECRET must be one secret or two, of at least 16 characters, with a comma between",
      "EXPLORER must be on or off",
      "CORS_ORIGINS must be origins such as https://app.example.com, with commas between",
      "LOG_LEVEL must be one of silent, fatal, error, warn, info, debug, trace",
      "LOG_KEY must have at least 16 characters",
      "METRICS_PORT must be a whole number from 0 to 65535",
      "METRICS_OPERATIONS must be a whole number from 0 to 10000",
      "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL",
      "PERSISTED_OPERATIONS_MODE must be allow or only",
      "LIMIT_BODY_BYTES must be a whole number from 1024 to 104857600",
      "LIMIT_ROOT_FIELDS must be a whole number from 1 to 10000",
      "CHIME_CONCURRENCY must be a whole number from 1 to 1000",
      "CHIME_CALL_TIMEOUT_MS must be a whole number from 1 to 600000",
      "READ_DEADLINE_MS must be a whole number from 1 to 600000",
      "WRITE_DEADLINE_MS must be a whole number from 1 to 600000",
      "USER_BATCH_THRESHOLD must be a whole number from 2 to 1000",
      "USER_BATCH_PAGES must be a whole number from 1 to 100",
      "CACHE_TTL_SECONDS must be a whole number from 0 to 86400",
      "CACHE_ENTRIES must be a whole number from 1 to 10000000",
      "REDIS_URL must be a redis or rediss URL such as redis://127.0.0.1:6379/0",
    ]);
  });

  test("are one message, a line each", () => {
    expect(() => readConfig({ PORT: "http", EXPLORER: "yes" })).toThrow(
      new ConfigError(["PORT must be a whole number from 0 to 65535", "EXPLORER must be on or off"]),
    );
  });

  test.each(["ftp://chime.example.com", "//chime.example.com", "chime", "http://"])(
    "CHIME_ENDPOINT is an http or https URL, not %s",
    (CHIME_ENDPOINT) => {
      expect(problemsOf({ CHIME_MODE: "remote", CHIME_ENDPOINT, AUTH: "none" })).toEqual([
        "CHIME_ENDPOINT must be an http or https URL",
      ]);
    },
  );

  test.each(["redis.example.com:6379", "redis://", "redis://redis.example.com/users", "redis://a:99999"])(
    "REDIS_URL is a redis or rediss URL, not %s",
    (REDIS_URL) => {
      expect(problemsOf({ REDIS_URL })).toEqual([
        "REDIS_URL must be a redis or rediss URL such as redis://127.0.0.1:6379/0",
      ]);
    },
  );

  test("CHIME_ENDPOINT is refused where the embedded Chime runs", () => {
    const problems = ["CHIME_ENDPOINT is for CHIME_MODE=remote: the embedded Chime has its own"];
    const CHIME_ENDPOINT = "http://127.0.0.1:4001";
    expect(problemsOf({ CHIME_ENDPOINT })).toEqual(problems);
    expect(problemsOf({ CHIME_ENDPOINT, CHIME_MODE: "local" })).toEqual(problems);
  });
});

test("PERSISTED_OPERATIONS_MODE=only is refused without a manifest: it would answer nothing, or all", () => {
  const problems = ["PERSISTED_OPERATIONS must be set where PERSISTED_OPERATIONS_MODE is only"];
  expect(problemsOf({ PERSISTED_OPERATIONS_MODE: "only" })).toEqual(problems);
  expect(problemsOf({ PERSISTED_OPERATIONS_MODE: "only", PERSISTED_OPERATIONS: "" })).toEqual(problems);
});

describe("who may ask", () => {
  const issuer = { AUTH_ISSUER: "https://login.example.com", AUTH_AUDIENCE: "chime" };
  const jwt = { AUTH: "jwt", ...issuer };

  test("is said by two settings at least: whose tokens, and for whom", () => {
    expect(readConfig(jwt).authentication).toEqual({
      issuer: "https://login.example.com",
      audience: "chime",
      jwksUrl: undefined,
      algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
      accountsClaim: "chime_accounts",
    });
    expect(problemsOf({ AUTH: "jwt", AUTH_AUDIENCE: "" })).toEqual([
      "AUTH_ISSUER must be set where AUTH is jwt",
      "AUTH_AUDIENCE must be set where AUTH is jwt",
    ]);
  });

  test.each([undefined, "none"])(
    "is not said by AUTH_* without AUTH=jwt: it would let everybody in",
    (AUTH) => {
      expect(problemsOf({ ...issuer, AUTH })).toEqual([
        "AUTH_ISSUER is for AUTH=jwt",
        "AUTH_AUDIENCE is for AUTH=jwt",
      ]);
    },
  );

  const unsaid =
    "AUTH must be set where others reach the gateway or Chime is remote: jwt, or none for everybody";
  test.each([
    { HOST: "0.0.0.0" },
    { HOST: "192.0.2.1" },
    { HOST: "::" },
    { HOST: "localhost.example.com" },
    { HOST: "127.0.0.1.example.com" },
    { CHIME_MODE: "remote" },
    { CHIME_MODE: "remote", HOST: "127.0.0.1" },
    { CHIME_MODE: "remote", AUTH: "" },
    { CHIME_MODE: "remote", ROUTER_SECRET: "0123456789abcdef" },
  ])("must be said with %j", (env) => {
    expect(problemsOf(env)).toEqual([unsaid]);
    expect(problemsOf({ ...env, AUTH: "none" })).toEqual([]);
    expect(problemsOf({ ...env, ...jwt })).toEqual([]);
  });

  test.each([{}, { HOST: "localhost" }, { HOST: "127.0.0.2" }, { HOST: "::1" }, { CHIME_MODE: "local" }])(
    "need not be said with %j: it is this machine alone",
    (env) => {
      expect(problemsOf(env)).toEqual([]);
      expect(readConfig(env).open).toBe(false);
    },
  );

  test("is everybody with AUTH=none where others reach the gateway, unless a router keeps them out", () => {
    const env = { HOST: "0.0.0.0", AUTH: "none" };
    expect(readConfig(env).open).toBe(true);
    expect(readConfig({ ...env, ROUTER_SECRET: "0123456789abcdef" }).open).toBe(false);
    expect(readConfig({ ...env, ...jwt }).open).toBe(false);
  });

  test.each(["HS256", "none", "RS256,HS256", "RS256,none", "", "rs256", ","])(
    "is never told by the algorithms %j",
    (AUTH_ALGORITHMS) => {
      const problems = problemsOf({ ...jwt, AUTH_ALGORITHMS });
      if (AUTH_ALGORITHMS === "") expect(problems).toEqual([]);
      else expect(new Set(problems.map((line) => line.split(" ")[0]))).toEqual(new Set(["AUTH_ALGORITHMS"]));
    },
  );

  test.each([
    ["http://127.0.0.1:8080/realms/chime", true],
    ["http://localhost", true],
    ["http://[::1]:8080", true],
    ["http://login.example.com", false],
    ["http://127.0.0.1.example.com", false],
    ["ftp://127.0.0.1", false],
    ["file:///etc/passwd", false],
    ["login.example.com", false],
  ])("is not said by who can change what %s answers on its way", (url, taken) => {
    const line = "must be an https URL; http is for this machine alone";
    expect(problemsOf({ ...jwt, AUTH_ISSUER: url })).toEqual(taken ? [] : [`AUTH_ISSUER ${line}`]);
    expect(problemsOf({ ...jwt, AUTH_JWKS_URL: url })).toEqual(taken ? [] : [`AUTH_JWKS_URL ${line}`]);
  });

  test("is a router with one secret or two, each long enough", () => {
    const secret = "0123456789abcdef";
    expect(readConfig({ ROUTER_SECRET: secret }).routerSecrets).toEqual([secret]);
    for (const ROUTER_SECRET of [secret.slice(1), `${secret},`, `${secret},short`, `${secret},,${secret}`])
      expect(problemsOf({ ROUTER_SECRET })[0]).toMatch(/^ROUTER_SECRET must be one secret or two/);
    expect(problemsOf({ ROUTER_SECRET: `${secret},${secret}1,${secret}2` })).toEqual([
      "ROUTER_SECRET must be one secret or two, with a comma between",
    ]);
  });
});

describe("in production", () => {
  const NODE_ENV = "production";

  test.each([undefined, ""])("CHIME_MODE must be said, or nothing starts: it is %j", (CHIME_MODE) => {
    expect(problemsOf({ NODE_ENV, CHIME_MODE })).toEqual([
      "CHIME_MODE must be set in production: remote, or local for the embedded Chime",
    ]);
  });

  test("a missing CHIME_MODE is reported with all else that is wrong", () => {
    expect(problemsOf({ NODE_ENV, PORT: "x", CHIME_ENDPOINT: "http://127.0.0.1:4001" })).toEqual([
      "PORT must be a whole number from 0 to 65535",
      "CHIME_MODE must be set in production: remote, or local for the embedded Chime",
      "CHIME_ENDPOINT is for CHIME_MODE=remote: the embedded Chime has its own",
    ]);
  });

  test("the explorer is off unless it is set on", () => {
    expect(readConfig({ NODE_ENV, CHIME_MODE: "remote", AUTH: "none" }).explorer).toBe(false);
    expect(readConfig({ NODE_ENV, CHIME_MODE: "local" }).explorer).toBe(false);
    expect(readConfig({ NODE_ENV, CHIME_MODE: "local", EXPLORER: "on" }).explorer).toBe(true);
  });

  test("is NODE_ENV=production alone", () => {
    expect(readConfig({ NODE_ENV: "development" })).toEqual(readConfig({}));
    expect(readConfig({ NODE_ENV: "staging" })).toEqual(readConfig({}));
  });
});
