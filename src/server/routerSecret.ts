import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { graphqlError } from "../graphql/errors.js";

/**
 * Shuts the gateway to all but a router that sends one of the secrets as `x-router-secret`: two are live while one is
 * replaced by the other. Health is told to everybody.
 */
export function requireRouterSecret(app: FastifyInstance, secrets: readonly string[]): void {
  const digests = secrets.map(digest);
  app.addHook("onRequest", async ({ headers, routeOptions }, reply) => {
    if (routeOptions.url?.startsWith("/health/")) return undefined;
    const given = digest(String(headers["x-router-secret"]));
    // All are compared, each in constant time: how long it takes says nothing of them.
    if (digests.filter((known) => timingSafeEqual(known, given)).length > 0) return undefined;
    return reply.code(403).send(graphqlError("Only the router may ask.", "FORBIDDEN"));
  });
}

/** Of one length, whatever is given. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
