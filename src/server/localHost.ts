import type { FastifyInstance } from "fastify";
import { isLoopback } from "../config/loopback.js";
import { graphqlError } from "../graphql/errors.js";

/**
 * Answers requests to this machine's own names alone. Where nobody is asked who they are, a page in a browser here could else
 * ask as well: it has its own name lead to this machine (DNS rebinding), and is of the same origin then.
 */
export function requireLocalHost(app: FastifyInstance): void {
  app.addHook("onRequest", ({ hostname }, reply, done) => {
    if (isLoopback(hostname)) return done();
    reply
      .code(403)
      .send(
        graphqlError(
          "With AUTH=none on a loopback HOST, requests to localhost alone are answered.",
          "FORBIDDEN",
        ),
      );
  });
}
