import type { FastifyInstance } from "fastify";
import type { Upstream } from "../chime/calls.js";

/**
 * `/health/live`: the process answers. `/health/ready`: Chime answers it too, else 503 and why; not ready as well while
 * the server is stopping, so that a load balancer looks elsewhere.
 */
export function addHealthRoutes(app: FastifyInstance, upstream: Upstream): void {
  let stopping = false;
  app.addHook("preClose", async () => {
    stopping = true;
  });
  app.get("/health/live", async () => ({ status: "ok" }));
  app.get("/health/ready", async (_request, reply) => {
    const problem = stopping ? "STOPPING" : await upstream.findProblem();
    return problem ? reply.code(503).send({ status: "unavailable", code: problem }) : { status: "ok" };
  });
}
