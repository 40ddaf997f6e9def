import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { createRateLimiter } from "../../../src/chime/client/rateLimiter.js";
import { ask, startOn } from "../../support/fixture.js";
import { startStub } from "../../support/stub.js";
import { outcomeOf, read, startThrottlingChime, startUpstream } from "./throttlingChime.js";

describe("Chime's Retry-After", () => {
  const account = { query: `{ account(accountId: "a") { name } }` };

  test.each([
    ["seconds", () => "120"],
    ["a date", () => new Date(Date.now() + 120_000).toUTCString()],
  ])("in %s that exceeds the deadline is returned at once, and Chime is not called", async (_form, value) => {
    const chime = await startThrottlingChime((_n, accountId) => (accountId ? 429 : 200), {
      "retry-after": value(),
    });
    const gateway = await startOn(chime.url);
    onTestFinished(() => gateway.close());
    const codes = [await ask(gateway.url, account), await ask(gateway.url, account)].map(
      ({ errors }) => errors?.[0]?.extensions,
    );

    for (const extensions of codes) {
      expect(extensions).toMatchObject({ code: "THROTTLED" });
      expect(extensions?.["retryAfterSeconds"]).toBeGreaterThanOrEqual(118);
      expect(extensions?.["retryAfterSeconds"]).toBeLessThanOrEqual(120);
    }
    const mutation = `mutation { updateAccount(input: { accountId: "a", name: "B" }) { account { name } } }`;
    expect((await ask(gateway.url, { query: mutation })).errors).toMatchObject([
      { extensions: { code: "THROTTLED" } },
    ]);
    expect(chime.arrivals).toEqual(["a"]);
    const bulk = `mutation {
      inviteUsers(input: { accountId: "a", userEmailList: ["ada@example.com"] }) { outcome results { error { code } } }
    }`;
    const started = performance.now();
    expect((await ask(gateway.url, { query: bulk })).data).toEqual({
      inviteUsers: { outcome: "NOT_DONE", results: [{ error: { code: "THROTTLED" } }] },
    });
    // The first pause between two rounds of a bulk write would be a second.
    expect(performance.now() - started).toBeLessThan(900);
    expect(chime.arrivals).toEqual(["a"]);
    // The probe is exempt.
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    expect(chime.arrivals).toEqual(["a", ""]);
  });

  test("of a 503 has the same effect: Chime is unavailable, and is not called", async () => {
    const chime = await startThrottlingChime((_n, accountId) => (accountId ? 503 : 200), {
      "retry-after": "120",
    });
    const gateway = await startOn(chime.url);
    onTestFinished(() => gateway.close());
    for (let request = 0; request < 2; request++) {
      const { errors } = await ask(gateway.url, account);
      expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
      expect(errors?.[0]?.extensions["retryAfterSeconds"]).toBeGreaterThanOrEqual(118);
    }
    const mutation = `mutation { updateAccount(input: { accountId: "a", name: "B" }) { outcome } }`;

    expect((await ask(gateway.url, { query: mutation })).errors).toMatchObject([
      { extensions: { code: "UPSTREAM_UNAVAILABLE" } },
    ]);
    expect(chime.arrivals).toEqual(["a"]);
  });

  test("also applies to requests that are already waiting", async () => {
    const chime = await startThrottlingChime(() => 429, { "retry-after": "60" });
    const upstream = startUpstream(chime.url, { concurrency: 1 });
    const ids = ["a", "b", "c", "d"];
    const outcomes = await Promise.all(ids.map((id) => outcomeOf(read(upstream.createSession({}), id))));

    expect(outcomes).toEqual(ids.map(() => "THROTTLED"));
    expect(chime.arrivals).toEqual(["a"]);
  });

  test("is the last one, once a longer one has passed", () => {
    const limiter = createRateLimiter(50);
    limiter.pause(0, 86_400_000);
    const afterPause = 301_000;
    limiter.pause(afterPause, 1_000);

    expect([limiter.delay(afterPause), limiter.retryAfter(afterPause)]).toEqual([1_000, 1_000]);
  });

  test("counts as a year at most", async () => {
    const chime = await startThrottlingChime(() => 429, { "retry-after": "9".repeat(400) });
    const error = await read(startUpstream(chime.url).createSession({}), "a").catch((thrown) => thrown);

    expect(error).toMatchObject({ outcome: "THROTTLED", retryAfterSeconds: 365 * 24 * 60 * 60 });
  });

  test.each([["60, 60"], ["60.0"]])("may be %s", async (value) => {
    const chime = await startThrottlingChime(() => 429, { "retry-after": value });
    const upstream = startUpstream(chime.url);
    const error = await read(upstream.createSession({}), "a").catch((thrown) => thrown);

    expect(error).toMatchObject({ outcome: "THROTTLED", retryAfterSeconds: 60 });
    expect(chime.arrivals).toEqual(["a"]);
  });

  test("ends the wait of a reader whose deadline is earlier, and not that of another one", async () => {
    const arrivals: number[] = [];
    const chime = await startStub(async (_request, response) => {
      arrivals.push(performance.now());
      if (arrivals.length > 1) {
        const Account = { AccountId: "a", AwsAccountId: "1", Name: "A" };
        return response.setHeader("content-type", "application/json").end(JSON.stringify({ Account }));
      }
      await sleep(900);
      return response
        .writeHead(429, { "x-amzn-errortype": "ThrottledClientException", "retry-after": "1" })
        .end("{}");
    });
    onTestFinished(() => chime.close());
    const upstream = startUpstream(chime.url, { readDeadline: 1_500 });
    const started = performance.now();
    const early = outcomeOf(read(upstream.createSession({}), "a")).then((outcome) => ({
      outcome,
      after: performance.now() - started,
    }));
    await sleep(800);
    const late = outcomeOf(read(upstream.createSession({}), "a"));

    expect((await early).outcome).toBe("THROTTLED");
    expect((await early).after).toBeLessThan(1_400);
    expect(await late).toBe("OK");
    expect(arrivals).toHaveLength(2);
  });

  test("within the deadline is waited for", async () => {
    const chime = await startThrottlingChime((n) => (n === 1 ? 429 : 200), { "retry-after": "1" });
    const gateway = await startOn(chime.url);
    onTestFinished(() => gateway.close());
    const started = performance.now();

    expect(await ask(gateway.url, account)).toEqual({ data: { account: { name: "A" } } });
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(chime.arrivals).toEqual(["a", "a"]);
  });
});
