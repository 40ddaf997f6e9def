import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Config } from "../config/settings.js";
import { graphqlError } from "../graphql/errors.js";
import { chimeId } from "../graphql/resolvers/validation.js";
import { createSigningKeys, KeysUnavailableError } from "./signingKeys.js";

/** Who sends a request, as far as that matters here. */
export interface Caller {
  /** Whom the issuer has given the token to; absent where callers are not asked who they are. */
  readonly subject?: string;
  /** What the caller may do; absent: everything. */
  readonly scopes?: ReadonlySet<string>;
  /** Ids of the accounts that exist for the caller; absent: all. */
  readonly accounts?: ReadonlySet<string> | undefined;
}

/** Which tokens are accepted. */
export type AuthenticationSettings = NonNullable<Config["auth"]["tokens"]>;

export interface Authentication {
  /** Answers a request whose caller is not known; else the request has its `caller`. */
  onRequest(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined>;
  /** Why nobody can be let in at the moment (an `extensions.code`), if so. */
  findProblem(): Promise<"AUTH_UNAVAILABLE" | undefined>;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Null on routes that don't ask who calls. */
    caller: Caller | null;
  }
}

/** Characters of a token: some 100 account ids fit in beside the rest. */
const maxTokenLength = 8_192;
/** Asymmetric ones only: with a shared secret, anyone who can verify a token could sign one. */
const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
/** Seconds that the issuer's clock may differ from ours. */
const clockTolerance = 30;
/** An access token's type. Others that an issuer signs, for logging out and the like, are none. */
const tokenType = /^(application\/)?(at\+)?jwt$/i;

/** A list of words in a claim: issuers write them as a list, or with spaces between. */
const words = z.union([z.array(z.string()), z.string().transform((text) => text.split(" ").filter(Boolean))]);
const claims = z.object({ sub: z.string().min(1), scope: words.default([]), scp: words.default([]) });
/** As they get into the paths of upstream requests, they are what ids can be. */
const accountIds = words.pipe(z.array(chimeId));

type Refusal = "missing" | "expired" | "invalid" | "unavailable";

class RefusedError extends Error {
  override readonly name = "RefusedError";

  constructor(readonly refusal: Refusal) {
    super(refusal);
  }
}

/** Fixed text: what exactly is wrong with a token helps those most who make them up. */
const answers: Readonly<Record<Refusal, readonly [status: number, challenge: string, message: string]>> = {
  missing: [401, "Bearer", "A bearer token is needed."],
  expired: [401, 'Bearer error="invalid_token", error_description="expired"', "The token has expired."],
  invalid: [401, 'Bearer error="invalid_token"', "The token is not valid."],
  unavailable: [503, "", "The token can't be checked: its issuer's keys are not to be had."],
};

/** @param settings absent: callers are not asked who they are, and may do everything */
export function createAuthentication(
  app: FastifyInstance,
  settings: AuthenticationSettings | undefined,
  keysFailed: (error: unknown) => void,
): Authentication {
  app.decorateRequest("caller", null);
  if (!settings)
    return {
      async onRequest(request) {
        request.caller = {};
        return undefined;
      },
      findProblem: async () => undefined,
    };

  const { issuer, audience, jwksUrl, accountsClaim } = settings;
  const keys = createSigningKeys(issuer, jwksUrl, keysFailed);
  const rules = {
    issuer,
    audience,
    algorithms,
    requiredClaims: ["exp", "sub"],
    clockTolerance,
  };

  async function identify(authorization: string | undefined): Promise<Caller> {
    if (!authorization) throw new RefusedError("missing");
    const [, token = ""] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? [];
    if (!token || token.length > maxTokenLength) throw new RefusedError("invalid");
    const { payload, protectedHeader } = await jwtVerify(token, keys.find, rules);
    if (protectedHeader.typ !== undefined && !tokenType.test(protectedHeader.typ))
      throw new RefusedError("invalid");
    const { sub, scope, scp } = claims.parse(payload);
    const accounts = payload[accountsClaim];
    return {
      subject: sub,
      scopes: new Set([...scope, ...scp]),
      accounts: accounts === undefined ? undefined : new Set(accountIds.parse(accounts)),
    };
  }

  return {
    async onRequest(request, reply) {
      try {
        request.caller = await identify(request.headers.authorization);
        return undefined;
      } catch (error) {
        const refusal = refusalOf(error);
        const [status, challenge, message] = answers[refusal];
        if (challenge) reply.header("www-authenticate", challenge);
        return reply
          .code(status)
          .send(graphqlError(message, status === 401 ? "UNAUTHENTICATED" : "AUTH_UNAVAILABLE"));
      }
    },
    findProblem: async () => ((await keys.available()) ? undefined : "AUTH_UNAVAILABLE"),
  };
}

/** Whatever goes wrong with a token, it lets nobody in. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof RefusedError) return error.refusal;
  if (error instanceof KeysUnavailableError) return "unavailable";
  return error instanceof errors.JWTExpired ? "expired" : "invalid";
}
