import { Counter, collectDefaultMetrics, Gauge, Registry, register } from "prom-client";
import { packageJson } from "../packageJson.js";
import type { CallRecord } from "./callRecord.js";
import { mainCode, serverErrors } from "./errorCodes.js";
import { createHistogram, exportValues } from "./exportedMetrics.js";
import { droppedLines } from "./logger.js";
import { createNameLabels, type NameLabels } from "./metricLabels.js";
import { type CompletedRequest, clientClosedRequest, isExport } from "./requestLifecycle.js";

/** The gateway's metrics in Prometheus' text format. */
export interface Metrics {
  countRequest(request: CompletedRequest): void;
  countCall(call: CallRecord): void;
  countObserverError(): void;
  countAuditLine(isWritten: boolean): void;
  countUnlimitedRequest(): void;
  countLookup(lookup: { readonly kind: string; readonly hits: number; readonly misses: number }): void;
  readonly contentType: string;
  /** Those of the gateway and of the process. */
  print(): Promise<string>;
}

/** Sources of the values that are read at each scrape. */
export interface MetricSources {
  readonly upstream: { readonly load: { readonly inFlight: number; readonly waiting: number } };
  readonly loadShedding: { readonly inProgress: number; readonly limit: number; readonly rejected: number };
  /** A process that is not ready gets no other requests than scrapes. */
  checkReadiness(): Promise<Readiness>;
  /** Absent without Redis. */
  readonly shared?: { probe(): Promise<string | undefined> } | undefined;
}

type Readiness = Readonly<Record<"problem" | "chime", string | undefined>>;

/**
 * Seconds. A call to Chime takes some tens of milliseconds; the longest request, a write, half a minute. They are closest
 * where an alert needs a precise value: around 3, which ChimeGatewaySlow reports, and 8, the deadline of a query.
 */
const buckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 8.5, 10, 15, 20, 30,
];

/** @param writeOperations of Chime, whose outcome may be unknown */
export function createMetrics(
  { upstream, loadShedding, checkReadiness, shared }: MetricSources,
  labels: NameLabels,
  writeOperations: readonly string[],
): Metrics {
  // A process has one event loop and one heap, even if it has several gateways.
  if (register.getMetricsAsArray().length === 0) collectDefaultMetrics();
  const registers = [new Registry()];
  const counter = <Label extends string = never>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: `chime_gateway_${name}`, help, labelNames, registers });
  const histogram = <Label extends string = never>(name: string, help: string, ...labelNames: Label[]) =>
    createHistogram({ name: `chime_gateway_${name}`, help, labelNames, buckets, registers });

  const requests = counter(
    "requests_total",
    "Completed GraphQL requests except those rejected by load shedding. code is OK or an error's, payloads included: OUTCOME_UNKNOWN if present, else one that the caller cannot fix, else the first",
    "operation",
    "type",
    "code",
  );
  const clientRequests = counter(
    "client_requests_total",
    "The requests of chime_gateway_requests_total by the header apollographql-client-name, which is empty if it is missing or unsafe, or other",
    "client",
    "code",
  );
  const clients = createNameLabels();
  const internalErrors = counter(
    "internal_errors_total",
    "GraphQL requests and exports with INTERNAL_SERVER_ERROR",
  );
  const requestSeconds = histogram(
    "request_duration_seconds",
    "From a GraphQL request's headers to the end of its response, without the time in which its body arrived",
    "operation",
    "type",
  );
  const userExports = counter(
    "exports_total",
    "Completed requests for an export. outcome is OK, CANCELED by the client, or the code of the error that rejected it or cut it off",
    "outcome",
  );
  const calls = counter(
    "upstream_calls_total",
    "Calls to Chime, each counted once with all its attempts. outcome is OK, CANCELED, or the error's code",
    "operation",
    "outcome",
  );
  // An alert notices the first one only if the series existed before, at 0.
  for (const outcome of ["OK", ...serverErrors]) userExports.inc({ outcome }, 0);
  for (const operation of writeOperations) calls.inc({ operation, outcome: "OUTCOME_UNKNOWN" }, 0);
  const callSeconds = histogram(
    "upstream_call_duration_seconds",
    "Duration of a call to Chime with all its attempts, without the wait for its slot",
    "operation",
  );
  const waitSeconds = histogram("upstream_wait_seconds", "How long a call to Chime waited for its slot");
  const retries = counter("upstream_retries_total", "Retries of calls to Chime", "operation");
  const throttles = counter("upstream_throttles_total", "Attempts that Chime throttled", "operation");
  const cacheHits = counter("cache_hits_total", "Accounts, users and summaries that the cache had", "kind");
  const cacheMisses = counter(
    "cache_misses_total",
    "Accounts, users and summaries that the cache did not have",
    "kind",
  );
  const observerErrors = counter("observer_errors_total", "Failures of the log, metrics or traces");
  const auditLines = counter(
    "audit_lines_total",
    "Lines of the audit log. outcome is written or failed",
    "outcome",
  );
  for (const outcome of ["written", "failed"]) auditLines.inc({ outcome }, 0);
  const unlimited = counter(
    "rate_limit_unavailable_total",
    "GraphQL requests and exports that were let in without being counted toward RATE_LIMIT_PER_MINUTE, because Redis did not answer",
  );

  /** A value that is counted elsewhere. */
  const total = (name: string, help: string, read: () => number) =>
    new Counter({
      name: `chime_gateway_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  total(
    "overload_rejections_total",
    "GraphQL requests rejected with 503, OVERLOADED",
    () => loadShedding.rejected,
  );
  total("log_lines_dropped_total", "Log lines that standard output did not take", droppedLines);
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `chime_gateway_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("requests_in_progress", "GraphQL requests in progress", () => loadShedding.inProgress);
  gauge("requests_limit", "The current limit of GraphQL requests in progress", () => loadShedding.limit);
  gauge("upstream_in_flight", "Calls to Chime in flight", () => upstream.load.inFlight);
  gauge("upstream_waiting", "Calls to Chime that wait for a slot", () => upstream.load.waiting);
  const stateGauge = (name: string, help: string, probe?: () => Promise<string | undefined>) =>
    new Gauge({
      name: `chime_gateway_${name}`,
      help: `${help}. code is OK or the reason`,
      labelNames: ["code"],
      registers,
      async collect() {
        if (!probe) return;
        const problem = await probe();
        this.reset();
        this.set({ code: problem ?? "OK" }, problem ? 0 : 1);
      },
    });
  stateGauge("chime_up", "1 if Chime answers, else 0", async () => (await checkReadiness()).chime);
  stateGauge("ready", "1 if /health/ready answers 200, else 0", async () => (await checkReadiness()).problem);
  stateGauge("redis_up", "1 if the Redis of REDIS_URL can be used, else 0", shared?.probe);
  new Gauge({
    name: "chime_gateway_build_info",
    help: "Always 1. The labels are the versions of the gateway and of Node.js",
    labelNames: ["version", "node"],
    registers,
  }).set({ version: packageJson.version, node: process.version }, 1);

  const all = Registry.merge([register, ...registers]);
  exportValues(all);
  return {
    countRequest({ route, status, milliseconds, operation, client, codes }) {
      const isGraphql = route === "/graphql";
      if ((isGraphql || isExport(route)) && codes.includes("INTERNAL_SERVER_ERROR")) internalErrors.inc();
      if (isExport(route)) userExports.inc({ outcome: String(mainCode(codes) ?? "OK") });
      const { name, type } = operation ?? { name: "", type: "" };
      // An explorer's page has neither.
      if (!isGraphql || (!type && codes.length === 0)) return;
      // Without a type there was no operation: a client with an unknown hash may send any name.
      const isExecuted = type !== "" && (status < 400 || status === clientClosedRequest);
      const label = labels.labelOf(name, isExecuted);
      const code = String(mainCode(codes) ?? "OK");
      requests.inc({ operation: label, type, code });
      clientRequests.inc({ client: clients.labelOf(client.name ?? "", isExecuted), code });
      requestSeconds.observe({ operation: label, type }, milliseconds / 1000);
    },
    countCall({ operation, outcome, milliseconds, waited, ...counts }) {
      calls.inc({ operation, outcome });
      callSeconds.observe({ operation }, (milliseconds - waited) / 1000);
      waitSeconds.observe({}, waited / 1000);
      retries.inc({ operation }, counts.retries);
      throttles.inc({ operation }, counts.throttles);
    },
    countLookup({ kind, hits, misses }) {
      cacheHits.inc({ kind }, hits);
      cacheMisses.inc({ kind }, misses);
    },
    countObserverError: () => observerErrors.inc(),
    countAuditLine: (isWritten) => auditLines.inc({ outcome: isWritten ? "written" : "failed" }),
    countUnlimitedRequest: () => unlimited.inc(),
    contentType: all.contentType,
    print: () => all.metrics(),
  };
}
