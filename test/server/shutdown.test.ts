import { connect } from "node:net";
import { expect, test } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { startOn, useHarness } from "../support/fixture.js";
import { largeQuery } from "../support/large.js";

const harness = useHarness();

async function secondsToClose(gateway: { close(): Promise<void> }): Promise<number> {
  const started = performance.now();
  await gateway.close();
  return (performance.now() - started) / 1000;
}

test("a connection that a browser opened in advance does not delay the shutdown, even after a client disconnected", async () => {
  const gateway = await startOn(harness.chimeUrl);
  await harness.fault({ operation: "ListAccounts", kind: "latency", ms: 300 });
  const body = JSON.stringify({ query: "{ accounts { nodes { name } } }" });
  const headers = { "content-type": "application/json" };
  await fetch(`${gateway.url}/graphql`, {
    method: "POST",
    headers,
    body,
    signal: AbortSignal.timeout(100),
  }).catch(() => {});
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));

  expect(await secondsToClose(gateway)).toBeLessThan(5);
  socket.destroy();
});

test("a request that never arrives completely does not delay the shutdown", async () => {
  const gateway = await startOn(harness.chimeUrl);
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
  );
  await new Promise((resolve) => setTimeout(resolve, 100));

  expect(await secondsToClose(gateway)).toBeLessThan(5);
  socket.destroy();
});

test("during a shutdown a slow client gets its large response completely, and new requests are refused with 503", async () => {
  const gateway = await startOn(harness.chimeUrl);
  const body = JSON.stringify({ query: largeQuery });
  // Compressed, the response would be small.
  const headers = { "content-type": "application/json", "accept-encoding": "identity" };
  const response = await fetch(`${gateway.url}/graphql`, { method: "POST", headers, body });
  const closed = gateway.close();
  await new Promise((resolve) => setTimeout(resolve, 200));

  const origin = "https://studio.apollographql.com";
  const refusal = await fetch(`${gateway.url}/graphql`, {
    method: "POST",
    headers: { ...headers, origin },
    body,
  });
  expect([refusal.status, refusal.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(refusal.headers.get("access-control-allow-origin")).toBe(origin);
  expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(503);
  const text = await response.text();
  expect(text.length).toBeGreaterThan(8_000_000);
  expect(JSON.parse(text).data.account.users.nodes).toHaveLength(450);
  await closed;
});

test("an export in progress is sent to its end during a shutdown", async () => {
  const gateway = await startOn(harness.chimeUrl);
  await harness.fault({ operation: "ListUsers", kind: "latency", ms: 300 });
  const response = await fetch(`${gateway.url}/export/accounts/${SEED.largeAccountId}/users.csv`);
  const closed = gateway.close();

  expect((await response.text()).split("\r\n")).toHaveLength(452);
  await closed;
});
