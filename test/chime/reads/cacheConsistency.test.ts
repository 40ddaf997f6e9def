import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { createLoaders } from "../../../src/chime/reads/loaders.js";
import { rowPlan } from "../../../src/chime/reads/rowPlan.js";
import { createMemoryStore, type Store } from "../../../src/stores/store.js";
import { delays, startVersionedChime, upstreamOn } from "../../support/versions.js";

describe("a read after a write never returns an older state", () => {
  const delay = fc.integer({ min: 0, max: 12 });
  const acts = fc.array(
    fc.record({
      kind: fc.constantFrom("read", "read", "read", "write"),
      replica: fc.constantFrom(0, 1),
      at: fc.integer({ min: 0, max: 150 }),
    }),
    { minLength: 4, maxLength: 30 },
  );
  const storeActs = fc.array(
    fc.record({ before: delay, after: delay, fails: fc.constantFrom("no", "no", "undone", "done") }),
    { minLength: 1, maxLength: 20 },
  );

  /**
   * Reads and writes an account through two gateways that share a store.
   *
   * @param isBroken whether the store fails, before or after it has done what it was asked to
   * @param isPromised whether a read through this gateway must see the writes through that one
   * @returns how many reads were answered from the cache
   */
  async function readAndWrite(isBroken: boolean, isPromised: (reader: number, writer: number) => boolean) {
    const chime = await startVersionedChime();
    onTestFinished(() => chime.close());
    const store = createMemoryStore(1_000);
    let plan: readonly { before: number; after: number; fails: string }[] = [];
    let turn = 0;
    const slowly = async <Result>(operation: () => Promise<Result>): Promise<Result> => {
      const { before, after, fails } = plan[turn++ % plan.length] ?? { before: 0, after: 0, fails: "no" };
      await sleep(before);
      if (isBroken && fails === "undone") throw new Error("It was not done.");
      const result = await operation();
      await sleep(after);
      if (isBroken && fails === "done") throw new Error("It was done.");
      return result;
    };
    const slowStore: Store = {
      getMany: (keys) => slowly(() => store.getMany(keys)),
      set: (...args) => slowly(() => store.set(...args)),
      close: () => undefined,
    };
    const gateways = [0, 1].map(() =>
      upstreamOn(chime.url, { cache: { store: slowStore, timeToLive: 60_000 } }),
    );
    onTestFinished(() => {
      for (const gateway of gateways) gateway.close();
    });
    const written = [0, 0];
    let withoutCall = 0;

    await fc.assert(
      fc.asyncProperty(acts, storeActs, delays, async (allActs, allStoreActs, chimeDelays) => {
        plan = allStoreActs;
        chime.setDelays(chimeDelays);
        await Promise.all(
          allActs.map(async ({ kind, replica, at }) => {
            await sleep(at);
            const calls = gateways[replica]?.createSession({});
            if (!calls) throw new Error("There are two.");
            if (kind === "write") {
              const { Account } = await calls.write("UpdateAccount", { AccountId: "a", Name: "next" });
              written[replica] = Math.max(written[replica] ?? 0, Number(Account?.Name));
              return;
            }
            const least = Math.max(0, ...written.filter((_, writer) => isPromised(replica, writer)));
            const account = await createLoaders(calls, rowPlan).accountById.load("a");
            if (calls.log.length === 0) withoutCall++;
            expect(Number(account?.Name)).toBeGreaterThanOrEqual(least);
          }),
        );
      }),
      { numRuns: 40 },
    );
    return withoutCall;
  }

  test("through either replica, while the store works", async () => {
    expect(await readAndWrite(false, () => true)).toBeGreaterThan(20);
  });

  test("through the same replica, even if the store fails", async () => {
    expect(await readAndWrite(true, (reader, writer) => reader === writer)).toBeGreaterThan(5);
  });
});
