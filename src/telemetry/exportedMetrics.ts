import { type Attributes, metrics } from "@opentelemetry/api";
import { Counter, Gauge, Histogram, type HistogramConfiguration, type Registry } from "prom-client";

const getMeter = () => metrics.getMeter("chime-graphql-gateway");

/**
 * Offers the counters and gauges of a registry to OpenTelemetry's SDK, if that was started before.
 *
 * The SDK exports the last value of each attribute set that a gauge has ever had. So a gauge of a state has no attribute for
 * its reason (with one, an outage would never end), and a number that has disappeared becomes 0.
 */
export function exportValues(registry: Registry): void {
  for (const metric of registry.getMetricsAsArray() as unknown[]) {
    if (!(metric instanceof Counter || metric instanceof Gauge)) continue;
    const { name, help: description } = metric as unknown as { name: string; help: string };
    const meter = getMeter();
    if (metric instanceof Counter) {
      meter.createObservableCounter(name, { description }).addCallback(async (result) => {
        for (const { value, labels } of (await metric.get()).values) result.observe(value, { ...labels });
      });
      continue;
    }
    const known = new Map<string, Attributes>();
    meter.createObservableGauge(name, { description }).addCallback(async (result) => {
      const missing = new Map(known);
      for (const { value, labels } of (await metric.get()).values) {
        const { code: _reason, ...attributes }: Attributes = labels;
        const key = JSON.stringify(attributes);
        known.set(key, attributes);
        missing.delete(key);
        result.observe(value, attributes);
      }
      for (const attributes of missing.values()) result.observe(0, attributes);
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
