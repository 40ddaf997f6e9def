import type { FastifyInstance } from "fastify";
import type { Upstream } from "../chime/upstream.js";
import type { Authentication } from "./authentication.js";
import type { Stop } from "./shutdown.js";

export interface Readiness {
  /** Why the process should get no requests (an `extensions.code`), if so. */
  readonly problem: string | undefined;
  /** Why Chime does not answer, if so. */
  readonly chime: string | undefined;
}

export type CheckReadiness = () => Promise<Readiness>;

/**
 * Ready: the process is not stopping, can verify tokens, and Chime has accepted its credentials once. Later failures of Chime
 * do not count: every replica would leave its load balancer at the same moment, and none could answer with an error.
 */
export const createReadiness =
  (upstream: Upstream, authentication: Authentication, stop: Stop): CheckReadiness =>
  async () => {
    const [auth, chime] = await Promise.all([authentication.findProblem(), upstream.probe()]);
    const problem = stop.begun ? "STOPPING" : (auth ?? (upstream.wasAccepted ? undefined : chime));
    return { problem, chime };
  };

/** `/health/live`: the process answers. `/health/ready`: it should get requests; else 503 and the reason. */
export function addHealthRoutes(app: FastifyInstance, checkReadiness: CheckReadiness): void {
  app.get("/health/live", async () => ({ status: "ok" }));
  app.get("/health/ready", async (_request, reply) => {
    const { problem, chime = "OK" } = await checkReadiness();
    return problem
      ? reply.code(503).send({ status: "unavailable", code: problem, chime })
      : { status: "ok", chime };
  });
}
