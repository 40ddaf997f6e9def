import { describe, expect, test } from "vitest";
import { settingNames } from "../../src/config/settings.js";
import { removedSettings, unknownSettings } from "../../src/config/unknownSettings.js";
import { fixedLimits } from "../../src/graphql/limits/limits.js";

describe("a warning is given", () => {
  test.each([
    ["CHIME_CONCURENCY", "CHIME_CONCURRENCY"],
    ["LIMIT_DEPHT", "LIMIT_DEPTH"],
    ["AUTH_ISSUR", "AUTH_ISSUER"],
    ["CHIME_LOCAL_DTAA", "CHIME_LOCAL_DATA"],
    ["AUDIT_REQUIERD", "AUDIT_REQUIRED"],
    ["RATE_LIMIT_MINUTE", "RATE_LIMIT_PER_MINUTE"],
    ["CORS_ORIGIN", "CORS_ORIGINS"],
    ["LOG_LEVL", "LOG_LEVEL"],
    ["LOG_LEVLE", "LOG_LEVEL"],
    ["MAX_REQUESTZ", "MAX_REQUESTS"],
    ["PERSISTED_OPERATION", "PERSISTED_OPERATIONS"],
    ["CACHE_TTL_SECCONDS", "CACHE_TTL_SECONDS"],
    ["LIMIT_BODY", "LIMIT_BODY_BYTES"],
    ["AUTH_SCOPES", "AUTH_SCOPE_CLAIM"],
  ])("for %s, which suggests %s", (name, nearest) => {
    expect(unknownSettings({ [name]: "1" })).toEqual([
      `${name} is not a setting and is ignored. Did you mean ${nearest}?`,
    ]);
  });

  test("for the beginning of any setting of a group, which suggests a setting that begins so", () => {
    const beginnings = [...settingNames].flatMap((name) => {
      const beginning = /^(?:CHIME|LIMIT|AUTH|AUDIT|RATE_LIMIT)_.{4,}(?=_)/.exec(name)?.[0];
      return beginning && !settingNames.has(beginning) ? [beginning] : [];
    });
    expect(beginnings).toEqual(expect.arrayContaining(["LIMIT_BODY", "AUTH_JWKS"]));
    for (const beginning of beginnings)
      expect(unknownSettings({ [beginning]: "1" })[0]).toContain(`Did you mean ${beginning}_`);
  });

  test("for a name that is like no setting", () => {
    expect(unknownSettings({ CHIME_SOMETHING_ELSE: "1" })).toEqual([
      "CHIME_SOMETHING_ELSE is not a setting and is ignored. --help lists all settings.",
    ]);
  });

  test("for each setting that was removed, whatever its prefix", () => {
    expect(unknownSettings({ LIMIT_TOKENS: "1", METRICS_OPERATIONS: "2", USER_BATCH_PAGES: "3" })).toEqual([
      "LIMIT_TOKENS was removed and is ignored: the limit is 12000.",
      "METRICS_OPERATIONS was removed and is ignored: metrics name 100 operations besides persisted ones.",
      "USER_BATCH_PAGES was removed and is ignored: the gateway reads at most 5 pages.",
    ]);
  });
});

test("the limits that a warning states are in force", () => {
  const names = Object.keys(removedSettings).filter((name) => name.startsWith("LIMIT_"));
  expect(names).toHaveLength(9);
  for (const name of names) {
    const key = name
      .slice(6)
      .toLowerCase()
      .replace(/_./g, ([, letter = ""]) => letter.toUpperCase());
    expect(removedSettings[name]).toBe(`the limit is ${fixedLimits[key as keyof typeof fixedLimits]}`);
  }
});

describe("no warning is given", () => {
  test("for a setting, those with the name of a port included", () => {
    expect(unknownSettings(Object.fromEntries([...settingNames].map((name) => [name, "1"])))).toEqual([]);
  });

  test("for the variables that Kubernetes sets for Services", () => {
    expect(
      unknownSettings({
        CHIME_GRAPHQL_SERVICE_HOST: "10.0.0.1",
        CHIME_GRAPHQL_SERVICE_PORT_HTTP: "80",
        CHIME_GRAPHQL_PORT: "tcp://10.0.0.1:80",
        CHIME_GRAPHQL_PORT_80_TCP_ADDR: "10.0.0.1",
        AUTH_PORT: "tcp://10.0.0.2:80",
      }),
    ).toEqual([]);
  });

  test("for an empty variable, or one of another program", () => {
    const others = {
      AWS_ENDPOINT_URL_CHIME: "http://127.0.0.1:9",
      PATH: "/bin",
      HOSTS: "a",
      CACHE_SECONDS: "1",
    };
    expect(unknownSettings({ LIMIT_DEPHT: "", CORS_ORIGIN: " ", ...others })).toEqual([]);
  });
});
