import {
  type Attributes,
  type Context,
  context,
  type Span,
  type SpanOptions,
  trace,
} from "@opentelemetry/api";
import { guard } from "./observers.js";

let reportError: (error: unknown) => void = () => undefined;

/** @param report is called with what a tracer or an exporter throws */
export function onSpanError(report: (error: unknown) => void): void {
  reportError = report;
}

/** @returns undefined if the tracer throws. The tracer is looked up each time: tracing may begin after this module was loaded */
export const startSpan = (name: string, options: SpanOptions, parent: Context = context.active()) =>
  guard(() => trace.getTracer("chime-graphql-gateway").startSpan(name, options, parent), reportError);

export function withSpan<Result>(
  span: Span | undefined,
  work: () => Result,
  parent = context.active(),
): Result {
  return span ? context.with(trace.setSpan(parent, span), work) : work();
}

/** Describes and ends a span. */
export function endSpan(span: Span | undefined, describe?: (span: Span) => void, endTime?: number): void {
  if (!span) return;
  guard(() => {
    if (span.isRecording()) describe?.(span);
    span.end(endTime);
  }, reportError);
}

/** Does some work in a span of its own, which the spans of its calls belong to. */
export async function inSpan<Result>(
  name: string,
  attributes: Attributes,
  work: () => Promise<Result>,
): Promise<Result> {
  const span = startSpan(name, { attributes });
  try {
    return await withSpan(span, work);
  } finally {
    endSpan(span);
  }
}
