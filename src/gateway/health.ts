import type { FastifyInstance } from "fastify";
import type { Upstream } from "../chime/calls.js";
import type { Authentication } from "./authentication.js";
import type { Stop } from "./stopping.js";

/** Why the gateway is not ready for requests (a code), if so. */
export type FindProblem = () => Promise<string | undefined>;

/** Not ready: while the server is stopping, no token can be checked, or Chime does not answer. */
export const createReadiness =
  (upstream: Upstream, authentication: Authentication, stop: Stop): FindProblem =>
  async () =>
    stop.begun ? "STOPPING" : ((await authentication.findProblem()) ?? (await upstream.findProblem()));

/**
 * `/health/live`: the process answers. `/health/ready`: it is ready for requests, else 503 and why, so that a load
 * balancer looks elsewhere.
 */
export function addHealthRoutes(app: FastifyInstance, findProblem: FindProblem): void {
  app.get("/health/live", async () => ({ status: "ok" }));
  app.get("/health/ready", async (_request, reply) => {
    const problem = await findProblem();
    return problem ? reply.code(503).send({ status: "unavailable", code: problem }) : { status: "ok" };
  });
}
