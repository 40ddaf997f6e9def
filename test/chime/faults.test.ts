/** What `npm run chaos` measures at length, in small. */
import { describe, expect, onTestFinished, test } from "vitest";
import { isTrue, lossesWith, runBatch, type WriteResult } from "../chaos/batch.js";
import { type BulkResult, inviteInBulk, suspendInBulk, updateInBulk } from "../chaos/bulk.js";
import { leave } from "../chaos/disconnects.js";
import { createGate } from "../chaos/gate.js";
import { everything, operationOf, textsOf, wrongValues } from "../chaos/mutations.js";
import { accountsNamed, mebibyte, startOversizeChime } from "../chaos/oversize.js";
import { readLists, readUnderFaults, startEndlessChime } from "../chaos/reads.js";
import { createScene, type Scene, usersQuery } from "../chaos/scene.js";
import { startStub } from "../chaos/stub.js";
import {
  createTargets,
  createUserByEmail,
  mutationsWithoutCase,
  type WriteCase,
  writeCases,
} from "../chaos/writeCases.js";
import { writes as upstreamWrites } from "../support/upstream.js";
import { ask, startOn, useWorld } from "../support/world.js";

const callTimeout = 100;
const deadline = 1_000;
const world = useWorld();
/** Where an answer that does not come is soon taken for lost. */
const hastyWorld = useWorld({ WRITE_DEADLINE_MS: "4000" }, { callTimeout });
/** Where requests are soon given up. */
const patientWorld = useWorld(
  { READ_DEADLINE_MS: String(deadline), WRITE_DEADLINE_MS: String(deadline) },
  { callTimeout: deadline - 400 },
);

/** Whose pace no other test minds; a throttled call does not get its turn in time. */
const throttledWorld = useWorld({ READ_DEADLINE_MS: "1000" });

async function closeAfterTest<Thing extends { close(): Promise<void> }>(
  thing: Promise<Thing>,
): Promise<Thing> {
  const started = await thing;
  onTestFinished(() => started.close());
  return started;
}

describe("a write", () => {
  /** Writes in each of some ways, for each of a few targets, while a rule strikes. */
  async function writeAll(
    scene: Scene,
    rule: object,
    cases: readonly WriteCase[],
    each: number,
  ): Promise<WriteResult[]> {
    const targets = await createTargets(scene.chime, each);
    const results: WriteResult[] = [];
    for (const writeCase of cases) results.push(...(await runBatch(scene, writeCase, targets, rule)));
    return results;
  }

  describe.each(Object.entries(lossesWith(callTimeout)))("whose answer is lost (%s)", (_fault, rule) => {
    test("is sent at most once, and never told as done or failed where it is not", async () => {
      const results = await writeAll(createScene(hastyWorld), rule, writeCases, 2);

      expect(Math.max(...results.map(({ arrivals }) => arrivals))).toBe(1);
      expect(results.filter((result) => !isTrue(result))).toEqual([]);
    });

    test("is confirmed if it was a CreateUser that has happened, and unknown if not", async () => {
      const results = await writeAll(createScene(hastyWorld), rule, [createUserByEmail], 4);

      expect(results.map(({ verdict }) => verdict)).toEqual(
        results.map(({ happened }) => (happened ? "done" : "unknown")),
      );
    });
  });

  test("has a case for each mutation of the schema, unless there is a reason against it", () => {
    const operations = new Set(writeCases.map(({ operation }) => operation));

    expect([...operations, ...mutationsWithoutCase].toSorted()).toEqual(upstreamWrites.toSorted());
  });

  test("that is throttled is sent again and done once", async () => {
    const some = writeCases.filter((_, index) => index % 3 === 0);
    const results = await writeAll(createScene(world), { kind: "429", next: 1 }, some, 1);

    expect(results).toEqual(results.map(() => ({ verdict: "done", happened: 1, arrivals: 2 })));
  });

  test("to a Chime that refuses connections is told as not done", async () => {
    const gate = await createGate(world.chimeUrl);
    await gate.shut();
    const gateway = await closeAfterTest(startOn(gate.url));
    const scene = createScene({ url: gateway.url, chimeUrl: world.chimeUrl });
    const targets = await createTargets(scene.chime, 2);
    for (const writeCase of writeCases) {
      const results = await runBatch(scene, writeCase, targets);
      expect(results).toEqual(results.map(() => ({ verdict: "not done", happened: 0, arrivals: 0 })));
    }
  });

  test("to a Chime that is back in a moment is sent again and done once", async () => {
    const gate = await createGate(world.chimeUrl);
    await gate.shut();
    onTestFinished(gate.shut);
    const gateway = await closeAfterTest(startOn(gate.url));
    const scene = createScene({ url: gateway.url, chimeUrl: world.chimeUrl });
    const [target] = await createTargets(scene.chime, 1);
    const results = await runBatch(scene, createUserByEmail, target ? [target] : [], undefined, gate.open);

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
    "by %s marks the items of a call whose answer is lost, and no other",
    async (_operation, run, perCall) => {
      for (const kind of ["reset-before", "reset-after", "truncate", "500"]) {
        const result = await run(createScene(world), 2 * perCall, { kind, next: 1 });

        expect(undone(result)).toEqual(Array(perCall).fill("UNKNOWN"));
        expect(result).toMatchObject({ outcome: "PARTIAL", arrivals: 2, struck: 1 });
        for (const [index, outcome] of result.outcomes.entries())
          if (outcome === "DONE") expect(result.happened[index]).toBe(true);
      }
    },
  );

  test.each(bulkWrites)(
    "by %s sends throttled items again until they are done, and nothing else",
    async (_operation, run, perCall) => {
      const result = await run(createScene(throttledWorld), 2 * perCall, { kind: "429", next: 5 });

      expect(result.outcome).toBe("DONE");
      expect(undone(result)).toEqual([]);
      expect(result.happened.every(Boolean)).toBe(true);
      expect(result.arrivals - result.struck).toBe(2);
    },
  );
});

describe("reads", () => {
  test("survive 5 % of resets, 500s and 429s, with hardly more calls", async () => {
    const count = 200;
    const { right, arrivals } = await readUnderFaults(createScene(world), count);

    expect(right).toBeGreaterThanOrEqual(0.99 * count);
    expect(arrivals).toBeLessThanOrEqual(1.15 * count);
  });

  test.each([1, 2, 7])(
    "of a list whose tokens repeat with period %i end within 10 pages, with an error",
    async (period) => {
      const chime = await closeAfterTest(startEndlessChime(period));
      const gateway = await closeAfterTest(startOn(chime.url));
      const { pages, clear } = await readLists(gateway.url, chime);

      expect(Math.max(...pages)).toBeLessThanOrEqual(10);
      expect(clear).toEqual(clear.map(() => true));
    },
  );

  test("that come faster than Chime takes them are answered all the same, with hardly more calls", async () => {
    const scene = createScene(world);
    const { accountId, userIds } = await scene.chime.createPeople(40);
    await scene.faults({ kind: "throttle", perSecond: 20, burst: 10 });
    await scene.forgetArrivals();
    const { data, errors } = await scene.ask(usersQuery, { accountId, userIds });

    expect(errors).toBeUndefined();
    expect(data.users.every((user: { personalPin: unknown }) => user.personalPin)).toBe(true);
    expect(await scene.countOfArrivals()).toBeLessThanOrEqual(1.3 * userIds.length);
  });
});

describe("every call ends", () => {
  test("by its request's deadline, each with an error of its own", async () => {
    const scene = createScene(patientWorld);
    const { accountId } = await scene.chime.createPeople(0);
    const userIds = Array.from({ length: 25 }, (_, index) => `user-${index}`);
    await scene.faults({ kind: "hang" });
    const started = performance.now();
    const [{ errors }, write] = await Promise.all([
      scene.ask(usersQuery, { accountId, userIds }),
      scene.ask(createUserByEmail.mutation, { input: { accountId, username: "Nobody" } }),
    ]);

    expect(performance.now() - started).toBeLessThan(deadline + 500);
    expect(errors?.map(({ path, extensions }) => [...(path ?? []), extensions.code])).toEqual(
      userIds.map((_, index) => ["users", index, "UPSTREAM_TIMEOUT"]),
    );
    expect(write.data.write).toEqual({ outcome: "UNKNOWN", user: null });
  });

  test("within 300 ms of its client's leaving if it is a read", async () => {
    const scene = createScene(patientWorld);
    const { accountId } = await scene.chime.createPeople(0);
    const userIds = ["user-1", "user-2"];
    const reads = await leave(scene, "GetUser", 2, (signal) => [
      scene.ask(usersQuery, { accountId, userIds }, signal),
    ]);

    expect(reads).toHaveLength(2);
    expect(Math.max(...reads.map(({ endedAfter }) => endedAfter))).toBeLessThan(300);
  });

  test("no sooner for its client's leaving if it is a write", async () => {
    const scene = createScene(patientWorld);
    const targets = await createTargets(scene.chime, 2);
    const writes = await leave(scene, "CreateUser", 2, (signal) =>
      targets.map((target) =>
        scene.ask(createUserByEmail.mutation, { input: createUserByEmail.input(target, "gone") }, signal),
      ),
    );

    expect(writes).toHaveLength(2);
    // Cut ones would have ended at once.
    for (const { took } of writes) expect(took).toBeGreaterThan(deadline / 2);
  });
});

describe("an answer of Chime's", () => {
  test.each(["announced", "streamed"])("that is too large is cut (%s)", async (name) => {
    const chime = await closeAfterTest(startOversizeChime(64 * mebibyte));
    const gateway = await closeAfterTest(startOn(chime.url));
    const { errors } = await accountsNamed(gateway.url, name);

    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_UNAVAILABLE"]);
    expect(Math.max(...chime.taken)).toBeLessThan(24 * mebibyte);
  });

  test("that is mutated lets out nothing that Chime did not send, and breaks nothing", async () => {
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
