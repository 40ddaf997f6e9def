import type { FastifyError } from "fastify";
import type { Upstream } from "../chime/upstream.js";
import { packageJson } from "../packageJson.js";
import { createLifeLog, flushLog } from "../telemetry/logger.js";
import { type AppSettings, createApp } from "./app.js";
import { requireLocalHost } from "./localHost.js";
import { addMetricsRoute, startMetricsServer } from "./metricsServer.js";
import { cannotListen } from "./serverErrors.js";
import { isLoopback } from "./signingKeys.js";

export interface GatewaySettings extends AppSettings {
  readonly host: string;
  readonly port: number;
  /** A port for /metrics alone; absent: none. */
  readonly metricsPort?: number | undefined;
}

export interface Gateway {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where the metrics are, if on a port of their own. */
  readonly metricsUrl?: string | undefined;
  /** Takes no new requests, answers those under way, and returns when all is quiet. */
  close(): Promise<void>;
}

/** @throws an Error of one line if it cannot listen there, or if the manifest of persisted operations can't be read */
export async function startGateway(settings: GatewaySettings, upstream: Upstream): Promise<Gateway> {
  const { app, stop, metrics } = await createApp(settings, upstream);
  const { host, port, metricsPort } = settings;
  if (isLoopback(host) && !settings.authentication && !settings.routerSecrets) {
    requireLocalHost(app);
    // Beside GraphQL they are for this machine, and only where all is: who has a token needs no metrics.
    if (metricsPort === undefined) addMetricsRoute(app, metrics);
  }
  // Fastify would log where it listens, which the program says in its own words.
  app.log.level = "silent";
  const url = await app.listen({ host, port }).catch((error: FastifyError) => {
    throw new Error(cannotListen(error, host, "PORT", port));
  });
  app.log.level = settings.logLevel;
  const own =
    metricsPort === undefined
      ? undefined
      : await startMetricsServer(metrics, host, metricsPort).catch(async (error: FastifyError) => {
          await app.close();
          throw new Error(cannotListen(error, host, "METRICS_PORT", metricsPort));
        });
  const lifeLog = createLifeLog(app.log);
  lifeLog({ version: packageJson.version, node: process.version, url, metricsUrl: own?.url }, "started");
  return {
    url,
    metricsUrl: own?.url,
    async close() {
      lifeLog({}, "stopping");
      await stop.now();
      own?.close();
      lifeLog({}, "stopped");
      await flushLog();
    },
  };
}
