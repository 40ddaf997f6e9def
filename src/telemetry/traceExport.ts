import { context, DiagConsoleLogger, DiagLogLevel, diag, propagation, trace } from "@opentelemetry/api";
import { packageJson } from "../packageJson.js";

/** Milliseconds that the collector may take for an answer: a stop waits for the last one. */
const exportTimeout = 3_000;

/**
 * Sends spans to an OpenTelemetry collector, as OTLP over HTTP. What else there is to say, such as headers and sampling,
 * the SDK finds in its own OTEL_* variables. If the SDK is not installed nothing is traced, and standard error says so: some
 * clusters give the variable to every container, and that is no reason not to start.
 *
 * @param endpoint as OTEL_EXPORTER_OTLP_ENDPOINT has it, without `/v1/traces`
 */
export async function startTraceExport(endpoint: string): Promise<{ close(): Promise<void> }> {
  const loaded = await loadSdk();
  if (!loaded) {
    console.error(notInstalled);
    return { close: async () => undefined };
  }
  const { sdk, exporter, resources } = loaded;
  const resource = resources
    .defaultResource()
    .merge(
      resources.resourceFromAttributes({
        "service.name": packageJson.name,
        "service.version": packageJson.version,
      }),
    )
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  const url = `${endpoint.replace(/\/$/, "")}/v1/traces`;
  const provider = new sdk.NodeTracerProvider({
    resource,
    spanProcessors: [
      new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter({ url, timeoutMillis: exportTimeout })),
    ],
  });
  // What can't be sent is said on standard error; otherwise it would be lost in silence.
  diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ERROR);
  provider.register();
  return {
    async close() {
      // It sends what is left. That this fails is no reason to stop otherwise.
      await provider.shutdown().catch((error: Error) => diag.error(`Traces were not sent: ${error.message}`));
      for (const api of [trace, context, propagation, diag]) api.disable();
    },
  };
}

/** The SDK is larger than the gateway, so who exports traces installs it. */
const notInstalled = `WARNING: nothing is traced: OTEL_EXPORTER_OTLP_ENDPOINT needs OpenTelemetry's SDK beside the gateway: npm install ${Object.entries(
  packageJson.peerDependencies,
)
  .map(([name, range]) => `${name}@${range}`)
  .join(" ")}`;

async function loadSdk() {
  try {
    const [sdk, exporter, resources] = await Promise.all([
      import("@opentelemetry/sdk-trace-node"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
    return { sdk, exporter, resources };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
    return undefined;
  }
}
