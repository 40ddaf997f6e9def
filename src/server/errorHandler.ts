import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { graphqlError, graphqlLimitError } from "../graphql/errors.js";
import { LimitError, type Limits, overLimit } from "../graphql/limits/limits.js";
import { internalError } from "../publicError.js";
import { withoutMessage } from "../telemetry/logger.js";

/** Errors before GraphQL execution have GraphQL's form too: clients then parse one form only. */
export const createErrorHandler =
  (limits: Limits) =>
  (error: FastifyError, { log }: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const status = error.statusCode ?? 500;
    if (error instanceof LimitError) return reply.code(400).send(graphqlLimitError(error));
    if (status === 413) return reply.code(413).send(graphqlLimitError(overLimit(limits, "bodyBytes")));
    // Fastify's message contains the path.
    if (error.code === "FST_ERR_BAD_URL")
      return reply.code(status).send(graphqlError("Malformed request path.", "BAD_REQUEST"));
    if (status < 500) return reply.code(status).send(graphqlError(error.message, "BAD_REQUEST"));
    log.error(withoutMessage(error), "unexpected error");
    return reply.code(500).send(graphqlError(internalError, "INTERNAL_SERVER_ERROR"));
  };
