import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Certificate } from "./certificate.js";

export interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A span as OTLP has it in JSON. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly Attribute[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

interface Metric {
  readonly name: string;
  readonly gauge?: {
    readonly dataPoints: readonly { readonly asDouble: number; readonly attributes: readonly Attribute[] }[];
  };
}

interface MetricsExport {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

/**
 * As much of an OpenTelemetry collector as receives spans and metrics.
 *
 * @param certificate with it, the collector speaks TLS only
 */
export async function startCollector(certificate?: Pick<Certificate, "key" | "cert">) {
  const exports: Export[] = [];
  const metricsExports: MetricsExport[] = [];
  const tenants = new Set<unknown>();
  const answer: RequestListener = async (request, response) => {
    if (request.url === "/v1/traces") exports.push((await json(request)) as Export);
    if (request.url === "/v1/metrics") metricsExports.push((await json(request)) as MetricsExport);
    tenants.add(request.headers["x-tenant"]);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  };
  const server = certificate ? createTlsServer(certificate, answer) : createServer(answer);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const resources = () => exports.flatMap(({ resourceSpans }) => resourceSpans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    services: () => resources().map(({ resource }) => valuesOf(resource.attributes)),
    /** The names of the received metrics. */
    metrics: () => metricsExports.flatMap(metricsOf).map(({ name }) => name),
    /** The series of a gauge in each export: attributes and value. */
    gauges: (name: string) =>
      metricsExports.map((received) =>
        metricsOf(received)
          .filter((metric) => metric.name === name)
          .flatMap(({ gauge }) => gauge?.dataPoints ?? [])
          .map(({ attributes, asDouble }) => [valuesOf(attributes), asDouble] as const),
      ),
    /** The headers `x-tenant` that it received. */
    tenants: () => tenants,
    close: () => server.close(),
  };
}

const metricsOf = ({ resourceMetrics }: MetricsExport): readonly Metric[] =>
  resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));

/** The values of attributes, by key. */
export const valuesOf = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      "arrayValue" in value
        ? (value["arrayValue"] as { values?: object[] }).values?.flatMap((each) => Object.values(each))
        : Object.values(value)[0],
    ]),
  );
