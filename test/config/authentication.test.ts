import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.js";
import { problemsOf } from "./problems.js";

describe("authentication", () => {
  const issuer = { AUTH_ISSUER: "https://login.example.com", AUTH_AUDIENCE: "chime" };
  const jwt = { AUTH: "jwt", ...issuer };

  test("needs an issuer and an audience", () => {
    expect(readConfig(jwt).auth.tokens).toEqual({
      issuer: "https://login.example.com",
      audiences: ["chime"],
      jwksUrl: undefined,
      scopeClaims: ["scope", "scp"],
      scopePrefix: "",
      accountsClaim: "chime_accounts",
    });
    expect(problemsOf({ AUTH: "jwt", AUTH_AUDIENCE: "" })).toEqual([
      "AUTH_ISSUER is required when AUTH=jwt",
      "AUTH_AUDIENCE is required when AUTH=jwt",
    ]);
  });

  test.each([undefined, "none"])("is not off while AUTH_* is set: AUTH is %s", (AUTH) => {
    const others = {
      AUTH_JWKS_URL: "https://login.example.com/keys",
      AUTH_SCOPE_CLAIM: "permissions",
      AUTH_SCOPE_PREFIX: "chime/",
      AUTH_ACCOUNTS_CLAIM: "accounts",
    };
    expect(problemsOf({ ...issuer, ...others, AUTH })).toEqual([
      "AUTH_ISSUER requires AUTH=jwt",
      "AUTH_AUDIENCE requires AUTH=jwt",
      "AUTH_JWKS_URL requires AUTH=jwt",
      "AUTH_SCOPE_CLAIM requires AUTH=jwt",
      "AUTH_SCOPE_PREFIX requires AUTH=jwt",
      "AUTH_ACCOUNTS_CLAIM requires AUTH=jwt",
    ]);
  });

  const undecided =
    "AUTH must be set when CHIME_MODE is remote or HOST is not a loopback address: jwt, or none to let everyone in";
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
  ])("must be set with %j", (env) => {
    expect(problemsOf(env)).toEqual([undecided]);
    expect(problemsOf({ ...env, AUTH: "none" })).toEqual([]);
    expect(problemsOf({ ...env, ...jwt })).toEqual([]);
  });

  test.each([{}, { HOST: "localhost" }, { HOST: "127.0.0.2" }, { HOST: "::1" }, { CHIME_MODE: "local" }])(
    "need not be set with %j: only this machine reaches the gateway",
    (env) => {
      expect(problemsOf(env)).toEqual([]);
      expect(readConfig(env).auth.isOpen).toBe(false);
    },
  );

  test("is open with AUTH=none where other machines reach the gateway, unless a router secret is required", () => {
    const env = { HOST: "0.0.0.0", AUTH: "none" };
    expect(readConfig(env).auth.isOpen).toBe(true);
    expect(readConfig({ ...env, ROUTER_SECRET: "0123456789abcdef" }).auth.isOpen).toBe(false);
    expect(readConfig({ ...env, ...jwt }).auth.isOpen).toBe(false);
  });

  test.each([
    ["http://127.0.0.1:8080/realms/chime", true],
    ["http://localhost", true],
    ["http://[::1]:8080", true],
    ["http://login.example.com", false],
    ["http://127.0.0.1.example.com", false],
    ["ftp://127.0.0.1", false],
    ["file:///etc/passwd", false],
    ["login.example.com", false],
  ])("rejects an issuer whose responses others could change: %s", (url, taken) => {
    const line = "must be an https URL; http is allowed for loopback hosts only";
    expect(problemsOf({ ...jwt, AUTH_ISSUER: url })).toEqual(taken ? [] : [`AUTH_ISSUER ${line}`]);
    expect(problemsOf({ ...jwt, AUTH_JWKS_URL: url })).toEqual(taken ? [] : [`AUTH_JWKS_URL ${line}`]);
  });

  test("of a router takes one secret or two, each long enough", () => {
    const secret = "0123456789abcdef";
    const malformed =
      "ROUTER_SECRET must be one or two secrets of at least 16 characters, separated by a comma";
    expect(readConfig({ ROUTER_SECRET: secret }).auth.routerSecrets).toEqual([secret]);
    for (const ROUTER_SECRET of [secret.slice(1), `${secret},`, `${secret},short`, `${secret},,${secret}`])
      expect(problemsOf({ ROUTER_SECRET })).toEqual([malformed]);
    expect(problemsOf({ ROUTER_SECRET: `${secret},${secret}1,${secret}2` })).toEqual([malformed]);
  });
});
