import { connect } from "node:net";
import { expect, test } from "vitest";
import { largeQuery } from "../support/large.js";
import { startOn, useWorld } from "../support/world.js";

const world = useWorld();

async function secondsToClose(gateway: { close(): Promise<void> }): Promise<number> {
  const started = performance.now();
  await gateway.close();
  return (performance.now() - started) / 1000;
}

test("a connection that a browser opened in advance does not hold up the end, even after a caller gave up", async () => {
  const gateway = await startOn(world.chimeUrl);
  await world.fault({ operation: "ListAccounts", kind: "latency", ms: 300 });
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

test("a request that never comes in whole does not hold up the end", async () => {
  const gateway = await startOn(world.chimeUrl);
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
  );
  await new Promise((resolve) => setTimeout(resolve, 100));

  expect(await secondsToClose(gateway)).toBeLessThan(5);
  socket.destroy();
});

test("a large answer comes whole to a caller who reads slowly, and what comes later is refused", async () => {
  const gateway = await startOn(world.chimeUrl);
  const body = JSON.stringify({ query: largeQuery });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${gateway.url}/graphql`, { method: "POST", headers, body });
  const closed = gateway.close();
  await new Promise((resolve) => setTimeout(resolve, 200));

  expect((await fetch(`${gateway.url}/graphql`, { method: "POST", headers, body })).status).toBe(503);
  expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(503);
  const text = await response.text();
  expect(text.length).toBeGreaterThan(8_000_000);
  expect(JSON.parse(text).data.account.users.nodes).toHaveLength(450);
  await closed;
});
