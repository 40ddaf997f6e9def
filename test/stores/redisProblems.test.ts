import { describe, expect } from "vitest";
import { lines } from "../support/logLines.js";
import { test as programTest } from "../support/programs.js";
import { createRedisServer, hasRedis, type RedisServer, redisPassword } from "../support/redisServer.js";
import { startReplicas } from "../support/replicas.js";

const polling = { timeout: 20_000 };

const test = programTest.extend<{ redis: RedisServer }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest derives from it that this fixture needs no others
  redis: async ({}, use) => {
    const redis = await createRedisServer();
    await use(redis);
    await redis.kill();
  },
});

const read = async (url: string | undefined): Promise<readonly string[]> =>
  (await (await fetch(`${url}/metrics`)).text()).split("\n");

describe.skipIf(!hasRedis)("a gateway with REDIS_URL", { timeout: 60_000 }, () => {
  test("counts hits and misses, and logs once that Redis fails, why, and that it answers again", async ({
    redis,
    start,
  }) => {
    const { gateways, license } = await startReplicas(start, redis.url);
    const [gateway] = gateways;
    if (!gateway) throw new Error("There are two gateways.");
    const states = () =>
      lines(gateway)
        .filter(({ msg }) => String(msg).startsWith("Redis"))
        .map(({ msg, reason }) => [msg, reason]);
    const failed = ["Redis cannot be used: every read goes to Chime", "ECONNREFUSED"];

    // A scrape notices it, without a request.
    await expect
      .poll(() => read(gateway.url), polling)
      .toContain('chime_gateway_redis_up{code="ECONNREFUSED"} 0');
    for (let n = 0; n < 3; n++) await license(0);
    // At first it was not connected, perhaps.
    await expect.poll(() => states().at(-1)).toEqual(failed);
    expect(states().filter(([, reason]) => reason === "ECONNREFUSED")).toHaveLength(1);

    await redis.start();
    await expect.poll(() => read(gateway.url), polling).toContain('chime_gateway_redis_up{code="OK"} 1');
    await expect.poll(() => states().at(-1)).toEqual(["Redis answers again", undefined]);
    await license(0);
    await expect
      .poll(async () => {
        await license(0);
        return (await read(gateway.url)).filter((line) => /^chime_gateway_cache_hits.* [1-9]/.test(line))
          .length;
      }, polling)
      .toBe(2);
    const misses = (await read(gateway.url)).filter((line) =>
      /^chime_gateway_cache_misses.* [1-9]/.test(line),
    );
    expect(misses.map((line) => line.split(" ")[0])).toEqual([
      'chime_gateway_cache_misses_total{kind="user"}',
      'chime_gateway_cache_misses_total{kind="account"}',
    ]);
  });

  test("logs that Redis rejects its password, and not the password", async ({ redis, start }) => {
    await redis.start();
    const wrong = redis.url.replace(redisPassword, "another-password");
    const { gateways, license } = await startReplicas(start, wrong);
    const [gateway] = gateways;
    await expect
      .poll(async () => {
        await license(0);
        return gateway && lines(gateway).map(({ reason }) => reason);
      }, polling)
      .toContain("WRONGPASS");
    expect(`${gateway?.stdout}${gateway?.stderr}`).not.toContain("another-password");
  });
});
