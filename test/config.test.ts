import { describe, expect, test } from "vitest";
import { settingNames } from "../src/config/settings.js";
import { ConfigError, readConfig } from "../src/config.js";
import { problemsOf } from "./config/problems.js";

test("there are at most 40 settings", () => expect(settingNames.size).toBeLessThanOrEqual(40));

describe("without any setting", () => {
  test("the gateway and an embedded Chime run on this machine alone, with the explorer on", () => {
    expect(readConfig({})).toEqual({
      chime: {
        mode: "local",
        endpoint: undefined,
        concurrency: 50,
        callTimeout: 4_500,
        readDeadline: 8_000,
        writeDeadline: 10_000,
      },
      chimeLocal: { host: "127.0.0.1", port: 4001, dataFile: ".chime-local/chime.db", users: 450 },
      http: {
        host: "127.0.0.1",
        port: 4000,
        maxRequests: 128,
        explorer: true,
        corsOrigins: [],
        rateLimit: undefined,
      },
      schema: { prefix: undefined },
      auth: { tokens: undefined, routerSecrets: undefined, isOpen: false },
      persistedOperations: undefined,
      limits: { bodyBytes: 524_288, depth: 20, nodes: 30_000 },
      cache: { timeToLive: 0, redisUrls: undefined },
      logging: { level: "info", key: undefined, audit: undefined },
      monitoring: { metricsPort: undefined, otlpEndpoint: undefined },
    });
  });

  test.each(["", "  "])("an empty or blank variable counts as unset: %j", (blank) => {
    const env = Object.fromEntries([...settingNames, "NODE_ENV"].map((name) => [name, blank]));
    expect(readConfig(env)).toEqual(readConfig({}));
  });

  test("variables of the process are not read, and those of other programs don't matter", () => {
    process.env["LIMIT_DEPTH"] = "7";
    try {
      expect(readConfig({ PATH: "/bin", AWS_REGION: "eu-west-1", PORTS: "x" })).toEqual(readConfig({}));
      expect(readConfig({}).limits.depth).toBe(20);
    } finally {
      delete process.env["LIMIT_DEPTH"];
    }
  });
});

describe("each setting", () => {
  test("is read, with an embedded Chime", () => {
    expect(
      readConfig({
        CHIME_MODE: "local",
        CHIME_CONCURRENCY: "1",
        READ_DEADLINE_MS: "600000",
        WRITE_DEADLINE_MS: "501",
        CHIME_LOCAL_HOST: "127.0.0.2",
        CHIME_LOCAL_PORT: "4101",
        CHIME_LOCAL_DATA: ":memory:",
        CHIME_LOCAL_USERS: "1000000",
        HOST: "0.0.0.0",
        PORT: " 0 ",
        MAX_REQUESTS: "100000",
        EXPLORER: "off",
        CORS_ORIGINS: "https://app.example.com, http://localhost:5173",
        SCHEMA_PREFIX: "Chime",
        RATE_LIMIT_PER_MINUTE: "600",
        AUTH: "jwt",
        AUTH_ISSUER: "https://login.example.com/",
        AUTH_AUDIENCE: "https://chime.example.com, https://old.example.com",
        AUTH_JWKS_URL: "https://login.example.com/keys",
        AUTH_SCOPE_CLAIM: "scp, roles",
        AUTH_SCOPE_PREFIX: "api://chime/",
        AUTH_ACCOUNTS_CLAIM: "https://chime.example.com/accounts",
        ROUTER_SECRET: "0123456789abcdef, fedcba9876543210",
        PERSISTED_OPERATIONS: "operations.json",
        PERSISTED_OPERATIONS_MODE: "only",
        LIMIT_BODY_BYTES: "2000",
        LIMIT_DEPTH: "153",
        LIMIT_NODES: "161",
        CACHE_TTL_SECONDS: "86400",
        REDIS_URL: "rediss://gateway:secret@redis.example.com:6380/2",
        LOG_LEVEL: "warn",
        LOG_KEY: "0123456789abcdef",
        AUDIT_LOG: "/var/log/chime/audit.log",
        AUDIT_REQUIRED: "true",
        METRICS_PORT: "9464",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
      }),
    ).toEqual({
      chime: {
        mode: "local",
        endpoint: undefined,
        concurrency: 1,
        // A write is only sent if an attempt fits before its deadline.
        callTimeout: 225,
        readDeadline: 600_000,
        writeDeadline: 501,
      },
      chimeLocal: { host: "127.0.0.2", port: 4101, dataFile: ":memory:", users: 1_000_000 },
      http: {
        host: "0.0.0.0",
        port: 0,
        maxRequests: 100_000,
        explorer: false,
        corsOrigins: ["https://app.example.com", "http://localhost:5173"],
        rateLimit: 600,
      },
      schema: { prefix: "Chime" },
      auth: {
        tokens: {
          issuer: "https://login.example.com/",
          audiences: ["https://chime.example.com", "https://old.example.com"],
          jwksUrl: "https://login.example.com/keys",
          scopeClaims: ["scp", "roles"],
          scopePrefix: "api://chime/",
          accountsClaim: "https://chime.example.com/accounts",
        },
        routerSecrets: ["0123456789abcdef", "fedcba9876543210"],
        isOpen: false,
      },
      persistedOperations: { file: "operations.json", only: true },
      limits: { bodyBytes: 2000, depth: 153, nodes: 161 },
      cache: { timeToLive: 86_400_000, redisUrls: ["rediss://gateway:secret@redis.example.com:6380/2"] },
      logging: {
        level: "warn",
        key: "0123456789abcdef",
        audit: { target: "/var/log/chime/audit.log", isRequired: true },
      },
      monitoring: { metricsPort: 9464, otlpEndpoint: "http://127.0.0.1:4318" },
    });
  });

  test("operations outside a manifest are answered by default", () => {
    for (const PERSISTED_OPERATIONS_MODE of [undefined, "", "allow"])
      expect(
        readConfig({ PERSISTED_OPERATIONS: "operations.json", PERSISTED_OPERATIONS_MODE })
          .persistedOperations,
      ).toEqual({ file: "operations.json", only: false });
  });

  test("a remote Chime has the given endpoint, or that of AWS", () => {
    const remote = { CHIME_MODE: "remote", AUTH: "none" };
    const CHIME_ENDPOINT = "https://chime.example.com:8443/base";
    expect(readConfig({ ...remote, CHIME_ENDPOINT }).chime).toMatchObject({
      mode: "remote",
      endpoint: CHIME_ENDPOINT,
    });
    expect(readConfig(remote).chime).toMatchObject({ mode: "remote", endpoint: undefined });
  });
});

describe("problems", () => {
  test("are reported all at once: each names the setting, and what is allowed", () => {
    expect(
      problemsOf({
        CHIME_MODE: "cloud",
        CHIME_ENDPOINT: "localhost:4001",
        CHIME_CONCURRENCY: "0",
        READ_DEADLINE_MS: "1e3",
        WRITE_DEADLINE_MS: "0x10",
        CHIME_LOCAL_PORT: "-1",
        CHIME_LOCAL_USERS: "many",
        PORT: "65536",
        MAX_REQUESTS: "1.5",
        EXPLORER: "yes",
        CORS_ORIGINS: "app.example.com",
        SCHEMA_PREFIX: "chime",
        RATE_LIMIT_PER_MINUTE: "0",
        AUTH: "basic",
        AUTH_ISSUER: "login.example.com",
        AUTH_JWKS_URL: "http://login.example.com/keys",
        ROUTER_SECRET: "short",
        PERSISTED_OPERATIONS_MODE: "deny",
        LIMIT_BODY_BYTES: "1",
        CACHE_TTL_SECONDS: "-1",
        REDIS_URL: "http://redis.example.com",
        LOG_LEVEL: "loud",
        LOG_KEY: "short",
        AUDIT_REQUIRED: "yes",
        METRICS_PORT: "70000",
        OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
      }),
    ).toEqual([
      'CHIME_MODE must be local or remote, not "cloud"',
      "CHIME_ENDPOINT must be an http or https URL",
      'CHIME_CONCURRENCY must be a whole number from 1 to 1000, not "0"',
      'READ_DEADLINE_MS must be a whole number from 100 to 600000, not "1e3"',
      'WRITE_DEADLINE_MS must be a whole number from 100 to 600000, not "0x10"',
      'CHIME_LOCAL_PORT must be a whole number from 0 to 65535, not "-1"',
      'CHIME_LOCAL_USERS must be a whole number from 0 to 1000000, not "many"',
      'PORT must be a whole number from 0 to 65535, not "65536"',
      'MAX_REQUESTS must be a whole number from 1 to 100000, not "1.5"',
      'EXPLORER must be on or off, not "yes"',
      "CORS_ORIGINS must be origins such as https://app.example.com, separated by commas",
      'RATE_LIMIT_PER_MINUTE must be a whole number from 1 to 1000000, not "0"',
      "SCHEMA_PREFIX must be 1 to 32 letters and digits, the first a capital letter, such as Chime",
      'AUTH must be none or jwt, not "basic"',
      "AUTH_ISSUER must be an https URL; http is allowed for loopback hosts only",
      "AUTH_JWKS_URL must be an https URL; http is allowed for loopback hosts only",
      "ROUTER_SECRET must be one or two secrets of at least 16 characters, separated by a comma",
      'PERSISTED_OPERATIONS_MODE must be allow or only, not "deny"',
      'LIMIT_BODY_BYTES must be a whole number from 1024 to 104857600, not "1"',
      'CACHE_TTL_SECONDS must be a whole number from 0 to 86400, not "-1"',
      "REDIS_URL must be a redis or rediss URL such as redis://127.0.0.1:6379/0",
      'LOG_LEVEL must be silent, fatal, error, warn, info, debug or trace, not "loud"',
      "LOG_KEY must be a secret of at least 16 characters",
      'AUDIT_REQUIRED must be true or false, not "yes"',
      'METRICS_PORT must be a whole number from 0 to 65535, not "70000"',
      "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL",
    ]);
  });

  test("are one message, a line each", () => {
    expect(() => readConfig({ PORT: "http", EXPLORER: "yes" })).toThrow(
      new ConfigError([
        'PORT must be a whole number from 0 to 65535, not "http"',
        'EXPLORER must be on or off, not "yes"',
      ]),
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

  test("REDIS_URL may have several nodes of a cluster, and a comma in a password", () => {
    const urls = (REDIS_URL: string) => readConfig({ REDIS_URL }).cache.redisUrls;
    expect(urls("redis://:a,b@one:6379, redis://two:6379/0")).toEqual([
      "redis://:a,b@one:6379",
      "redis://two:6379/0",
    ]);
    expect(problemsOf({ REDIS_URL: "redis://one:6379,redis://two:6379/2" })).toEqual([
      "REDIS_URL must not name a database if it has several URLs: a cluster has only 0",
    ]);
  });

  test.each(["redis.example.com:6379", "redis://", "redis://redis.example.com/users", "redis://a:99999"])(
    "REDIS_URL is a redis or rediss URL, not %s",
    (REDIS_URL) => {
      expect(problemsOf({ REDIS_URL })).toEqual([
        "REDIS_URL must be a redis or rediss URL such as redis://127.0.0.1:6379/0",
      ]);
    },
  );

  test("CHIME_ENDPOINT is refused with the embedded Chime", () => {
    const problems = [
      "CHIME_ENDPOINT requires CHIME_MODE=remote: the embedded Chime has an endpoint of its own",
    ];
    const CHIME_ENDPOINT = "http://127.0.0.1:4001";
    expect(problemsOf({ CHIME_ENDPOINT })).toEqual(problems);
    expect(problemsOf({ CHIME_ENDPOINT, CHIME_MODE: "local" })).toEqual(problems);
  });
});

test("PERSISTED_OPERATIONS_MODE=only is refused without a manifest", () => {
  const problems = ["PERSISTED_OPERATIONS is required when PERSISTED_OPERATIONS_MODE=only"];
  expect(problemsOf({ PERSISTED_OPERATIONS_MODE: "only" })).toEqual(problems);
  expect(problemsOf({ PERSISTED_OPERATIONS_MODE: "only", PERSISTED_OPERATIONS: "" })).toEqual(problems);
});

describe("in production", () => {
  const NODE_ENV = "production";

  test.each([undefined, ""])("CHIME_MODE must be set: it is %j", (CHIME_MODE) => {
    expect(problemsOf({ NODE_ENV, CHIME_MODE })).toEqual([
      "CHIME_MODE must be set in production: remote, or local for the embedded Chime",
    ]);
  });

  test("a missing CHIME_MODE is reported with all other problems", () => {
    expect(problemsOf({ NODE_ENV, PORT: "x", CHIME_ENDPOINT: "http://127.0.0.1:4001" })).toEqual([
      'PORT must be a whole number from 0 to 65535, not "x"',
      "CHIME_MODE must be set in production: remote, or local for the embedded Chime",
      "CHIME_ENDPOINT requires CHIME_MODE=remote: the embedded Chime has an endpoint of its own",
    ]);
  });

  test("the explorer is off unless it is set on", () => {
    expect(readConfig({ NODE_ENV, CHIME_MODE: "remote", AUTH: "none" }).http.explorer).toBe(false);
    expect(readConfig({ NODE_ENV, CHIME_MODE: "local" }).http.explorer).toBe(false);
    expect(readConfig({ NODE_ENV, CHIME_MODE: "local", EXPLORER: "on" }).http.explorer).toBe(true);
  });

  test("is NODE_ENV=production alone", () => {
    expect(readConfig({ NODE_ENV: "development" })).toEqual(readConfig({}));
    expect(readConfig({ NODE_ENV: "staging" })).toEqual(readConfig({}));
  });
});
