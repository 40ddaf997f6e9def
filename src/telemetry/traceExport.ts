import { context, DiagConsoleLogger, DiagLogLevel, diag, propagation, trace } from "@opentelemetry/api";
import { packageJson } from "../packageJson.js";

/** Milliseconds that the collector may take to respond: the last export delays the shutdown. */
const exportTimeout = 3_000;

/**
 * Exports spans to an OpenTelemetry collector, as OTLP over HTTP. The SDK reads its other settings, such as headers and
 * sampling, from its own OTEL_* variables. Without the SDK nothing is traced, and a warning is printed: some clusters set
 * the variable in every container, so that must not prevent the start.
 *
 * @param endpoint the value of OTEL_EXPORTER_OTLP_ENDPOINT, without `/v1/traces`
 */
export async function startTraceExport(endpoint: string): Promise<{ close(): Promise<void> }> {
  const sdk = await loadSdk();
  if (!sdk) {
    const packages = Object.entries(packageJson.peerDependencies).map((each) => each.join("@"));
    console.error(
      `WARNING: nothing is traced: OTEL_EXPORTER_OTLP_ENDPOINT needs the OpenTelemetry SDK: npm install ${packages.join(" ")}`,
    );
    return { close: async () => undefined };
  }
  const service = { "service.name": packageJson.name, "service.version": packageJson.version };
  const resource = sdk
    .defaultResource()
    .merge(sdk.resourceFromAttributes(service))
    .merge(sdk.detectResources({ detectors: [sdk.envDetector] }));
  const url = `${endpoint.replace(/\/$/, "")}/v1/traces`;
  const exporter = new sdk.OTLPTraceExporter({ url, timeoutMillis: exportTimeout });
  const spanProcessors = [new sdk.BatchSpanProcessor(exporter)];
  const provider = new sdk.NodeTracerProvider({ resource, spanProcessors });
  // Failed exports are reported on standard error: by default they are silent.
  diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ERROR);
  provider.register();
  return {
    async close() {
      // Exports the remaining spans. If that fails, the shutdown continues.
      await provider.shutdown().catch((error: Error) => diag.error(`Traces were not sent: ${error.message}`));
      for (const api of [trace, context, propagation, diag]) api.disable();
    },
  };
}

/** The SDK is larger than the gateway: only those who export traces install it. */
async function loadSdk() {
  try {
    return {
      ...(await import("@opentelemetry/sdk-trace-node")),
      ...(await import("@opentelemetry/exporter-trace-otlp-http")),
      ...(await import("@opentelemetry/resources")),
    };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
    return undefined;
  }
}
