import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  context,
  DiagConsoleLogger,
  DiagLogLevel,
  diag,
  metrics,
  propagation,
  trace,
} from "@opentelemetry/api";
import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { createTunnelAgent, hasProxy } from "../outboundProxy.js";
import { packageJson } from "../packageJson.js";

/** Milliseconds that the collector may take to respond, if OTEL_EXPORTER_OTLP_TIMEOUT is unset: the last export delays the shutdown. */
const exportTimeout = "3000";

type Env = Readonly<Record<string, string | undefined>>;

/** Whether a variable of OpenTelemetry asks for a signal's export. Its SDK alone would export to localhost by default. */
const isExported = (env: Env, signal: "TRACES" | "METRICS"): boolean =>
  ["OTEL_EXPORTER_OTLP_ENDPOINT", `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, `OTEL_${signal}_EXPORTER`].some(
    (name) => env[name]?.trim(),
  );

/**
 * Exports spans and metrics by OpenTelemetry's Node SDK, which reads all its OTEL_* variables, if one of them asks for it.
 * Without the SDK nothing is exported, and a warning is printed: some clusters set the variables in every container, so that
 * must not prevent the start.
 */
export async function startTelemetryExport(): Promise<{ close(): Promise<void> }> {
  const { env } = process;
  const [traces, values] = [isExported(env, "TRACES"), isExported(env, "METRICS")];
  const nothing = { close: async () => undefined };
  if ((!traces && !values) || env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true") return nothing;
  const loaded = await loadSdk();
  if (!loaded) {
    const packages = Object.entries(packageJson.peerDependencies).map((each) => each.join("@"));
    console.error(
      `WARNING: nothing is traced or exported: OTEL_* variables need the OpenTelemetry SDK: npm install ${packages.join(" ")}`,
    );
    return nothing;
  }
  const { NodeSDK, resources } = loaded;
  env["OTEL_EXPORTER_OTLP_TIMEOUT"] ??= exportTimeout;
  // Failed exports are reported on standard error: by default they are silent.
  if (!env["OTEL_LOG_LEVEL"]) diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ERROR);
  const service = { "service.name": packageJson.name, "service.version": packageJson.version };
  const sdk = new NodeSDK({
    resource: resources.defaultResource().merge(resources.resourceFromAttributes(service)),
    // Others read the name of the user and the arguments of the process.
    ...(!env["OTEL_NODE_RESOURCE_DETECTORS"] && { resourceDetectors: [resources.envDetector] }),
    ...(hasProxy() && proxiedExporters(env, loaded)),
    ...(!traces && { spanProcessors: [] }),
    ...(!values && { metricReaders: [] }),
    logRecordProcessors: [],
  });
  sdk.start();
  return {
    async close() {
      // Exports the rest. If that fails, the shutdown continues.
      await sdk.shutdown().catch((error: Error) => diag.error(`Telemetry was not sent: ${error.message}`));
      for (const api of [trace, metrics, context, propagation, diag]) api.disable();
    },
  };
}

/** The SDK is larger than the gateway: only those who export telemetry install it. */
async function loadSdk() {
  try {
    return await import("@opentelemetry/sdk-node");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
    return undefined;
  }
}

type Sdk = NonNullable<Awaited<ReturnType<typeof loadSdk>>>;
type MetricExporter = ConstructorParameters<Sdk["metrics"]["PeriodicExportingMetricReader"]>[0]["exporter"];

/** Milliseconds to open a tunnel: less than an export may take. */
const tunnelTimeout = 2_000;

/**
 * The SDK's exporters for OTLP over HTTP, with an agent that uses the proxy: without it they ignore the variables. gRPC reads
 * the variables itself.
 */
function proxiedExporters(env: Env, { core, metrics: sdk }: Sdk): Partial<NodeSDKConfiguration> {
  const traceExporter = proxiedExporter<NodeSDKConfiguration["traceExporter"]>(env, "TRACES");
  const exporter = proxiedExporter<MetricExporter>(env, "METRICS");
  const exportIntervalMillis = core.getNumberFromEnv("OTEL_METRIC_EXPORT_INTERVAL") || 60_000;
  const exportTimeoutMillis = core.getNumberFromEnv("OTEL_METRIC_EXPORT_TIMEOUT") || 30_000;
  return {
    ...(traceExporter && { traceExporter }),
    ...(exporter && {
      metricReaders: [
        new sdk.PeriodicExportingMetricReader({
          exporter,
          exportIntervalMillis,
          exportTimeoutMillis: Math.min(exportTimeoutMillis, exportIntervalMillis),
        }),
      ],
    }),
  };
}

/** Undefined if other exporters, or other protocols, are asked for. */
function proxiedExporter<Exporter>(env: Env, signal: "TRACES" | "METRICS"): Exporter | undefined {
  const read = (name: string) => env[name]?.trim() || undefined;
  const setting = (name: string) =>
    read(`OTEL_EXPORTER_OTLP_${signal}_${name}`) ?? read(`OTEL_EXPORTER_OTLP_${name}`);
  const file = (name: string) => {
    const path = setting(name);
    try {
      return path === undefined ? undefined : readFileSync(path);
    } catch (error) {
      diag.error(`The file of OTEL_EXPORTER_OTLP_${name} cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  };
  const format = { "http/protobuf": "proto", "http/json": "http" }[setting("PROTOCOL") ?? "http/protobuf"];
  if ((read(`OTEL_${signal}_EXPORTER`) ?? "otlp") !== "otlp" || !format) return undefined;
  const tls = { ca: file("CERTIFICATE"), cert: file("CLIENT_CERTIFICATE"), key: file("CLIENT_KEY") };
  const httpAgentOptions = (scheme: string) => createTunnelAgent(scheme, tunnelTimeout, tls);
  const [folder, name] =
    signal === "TRACES" ? ["trace", "OTLPTraceExporter"] : ["metrics", "OTLPMetricExporter"];
  // They are dependencies of the SDK, not of the gateway.
  const requireOfSdk = createRequire(createRequire(import.meta.url).resolve("@opentelemetry/sdk-node"));
  const exporters: Record<string, new (options: object) => Exporter> = requireOfSdk(
    `@opentelemetry/exporter-${folder}-otlp-${format}`,
  );
  const OtlpExporter = exporters[name];
  return OtlpExporter && new OtlpExporter({ httpAgentOptions });
}
