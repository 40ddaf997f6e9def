import { metrics } from "@opentelemetry/api";
import { metrics as sdkMetrics } from "@opentelemetry/sdk-node";
import { Gauge, Registry } from "prom-client";
import { describe, expect, onTestFinished } from "vitest";
import { exportValues } from "../../src/telemetry/exportedMetrics.js";
import { startCollector } from "../support/collector.js";
import { allLines, fault, lines } from "../support/logLines.js";
import { test } from "../support/programs.js";
import { createRedisServer, hasRedis } from "../support/redisServer.js";

const polling = { timeout: 20_000 };

/** The variables with which the SDK sends metrics in JSON, several times a second. */
const otlp = (url: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_TRACES_EXPORTER: "none",
  OTEL_METRIC_EXPORT_INTERVAL: "300",
  OTEL_METRIC_EXPORT_TIMEOUT: "300",
});

describe("exported metrics", { timeout: 60_000 }, () => {
  test("have one series for each state, so that an outage ends", async ({ start }) => {
    const collector = await startCollector();
    const program = await start("gateway", { CHIME_LOCAL_DATA: ":memory:", ...otlp(collector.url) });
    const up = () => collector.gauges("chime_gateway_chime_up").at(-1);
    await expect.poll(up, polling).toEqual([[{}, 1]]);
    await fault(program, { kind: "503" });
    await expect.poll(up, polling).toEqual([[{}, 0]]);
    await fetch(`${program.urls[1]}/_local/faults`, { method: "DELETE" });
    await expect.poll(up, polling).toEqual([[{}, 1]]);
    expect(await program.stop("SIGTERM")).toBe(0);
    collector.close();
    expect(collector.gauges("chime_gateway_ready").at(-1)).toEqual([[{}, 0]]);
  });

  test("do not report the shutdown as an outage of the embedded Chime", async ({ start }) => {
    const collector = await startCollector();
    const program = await start("gateway", { CHIME_LOCAL_DATA: ":memory:", ...otlp(collector.url) });
    const last = (name: string) => collector.gauges(`chime_gateway_${name}`).at(-1);
    await expect.poll(() => last("ready"), polling).toEqual([[{}, 1]]);
    expect(await program.stop("SIGTERM")).toBe(0);
    collector.close();
    expect([last("ready"), last("chime_up")]).toEqual([[[{}, 0]], [[{}, 1]]]);
    expect(lines(program)).toEqual([]);
  });

  test.skipIf(!hasRedis)("do not report the shutdown as an outage of Redis", async ({ start }) => {
    const redis = await createRedisServer();
    onTestFinished(() => redis.kill());
    await redis.start();
    const collector = await startCollector();
    const program = await start("gateway", {
      CHIME_LOCAL_DATA: ":memory:",
      REDIS_URL: redis.url,
      ...otlp(collector.url),
    });
    const up = () => collector.gauges("chime_gateway_redis_up").at(-1);
    await expect.poll(up, polling).toEqual([[{}, 1]]);
    expect(await program.stop("SIGTERM")).toBe(0);
    collector.close();
    expect(up()).toEqual([[{}, 1]]);
    expect(allLines(program).at(-1)).toMatchObject({ msg: "stopped" });
  });

  test("report 0 for a number that has disappeared", async () => {
    const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } =
      sdkMetrics;
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const provider = new MeterProvider({
      readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })],
    });
    // Another test of this process may have left one.
    metrics.disable();
    metrics.setGlobalMeterProvider(provider);
    onTestFinished(async () => {
      metrics.disable();
      await provider.shutdown();
    });
    const registry = new Registry();
    const gauge = new Gauge({ name: "things", help: "Things.", labelNames: ["type"], registers: [registry] });
    exportValues(registry);
    async function exported() {
      exporter.reset();
      await provider.forceFlush();
      const points = exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics[0]?.dataPoints ?? [];
      return points.map(({ attributes, value }) => [attributes["type"], value]);
    }

    gauge.set({ type: "watcher" }, 2);
    expect(await exported()).toEqual([["watcher", 2]]);
    gauge.remove({ type: "watcher" });
    expect(await exported()).toEqual([["watcher", 0]]);
  });
});
