import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { graphqlError, graphqlLimitError } from "../graphql/errors.js";
import { LimitError, type Limits, overLimit } from "../graphql/limits/limits.js";
import { withoutMessage } from "../telemetry/logger.js";

/** What fails before GraphQL begins is answered in GraphQL's form too: clients read one form of error only. */
export const createErrorHandler =
  (limits: Limits) =>
  (error: FastifyError, { log }: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const status = error.statusCode ?? 500;
    if (error instanceof LimitError) return reply.code(400).send(graphqlLimitError(error));
    if (status === 413) return reply.code(413).send(graphqlLimitError(overLimit(limits, "bodyBytes")));
    // Its own message repeats the path, and no hook runs for it.
    if (error.code === "FST_ERR_BAD_URL")
      return reply
        .code(status)
        .header("cache-control", "no-store")
        .send(graphqlError("Malformed request path.", "BAD_REQUEST"));
    if (status < 500) return reply.code(status).send(graphqlError(error.message, "BAD_REQUEST"));
    log.error(withoutMessage(error), "unexpected error");
    return reply.code(500).send(graphqlError("The gateway failed.", "INTERNAL_SERVER_ERROR"));
  };

/** Why the SDK or a credential source could not make a request: its messages hold no caller's data. */
export function reasonOf(cause: unknown): string {
  const { cause: inner } = (cause ?? {}) as { readonly cause?: unknown };
  return inner === undefined ? String(cause) : `${cause}: ${reasonOf(inner)}`;
}

/** Why a server could not listen there, and what to do about it, in one line. */
export function cannotListen(
  { code, message }: FastifyError,
  host: string,
  setting: string,
  port: number,
): string {
  if (code === "EADDRINUSE")
    return `${setting} ${port} is in use on ${host}: stop what uses it or set another`;
  if (code === "EACCES")
    return `${setting} ${port} needs rights that this process does not have: set one above 1023`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `HOST ${host} is not an address of this machine`;
  return `Cannot listen on ${host}:${port}: ${message}`;
}
