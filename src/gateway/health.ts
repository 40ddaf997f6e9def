import type { FastifyInstance } from "fastify";
import type { Upstream } from "../chime/calls.js";
import type { Authentication } from "./authentication.js";
import type { Stop } from "./stopping.js";

/**
 * `/health/live`: the process answers. `/health/ready`: Chime answers it too, else 503 and why; not ready as well while
 * the server is stopping or no token can be checked, so that a load balancer looks elsewhere.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  upstream: Upstream,
  authentication: Authentication,
  stop: Stop,
): void {
  app.get("/health/live", async () => ({ status: "ok" }));
  app.get("/health/ready", async (_request, reply) => {
    const problem = stop.begun
      ? "STOPPING"
      : ((await authentication.findProblem()) ?? (await upstream.findProblem()));
    return problem ? reply.code(503).send({ status: "unavailable", code: problem }) : { status: "ok" };
  });
}
