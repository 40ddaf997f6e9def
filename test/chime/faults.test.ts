/** The promises that `npm run chaos` measures at length, on a small scale. */
import { describe, expect, onTestFinished, test } from "vitest";
import { isSentOnce, isTrue, lossesWith, runBatch, type Write } from "../chaos/batch.js";
import { type BulkResult, inviteInBulk, suspendInBulk, updateInBulk } from "../chaos/bulk.js";
import { disconnect } from "../chaos/disconnects.js";
import { everything, operationOf, textsOf, wrongValues } from "../chaos/mutations.js";
import { accountsNamed, mebibyte, startOversizeChime } from "../chaos/oversize.js";
import { readLists, readUnderFaults, startEndlessChime } from "../chaos/reads.js";
import type { WriteCase } from "../chaos/writeCase.js";
import { createTargets, createUserByEmail, mutationsWithoutCase, writeCases } from "../chaos/writeCases.js";
import { ask, startOn, useHarness } from "../support/fixture.js";
import { usersQuery } from "../support/graphqlClient.js";
import { createHarness, type Harness } from "../support/harness.js";
import { startStub } from "../support/stub.js";
import { startTcpProxy } from "../support/tcpProxy.js";
import { writes as upstreamWrites } from "../support/upstream.js";

const callTimeout = 100;
const deadline = 1_000;
const harness = useHarness();
/** Where an answer that does not come is soon taken for lost. */
const shortTimeouts = useHarness({ WRITE_DEADLINE_MS: "4000" }, { callTimeout });
/** Where requests are soon given up. */
const shortDeadlines = useHarness(
  { READ_DEADLINE_MS: String(deadline), WRITE_DEADLINE_MS: String(deadline) },
  { callTimeout: deadline - 400 },
);

/** Other tests must not be slowed by its rate limiter. */
const throttled = useHarness({ READ_DEADLINE_MS: "1000" });

async function closeAfterTest<Thing extends { close(): Promise<void> }>(
  thing: Promise<Thing>,
): Promise<Thing> {
  const started = await thing;
  onTestFinished(() => started.close());
  return started;
}

describe("a write", () => {
  /** Writes of each of these kinds, each with a target of its own. */
  async function createWrites({ chime }: Harness, cases: readonly WriteCase[]): Promise<Write[]> {
    const targets = await createTargets(chime, cases.length);
    return targets.flatMap((target, index) => {
      const writeCase = cases[index];
      return writeCase ? [{ writeCase, target }] : [];
    });
  }

  // Each takes until the deadline: a created user is searched for until then.
  test.each(Object.entries(lossesWith(callTimeout)))(
    "whose response is lost (%s) is sent at most once and never reported wrongly; a created user is confirmed",
    async (_fault, rule) => {
      const cases = [...writeCases, ...writeCases, createUserByEmail, createUserByEmail];
      const results = await runBatch(shortTimeouts, await createWrites(shortTimeouts, cases), { rule });
      const users = results.filter((_, index) => cases[index] === createUserByEmail);

      expect(results.filter((result, index) => !isSentOnce(cases[index] as WriteCase, result))).toEqual([]);
      expect(results.filter((result) => !isTrue(result))).toEqual([]);
      expect(users.map(({ verdict }) => verdict)).toEqual(
        users.map(({ happened }) => (happened ? "done" : "unknown")),
      );
    },
  );

  test("has a case for each mutation of the schema, unless there is a reason against it", () => {
    const operations = new Set(writeCases.map(({ operation }) => operation));

    expect([...operations, ...mutationsWithoutCase].toSorted()).toEqual(upstreamWrites.toSorted());
  });

  test("that is throttled is sent again and done once", async () => {
    const some = writeCases.filter((_, index) => index % 3 === 0);
    const writes = await createWrites(harness, some);
    const results = await runBatch(harness, writes, { rule: { kind: "429", next: 1 } });

    expect(results).toEqual(results.map(() => ({ verdict: "done", happened: 1, arrivals: 2 })));
  });

  test("is reported as not done while Chime refuses connections", async () => {
    const proxy = await startTcpProxy(harness.chimeUrl);
    await proxy.refuse();
    const gateway = await closeAfterTest(startOn(proxy.url));
    const refused = createHarness({ url: gateway.url, chimeUrl: harness.chimeUrl });
    onTestFinished(refused.close);
    const writes = await createWrites(refused, [...writeCases, ...writeCases]);
    const results = await runBatch(refused, writes);

    expect(results).toEqual(writes.map(() => ({ verdict: "not done", happened: 0, arrivals: 0 })));
  });

  test("is sent again and done once when Chime soon accepts connections again", async () => {
    const proxy = await startTcpProxy(harness.chimeUrl);
    await proxy.refuse();
    onTestFinished(proxy.refuse);
    const gateway = await closeAfterTest(startOn(proxy.url));
    const refused = createHarness({ url: gateway.url, chimeUrl: harness.chimeUrl });
    onTestFinished(refused.close);
    const writes = await createWrites(refused, [createUserByEmail]);
    const results = await runBatch(refused, writes, { during: proxy.accept });

    expect(results).toEqual([{ verdict: "done", happened: 1, arrivals: 1 }]);
  });
});

describe("a bulk write", () => {
  const undone = ({ outcomes }: BulkResult) => outcomes.filter((outcome) => outcome !== "DONE");
  const bulkWrites = [
    ["BatchUpdateUser", updateInBulk, 20],
    ["InviteUsers", inviteInBulk, 50],
    ["BatchSuspendUser", suspendInBulk, 50],
  ] as const;

  test.each(bulkWrites)(
    "by %s marks only the items of the call whose response is lost",
    async (_operation, run, perCall) => {
      for (const kind of ["reset-before", "reset-after", "truncate", "500"]) {
        const result = await run(harness, 2 * perCall, { kind, next: 1 });

        expect(undone(result)).toEqual(Array(perCall).fill("UNKNOWN"));
        expect(result).toMatchObject({ outcome: "PARTIAL", arrivals: 2, faulty: 1 });
        for (const [index, outcome] of result.outcomes.entries())
          if (outcome === "DONE") expect(result.happened[index]).toBe(true);
      }
    },
  );

  test.each(bulkWrites)(
    "by %s sends only throttled items again, until they are done",
    async (_operation, run, perCall) => {
      const result = await run(throttled, 2 * perCall, { kind: "429", next: 5 });

      expect(result.outcome).toBe("DONE");
      expect(undone(result)).toEqual([]);
      expect(result.happened.every(Boolean)).toBe(true);
      expect(result.arrivals - result.faulty).toBe(2);
    },
  );
});

describe("reads", () => {
  test("succeed in spite of 5 % resets, 500s and 429s, with few additional calls", async () => {
    const count = 200;
    const { right, arrivals } = await readUnderFaults(harness, count);

    expect(right).toBeGreaterThanOrEqual(0.99 * count);
    expect(arrivals).toBeLessThanOrEqual(1.15 * count);
  });

  test.each([1, 2, 7])(
    "of a list whose page tokens repeat with period %i end within 10 pages, with an error",
    async (period) => {
      const chime = await closeAfterTest(startEndlessChime(period));
      const gateway = await closeAfterTest(startOn(chime.url));
      const { pages, clear } = await readLists(gateway.url, chime);

      expect(Math.max(...pages)).toBeLessThanOrEqual(10);
      expect(clear).toEqual(clear.map(() => true));
    },
  );

  test("that exceed the rate that Chime accepts are answered all the same, with few additional calls", async () => {
    const { accountId, userIds } = await harness.chime.createPeople(40);
    await harness.setFaults({ kind: "throttle", perSecond: 20, burst: 10 });
    await harness.forgetCalls();
    const { data, errors } = await harness.ask(usersQuery, { accountId, userIds });

    expect(errors).toBeUndefined();
    expect(data.users.every((user: { personalPin: unknown }) => user.personalPin)).toBe(true);
    // The benchmark measures it on a quiet machine.
    expect(await harness.countCalls()).toBeLessThanOrEqual(2 * userIds.length);
  });
});

describe("a call", () => {
  test("ends by the deadline of its request, with an error of its own", async () => {
    const { accountId } = await shortDeadlines.chime.createPeople(0);
    const userIds = Array.from({ length: 25 }, (_, index) => `user-${index}`);
    await shortDeadlines.setFaults({ kind: "hang" });
    const started = performance.now();
    const [{ errors }, write] = await Promise.all([
      shortDeadlines.tryAsk(usersQuery, { accountId, userIds }),
      shortDeadlines.tryAsk(createUserByEmail.mutation, { input: { accountId, username: "Nobody" } }),
    ]);

    expect(performance.now() - started).toBeLessThan(deadline + 500);
    expect(errors?.map(({ path, extensions }) => [...(path ?? []), extensions.code])).toEqual(
      userIds.map((_, index) => ["users", index, "UPSTREAM_TIMEOUT"]),
    );
    expect(write.data.write).toEqual({ outcome: "UNKNOWN", user: null });
  });

  test("that reads is cancelled within 300 ms when its client disconnects", async () => {
    const { accountId } = await shortDeadlines.chime.createPeople(0);
    const userIds = ["user-1", "user-2"];
    const reads = await disconnect(shortDeadlines, "GetUser", 2, (signal) => [
      shortDeadlines.tryAsk(usersQuery, { accountId, userIds }, signal),
    ]);

    expect(reads).toHaveLength(2);
    expect(Math.max(...reads.map(({ endedAfter }) => endedAfter))).toBeLessThan(300);
  });

  test("that writes is not cancelled when its client disconnects", async () => {
    const targets = await createTargets(shortDeadlines.chime, 2);
    const writes = await disconnect(shortDeadlines, "CreateUser", 2, (signal) =>
      targets.map((target) =>
        shortDeadlines.tryAsk(
          createUserByEmail.mutation,
          { input: createUserByEmail.input(target, "disconnected") },
          signal,
        ),
      ),
    );

    expect(writes).toHaveLength(2);
    // A cancelled write would have ended at once.
    for (const { took } of writes) expect(took).toBeGreaterThan(deadline / 2);
  });
});

describe("a response of Chime", () => {
  test.each(["announced", "streamed"])("that is too large is cut (%s)", async (name) => {
    const chime = await closeAfterTest(startOversizeChime(64 * mebibyte));
    const gateway = await closeAfterTest(startOn(chime.url));
    const { errors } = await accountsNamed(gateway.url, name);

    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_UNAVAILABLE"]);
    expect(Math.max(...chime.taken)).toBeLessThan(24 * mebibyte);
  });

  test("that is corrupt yields no value that Chime did not send, and no lasting damage", async () => {
    let sent = textsOf();
    const chime = await closeAfterTest(
      startStub((request, response) => {
        response.setHeader("content-type", "application/json").end(sent[operationOf(request.url ?? "")]);
      }),
    );
    const gateway = await closeAfterTest(startOn(chime.url));
    const wrong: string[] = [];
    for (let n = 0; n < 100; n++) {
      sent = textsOf(n);
      wrong.push(...wrongValues((await ask(gateway.url, { query: everything })).data, sent));
    }
    sent = textsOf();
    const { data, errors } = await ask(gateway.url, { query: everything });

    expect(wrong).toEqual([]);
    expect(errors).toBeUndefined();
    expect(wrongValues(data, sent)).toEqual([]);
    expect(data).toMatchObject({
      user: { displayName: "Ada Lovelace" },
      account: { name: "Analytical Engines" },
    });
  });
});
