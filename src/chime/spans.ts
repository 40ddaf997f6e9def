import { type Attributes, type Span, trace } from "@opentelemetry/api";

/** Asked for anew each time: tracing may begin after this module was loaded. Where it has not, its spans do nothing. */
export const tracer = () => trace.getTracer("chime-graphql-gateway");

/** Does some work in a span of its own: spans of what it calls are within it. */
export const inSpan = <Result>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<Result>,
): Promise<Result> =>
  tracer().startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } finally {
      span.end();
    }
  });
