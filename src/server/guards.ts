import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, HTTPMethods } from "fastify";
import { graphqlError } from "../graphql/errors.js";
import { isLoopback } from "../network.js";
import type { IsAllowedOrigin } from "./cors.js";

/** The Apollo integration builds a URL from the host, and would report an invalid one as its own failure. */
export function requireValidHost(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ hostname, routeOptions }, reply) =>
    routeOptions.url !== "/graphql" || URL.canParse(`http://${hostname}/`)
      ? undefined
      : reply.code(400).send(graphqlError("Invalid Host header.", "BAD_REQUEST")),
  );
}

/** Headers that a page can send to another origin only after a CORS preflight. */
const preflightHeaders = ["apollo-require-preflight", "x-apollo-operation-name"];

/**
 * Rejects a GET that a page of another site can send without a CORS preflight. (Such a page cannot send JSON by POST.) A
 * browser sends `Origin` or `Sec-Fetch-Site` with it. One that sends neither, to plain HTTP on another machine, is only
 * recognized if it does not ask for JSON; GET writes nothing, and the page cannot read the response.
 */
export function rejectForgedGet(app: FastifyInstance, isAllowedOrigin: IsAllowedOrigin): void {
  function isForgeable(headers: IncomingHttpHeaders): boolean {
    if (preflightHeaders.some((name) => headers[name]) || headers["content-type"]?.includes("json"))
      return false;
    if (headers.origin !== undefined) return !isAllowedOrigin(headers.origin);
    const site = headers["sec-fetch-site"];
    if (site !== undefined) return site !== "same-origin" && site !== "none";
    return !headers.accept?.includes("json");
  }
  app.addHook("onRequest", async ({ method, headers, routeOptions }, reply) =>
    method !== "GET" || routeOptions.url !== "/graphql" || !isForgeable(headers)
      ? undefined
      : reply
          .code(400)
          .send(
            graphqlError(
              "A page of another site could have sent this GET. Add the header `apollo-require-preflight: true`, or use POST.",
              "BAD_REQUEST",
            ),
          ),
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

const methods: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Refuses the other methods of a route with status 405. */
export function rejectOtherMethods(app: FastifyInstance, url: string, allowed: readonly HTTPMethods[]): void {
  const message = `Method not allowed: use ${allowed.join(" or ")}.`;
  app.route({
    url,
    method: methods.filter((method) => !allowed.includes(method) && !app.hasRoute({ url, method })),
    handler: (_request, reply) =>
      reply.code(405).header("allow", allowed.join(", ")).send(graphqlError(message, "BAD_REQUEST")),
  });
}

/** timingSafeEqual needs buffers of equal length. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
