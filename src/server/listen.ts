import type { FastifyError } from "fastify";
import type { Upstream } from "../chime/upstream.js";
import { packageJson } from "../packageJson.js";
import { createLifeLog, flushLog } from "../telemetry/logger.js";
import { type AppSettings, createApp } from "./app.js";
import { isLoopback } from "./loopback.js";
import { addMetricsRoute, startMetricsServer } from "./metricsServer.js";

export interface GatewaySettings extends AppSettings {
  readonly host: string;
  readonly port: number;
  /** A port for /metrics only; absent: none. */
  readonly metricsPort?: number | undefined;
}

export interface Gateway {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** The URL of the metrics, if they have their own port. */
  readonly metricsUrl?: string | undefined;
  /** Refuses new requests, answers those under way, and closes. */
  close(): Promise<void>;
}

/** @throws an Error of one line if it cannot listen, or if the manifest of persisted operations cannot be read */
export async function startGateway(settings: GatewaySettings, upstream: Upstream): Promise<Gateway> {
  const { host, port, metricsPort } = settings;
  const isLocal = isLoopback(host) && !settings.authentication && !settings.routerSecrets;
  const { app, shutdown, metrics } = await createApp(settings, upstream, isLocal);
  // On the port of GraphQL, metrics are as open as GraphQL: so only where that is for this machine.
  if (isLocal && metricsPort === undefined) addMetricsRoute(app, metrics);
  // Fastify would log its addresses; the line "started" has them.
  app.log.level = "silent";
  const url = await app
    .listen({ host, port })
    .catch((error: FastifyError) => cannotListen(error, host, "PORT", port));
  app.log.level = settings.logLevel;
  const metricsServer =
    metricsPort === undefined
      ? undefined
      : await startMetricsServer(metrics, host, metricsPort).catch(async (error: FastifyError) => {
          await app.close();
          return cannotListen(error, host, "METRICS_PORT", metricsPort);
        });
  const metricsUrl = metricsServer?.url;
  const lifeLog = createLifeLog(app.log);
  lifeLog({ version: packageJson.version, node: process.version, url, metricsUrl }, "started");
  return {
    url,
    metricsUrl,
    async close() {
      lifeLog({}, "stopping");
      await shutdown.begin();
      await metricsServer?.close();
      lifeLog({}, "stopped");
      flushLog();
    },
  };
}

/** Throws an error that states the reason and what to do about it, in one line. */
function cannotListen({ code, message }: FastifyError, host: string, setting: string, port: number): never {
  const reasons: Record<string, string> = {
    EADDRINUSE: `${setting} ${port} is in use on ${host}: stop what uses it or set another`,
    EACCES: `${setting} ${port} requires privileges that this process does not have: set one above 1023`,
    EADDRNOTAVAIL: `HOST ${host} is not an address of this machine`,
    ENOTFOUND: `HOST ${host} is not an address of this machine`,
  };
  throw new Error(reasons[code] ?? `Cannot listen on ${host}:${port}: ${message}`);
}
