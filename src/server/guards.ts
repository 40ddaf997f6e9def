import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { graphqlError } from "../graphql/errors.js";
import { isLoopback } from "../network.js";

/** The Apollo integration builds a URL from the host, and would report an invalid one as its own failure. */
export function requireValidHost(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ hostname, routeOptions }, reply) =>
    routeOptions.url !== "/graphql" || URL.canParse(`http://${hostname}/`)
      ? undefined
      : reply.code(400).send(graphqlError("Invalid Host header.", "BAD_REQUEST")),
  );
}

/**
 * Only accepts requests addressed to this machine. Without authentication, a page in a browser on this machine could
 * otherwise call the gateway by DNS rebinding: its own host name then resolves to loopback, and CORS does not apply.
 */
export function requireLocalHost(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ hostname }, reply) =>
    isLoopback(hostname)
      ? undefined
      : reply
          .code(403)
          .send(
            graphqlError(
              "With AUTH=none the gateway only accepts requests addressed to localhost.",
              "FORBIDDEN",
            ),
          ),
  );
}

/**
 * Only accepts requests with one of the secrets in `x-router-secret`, except for health. Two are valid while one replaces
 * the other.
 */
export function requireRouterSecret(app: FastifyInstance, secrets: readonly string[]): void {
  const digests = secrets.map(digest);
  app.addHook("onRequest", async ({ headers, routeOptions }, reply) => {
    if (routeOptions.url?.startsWith("/health/")) return undefined;
    const given = digest(String(headers["x-router-secret"]));
    // `filter` compares all of them: the time taken does not depend on which one matches.
    if (digests.filter((known) => timingSafeEqual(known, given)).length > 0) return undefined;
    return reply.code(403).send(graphqlError("Requests must come through the router.", "FORBIDDEN"));
  });
}

/** timingSafeEqual needs buffers of equal length. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
