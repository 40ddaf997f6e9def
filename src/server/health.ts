import type { FastifyInstance } from "fastify";
import type { Upstream } from "../chime/upstream.js";
import type { Authentication } from "./authentication.js";
import type { Shutdown } from "./shutdown.js";

export interface Readiness {
  /** Why the process should get no requests, as an `extensions.code`. */
  readonly problem: string | undefined;
  /** Why Chime does not answer. */
  readonly chime: string | undefined;
}

export type CheckReadiness = () => Promise<Readiness>;

/**
 * Ready: the process is not shutting down, can verify tokens, and Chime has accepted its credentials once. Later failures
 * of Chime do not count: every replica would leave its load balancer at once, and none could answer with an error.
 */
export const createReadiness =
  (upstream: Upstream, authentication: Authentication, shutdown: Shutdown): CheckReadiness =>
  async () => {
    const [auth, chime] = await Promise.all([authentication.checkReadiness(), upstream.probe()]);
    const problem = shutdown.hasBegun ? "STOPPING" : (auth ?? (upstream.wasAccepted ? undefined : chime));
    return { problem, chime };
  };

/** `/health/live`: the process responds. `/health/ready`: it should get requests, else 503 and the reason. */
export function addHealthRoutes(app: FastifyInstance, checkReadiness: CheckReadiness): void {
  app.get("/health/live", async () => ({ status: "ok" }));
  app.get("/health/ready", async (_request, reply) => {
    const { problem, chime = "OK" } = await checkReadiness();
    return problem
      ? reply.code(503).send({ status: "unavailable", code: problem, chime })
      : { status: "ok", chime };
  });
}
