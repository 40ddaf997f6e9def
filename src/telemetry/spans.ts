import type { Attributes, Context, Span, SpanOptions } from "@opentelemetry/api";
import { context, trace } from "@opentelemetry/api";
import { guard } from "./observers.js";

let reportError: (error: unknown) => void = () => undefined;

/** @param report called with what a tracer or an exporter throws */
export function onSpanError(report: typeof reportError): void {
  reportError = report;
}

/** @returns undefined if the tracer throws. The tracer is looked up each time: tracing may start after this module is loaded */
export const startSpan = (name: string, options: SpanOptions, parent: Context = context.active()) =>
  guard(() => trace.getTracer("chime-graphql-gateway").startSpan(name, options, parent), reportError);

export const withSpan = <Result>(
  span: Span | undefined,
  work: () => Result,
  parent = context.active(),
): Result => (span ? context.with(trace.setSpan(parent, span), work) : work());

/** Describes and ends a span. */
export function endSpan(span: Span | undefined, describe?: (span: Span) => void, endTime?: number): void {
  if (!span) return;
  guard(() => {
    if (span.isRecording()) describe?.(span);
    span.end(endTime);
  }, reportError);
}

/** Does some work in a span of its own, the parent of its calls' spans. */
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
