import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import cors from "@fastify/cors";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Response headers that pages of other origins may read. */
const exposedHeaders = ["x-request-id", "server-timing", "retry-after"];

/** Lets pages of these origins call the gateway. */
export async function addCors(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await app.register(cors, {
    delegator: async ({ headers }: FastifyRequest) => ({
      origin: [...origins],
      exposedHeaders,
      // Any other OPTIONS request is answered like a wrong method.
      preflight: Boolean(headers.origin && headers["access-control-request-method"]),
    }),
  });
}

/** CORS headers of a response that is sent before Fastify gets the request. */
export const createCorsHeaders =
  (origins: readonly string[]) =>
  ({ headers: { origin } }: IncomingMessage): OutgoingHttpHeaders | undefined =>
    origin !== undefined && origins.includes(origin)
      ? {
          "access-control-allow-origin": origin,
          "access-control-expose-headers": exposedHeaders.join(", "),
          vary: "Origin",
        }
      : undefined;
