import type { FastifyBaseLogger } from "fastify";
import type { Upstream } from "../chime/upstream.js";

/** Logs what an operator must know about the path to Chime: one line per change. */
export function logUpstream(log: FastifyBaseLogger, upstream: Upstream): void {
  upstream.onAvailability((code) =>
    code ? log.warn({ code }, "Chime is unavailable") : log.info("Chime is available again"),
  );
  upstream.onConfigurationError((cause) =>
    log.error(
      { reason: reasonOf(cause) },
      "no call to Chime can be sent: check its credentials and settings",
    ),
  );
}

/** The messages of an error and its causes. Only for errors that contain no data of a caller. */
export function reasonOf(error: unknown): string {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return cause === undefined ? String(error) : `${error}: ${reasonOf(cause)}`;
}
