import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { GetUserCommand } from "@aws-sdk/client-chime";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { failedWith } from "../../../src/chime/errors.js";
import { createLoaders } from "../../../src/chime/reads/loaders.js";
import { SEED } from "../../../src/chime-local/seed/index.js";
import { useHarness } from "../../support/fixture.js";
import { delays, startVersionedChime, upstreamOn } from "../../support/versions.js";

const { smallAccountId, teamAccountId } = SEED;
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const nameQuery = `query ($id: ID!) { account(accountId: $id) { name } }`;

describe("concurrent requests for the same data", () => {
  const harness = useHarness();

  test("share one call", async () => {
    await harness.fault({ kind: "latency", ms: 200 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        harness.ask(
          `query ($id: ID!) { account(accountId: $id) { name users { nodes { displayName } } } }`,
          { id: smallAccountId },
          { "x-chime-trace": "1" },
        ),
      ),
    );
    const [first] = answers;

    expect(first?.data.account.users.nodes.length).toBeGreaterThan(0);
    expect(answers.map(({ data }) => data)).toEqual(answers.map(() => first?.data));
    expect(await harness.calls()).toEqual({ GetAccount: 1, ListUsers: 1 });
    const costs = answers.map(({ extensions }) => extensions?.chime as { totalCalls: number });
    expect(costs.map(({ totalCalls }) => totalCalls).toSorted()).toEqual([...Array(9).fill(0), 2]);
  });

  test("share its error, and later requests call again", async () => {
    await harness.fault({ kind: "latency", ms: 200, next: 1 });
    // A read is sent three times.
    await harness.fault({ operation: "GetAccount", kind: "500", next: 3 });
    const answers = await Promise.all([1, 2].map(() => harness.ask(nameQuery, { id: smallAccountId })));

    expect(answers.map(({ errors }) => errors?.map(({ extensions }) => extensions.code))).toEqual([
      ["UPSTREAM_UNAVAILABLE"],
      ["UPSTREAM_UNAVAILABLE"],
    ]);
    expect(await harness.calls()).toEqual({ GetAccount: 3 });
    expect((await harness.ask(nameQuery, { id: smallAccountId })).errors).toBeUndefined();
  });

  test("each report THROTTLED if throttling outlasts their deadline", async () => {
    const upstream = upstreamOn(harness.chimeUrl, { readDeadline: 500 });
    onTestFinished(() => upstream.close());
    await harness.fault({ operation: "GetAccount", kind: "429" });
    const requests = [1, 2].map(() => upstream.createSession({}));
    const errors = await Promise.all(
      requests.map((calls) =>
        calls.read("GetAccount", { AccountId: smallAccountId }).catch((error) => error),
      ),
    );

    expect(errors.map((error) => failedWith(error, "Throttled"))).toEqual([true, true]);
    expect(requests.map(({ log }) => log.map(({ outcome }) => outcome))).toEqual([["THROTTLED"], []]);
  });

  test("share the rows of a list, and each returns those that it selects", async () => {
    const upstream = upstreamOn(harness.chimeUrl);
    onTestFinished(() => upstream.close());
    await harness.fault({ kind: "latency", ms: 100 });
    const { User } = await harness.chime.send(
      new GetUserCommand({ AccountId: teamAccountId, UserId: SEED.userId }),
    );
    await harness.forgetCalls();
    const filter = { userEmail: User?.PrimaryEmail };
    const find = async (accounts?: ReadonlySet<string>) => {
      const loaders = createLoaders(upstream.createSession({ allowedAccounts: accounts }), {
        threshold: 3,
        pageBudget: 5,
      });
      const { nodes } = await loaders.accounts(filter, { first: 10 });
      return nodes.map(({ AccountId }) => AccountId);
    };

    expect(
      await Promise.all([find(new Set([smallAccountId])), find(), find(new Set([teamAccountId]))]),
    ).toEqual([[], [teamAccountId], [teamAccountId]]);
    expect(await harness.calls()).toEqual({ ListAccounts: 1 });
  });

  test("of different accounts, or with different arguments, share nothing", async () => {
    await harness.fault({ kind: "latency", ms: 200 });
    const names = await Promise.all(
      [smallAccountId, teamAccountId].map((id) => harness.ask(nameQuery, { id })),
    );

    expect(new Set(names.map(({ data }) => data.account.name)).size).toBe(2);
    expect(await harness.calls()).toEqual({ GetAccount: 2 });
  });
});

describe("a client that goes away", () => {
  const harness = useHarness({}, { callTimeout: 3_000 });

  async function askAndLeave(id: string) {
    const client = new AbortController();
    const left = fetch(`${harness.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: nameQuery, variables: { id } }),
      signal: client.signal,
    }).catch(() => "left");
    return { leave: () => client.abort(), left };
  }

  test("does not cancel the call that other requests wait for", async () => {
    await harness.fault({ kind: "latency", ms: 500 });
    const first = await askAndLeave(smallAccountId);
    await expect.poll(async () => Object.keys(await harness.calls())).toEqual(["GetAccount"]);
    const second = harness.ask(nameQuery, { id: smallAccountId });
    await sleep(100);
    first.leave();

    expect(await first.left).toBe("left");
    expect((await second).data.account.name).toEqual(expect.any(String));
    expect(await harness.calls()).toEqual({ GetAccount: 1 });
  });

  test("cancels the call within 300 ms if no other request waits for it", async () => {
    await harness.fault({ kind: "hang" });
    const clients = [await askAndLeave(smallAccountId), await askAndLeave(smallAccountId)];
    await expect.poll(async () => Object.keys(await harness.calls())).toEqual(["GetAccount"]);
    await sleep(100);
    for (const { leave } of clients) leave();
    const leftAt = Date.now();
    await Promise.all(clients.map(({ left }) => left));
    await expect.poll(async () => (await harness.arrivals())[0]?.finishedAt, { interval: 20 }).toBeDefined();

    expect(Date.now() - leftAt).toBeLessThan(300);
    expect(await harness.calls()).toEqual({ GetAccount: 1 });
  });
});

test("each request keeps its own deadline while it shares a call", async () => {
  const chime = await startVersionedChime();
  onTestFinished(() => chime.close());
  const upstream = upstreamOn(chime.url, { callTimeout: 2_000, readDeadline: 500 });
  onTestFinished(() => upstream.close());
  const read = () => upstream.createSession({}).read("GetAccount", { AccountId: "a" });
  chime.setDelays({ reads: [[0, 800]] });
  const early = read().catch((error) => error);
  await sleep(400);
  const late = read();

  expect(failedWith(await early, "ServiceUnavailable")).toBe(true);
  expect((await late).Account?.Name).toBe("0");
  expect(chime.reads).toBe(1);
});

test("a shared call is reported once, with the result of the request that waited longest", async () => {
  const chime = await startVersionedChime();
  onTestFinished(() => chime.close());
  const upstream = upstreamOn(chime.url);
  onTestFinished(() => upstream.close());
  const outcomes: string[] = [];
  upstream.onCall(({ outcome }) => outcomes.push(outcome));
  chime.setDelays({ reads: [[0, 200]] });
  async function readAndLeave(leaveAfter: readonly (number | undefined)[]) {
    await Promise.all(
      leaveAfter.map(async (milliseconds) => {
        const calls = upstream.createSession({});
        if (milliseconds !== undefined) setTimeout(() => calls.disconnect(), milliseconds);
        await calls.read("GetAccount", { AccountId: "a" }).catch(() => undefined);
      }),
    );
    return outcomes.splice(0);
  }

  expect(await readAndLeave([50, undefined])).toEqual(["OK"]);
  expect(await readAndLeave([undefined, 50])).toEqual(["OK"]);
  expect(await readAndLeave([50, 100])).toEqual(["CANCELED"]);
});

test("a request that shares a queued call waits no longer than for a call of its own", async () => {
  const chime = await startVersionedChime();
  onTestFinished(() => chime.close());
  const upstream = upstreamOn(chime.url, { concurrency: 1, readDeadline: 15_000 });
  onTestFinished(() => upstream.close());
  const [large, small] = [upstream.createSession({}), upstream.createSession({})];
  const all = Promise.all(
    Array.from({ length: 200 }, (_, n) => large.read("GetAccount", { AccountId: `a${n}` })),
  );
  await small.read("GetAccount", { AccountId: "a199" });

  expect(small.log).toEqual([]);
  expect(chime.reads).toBeLessThan(10);
  await all;
  expect(chime.reads).toBe(200);
  expect(upstream.load).toEqual({ inFlight: 0, waiting: 0, writes: 0 });
});

test("a call that has ended is not kept in memory, whatever its result", async () => {
  const chime = await startVersionedChime();
  onTestFinished(() => chime.close());
  const upstream = upstreamOn(chime.url, { readDeadline: 100 });
  onTestFinished(() => upstream.close());
  chime.setDelays({
    reads: [
      [0, 0],
      [0, 0],
      [0, 300],
    ],
  });
  const left: WeakRef<object>[] = [];
  async function read(accountId: string) {
    const calls = upstream.createSession({});
    left.push(new WeakRef(calls.log));
    await calls.read("GetAccount", { AccountId: accountId }).then(
      (output) => left.push(new WeakRef(output)),
      (error) => left.push(new WeakRef(error)),
    );
  }
  for (let n = 0; n < 3; n++) await Promise.all([read("a"), read("a"), read("b")]);
  const session = upstream.createSession({});
  session.beginMutation("single");
  await session.write("UpdateAccount", { AccountId: "a", Name: "next" });

  expect(left.length).toBe(18);
  await expect
    .poll(
      () => {
        collectGarbage();
        return left.filter((thing) => thing.deref()).length;
      },
      { timeout: 10_000 },
    )
    .toBe(0);
});

test("a caller that may not see an account does not share its calls", async () => {
  const chime = await startVersionedChime();
  onTestFinished(() => chime.close());
  const upstream = upstreamOn(chime.url);
  onTestFinished(() => upstream.close());
  chime.setDelays({ reads: [[0, 100]] });
  const read = (accounts?: ReadonlySet<string>) =>
    upstream.createSession({ allowedAccounts: accounts }).read("GetAccount", { AccountId: "a" });
  const allowed = read();
  const denied = await read(new Set(["b"])).catch((error) => error);

  expect(failedWith(denied, "NotFound")).toBe(true);
  expect((await allowed).Account?.Name).toBe("0");
});

test("a read after a write never returns an older state, however reads and writes overlap", async () => {
  const chime = await startVersionedChime();
  onTestFinished(() => chime.close());
  const upstream = upstreamOn(chime.url);
  onTestFinished(() => upstream.close());
  const act = fc.record({
    kind: fc.constantFrom("read", "read", "write"),
    at: fc.integer({ min: 0, max: 100 }),
  });
  let joined = 0;

  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 20 }), delays, async (acts, someDelays) => {
      chime.setDelays(someDelays);
      let written = chime.version;
      await Promise.all(
        acts.map(async ({ kind, at }) => {
          await sleep(at);
          const calls = upstream.createSession({});
          if (kind === "write") {
            const { Account } = await calls.write("UpdateAccount", { AccountId: "a", Name: "next" });
            written = Math.max(written, Number(Account?.Name));
            return;
          }
          const least = written;
          const { Account } = await calls.read("GetAccount", { AccountId: "a" });
          if (calls.log.length === 0) joined++;
          expect(Number(Account?.Name)).toBeGreaterThanOrEqual(least);
        }),
      );
    }),
    { numRuns: 40 },
  );
  expect(joined).toBeGreaterThan(20);
});
