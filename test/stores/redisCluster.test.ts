import { createHash } from "node:crypto";
import { describe, expect } from "vitest";
import { lines } from "../support/logLines.js";
import { test as programTest } from "../support/programs.js";
import { type RedisCluster, startRedisCluster } from "../support/redisCluster.js";
import { hasRedis, redisPassword } from "../support/redisServer.js";
import { startReplicas } from "../support/replicas.js";

/** Connecting takes a moment, and so does the cooldown after a failure. */
const polling = { timeout: 30_000 };

const test = programTest.extend<{ cluster: RedisCluster }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest derives from it that this fixture needs no others
  cluster: async ({}, use) => {
    const cluster = await startRedisCluster();
    await use(cluster);
    await cluster.close();
  },
});

const title = `replicas that share a Redis cluster${hasRedis ? "" : " (skipped: this machine has no redis-server)"}`;

describe.skipIf(!hasRedis)(title, { timeout: 120_000 }, () => {
  test("use values of each other, see writes, share queries, and go on when nodes come and go", async ({
    cluster,
    start,
  }) => {
    const { license, setLicense, callsFor, ask, gateways } = await startReplicas(start, cluster.urls);
    await expect.poll(() => callsFor(() => license(1)), polling).toBe(0);
    for (let n = 0; n < 4; n++) {
      const licenseType = n % 2 ? "BASIC" : "PRO";
      await setLicense(n % 2, licenseType);
      expect(await license(1 - (n % 2))).toBe(licenseType);
    }

    // Their hashes are in slots of different nodes.
    for (const first of [1, 2, 3, 4]) {
      const query = `{ accounts(first: ${first}) { nodes { name } } }`;
      const sha256Hash = createHash("sha256").update(query).digest("hex");
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      await expect
        .poll(async () => {
          await ask(0, { query, extensions });
          return (await ask(1, { extensions })).data?.accounts.nodes.length;
        }, polling)
        .toBe(first);
    }
    const reasons = gateways.flatMap((gateway) => lines(gateway).map(({ reason }) => reason));
    for (const reason of ["CROSSSLOT", "MOVED"]) expect(reasons).not.toContain(reason);

    for (const node of [0, 1, 2]) await cluster.kill(node);
    await setLicense(0, "PRO");
    expect(await license(1)).toBe("PRO");
    for (const node of [0, 1, 2]) await cluster.start(node);
    await expect.poll(() => callsFor(async () => expect(await license(1)).toBe("PRO")), polling).toBe(0);
    for (const gateway of gateways) expect(gateway.stdout + gateway.stderr).not.toContain(redisPassword);
  });

  test("report that one URL is not enough", async ({ cluster, start }) => {
    // Two keys are enough for one of them to be on another node.
    const [url = ""] = cluster.urls.split(",");
    const { ask, gateways, license } = await startReplicas(start, url);
    for (const first of [1, 2, 3, 4, 5, 6]) {
      await license(0);
      const query = `{ accounts(first: ${first}) { nodes { name } } }`;
      const sha256Hash = createHash("sha256").update(query).digest("hex");
      await ask(0, { query, extensions: { persistedQuery: { version: 1, sha256Hash } } });
    }
    const [gateway] = gateways;
    await expect
      .poll(() => gateway && lines(gateway).filter(({ reason }) => reason === "MOVED").length, polling)
      .toBeGreaterThanOrEqual(1);
    expect(gateway?.stdout).toContain("Redis is a cluster: set REDIS_URL to several of its nodes");
  });
});
