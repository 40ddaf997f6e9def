import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ChimeSession } from "../../../src/chime/session.js";
import type { UpstreamSettings } from "../../../src/chime/upstream.js";
import { startStub } from "../../chaos/stub.js";
import { upstreamOn } from "../../support/versions.js";
import { ask, startOn } from "../../support/world.js";

/** What a Chime of these tests does with the nth request: a status, or no answer at all. */
type Behaviour = (n: number, accountId: string) => number | "hang";

/** A Chime that throttles as it is told, and notes which accounts are asked for. */
async function startThrottlingChime(behave: Behaviour, headers: Readonly<Record<string, string>> = {}) {
  const arrivals: string[] = [];
  const chime = await startStub(async ({ url = "" }, response) => {
    const accountId = /^\/accounts\/([^/?]+)/.exec(url)?.[1] ?? "";
    arrivals.push(accountId);
    const status = behave(arrivals.length, accountId);
    if (status === "hang") return;
    response.statusCode = status;
    response.setHeader("content-type", "application/json");
    if (status === 429) {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader("x-amzn-errortype", "ThrottledClientException").end("{}");
    } else response.end(JSON.stringify({ Account: { AccountId: accountId, AwsAccountId: "1", Name: "A" } }));
  });
  onTestFinished(() => chime.close());
  return { ...chime, arrivals };
}

function startUpstream(url: string, settings: Partial<UpstreamSettings> = {}) {
  const upstream = upstreamOn(url, settings);
  onTestFinished(() => upstream.close());
  return upstream;
}

const read = (session: ChimeSession, accountId: string) =>
  session.read("GetAccount", { AccountId: accountId });

const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "OK",
    (error) => error.outcome,
  );

/** Chime throttles everything but one request in so many milliseconds. */
function oneEvery(milliseconds: number): Behaviour {
  let next = 0;
  return () => {
    const now = performance.now();
    if (now < next) return 429;
    next = now + milliseconds;
    return 200;
  };
}

describe("callers take turns", () => {
  test("so that one of a caller's calls goes before the second of another's", async () => {
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

  test("while Chime throttles as well: a throttled call has no priority over other callers", async () => {
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

  test("and a shared call waits in the queues of all who share it", async () => {
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

describe("a caller who disconnects", () => {
  test("leaves nothing behind that is sent, or that delays others, while Chime throttles", async () => {
    let isThrottling = true;
    const chime = await startThrottlingChime(() => (isThrottling ? 429 : 200));
    const upstream = startUpstream(chime.url);
    const sessions = Array.from({ length: 50 }, (_, n) => upstream.createSession({ subject: `caller-${n}` }));
    const abandoned = sessions.map((session, n) => outcomeOf(read(session, `gone-${n}`)));
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
    const abandoned = outcomeOf(read(session, "gone"));
    await expect.poll(() => chime.arrivals.length).toBe(1);
    const next = read(upstream.createSession({}), "next");
    session.disconnect();
    await next;

    await abandoned;
    expect(session.log.map(({ outcome }) => outcome)).toEqual(["CANCELED"]);
  });

  test("ends a write that waits, which is not done, and none that was sent", async () => {
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

describe("Chime's Retry-After", () => {
  const account = { query: `{ account(accountId: "a") { name } }` };

  test.each([
    ["seconds", () => "120"],
    ["a date", () => new Date(Date.now() + 120_000).toUTCString()],
  ])(
    "in %s that exceeds the deadline is passed on at once, and Chime is left alone",
    async (_form, value) => {
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
    },
  );

  test("also answers those who wait already", async () => {
    const chime = await startThrottlingChime(() => 429, { "retry-after": "60" });
    const upstream = startUpstream(chime.url, { concurrency: 1 });
    const ids = ["a", "b", "c", "d"];
    const outcomes = await Promise.all(ids.map((id) => outcomeOf(read(upstream.createSession({}), id))));

    expect(outcomes).toEqual(ids.map(() => "THROTTLED"));
    expect(chime.arrivals).toEqual(["a"]);
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

  test("throttled writes are THROTTLED, none is sent too late to be answered in time", async () => {
    const chime = await startThrottlingChime(oneEvery(100));
    const upstream = startUpstream(chime.url, { callTimeout: 500, writeDeadline: 1_500 });
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
    expect(Math.max(...ends)).toBeLessThan(1_500);
    const sent = chime.arrivals.length;
    await sleep(300);
    expect(chime.arrivals.length).toBe(sent);
  });
});

test("60 lookups at once of a Chime that accepts ten a second are answered, few of them sent twice", {
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
  expect(chime.arrivals.length).toBeLessThanOrEqual(84);
});
