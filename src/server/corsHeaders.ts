import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** What pages of other origins may read of an answer, beside its body. */
export const exposedHeaders = ["x-request-id", "server-timing", "retry-after"];

/**
 * Headers of what is answered before Fastify sees it: without them a page of an origin that may call the gateway is told
 * of a network error.
 */
export const createPageHeaders = (origins: readonly string[]) => {
  const exposed = exposedHeaders.join(", ");
  return ({ headers: { origin } }: IncomingMessage): OutgoingHttpHeaders | undefined =>
    origin !== undefined && origins.includes(origin)
      ? { "access-control-allow-origin": origin, "access-control-expose-headers": exposed, vary: "Origin" }
      : undefined;
};
