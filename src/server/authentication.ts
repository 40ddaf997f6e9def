import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import type { Config } from "../config/settings.js";
import type { Caller } from "../graphql/caller.js";
import { graphqlError } from "../graphql/errors.js";
import { chimeId } from "../graphql/resolvers/shared/validation.js";
import { createSigningKeys, KeysUnavailableError } from "./signingKeys.js";

/** Which tokens are accepted. */
export type AuthenticationSettings = NonNullable<Config["auth"]["tokens"]>;

export interface Authentication {
  /** Sets the request's `caller`, or rejects the request. */
  onRequest(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined>;
  /** Why no token can be verified at the moment, as an `extensions.code`. */
  checkReadiness(): Promise<"AUTH_UNAVAILABLE" | undefined>;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Null on routes without authentication. */
    caller: Caller | null;
  }
}

/** Characters of a token: about 100 account ids fit in. */
const maxTokenLength = 8_192;
/** Asymmetric ones only: with a shared secret, anyone who can verify a token could sign one. */
const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
/** Seconds by which the issuer's clock may differ from ours. */
const clockTolerance = 30;
/** The type of an access token. Issuers also sign other tokens, such as for logout. */
const tokenType = /^(application\/)?(at\+)?jwt$/i;

/** Words in a claim: a list, or separated by spaces. */
const words = z.union([z.array(z.string()), z.string().transform((text) => text.split(" ").filter(Boolean))]);
const optionalWords = words.default([]);
/** `token_use` is Cognito's: its ID tokens have the same issuer, and the app client as their audience. */
const claims = z.object({ sub: z.string().min(1), token_use: z.literal("access").optional() });
/** Checked because they become part of the paths of upstream requests. */
const accountIds = words.pipe(z.array(chimeId));

type Rejection = "missing" | "expired" | "invalid" | "unavailable";

class RejectedError extends Error {
  override readonly name = "RejectedError";

  constructor(readonly rejection: Rejection) {
    super(rejection);
  }
}

/** Fixed text: details about an invalid token would mostly help an attacker. */
const rejections: Readonly<Record<Rejection, readonly [status: number, challenge: string, message: string]>> =
  {
    missing: [401, "Bearer", "A bearer token is required."],
    expired: [401, 'Bearer error="invalid_token", error_description="expired"', "The token has expired."],
    invalid: [401, 'Bearer error="invalid_token"', "The token is not valid."],
    unavailable: [503, "", "The token cannot be verified: the issuer's signing keys are unavailable."],
  };

/** @param settings absent: there is no authentication, and every caller may do everything */
export function createAuthentication(
  app: FastifyInstance,
  settings: AuthenticationSettings | undefined,
  onKeysError: (error: unknown) => void,
): Authentication {
  app.decorateRequest("caller", null);
  if (!settings)
    return {
      async onRequest(request) {
        request.caller = {};
        return undefined;
      },
      checkReadiness: async () => undefined,
    };

  const { issuer, jwksUrl, scopeClaims, scopePrefix, accountsClaim } = settings;
  const keys = createSigningKeys(issuer, jwksUrl, onKeysError);
  app.addHook("onClose", async () => keys.close());
  const audiences: ReadonlySet<unknown> = new Set(settings.audiences);
  const rules = { issuer, algorithms, requiredClaims: ["exp", "sub"], clockTolerance };

  async function identify(authorization: string | undefined): Promise<Caller> {
    if (!authorization) throw new RejectedError("missing");
    const [, token = ""] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? [];
    if (!token || token.length > maxTokenLength) throw new RejectedError("invalid");
    const { payload, protectedHeader } = await jwtVerify(token, keys.find, rules);
    if (protectedHeader.typ !== undefined && !tokenType.test(protectedHeader.typ))
      throw new RejectedError("invalid");
    if (!recipientsOf(payload).some((recipient) => audiences.has(recipient)))
      throw new RejectedError("invalid");
    const { sub } = claims.parse(payload);
    const scopes = scopeClaims.flatMap((claim) => optionalWords.parse(payload[claim]));
    const accounts = payload[accountsClaim];
    return {
      subject: sub,
      issuer,
      // A scope without the prefix belongs to another API.
      scopes: new Set(
        scopes.flatMap((scope) => (scope.startsWith(scopePrefix) ? scope.slice(scopePrefix.length) : [])),
      ),
      allowedAccounts: accounts === undefined ? undefined : new Set(accountIds.parse(accounts)),
    };
  }

  return {
    async onRequest(request, reply) {
      try {
        request.caller = await identify(request.headers.authorization);
        return undefined;
      } catch (error) {
        const rejection = rejectionOf(error);
        const [status, challenge, message] = rejections[rejection];
        if (challenge) reply.header("www-authenticate", challenge);
        return reply
          .code(status)
          .send(graphqlError(message, status === 401 ? "UNAUTHENTICATED" : "AUTH_UNAVAILABLE"));
      }
    },
    checkReadiness: async () => ((await keys.isAvailable()) ? undefined : "AUTH_UNAVAILABLE"),
  };
}

/** Cognito's access tokens have no audience; the client that a token was issued to is as specific. */
function recipientsOf({ aud, token_use, client_id }: JWTPayload): unknown[] {
  if (aud !== undefined) return [aud].flat();
  return token_use === "access" ? [client_id] : [];
}

/** Any unknown error rejects the token. */
function rejectionOf(error: unknown): Rejection {
  if (error instanceof RejectedError) return error.rejection;
  if (error instanceof KeysUnavailableError) return "unavailable";
  return error instanceof errors.JWTExpired ? "expired" : "invalid";
}
