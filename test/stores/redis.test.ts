import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { describe, expect } from "vitest";
import { SEED } from "../../src/chime-local/seed/index.js";
import { test as programTest } from "../support/programs.js";
import { createRedisServer, hasRedis, type RedisServer, redisPassword } from "../support/redisServer.js";
import { type Replicas, startReplicas, userQuery } from "../support/replicas.js";

const { teamAccountId: accountId, userId } = SEED;

/** Connecting takes a moment, and so does the cooldown after a failure. */
const polling = { timeout: 20_000 };

const test = programTest.extend<{ redis: RedisServer; replicas: () => Promise<Replicas> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest derives from it that this fixture needs no others
  redis: async ({}, use) => {
    const redis = await createRedisServer();
    await use(redis);
    await redis.kill();
  },
  replicas: async ({ start, redis }, use) => {
    await use(() => startReplicas(start, redis.url));
  },
});

const title = `replicas that share a Redis${hasRedis ? "" : " (skipped: this machine has no redis-server)"}`;

describe.skipIf(!hasRedis)(title, { timeout: 60_000 }, () => {
  test("use values that another replica has read, and see its writes", async ({ redis, replicas }) => {
    await redis.start();
    const { license, setLicense, callsFor } = await replicas();
    await expect.poll(() => callsFor(() => license(1)), polling).toBe(0);

    for (let n = 0; n < 10; n++) {
      const [writer, licenseType] = [n % 2, n % 2 ? "BASIC" : "PRO"];
      await setLicense(writer, licenseType);
      expect(await license(1 - writer)).toBe(licenseType);
      expect(await license(writer)).toBe(licenseType);
    }
    await license(0);
    await expect.poll(() => callsFor(() => license(1)), polling).toBe(0);
  });

  test("return correct results while Redis hangs, is killed and is restarted", async ({
    redis,
    replicas,
  }) => {
    await redis.start();
    const { gateways, license, setLicense, callsFor } = await replicas();
    let written = "BASIC";
    async function writeAndRead() {
      written = written === "BASIC" ? "PRO" : "BASIC";
      const began = performance.now();
      await setLicense(0, written);
      expect(await license(0)).toBe(written);
      // The other replica can't use a Redis that doesn't respond, either.
      expect(await license(1)).toBe(written);
      return performance.now() - began;
    }
    await writeAndRead();

    redis.signal("SIGSTOP");
    for (let n = 0; n < 5; n++) expect(await writeAndRead()).toBeLessThan(3_000);
    redis.signal("SIGCONT");
    // Writes that Redis missed are repeated within two seconds.
    await sleep(3_000);
    await writeAndRead();

    await redis.kill();
    for (let n = 0; n < 5; n++) expect(await writeAndRead()).toBeLessThan(3_000);
    await redis.start();
    await expect.poll(() => callsFor(async () => expect(await license(1)).toBe(written)), polling).toBe(0);

    const output = gateways.map(({ stdout, stderr }) => stdout + stderr).join("");
    expect(output).toContain("Redis cannot be used");
    expect(output).toContain("Redis answers again");
    expect(output).not.toContain(redisPassword);
    expect(await Promise.all(gateways.map((gateway) => gateway.stop("SIGTERM")))).toEqual([0, 0]);
  });

  test("start without Redis, and use it as soon as it is up", async ({ redis, replicas }) => {
    const { license, callsFor, gateways } = await replicas();
    expect(await license(0)).toBe("BASIC");
    await redis.start();
    await expect.poll(() => callsFor(() => license(1)), polling).toBe(0);

    expect(gateways.map(({ stderr }) => stderr.includes(redisPassword))).toEqual([false, false]);
  });

  test("share automatic persisted queries", async ({ redis, replicas }) => {
    await redis.start();
    const { ask } = await replicas();
    const query = "{ accounts(first: 1) { nodes { name } } }";
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    await expect
      .poll(async () => {
        await ask(0, { query, extensions });
        return (await ask(1, { extensions })).data?.accounts.nodes.length;
      }, polling)
      .toBe(1);
  });

  test("store no PIN in Redis", async ({ redis, replicas }) => {
    await redis.start();
    const { ask } = await replicas();
    const client = await createClient({ url: redis.url }).connect();
    const pinQuery = userQuery.replace("displayName", "displayName personalPin");
    await expect
      .poll(async () => {
        for (const query of [userQuery, pinQuery]) await ask(0, { query, variables: { accountId, userId } });
        return (await client.keys("*")).length;
      }, polling)
      .toBeGreaterThanOrEqual(3);
    const keys = await client.keys("*");
    const values = await client.mGet(keys);
    client.destroy();

    expect(values.join()).toContain("DisplayName");
    expect([...keys, ...values].join()).not.toMatch(/pin/i);
  });

  test("treat malformed values as missing, and use the others", async ({ redis, replicas }) => {
    await redis.start();
    const { ask, license, callsFor, gateways } = await replicas();
    await expect.poll(() => callsFor(() => license(1)), polling).toBe(0);
    const outputs = () => gateways.map(({ stdout, stderr }) => stdout + stderr);
    const before = outputs().map(({ length }) => length);
    const client = await createClient({ url: redis.url }).connect();
    const query = { query: userQuery, variables: { accountId, userId } };
    const whole = await ask(0, query);
    expect(whole.errors).toBeUndefined();

    const keyOf = async (kind: string) => (await client.keys(`*/${kind}/*`))[0] ?? "";
    const [userKey, accountKey] = [await keyOf("user"), await keyOf("account")];
    const kept = JSON.parse(String(await client.get(userKey))) as { value: { value: object } };
    const withValue = (value: unknown) => JSON.stringify({ ...kept, value: { ...kept.value, value } });
    for (const poison of [
      "not JSON",
      "",
      "null",
      "[]",
      '"text"',
      "{}",
      '{"value":null}',
      '{"value":"text"}',
      withValue("text"),
      withValue({ ...kept.value.value, UserId: "somebody-else" }),
      withValue({ ...kept.value.value, LicenseType: 5 }),
      withValue({ ...kept.value.value, RegisteredOn: "yesterday" }),
    ]) {
      await client.set(userKey, poison);
      expect(await ask(0, query)).toEqual(whole);
      // The user was read again, the account was not, and the next replica finds both: Redis stayed in use.
      expect(await callsFor(async () => expect(await ask(1, query)).toEqual(whole))).toBe(0);
    }
    await client.del(userKey);
    await client.hSet(userKey, "field", "value");
    await client.set(accountKey, "[".repeat(100));
    expect(await ask(0, query)).toEqual(whole);
    client.destroy();

    const output = outputs()
      .map((text, index) => text.slice(before[index]))
      .join("");
    expect(output).toContain("Redis contains malformed values");
    expect(output).not.toContain("Redis cannot be used");
  });

  test("never run another query than the client's, whatever Redis has for its hash", async ({
    redis,
    replicas,
  }) => {
    await redis.start();
    const { ask } = await replicas();
    const query = "{ accounts(first: 1) { nodes { name } } }";
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const client = await createClient({ url: redis.url }).connect();
    await expect
      .poll(async () => {
        await ask(0, { query, extensions });
        return (await client.keys(`*${sha256Hash}`)).length;
      }, polling)
      .toBe(1);
    const [key = ""] = await client.keys(`*${sha256Hash}`);
    for (const value of ["{ __typename }", 5, null, { query }]) {
      await client.set(key, JSON.stringify({ value }));
      expect((await ask(1, { extensions })).errors?.[0]?.extensions.code).toBe("PERSISTED_QUERY_NOT_FOUND");
    }
    client.destroy();
    expect((await ask(1, { query, extensions })).data?.accounts.nodes).toHaveLength(1);
  });
});
