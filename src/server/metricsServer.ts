import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Metrics } from "../telemetry/metrics.js";
import { createHttpServer, cutIfUnread } from "./httpServer.js";

/** Answers `/metrics` beside GraphQL. */
export function addMetricsRoute(app: FastifyInstance, { print, contentType }: Metrics): void {
  app.get("/metrics", async (_request, reply) => reply.type(contentType).send(await print()));
}

/** A server for `/metrics` alone, on a port of its own: who reaches that is the network's to say. */
export async function startMetricsServer(
  { print, contentType }: Metrics,
  host: string,
  port: number,
): Promise<{ readonly url: string; close(): void }> {
  const server: Server = createHttpServer(({ url = "", method = "" }, response) => {
    cutIfUnread(response);
    const isMetrics = /^\/metrics(?:\?|$)/.test(url) && /^(?:GET|HEAD)$/.test(method);
    if (!isMetrics) {
      response.writeHead(404).end();
      return;
    }
    print().then(
      (text) =>
        response.writeHead(200, { "content-type": contentType, "cache-control": "no-store" }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await once(server.listen({ host, port }), "listening");
  const { address, port: taken, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}/metrics`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
