import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry, register } from "prom-client";
import type { CallRecord } from "../chime/session.js";
import type { Upstream } from "../chime/upstream.js";
import { writeOperations } from "../chime/writes/writes.js";
import { packageJson } from "../packageJson.js";
import type { CheckReadiness, Readiness } from "../server/health.js";
import type { LoadShedding } from "../server/loadShedding.js";
import { mainCode } from "./errorCodes.js";
import type { OperationNames } from "./operationNames.js";
import { clientGone, type ObservedRequest } from "./requestLifecycle.js";

/** The gateway's metrics, in Prometheus' words. */
export interface Metrics {
  countRequest(request: ObservedRequest): void;
  countCall(call: CallRecord): void;
  countObserverError(): void;
  readonly contentType: string;
  /** All of them, and those of the process. */
  print(): Promise<string>;
}

/** Seconds. A call to Chime takes some tens of milliseconds; the longest request, a write, half a minute. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** @param checkReadiness runs at each scrape: a process that is not ready gets no other requests */
export function createMetrics(
  upstream: Upstream,
  admission: LoadShedding,
  names: OperationNames,
  checkReadiness: CheckReadiness,
): Metrics {
  // A process has one event loop and one heap, however many gateways.
  if (register.getMetricsAsArray().length === 0) collectDefaultMetrics();
  const registers = [new Registry()];
  const requests = new Counter({
    name: "chime_gateway_requests_total",
    help: "GraphQL requests that are over, but for those that overload has refused. code is OK, or an error's, payloads included: of several OUTCOME_UNKNOWN, else one that the caller cannot fix, else the first",
    labelNames: ["operation", "type", "code"],
    registers,
  });
  const internalErrors = new Counter({
    name: "chime_gateway_internal_errors_total",
    help: "GraphQL requests with an error that is the gateway's own fault, INTERNAL_SERVER_ERROR",
    registers,
  });
  const requestSeconds = new Histogram({
    name: "chime_gateway_request_duration_seconds",
    help: "From a GraphQL request's headers to its answer's end, but for the time that its body took to come in",
    labelNames: ["operation", "type"],
    buckets,
    registers,
  });
  const calls = new Counter({
    name: "chime_gateway_upstream_calls_total",
    help: "Calls to Chime, each once however often it was sent. outcome is OK, CANCELED, or why it failed",
    labelNames: ["operation", "outcome"],
    registers,
  });
  // An alert sees the first of them only if the series was there before, at 0.
  for (const operation of writeOperations) calls.inc({ operation, outcome: "OUTCOME_UNKNOWN" }, 0);
  const callSeconds = new Histogram({
    name: "chime_gateway_upstream_call_duration_seconds",
    help: "Of a call to Chime, with all its attempts, from its turn to its end",
    labelNames: ["operation"],
    buckets,
    registers,
  });
  const waitSeconds = new Histogram({
    name: "chime_gateway_upstream_wait_seconds",
    help: "How long a call to Chime has waited for its turn",
    buckets,
    registers,
  });
  const retries = new Counter({
    name: "chime_gateway_upstream_retries_total",
    help: "How often calls to Chime were sent again",
    labelNames: ["operation"],
    registers,
  });
  const throttles = new Counter({
    name: "chime_gateway_upstream_throttles_total",
    help: "How often Chime has throttled",
    labelNames: ["operation"],
    registers,
  });
  const observerErrors = new Counter({
    name: "chime_gateway_observer_errors_total",
    help: "Failures of the log, metrics or traces, which changed no result",
    registers,
  });
  new Counter({
    name: "chime_gateway_overload_refusals_total",
    help: "GraphQL requests that were answered 503, OVERLOADED",
    registers,
    collect() {
      this.reset();
      this.inc(admission.refused);
    },
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("chime_gateway_requests_under_way", "GraphQL requests under way", () => admission.underWay);
  gauge("chime_gateway_requests_limit", "Of them, how many may be at the moment", () => admission.limit);
  gauge("chime_gateway_upstream_in_flight", "Calls to Chime under way", () => upstream.load.inFlight);
  gauge(
    "chime_gateway_upstream_waiting",
    "Calls to Chime that wait for their turn",
    () => upstream.load.waiting,
  );
  const stateGauge = (name: string, help: string, problemOf: (readiness: Readiness) => string | undefined) =>
    new Gauge({
      name,
      help: `${help}. code is OK, or the reason`,
      labelNames: ["code"],
      registers,
      async collect() {
        const problem = problemOf(await checkReadiness());
        this.reset();
        this.set({ code: problem ?? "OK" }, problem ? 0 : 1);
      },
    });
  stateGauge("chime_gateway_chime_up", "1 if Chime answers, 0 if not", ({ chime }) => chime);
  stateGauge("chime_gateway_ready", "1 if /health/ready answers 200, 0 if not", ({ problem }) => problem);
  new Gauge({
    name: "chime_gateway_build_info",
    help: "1. Its labels say what runs",
    labelNames: ["version", "node"],
    registers,
  }).set({ version: packageJson.version, node: process.version }, 1);

  const all = Registry.merge([register, ...registers]);
  return {
    countRequest({ route, status, milliseconds, operation: { name, type } = { name: "", type: "" }, codes }) {
      // A page of an explorer's has neither.
      if (route !== "/graphql" || (!type && codes.length === 0)) return;
      // What has no type was not even found: a client that asks by an unknown hash may claim any name.
      const isAnswered = type !== "" && (status < 400 || status === clientGone);
      const operation = names.labelOf(name, isAnswered);
      requests.inc({ operation, type, code: String(mainCode(codes) ?? "OK") });
      if (codes.includes("INTERNAL_SERVER_ERROR")) internalErrors.inc();
      requestSeconds.observe({ operation, type }, milliseconds / 1000);
    },
    countCall({ operation, outcome, milliseconds, waited, ...counts }) {
      calls.inc({ operation, outcome });
      callSeconds.observe({ operation }, (milliseconds - waited) / 1000);
      waitSeconds.observe(waited / 1000);
      retries.inc({ operation }, counts.retries);
      throttles.inc({ operation }, counts.throttles);
    },
    countObserverError: () => observerErrors.inc(),
    contentType: all.contentType,
    print: () => all.metrics(),
  };
}
