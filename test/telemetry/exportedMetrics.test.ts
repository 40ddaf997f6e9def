import { watch } from "node:fs";
import { describe, expect, onTestFinished } from "vitest";
import { startTelemetryExport } from "../../src/telemetry/telemetryExport.js";
import { startCollector } from "../support/collector.js";
import { startOn } from "../support/fixture.js";
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

  test("report 0 for a number that has disappeared, such as that of closed watchers", async () => {
    const collector = await startCollector();
    Object.assign(process.env, otlp(collector.url));
    const telemetry = await startTelemetryExport();
    const gateway = await startOn("http://127.0.0.1:9");
    onTestFinished(async () => {
      await gateway.close();
      await telemetry.close();
      collector.close();
    });
    const watchers = () =>
      new Map(
        collector
          .gauges("nodejs_active_resources")
          .at(-1)
          ?.map(([{ type }, value]) => [type, value]),
      ).get("FSEventWrap");
    const watcher = watch(import.meta.filename);
    await expect.poll(watchers, polling).toBe(1);
    watcher.close();
    await expect.poll(watchers, polling).toBe(0);
  });
});
