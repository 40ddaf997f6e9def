import {
  context,
  DiagConsoleLogger,
  DiagLogLevel,
  diag,
  metrics,
  propagation,
  trace,
} from "@opentelemetry/api";
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
