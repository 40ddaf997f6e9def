import type { Span } from "@opentelemetry/api";
import {
  context,
  isSpanContextValid,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { FastifyRequest, RouteHandlerMethod } from "fastify";
import type { CallRecord } from "./callRecord.js";
import { hasFailed } from "./callSummary.js";
import { isServerError, mainCode } from "./errorCodes.js";
import { outcomeOf, type RequestDetails } from "./requestLifecycle.js";
import { endSpan, startSpan, withSpan } from "./spans.js";

/** Handles a request in a span that continues the trace of its `traceparent`. It ends when the handler's promise settles. */
export const inRequestSpan = (handler: RouteHandlerMethod): RouteHandlerMethod =>
  async function (request, reply) {
    const { lifecycle } = request;
    const remote = propagation.extract(context.active(), request.headers);
    const { url: route } = request.routeOptions;
    const name = route === "/graphql" ? "GraphQL request" : `${request.method} ${route}`;
    const span = startSpan(name, { kind: SpanKind.SERVER }, remote);
    const spanContext = span?.spanContext();
    if (spanContext && isSpanContextValid(spanContext)) lifecycle.traceId = spanContext.traceId;
    try {
      return await withSpan(span, () => handler.call(this, request, reply), remote);
    } finally {
      endSpan(span, (recording) => describe(recording, request, reply.statusCode));
    }
  };

/** From the client, the only values are the host, the operation's name, and the client's own name and version. */
function describe(span: Span, request: FastifyRequest, responseStatus: number): void {
  const details: RequestDetails = request.lifecycle;
  const { name = "", type = "", hash } = details.operation ?? {};
  const { client } = details;
  const { status, codes } = outcomeOf(details, responseStatus);
  if (type) span.updateName([type, name].filter(Boolean).join(" "));
  span.setAttributes({
    "http.request.method": request.method,
    "http.route": request.routeOptions.url,
    // A path may contain ids.
    "url.path": request.routeOptions.url,
    "url.scheme": request.protocol,
    "server.address": request.hostname,
    "server.port": request.port ?? undefined,
    "http.response.status_code": status,
    ...(type && { "graphql.operation.type": type }),
    ...(name && { "graphql.operation.name": name }),
    ...(hash !== undefined && { "chime.operation_hash": hash }),
    // Apollo Router's names.
    ...(client?.name !== undefined && { "client.name": client.name }),
    ...(client?.version !== undefined && { "client.version": client.version }),
    "chime.error_codes": codes.map(String),
  });
  // A client's mistake is not an error of the server.
  if (status >= 500 || codes.some(isServerError)) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute("error.type", String(mainCode(codes) ?? status));
  }
}

/** Adds a completed call to Chime to the span in which it was made. */
export function traceCall(call: CallRecord): void {
  if (!trace.getActiveSpan()) return;
  const { operation, outcome, httpStatus, requestId, retries, throttles, began, waited, milliseconds } = call;
  const span = startSpan(`Chime.${operation}`, {
    kind: SpanKind.CLIENT,
    startTime: began,
    attributes: {
      "rpc.system": "aws-api",
      "rpc.service": "Chime",
      "rpc.method": operation,
      "cloud.region": "us-east-1",
      "chime.outcome": outcome,
      "chime.attempts": retries + 1,
      "chime.throttles": throttles,
      "chime.waited_ms": Math.round(waited),
      ...(requestId !== undefined && { "aws.request_id": requestId }),
      ...(httpStatus !== undefined && { "http.response.status_code": httpStatus }),
    },
  });
  const markFailed = (failed: Span) => {
    failed.setStatus({ code: SpanStatusCode.ERROR });
    failed.setAttribute("error.type", outcome);
  };
  endSpan(span, hasFailed(call) ? markFailed : undefined, began + milliseconds);
}
