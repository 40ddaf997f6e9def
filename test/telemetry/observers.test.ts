import { setImmediate } from "node:timers/promises";
import { trace } from "@opentelemetry/api";
import { fastify } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { createUpstream } from "../../src/chime/upstream.js";
import { SEED } from "../../src/chime-local/seed/index.js";
import { readConfig } from "../../src/config.js";
import { startGateway } from "../../src/server/listen.js";
import { Observers } from "../../src/telemetry/observers.js";
import { addRequestLifecycle, type CompletedRequest } from "../../src/telemetry/requestLifecycle.js";
import { ask, useHarness } from "../support/fixture.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });
const fail = () => {
  throw new Error("An observer is broken.");
};
const read = `{ account(accountId: "${SEED.teamAccountId}") { name } }`;
const write = `mutation { createAccount(input: { name: "Observed" }) { account { name } errors { code } } }`;

async function startObserved(observe?: (call: unknown) => void) {
  const config = readConfig({ PORT: "0", LOG_LEVEL: "silent" });
  const upstream = createUpstream({
    ...config.chime,
    target: { mode: "local", endpoint: harness.chimeUrl },
  });
  if (observe) upstream.onCall(observe);
  const gateway = await startGateway({ ...config, trace: false }, upstream);
  onTestFinished(async () => {
    await gateway.close();
    upstream.close();
  });
  return gateway;
}

async function observerErrors(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^chime_gateway_observer_errors_total (\d+)/m.exec(metrics)?.[1]);
}

describe("an observer that throws changes no result, and is counted", () => {
  test("a listener of calls", async () => {
    const { url } = await startObserved(fail);

    expect(await ask(url, { query: read })).toEqual({ data: { account: { name: "Harbor Street Studio" } } });
    expect(await ask(url, { query: write })).toMatchObject({
      data: { createAccount: { account: { name: "Observed" }, errors: [] } },
    });
    expect(await observerErrors(url)).toBe(2);
  });

  test("a listener of calls, after which the others are still called", async () => {
    const seen: unknown[] = [];
    const { url } = await startObserved((call) => {
      seen.push(call);
      fail();
    });
    await ask(url, { query: read });

    expect(seen).toMatchObject([{ operation: "GetAccount", outcome: "OK" }]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('chime_gateway_upstream_calls_total{operation="GetAccount",outcome="OK"} 1');
  });

  test("an async listener of calls", async () => {
    const { url } = await startObserved(async () => fail());

    expect(await ask(url, { query: read })).toEqual({ data: { account: { name: "Harbor Street Studio" } } });
    await expect.poll(() => observerErrors(url)).toBe(1);
  });

  test("an async listener whose error cannot be reported", async () => {
    const seen: unknown[] = [];
    const observers = new Observers<string>(fail);
    observers.add(async () => fail());
    observers.add((event) => seen.push(event));
    observers.notify("first");
    // An unhandled rejection, which vitest reports, would be noticed in the next turn.
    await setImmediate();

    expect(seen).toEqual(["first"]);
  });

  test("a tracer", async () => {
    const { url } = await startObserved();
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: fail, startActiveSpan: fail }) });
    onTestFinished(() => trace.disable());

    expect(await ask(url, { query: read })).toEqual({ data: { account: { name: "Harbor Street Studio" } } });
    expect(await observerErrors(url)).toBeGreaterThan(0);
  });

  test("a listener of requests", async () => {
    const errors: unknown[] = [];
    const seen: CompletedRequest[] = [];
    const observers = new Observers<CompletedRequest>((error) => errors.push(error));
    observers.add(fail);
    observers.add((request) => seen.push(request));
    const app = fastify();
    onTestFinished(() => app.close());
    addRequestLifecycle(app, {
      isSent: () => true,
      subjectOf: () => undefined,
      onComplete: (request) => observers.notify(request),
    });
    app.get("/", async () => "as ever");
    const url = await app.listen({ host: "127.0.0.1", port: 0 });

    expect(await (await fetch(url)).text()).toBe("as ever");
    await expect.poll(() => [seen.length, errors.length]).toEqual([1, 1]);
  });
});
