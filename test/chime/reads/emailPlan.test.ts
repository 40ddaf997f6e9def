import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFailed } from "../../../src/chime/errors.js";
import type { ChimeAccount, ChimeUser } from "../../../src/chime/models.js";
import { loadUsersByEmail } from "../../../src/chime/reads/emailPlan.js";

/** A Chime with accounts of these sizes that notes its calls. Its pages are as long as it likes. */
function chimeOf(sizes: readonly number[], pageSize = 200) {
  const accounts = sizes.map((size, a) =>
    Array.from(
      { length: size },
      (_, i): ChimeUser => ({ UserId: `u${i}`, AccountId: `${a}`, PrimaryEmail: `U${i}@${a}.example` }),
    ),
  );
  const calls: string[] = [];
  const emailOf = ({ PrimaryEmail }: ChimeUser) => PrimaryEmail?.toLowerCase();
  const asked = new Map<string, Promise<ChimeAccount | undefined>>();

  async function listAccounts(email: string): Promise<ChimeAccount | undefined> {
    calls.push("ListAccounts");
    const index = accounts.findIndex((users) => users.some((user) => emailOf(user) === email.toLowerCase()));
    return index < 0 ? undefined : { AccountId: `${index}`, AwsAccountId: "1", Name: "A" };
  }

  return {
    calls,
    user: ([account, position]: Place) => accounts[account]?.[position] ?? null,
    /** As the loaders do: each list is fetched once. */
    findAccount(email: string) {
      const account = asked.get(email) ?? listAccounts(email);
      asked.set(email, account);
      return account;
    },
    async findUser(accountId: string, email: string) {
      calls.push("ListUsers");
      return accounts[Number(accountId)]?.find((user) => emailOf(user) === email.toLowerCase());
    },
    listUsers:
      (accountId: string) =>
      async (maxResults: number, token = "0") => {
        calls.push("ListUsers");
        const rows = accounts[Number(accountId)] ?? [];
        const end = Number(token) + Math.min(pageSize, maxResults);
        return {
          rows: rows.slice(Number(token), end),
          nextToken: end < rows.length ? `${end}` : undefined,
        };
      },
  };
}

/** An account, and a position in it; a position beyond its size is a user that does not exist. */
type Place = readonly [account: number, position: number];

const emailsOf = (places: readonly Place[]) => places.map(([account, i]) => `u${i}@${account}.EXAMPLE`);
const range = (account: number, length: number): Place[] =>
  Array.from({ length }, (_, i): Place => [account, i]);
const plan = { threshold: 3, pageBudget: 5 };

describe("loading k users by e-mail", () => {
  test("returns each user, ignoring letter case, in at most 2 k + 1 calls", async () => {
    const settings = fc.record({
      threshold: fc.integer({ min: 2, max: 10 }),
      pageBudget: fc.integer({ min: 1, max: 8 }),
    });
    const sizes = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 6 });
    const places = fc.uniqueArray(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 650 })), {
      minLength: 1,
      maxLength: 120,
      selector: String,
    });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 200 }),
        places,
        settings,
        async (n, pageSize, wanted, settings) => {
          const chime = chimeOf(n, pageSize);
          const answers = await loadUsersByEmail(emailsOf(wanted), chime, settings);

          expect(answers).toEqual(wanted.map(chime.user));
          expect(chime.calls.length).toBeLessThanOrEqual(2 * wanted.length + 1);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("takes two calls for each of a few accounts, even if some addresses do not exist", async () => {
    const chime = chimeOf([200, 200, 200]);
    const wanted: Place[] = [[0, 999], ...range(0, 40), ...range(1, 30), ...range(2, 30)];

    expect(await loadUsersByEmail(emailsOf(wanted), chime, plan)).toEqual(wanted.map(chime.user));
    // Nobody's address, a look that was doubled for it, and two calls an account.
    expect(chime.calls.length).toBe(1 + 1 + 3 * 2);
  });

  test.each<[string, Place[], number]>([
    ["five unknown addresses", Array.from({ length: 5 }, (_, i): Place => [0, 900 + i]), 12],
    ["one of another account", [[1, 0]], 5],
    ["one in the depth of a large account", [[2, 4_000]], 200],
    [
      "one each of three other accounts",
      [
        [1, 0],
        [3, 0],
        [4, 0],
      ],
      12,
    ],
  ])("finds 95 users of one account in few calls, even after %s", async (_who, first, most) => {
    const chime = chimeOf([200, 200, 5_000, 200, 200]);
    const wanted = [...first, ...range(0, 95)];

    expect(await loadUsersByEmail(emailsOf(wanted), chime, plan)).toEqual(wanted.map(chime.user));
    expect(chime.calls.length).toBeLessThanOrEqual(most);
  });

  test("looks up all addresses one by one, at the same time, if each is in an account of its own", async () => {
    const chime = chimeOf(Array(60).fill(200));
    const wanted = Array.from({ length: 60 }, (_, account): Place => [account, 0]);

    expect(await loadUsersByEmail(emailsOf(wanted), chime, plan)).toEqual(wanted.map(chime.user));
    expect(chime.calls.length).toBeLessThanOrEqual(2 * 60 + 1);
  });

  test("returns an error for an address whose account lookup fails, and the users of the other addresses", async () => {
    const chime = chimeOf([200, 200]);
    const failure = readFailed("ListAccounts", new Error("refused"));
    const sources = {
      ...chime,
      findAccount: (email: string) =>
        email.startsWith("u0@1.") ? Promise.reject(failure) : chime.findAccount(email),
    };
    const wanted: Place[] = [[1, 0], ...range(0, 5)];

    expect(await loadUsersByEmail(emailsOf(wanted), sources, plan)).toEqual([
      failure,
      ...wanted.slice(1).map(chime.user),
    ]);
    expect(chime.calls.length).toBeLessThanOrEqual(3);
  });
});
