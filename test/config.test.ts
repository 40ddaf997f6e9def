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
      explorer: true,
      corsOrigins: [
        "https://studio.apollographql.com",
        "https://sandbox.embed.apollographql.com",
        "https://explorer.embed.apollographql.com",
      ],
      logLevel: "error",
      upstream: { concurrency: 50, callTimeout: 5_000, readDeadline: 8_000, writeDeadline: 30_000 },
      userPlan: { threshold: 3, pageBudget: 5 },
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
      "EXPLORER",
      "CORS_ORIGINS",
      "LOG_LEVEL",
      "PERSISTED_OPERATIONS",
      "PERSISTED_OPERATIONS_MODE",
      "CHIME_CONCURRENCY",
      "CHIME_CALL_TIMEOUT_MS",
      "READ_DEADLINE_MS",
      "WRITE_DEADLINE_MS",
      "USER_BATCH_THRESHOLD",
      "USER_BATCH_PAGES",
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
        EXPLORER: "off",
        CORS_ORIGINS: "https://app.example.com, http://localhost:5173",
        LOG_LEVEL: "warn",
        PERSISTED_OPERATIONS: "operations.json",
        PERSISTED_OPERATIONS_MODE: "only",
        CHIME_CONCURRENCY: "1",
        CHIME_CALL_TIMEOUT_MS: "250",
        READ_DEADLINE_MS: "600000",
        WRITE_DEADLINE_MS: "500000",
        USER_BATCH_THRESHOLD: "2",
        USER_BATCH_PAGES: "100",
      }),
    ).toEqual({
      host: "0.0.0.0",
      port: 0,
      chimeLocal: { port: 4101, dataFile: ":memory:", users: 1_000_000 },
      explorer: false,
      corsOrigins: ["https://app.example.com", "http://localhost:5173"],
      logLevel: "warn",
      persistedOperations: { file: "operations.json", only: true },
      upstream: { concurrency: 1, callTimeout: 250, readDeadline: 600_000, writeDeadline: 500_000 },
      userPlan: { threshold: 2, pageBudget: 100 },
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
    });
    expect({ chimeLocal, remote }).toEqual({
      chimeLocal: undefined,
      remote: { endpoint: "https://chime.example.com:8443/base" },
    });
  });

  test("a remote Chime without an endpoint is AWS's own", () => {
    expect(readConfig({ CHIME_MODE: "remote" }).remote).toEqual({ endpoint: undefined });
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
        EXPLORER: "yes",
        CORS_ORIGINS: "app.example.com",
        LOG_LEVEL: "loud",
        PERSISTED_OPERATIONS_MODE: "deny",
        CHIME_CONCURRENCY: "0",
        CHIME_CALL_TIMEOUT_MS: "1.5",
        READ_DEADLINE_MS: "1e3",
        WRITE_DEADLINE_MS: "0",
        USER_BATCH_THRESHOLD: "1",
        USER_BATCH_PAGES: "0x10",
      }),
    ).toEqual([
      "CHIME_MODE must be local or remote",
      "CHIME_ENDPOINT must be an http or https URL",
      "PORT must be a whole number from 0 to 65535",
      "CHIME_LOCAL_PORT must be a whole number from 0 to 65535",
      "CHIME_LOCAL_USERS must be a whole number from 0 to 1000000",
      "EXPLORER must be on or off",
      "CORS_ORIGINS must be origins such as https://app.example.com, with commas between",
      "LOG_LEVEL must be one of silent, fatal, error, warn, info, debug, trace",
      "PERSISTED_OPERATIONS_MODE must be allow or only",
      "CHIME_CONCURRENCY must be a whole number from 1 to 1000",
      "CHIME_CALL_TIMEOUT_MS must be a whole number from 1 to 600000",
      "READ_DEADLINE_MS must be a whole number from 1 to 600000",
      "WRITE_DEADLINE_MS must be a whole number from 1 to 600000",
      "USER_BATCH_THRESHOLD must be a whole number from 2 to 1000",
      "USER_BATCH_PAGES must be a whole number from 1 to 100",
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
      expect(problemsOf({ CHIME_MODE: "remote", CHIME_ENDPOINT })).toEqual([
        "CHIME_ENDPOINT must be an http or https URL",
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
    expect(readConfig({ NODE_ENV, CHIME_MODE: "remote" }).explorer).toBe(false);
    expect(readConfig({ NODE_ENV, CHIME_MODE: "local" }).explorer).toBe(false);
    expect(readConfig({ NODE_ENV, CHIME_MODE: "remote", EXPLORER: "on" }).explorer).toBe(true);
  });

  test("is NODE_ENV=production alone", () => {
    expect(readConfig({ NODE_ENV: "development" })).toEqual(readConfig({}));
    expect(readConfig({ NODE_ENV: "staging" })).toEqual(readConfig({}));
  });
});
