import { createHash } from "node:crypto";
import rateLimit, { type FastifyRateLimitStore } from "@fastify/rate-limit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { graphqlError } from "../graphql/errors.js";
import type { SharedStore } from "../stores/store.js";

const minute = 60_000;
/** Callers that are counted in memory: those whose requests came last. */
const maxCallers = 10_000;
const message = "Too many requests from this caller. Try again later.";

export type LimitRate = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/**
 * Limits the requests of each caller: of a token's subject, or of an address without tokens. Add it after authentication.
 *
 * @param shared counts for all replicas; undefined: this process counts its own
 * @param onUnavailable called for each request that cannot be counted, and is let in
 */
export async function createRateLimit(
  app: FastifyInstance,
  max: number,
  shared: SharedStore | undefined,
  onUnavailable: () => void,
): Promise<LimitRate> {
  await app.register(rateLimit, {
    global: false,
    max,
    timeWindow: minute,
    cache: maxCallers,
    keyGenerator: keyOf,
    // Serving matters more than the limit.
    skipOnError: true,
    ...(shared && { store: sharedCounts(shared, onUnavailable) }),
  });
  shared?.onChange((isUp) => {
    if (!isUp) app.log.warn("Redis does not answer: requests are not limited");
  });
  const count = app.createRateLimit();

  return async (request, reply) => {
    const result = await count(request);
    if (result.isAllowed || !result.isExceeded) return undefined;
    return reply
      .code(429)
      .header("retry-after", String(Math.max(1, result.ttlInSeconds)))
      .send(graphqlError(message, "RATE_LIMITED"));
  };
}

/** A hash, because a subject may be an e-mail address, and Redis is shared. */
function keyOf({ caller, ip }: FastifyRequest): string {
  const key = caller?.subject === undefined ? [rateLimit.normalizeIP(ip)] : [caller.issuer, caller.subject];
  return createHash("sha256").update(JSON.stringify(key)).digest("base64url");
}

/** The plugin makes its store by itself. */
const sharedCounts = (shared: SharedStore, onUnavailable: () => void) =>
  class implements FastifyRateLimitStore {
    incr(
      key: string,
      callback: (error: Error | null, result?: { current: number; ttl: number }) => void,
      timeWindow: number,
    ): void {
      shared.increment(`rate-limit:${key}`, timeWindow).then(
        ({ count, timeLeft }) => callback(null, { current: count, ttl: timeLeft }),
        (error: Error) => {
          onUnavailable();
          callback(error);
        },
      );
    }

    child(): this {
      return this;
    }
  };
