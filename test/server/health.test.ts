import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { ask, startOn, useHarness } from "../support/fixture.js";
import { test as programTest } from "../support/programs.js";

const harness = useHarness({ CHIME_LOCAL_USERS: "0" });

async function send(url: string) {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() };
}

describe("the gateway is ready", () => {
  const ready = (url = harness.url) => send(`${url}/health/ready`);
  const ok = { status: 200, body: { status: "ok", chime: "OK" } };
  /** A probe's result is reused for a second. */
  const forgotten = { timeout: 5_000, interval: 200 };
  const nextProbe = () => new Promise((resolve) => setTimeout(resolve, 1_100));
  beforeEach(nextProbe);

  async function startGatewayOf(chimeUrl: string) {
    const gateway = await startOn(chimeUrl);
    onTestFinished(() => gateway.close());
    return gateway;
  }

  test("with at most one probe a second", async () => {
    await Promise.all([ready(), ready()]);
    await ready();
    expect((await harness.arrivals()).map(({ path }) => path)).toEqual(["/accounts?max-results=1"]);
  });

  test("once Chime has accepted its credentials, and from then on whatever Chime does", async () => {
    const gateway = await startGatewayOf(harness.chimeUrl);
    await harness.fault({ kind: "503" });
    expect(await ready(gateway.url)).toEqual({
      status: 503,
      body: { status: "unavailable", code: "UPSTREAM_UNAVAILABLE", chime: "UPSTREAM_UNAVAILABLE" },
    });
    expect(await harness.calls()).toEqual({ ListAccounts: 1 });
    await fetch(`${harness.chimeUrl}/_local/faults`, { method: "DELETE" });
    await expect.poll(() => ready(gateway.url), forgotten).toEqual(ok);

    await nextProbe();
    await harness.fault({ kind: "500" });
    expect(await ready(gateway.url)).toEqual({
      status: 200,
      body: { status: "ok", chime: "UPSTREAM_UNAVAILABLE" },
    });
  });

  test("once a request has succeeded, without a probe's success", async () => {
    const gateway = await startGatewayOf(harness.chimeUrl);
    await ask(gateway.url, { query: `{ account(accountId: "${SEED.teamAccountId}") { name } }` });
    await harness.fault({ operation: "ListAccounts", kind: "500" });
    expect(await ready(gateway.url)).toEqual({
      status: 200,
      body: { status: "ok", chime: "UPSTREAM_UNAVAILABLE" },
    });
  });

  test("if Chime throttles: it has accepted the credentials", async () => {
    const gateway = await startGatewayOf(harness.chimeUrl);
    await harness.fault({ kind: "429" });
    expect(await ready(gateway.url)).toEqual(ok);
  });

  test("but not where nothing listens at Chime's address", async () => {
    const gateway = await startGatewayOf("http://127.0.0.1:9");
    expect(await ready(gateway.url)).toEqual({
      status: 503,
      body: { status: "unavailable", code: "UPSTREAM_UNAVAILABLE", chime: "UPSTREAM_UNAVAILABLE" },
    });
  });

  test("and its probe neither waits for a slot nor slows calls down", async () => {
    await harness.fault({ operation: "ListAccounts", kind: "429" });
    await ready();
    const started = performance.now();
    const lookups = Array.from(
      { length: 20 },
      (_, n) => `a${n}: account(accountId: "account-${n}") { name }`,
    );
    await harness.ask(`{ ${lookups.join("\n")} }`);
    expect(await harness.calls()).toEqual({ ListAccounts: 1, GetAccount: 20 });
    // At the lowest rate they would take seconds.
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  describe("within its deadlines:", () => {
    const hasty = useHarness({ READ_DEADLINE_MS: "400" }, { callTimeout: 200 });

    test("a Chime that does not answer is reported as a timeout", async () => {
      await hasty.fault({ kind: "hang" });
      expect(await ready(hasty.url)).toMatchObject({ body: { chime: "UPSTREAM_TIMEOUT" } });
    });
  });
});

describe("Chime's availability", { timeout: 30_000 }, () => {
  programTest("is logged once per change, and is a metric", async ({ start }) => {
    const program = await start("gateway", { CHIME_LOCAL_DATA: ":memory:" });
    const [url = "", chimeUrl = ""] = program.urls;
    const changes = () =>
      program.stdout
        .split("\n")
        .filter((line) => line.startsWith("{") && line.includes("Chime is"))
        .map((line) => JSON.parse(line))
        .map(({ level, msg, code }) => ({ level, msg, code }));
    const up = async () =>
      (await (await fetch(`${url}/metrics`)).text())
        .split("\n")
        .filter((line) => line.startsWith("chime_gateway_chime_up"));
    expect(await up()).toEqual(['chime_gateway_chime_up{code="OK"} 1']);

    await fetch(`${chimeUrl}/_local/faults`, { method: "POST", body: JSON.stringify({ kind: "503" }) });
    await expect
      .poll(up, { timeout: 5_000, interval: 300 })
      .toEqual(['chime_gateway_chime_up{code="UPSTREAM_UNAVAILABLE"} 0']);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await up();
    await fetch(`${chimeUrl}/_local/faults`, { method: "DELETE" });
    await expect.poll(up, { timeout: 5_000, interval: 300 }).toEqual(['chime_gateway_chime_up{code="OK"} 1']);

    await expect.poll(changes).toEqual([
      { level: 40, msg: "Chime is unavailable", code: "UPSTREAM_UNAVAILABLE" },
      { level: 30, msg: "Chime is available again", code: undefined },
    ]);
  });
});
