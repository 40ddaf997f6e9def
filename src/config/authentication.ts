import { z } from "zod";
import { isSecure } from "../network.js";
import { choice, isLongSecret, list, minSecretLength, setting, text, textThat } from "./variables.js";

const secureUrl = textThat("an https URL; http is allowed for loopback hosts only", isSecure);
const defaultScopeClaims = ["scope", "scp"];
const defaultAccountsClaim = "chime_accounts";

export const authenticationSettings = z
  .object({
    mode: setting(
      "AUTH",
      choice("none", "jwt"),
      "`jwt` requires a bearer token of AUTH_ISSUER, `none` disables authentication.",
      { ifUnset: "none; required if CHIME_MODE is remote or HOST is not a loopback address" },
    ),
    issuer: setting("AUTH_ISSUER", secureUrl, "OpenID Connect issuer of the tokens: their `iss` claim."),
    audiences: setting(
      "AUTH_AUDIENCE",
      list("strings, separated by commas", Boolean),
      "Accepted audiences: the `aud` claim of a token must contain one of them. In Amazon Cognito, ids of app clients.",
    ),
    jwksUrl: setting("AUTH_JWKS_URL", secureUrl, "URL of the issuer's signing keys.", {
      ifUnset: "as in the issuer's /.well-known/openid-configuration",
    }),
    scopeClaims: setting(
      "AUTH_SCOPE_CLAIM",
      list("names of claims, separated by commas", Boolean),
      "Claims with a token's scopes, each a list or separated by spaces. The scopes of all of them count.",
      { ifUnset: defaultScopeClaims.join() },
    ),
    scopePrefix: setting(
      "AUTH_SCOPE_PREFIX",
      text("a string"),
      "Prefix of the gateway's scopes in a token, such as `https://chime.example.com/`. Scopes without it are ignored.",
      { ifUnset: "none" },
    ),
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
      { ifUnset: "not required" },
    ),
  })
  .describe("Authentication");

type AuthenticationSettings = z.output<typeof authenticationSettings>;

/** Settings of tokens that are missing, or have no effect. */
export function* contradictionsOfTokens(auth: AuthenticationSettings): Generator<string> {
  if (auth.mode === "jwt") {
    if (auth.issuer === undefined) yield "AUTH_ISSUER is required when AUTH=jwt";
    if (auth.audiences === undefined) yield "AUTH_AUDIENCE is required when AUTH=jwt";
  }
  if (auth.mode === undefined || auth.mode === "none") {
    // Otherwise a forgotten AUTH=jwt would let everyone in.
    if (auth.issuer !== undefined) yield "AUTH_ISSUER requires AUTH=jwt";
    if (auth.audiences !== undefined) yield "AUTH_AUDIENCE requires AUTH=jwt";
    if (auth.jwksUrl !== undefined) yield "AUTH_JWKS_URL requires AUTH=jwt";
    if (auth.scopeClaims !== undefined) yield "AUTH_SCOPE_CLAIM requires AUTH=jwt";
    if (auth.scopePrefix !== undefined) yield "AUTH_SCOPE_PREFIX requires AUTH=jwt";
    if (auth.accountsClaim !== undefined) yield "AUTH_ACCOUNTS_CLAIM requires AUTH=jwt";
  }
}

/** Rules for tokens; undefined: callers need none. */
export function tokensOf(auth: AuthenticationSettings) {
  const { mode, issuer, audiences, jwksUrl } = auth;
  const { scopeClaims = defaultScopeClaims, scopePrefix = "", accountsClaim = defaultAccountsClaim } = auth;
  return mode === "jwt" && issuer !== undefined && audiences !== undefined
    ? { issuer, audiences, jwksUrl, scopeClaims, scopePrefix, accountsClaim }
    : undefined;
}
