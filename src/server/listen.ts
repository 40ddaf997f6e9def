import type { FastifyError } from "fastify";
import type { Upstream } from "../chime/upstream.js";
import type { Config } from "../config/settings.js";
import { cannotListen, isLoopback } from "../network.js";
import { createLifecycleLog, flushLog } from "../telemetry/logger.js";
import { type AppSettings, createApp } from "./app.js";
import { addMetricsRoute, startMetricsServer } from "./metricsServer.js";

export type GatewaySettings = AppSettings & Pick<Config, "monitoring">;

export interface Gateway {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** The URL of the metrics, if they have their own port. */
  readonly metricsUrl?: string | undefined;
  /** Rejects new requests, answers those in progress, and closes. */
  close(): Promise<void>;
}

/** @throws an Error of one line if it cannot listen, or if the manifest of persisted operations cannot be read */
export async function startGateway(settings: GatewaySettings, upstream: Upstream): Promise<Gateway> {
  const { host, port } = settings.http;
  const { metricsPort } = settings.monitoring;
  const isLocal = isLoopback(host) && !settings.auth.tokens && !settings.auth.routerSecrets;
  const { app, shutdown, metrics } = await createApp(settings, upstream, isLocal);
  // On the port of GraphQL, metrics are as open as GraphQL: so only where that is for this machine.
  if (isLocal && metricsPort === undefined) addMetricsRoute(app, metrics);
  // Fastify would log its addresses; the line "started" has them.
  app.log.level = "silent";
  const url = await app.listen({ host, port }).catch((error: FastifyError) => {
    throw new Error(cannotListen(error, host, "PORT", port));
  });
  app.log.level = settings.logging.level;
  const metricsServer =
    metricsPort === undefined
      ? undefined
      : await startMetricsServer(metrics, host, metricsPort).catch(async (error: FastifyError) => {
          await app.close();
          throw new Error(cannotListen(error, host, "METRICS_PORT", metricsPort));
        });
  const metricsUrl = metricsServer?.url;
  const lifecycleLog = createLifecycleLog(app.log);
  return {
    url,
    metricsUrl,
    async close() {
      lifecycleLog({}, "stopping");
      await shutdown.begin();
      await metricsServer?.close();
      lifecycleLog({}, "stopped");
      await flushLog();
    },
  };
}
