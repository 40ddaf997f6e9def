import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ChimeSession } from "../../../src/chime/session.js";
import { oneEvery, outcomeOf, read, startThrottlingChime, startUpstream } from "./throttlingChime.js";

describe("callers take turns", () => {
  test("so that a caller's first call is sent before the second of another caller", async () => {
    const chime = await startThrottlingChime(() => 200);
    const upstream = startUpstream(chime.url, { concurrency: 1, readDeadline: 15_000 });
    const busy = upstream.createSession({});
    const others = Array.from({ length: 20 }, (_, n) => read(busy, `busy-${n}`));
    await read(upstream.createSession({}), "quiet");

    expect(chime.arrivals.indexOf("quiet")).toBeLessThanOrEqual(3);
    await Promise.all(others);
  });

  test("by the subject of their token, however many requests it has", async () => {
    const chime = await startThrottlingChime(() => 200);
    const upstream = startUpstream(chime.url, { concurrency: 1, readDeadline: 15_000 });
    const others = Array.from({ length: 20 }, (_, n) =>
      read(upstream.createSession({ subject: "busy" }), `busy-${n}`),
    );
    await read(upstream.createSession({ subject: "quiet" }), "quiet");

    expect(chime.arrivals.indexOf("quiet")).toBeLessThanOrEqual(3);
    await Promise.all(others);
  });

  test("while Chime throttles, too: a throttled call has no priority over other callers", async () => {
    const chime = await startThrottlingChime(oneEvery(40));
    const upstream = startUpstream(chime.url, { readDeadline: 15_000 });
    const busy = upstream.createSession({ subject: "busy" });
    const others = Array.from({ length: 60 }, (_, n) => read(busy, `busy-${n}`));
    await expect.poll(() => chime.arrivals.length).toBeGreaterThan(10);
    const before = chime.arrivals.length;
    await read(upstream.createSession({ subject: "quiet" }), "quiet");
    const mine = chime.arrivals.slice(before).filter((id) => id === "quiet").length;

    // The other caller has one turn, or two, for each of its own.
    expect(chime.arrivals.length - before).toBeLessThanOrEqual(3 * mine + 4);
    await Promise.all(others);
  });

  test("and a shared call waits in the queues of all callers that share it", async () => {
    const chime = await startThrottlingChime(() => 200);
    const upstream = startUpstream(chime.url, { concurrency: 1, readDeadline: 15_000 });
    const busy = upstream.createSession({});
    const others = Array.from({ length: 50 }, (_, n) => read(busy, `busy-${n}`));
    const quiet = upstream.createSession({});
    await read(quiet, "busy-49");

    expect(quiet.log).toEqual([]);
    expect(chime.arrivals.indexOf("busy-49")).toBeLessThanOrEqual(3);
    await Promise.all(others);
    expect(chime.arrivals.length).toBe(50);
  });
});

describe("a caller that disconnects", () => {
  test("leaves no call that is sent or delays others while Chime throttles", async () => {
    let isThrottling = true;
    const chime = await startThrottlingChime(() => (isThrottling ? 429 : 200));
    const upstream = startUpstream(chime.url);
    const sessions = Array.from({ length: 50 }, (_, n) => upstream.createSession({ subject: `caller-${n}` }));
    const abandoned = sessions.map((session, n) => outcomeOf(read(session, `abandoned-${n}`)));
    await expect.poll(() => chime.arrivals.length).toBeGreaterThan(5);
    for (const session of sessions) session.disconnect();
    await Promise.all(abandoned);
    isThrottling = false;
    const sent = chime.arrivals.length;
    await read(upstream.createSession({}), "next");

    expect(upstream.load).toEqual({ inFlight: 0, waiting: 0, writes: 0 });
    expect(chime.arrivals.slice(sent)).toEqual(["next"]);
  });

  test("frees the slot of a read at once", async () => {
    const chime = await startThrottlingChime((n) => (n === 1 ? "hang" : 200));
    const upstream = startUpstream(chime.url, { concurrency: 1 });
    const session = upstream.createSession({});
    const abandoned = outcomeOf(read(session, "abandoned"));
    await expect.poll(() => chime.arrivals.length).toBe(1);
    const next = read(upstream.createSession({}), "next");
    session.disconnect();
    await next;

    await abandoned;
    expect(session.log.map(({ outcome }) => outcome)).toEqual(["CANCELED"]);
  });

  test("cancels a queued write, which is not done, but no write that was sent", async () => {
    const chime = await startThrottlingChime((_n, accountId) => (accountId === "sent" ? "hang" : 200));
    const upstream = startUpstream(chime.url, { concurrency: 1, callTimeout: 300 });
    const sessions: ChimeSession[] = [];
    const write = (accountId: string) => {
      const session = upstream.createSession({});
      sessions.push(session);
      return outcomeOf(session.write("UpdateAccount", { AccountId: accountId, Name: "B" }));
    };
    const sent = write("sent");
    await expect.poll(() => chime.arrivals).toEqual(["sent"]);
    const waiting = write("waiting");
    for (const session of sessions) session.disconnect();

    expect(await waiting).toBe("UPSTREAM_TIMEOUT");
    expect(upstream.load.inFlight).toBe(1);
    expect(await sent).toBe("OUTCOME_UNKNOWN");
    expect(sessions.map(({ log }) => log.map(({ outcome }) => outcome))).toEqual([
      ["OUTCOME_UNKNOWN"],
      ["CANCELED"],
    ]);
    expect(chime.arrivals).toEqual(["sent"]);
  });
});

describe("at the deadline", () => {
  test("a call that Chime throttles is THROTTLED", async () => {
    const chime = await startThrottlingChime(() => 429);
    const upstream = startUpstream(chime.url, { readDeadline: 600 });
    const session = upstream.createSession({});

    expect(await outcomeOf(read(session, "a"))).toBe("THROTTLED");
    expect(session.log).toMatchObject([{ outcome: "THROTTLED", httpStatus: 429 }]);
  });

  test("a call that Chime does not answer is UPSTREAM_TIMEOUT, also if Chime has just throttled", async () => {
    const chime = await startThrottlingChime((n) => (n === 1 ? 429 : "hang"));
    const upstream = startUpstream(chime.url, { readDeadline: 600 });

    expect(await outcomeOf(read(upstream.createSession({}), "a"))).toBe("UPSTREAM_TIMEOUT");
    expect(chime.arrivals).toEqual(["a", "a"]);
  });

  test("throttled writes are THROTTLED, and none is sent too late for a response in time", async () => {
    const chime = await startThrottlingChime(oneEvery(100));
    const upstream = startUpstream(chime.url, { callTimeout: 1_000, writeDeadline: 3_000 });
    const started = performance.now();
    const ends: number[] = [];
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, n) => {
        const session = upstream.createSession({});
        session.beginMutation("single");
        const write = session.write("UpdateAccount", { AccountId: `a${n}`, Name: "B" });
        return outcomeOf(write).finally(() => ends.push(performance.now() - started));
      }),
    );

    expect(new Set(outcomes)).toEqual(new Set(["OK", "THROTTLED"]));
    expect(outcomes.filter((outcome) => outcome === "OK").length).toBeGreaterThan(3);
    expect(Math.max(...ends)).toBeLessThan(3_000);
    const sent = chime.arrivals.length;
    await sleep(300);
    expect(chime.arrivals.length).toBe(sent);
  });
});

test("60 concurrent lookups are answered while Chime accepts ten a second, and few of them are sent twice", {
  timeout: 15_000,
}, async () => {
  let tokens = 10;
  let filled = performance.now();
  const chime = await startThrottlingChime(() => {
    const now = performance.now();
    tokens = Math.min(10, tokens + (now - filled) / 100);
    filled = now;
    if (tokens < 1) return 429;
    tokens--;
    return 200;
  });
  const session = startUpstream(chime.url, { readDeadline: 8_000 }).createSession({});
  const outcomes = await Promise.all(Array.from({ length: 60 }, (_, n) => outcomeOf(read(session, `a${n}`))));

  expect(outcomes).toEqual(Array(60).fill("OK"));
  expect(chime.arrivals.length).toBeLessThanOrEqual(120);
});
