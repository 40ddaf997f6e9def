import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFailed } from "../../../src/chime/errors.js";
import type { ChimeUser } from "../../../src/chime/models.js";
import type { FetchPage } from "../../../src/chime/reads/pagination.js";
import { loadRows } from "../../../src/chime/reads/rowPlan.js";

const userList = (fetchPage: FetchPage<ChimeUser>) => ({
  fetchPage,
  pageSize: 200,
  idOf: ({ UserId }: ChimeUser) => UserId,
});

/** An account of this many users that counts its calls. Its pages may be shorter than requested, as Chime's may be. */
function account(size: number, pageSize: number) {
  const users = Array.from(
    { length: size },
    (_, i): ChimeUser => ({ UserId: `u${i}`, AccountId: "a", PrimaryEmail: `U${i}@example.com` }),
  );
  const calls: string[] = [];
  return {
    users,
    calls,
    async get(userId: string) {
      calls.push("GetUser");
      return users.find(({ UserId }) => UserId === userId) ?? null;
    },
    list: userList(async (maxResults, token = "0") => {
      calls.push("ListUsers");
      const start = Number(token);
      const end = start + Math.min(pageSize, maxResults);
      return { rows: users.slice(start, end), nextToken: end < size ? String(end) : undefined };
    }),
  };
}

const settings = fc.record({
  threshold: fc.integer({ min: 2, max: 10 }),
  pageBudget: fc.integer({ min: 1, max: 8 }),
});
const size = fc.integer({ min: 0, max: 1500 });
const pageSize = fc.integer({ min: 1, max: 200 });
/** Positions in the account; those beyond its size are users that do not exist. */
const wanted = fc.uniqueArray(fc.integer({ min: 0, max: 1600 }), { minLength: 1, maxLength: 120 });

describe("loading k users of one account", () => {
  test("returns each user, null for a missing one, in at most k + 1 calls", async () => {
    await fc.assert(
      fc.asyncProperty(
        size,
        pageSize,
        wanted,
        fc.infiniteStream(fc.boolean()),
        settings,
        async (n, page, ids, complete, plan) => {
          const chime = account(n, page);
          const keys = new Map(ids.map((id) => [`u${id}`, complete.next().value]));
          const answers = await loadRows(keys, chime, plan);

          for (const id of ids) expect(answers.get(`u${id}`)).toEqual(chime.users[id] ?? null);
          expect(chime.calls.length).toBeLessThanOrEqual(ids.length + 1);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("fetches each user that is needed with all its fields by GetUser", async () => {
    await fc.assert(
      fc.asyncProperty(size, wanted, settings, async (n, ids, plan) => {
        const chime = account(n, 200);
        await loadRows(new Map(ids.map((id) => [`u${id}`, true])), chime, plan);

        expect(chime.calls).toEqual(ids.map(() => "GetUser"));
      }),
    );
  });

  test("returns each user even if every ListUsers fails", async () => {
    await fc.assert(
      fc.asyncProperty(size, wanted, settings, async (n, ids, plan) => {
        const chime = account(n, 200);
        const sources = {
          ...chime,
          list: userList(() => Promise.reject(readFailed("ListUsers", new Error("refused")))),
        };
        const answers = await loadRows(new Map(ids.map((id) => [`u${id}`, false])), sources, plan);

        for (const id of ids) expect(answers.get(`u${id}`)).toEqual(chime.users[id] ?? null);
      }),
    );
  });

  test("follows empty pages three times in a row, then fetches the rest one by one", async () => {
    const chime = account(200, 200);
    let pages = 0;
    const sources = {
      ...chime,
      list: userList(async () => ({
        rows: pages++ === 0 ? chime.users.slice(0, 100) : [],
        nextToken: `t${pages}`,
      })),
    };
    const ids = chime.users.slice(0, 110).map(({ UserId }) => UserId);
    const answers = await loadRows(new Map(ids.map((id) => [id, false])), sources, {
      threshold: 3,
      pageBudget: 1_000,
    });

    expect([...answers.keys()].toSorted()).toEqual(ids.toSorted());
    for (const user of answers.values()) expect(user).toMatchObject({ AccountId: "a" });
    expect([pages, chime.calls.length]).toEqual([5, 10]);
  });
});
