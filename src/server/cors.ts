import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import cors from "@fastify/cors";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Config } from "../config/settings.js";
import { isLoopback } from "../network.js";

/** Whether pages of an origin may call the gateway. */
export type IsAllowedOrigin = (origin: string | undefined) => boolean;

/** Response headers that pages of other origins may read. */
const exposedHeaders = ["x-request-id", "server-timing", "retry-after", "content-disposition"];
/** Seconds for which a browser remembers a preflight: Chrome's maximum. */
const preflightMaxAge = 7_200;

/**
 * Allows origins of the configuration, and those of this machine if Chime is the embedded one.
 *
 * @param others allowed as well
 */
export const createOriginCheck =
  ({ http, chime }: Pick<Config, "http" | "chime">, others: readonly string[]): IsAllowedOrigin =>
  (origin) =>
    origin !== undefined &&
    (http.corsOrigins.includes(origin) ||
      others.includes(origin) ||
      (chime.mode === "local" && isLoopbackOrigin(origin)));

/** A page of any development server on this machine, such as http://localhost:5173. */
function isLoopbackOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, hostname } = new URL(text);
  return origin === text && isLoopback(hostname);
}

/** Lets pages of allowed origins call the gateway. */
export async function addCors(app: FastifyInstance, isAllowed: IsAllowedOrigin): Promise<void> {
  await app.register(cors, {
    delegator: async ({ headers, routeOptions }: FastifyRequest) => ({
      origin: isAllowed(headers.origin),
      methods: routeOptions.url === "/graphql" ? ["GET", "POST"] : ["GET"],
      exposedHeaders,
      maxAge: preflightMaxAge,
      // Any other OPTIONS request is answered like a wrong method.
      preflight: Boolean(headers.origin && headers["access-control-request-method"]),
    }),
  });
}

/** Headers of a response that is sent without Fastify's hooks. */
export const createRawHeaders =
  (isAllowed: IsAllowedOrigin) =>
  ({ origin }: Pick<IncomingHttpHeaders, "origin">): OutgoingHttpHeaders => ({
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    vary: "Origin",
    ...(isAllowed(origin) && {
      "access-control-allow-origin": origin,
      "access-control-expose-headers": exposedHeaders.join(", "),
    }),
  });
