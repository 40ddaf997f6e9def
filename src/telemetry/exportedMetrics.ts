import { metrics } from "@opentelemetry/api";
import { Counter, Gauge, Histogram, type HistogramConfiguration, type Registry } from "prom-client";

const getMeter = () => metrics.getMeter("chime-graphql-gateway");

/** Offers the counters and gauges of a registry to OpenTelemetry's SDK, if that was started before. */
export function exportValues(registry: Registry): void {
  for (const metric of registry.getMetricsAsArray() as unknown[]) {
    if (!(metric instanceof Counter || metric instanceof Gauge)) continue;
    const { name, help: description } = metric as unknown as { name: string; help: string };
    const meter = getMeter();
    const instrument =
      metric instanceof Counter
        ? meter.createObservableCounter(name, { description })
        : meter.createObservableGauge(name, { description });
    instrument.addCallback(async (result) => {
      for (const { value, labels } of (await metric.get()).values) result.observe(value, { ...labels });
    });
  }
}

/** A histogram of seconds for both /metrics and OpenTelemetry. */
export function createHistogram<Label extends string>(
  options: HistogramConfiguration<Label> & { buckets: number[] },
) {
  const { name, help: description, buckets: explicitBucketBoundaries } = options;
  const local = new Histogram(options);
  const exported = getMeter().createHistogram(name, {
    description,
    unit: "s",
    advice: { explicitBucketBoundaries },
  });
  return {
    observe(labels: Record<Label, string>, seconds: number): void {
      local.observe(labels, seconds);
      exported.record(seconds, labels);
    },
  };
}
