import { type FastifyInstance, fastify } from "fastify";
import type { Metrics } from "../telemetry/metrics.js";
import { createRawHeaders } from "./cors.js";
import { createClientErrorHandler, createHttpServer, limitWriteTime } from "./httpServer.js";

export function addMetricsRoute(app: FastifyInstance, { print, contentType }: Metrics): void {
  app.get("/metrics", async (_request, reply) =>
    reply
      .type(contentType)
      .header("cache-control", "no-store")
      .send(await print()),
  );
}

/** A server of its own port for `/metrics`, so that the network can restrict access to it. */
export async function startMetricsServer(
  metrics: Metrics,
  host: string,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = fastify({
    serverFactory: createHttpServer,
    // No page calls it.
    clientErrorHandler: createClientErrorHandler(createRawHeaders((_origin) => false)),
    forceCloseConnections: true,
  });
  app.addHook("onSend", async (_request, reply) => limitWriteTime(reply.raw));
  addMetricsRoute(app, metrics);
  const url = await app.listen({ host, port });
  return { url: `${url}/metrics`, close: () => app.close() };
}
