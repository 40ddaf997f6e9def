import { z } from "zod";
import type { AuthenticationSettings } from "./authentication.js";
import { isSecure } from "./loopback.js";

/** What a private key signs and a public one checks: whoever may check a signature must not be able to make one. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const secureUrl = z.string().refine(isSecure, "must be an https URL; http is for this machine alone");

const list = (text: string): string[] => text.split(",").map((item) => item.trim());

/** The environment variables that say who may ask. */
export const authenticationFields = {
  AUTH: z
    .enum(["none", "jwt"], "must be none or jwt")
    .optional()
    .describe(
      "`jwt` lets in who brings a token of AUTH_ISSUER; `none` lets in everybody. `none` where CHIME_MODE is local and HOST this machine alone; elsewhere it must be said",
    ),
  AUTH_ISSUER: secureUrl
    .optional()
    .describe("OpenID Connect issuer of the tokens, as their `iss` claim has it"),
  AUTH_AUDIENCE: z.string().optional().describe("What the tokens' `aud` claim must hold"),
  AUTH_JWKS_URL: secureUrl
    .optional()
    .describe("Where the issuer's keys are. By default where its `/.well-known/openid-configuration` says"),
  AUTH_ALGORITHMS: z
    .string()
    .default("RS256,PS256,ES256,EdDSA")
    .transform(list)
    .pipe(z.array(z.enum(algorithms, `must be of ${algorithms.join(", ")}, with commas between`)))
    .describe("Algorithms that tokens may be signed with, with commas between"),
  AUTH_ACCOUNTS_CLAIM: z
    .string()
    .default("chime_accounts")
    .describe("Claim that limits a token to some accounts, by their ids"),
  ROUTER_SECRET: z
    .string()
    .transform(list)
    .pipe(
      z
        .array(
          z.string().min(16, "must be one secret or two, of at least 16 characters, with a comma between"),
        )
        .max(2, "must be one secret or two, with a comma between"),
    )
    .optional()
    .describe(
      "If set, only a router that sends it as `x-router-secret` is answered. Two, with a comma between, are for replacing one by the other",
    ),
};

const variables = z.object(authenticationFields);

/** What is wrong with the settings as a whole. */
export function authenticationProblems(
  env: Readonly<Record<string, string | undefined>>,
  onlyLocal: boolean,
): string[] {
  if (env["AUTH"] === "jwt")
    return ["AUTH_ISSUER", "AUTH_AUDIENCE"]
      .filter((name) => !env[name])
      .map((name) => `${name} must be set where AUTH is jwt`);
  if (env["AUTH"] && env["AUTH"] !== "none") return [];
  const problems = Object.keys(authenticationFields)
    .filter((name) => name.startsWith("AUTH_") && env[name])
    .map((name) => `${name} is for AUTH=jwt`);
  if (!env["AUTH"] && !onlyLocal)
    problems.push(
      "AUTH must be set where others reach the gateway or Chime is remote: jwt, or none for everybody",
    );
  return problems;
}

/** Which tokens are taken; undefined where callers are not asked for one. */
export const readAuthentication = ({
  AUTH,
  AUTH_ISSUER,
  AUTH_AUDIENCE,
  AUTH_JWKS_URL,
  AUTH_ALGORITHMS,
  AUTH_ACCOUNTS_CLAIM,
}: z.output<typeof variables>): AuthenticationSettings | undefined =>
  AUTH === "jwt" && AUTH_ISSUER && AUTH_AUDIENCE
    ? {
        issuer: AUTH_ISSUER,
        audience: AUTH_AUDIENCE,
        jwksUrl: AUTH_JWKS_URL,
        algorithms: AUTH_ALGORITHMS,
        accountsClaim: AUTH_ACCOUNTS_CLAIM,
      }
    : undefined;
