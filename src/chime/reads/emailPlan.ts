import { type ChimeAccount, type ChimeUser, chimeLimits } from "../models.js";
import type { FetchPage } from "./pagination.js";
import { type PlanSettings, walkRows } from "./rowPlan.js";

export interface EmailSources {
  /** ListAccounts(UserEmail): the account of the address. A repeated lookup makes no call. */
  findAccount(email: string): Promise<ChimeAccount | undefined>;
  /** ListUsers(UserEmail): the user with the address in this account. */
  findUser(accountId: string, email: string): Promise<ChimeUser | undefined>;
  /** All of an account's ListUsers pages. */
  listUsers(accountId: string): FetchPage<ChimeUser>;
}

/** Each round takes two calls in sequence. */
const maxRounds = 10;

/** Addresses are case-insensitive in Chime. */
export const foldCase = (email: string): string => email.toLowerCase();

/**
 * Loads users by e-mail address. One address takes two calls: ListAccounts finds the account, ListUsers the user. Addresses
 * in one request usually share an account, so from the threshold on the plan works in rounds: it looks up the account of
 * one missing address (twice as many after a round without gain) and walks that account's users for all missing addresses
 * while it saves calls (see walkRows). The rest is looked up one by one. 100 addresses of one account of 200 users take two
 * calls.
 *
 * k addresses never take more than 2 k + 1 calls: an account is walked only while the budget covers a walk that finds
 * nothing.
 *
 * @returns for each address, in order, the user, null if there is none, or its own error
 */
export async function loadUsersByEmail(
  emails: readonly string[],
  { findAccount, findUser, listUsers }: EmailSources,
  settings: PlanSettings,
): Promise<(ChimeUser | null | Error)[]> {
  const results = new Map<string, ChimeUser | null>();
  const lookedUp = new Set<string>();
  const walked = new Set<string>();
  /** Calls that may be wasted without exceeding 2 k + 1. */
  let budget = 1;

  const isMissing = (email: string) => !results.has(foldCase(email));

  /** Looks up the account of each address. @returns the accounts that have not been walked, most frequent first */
  async function lookUp(addresses: readonly string[]): Promise<string[]> {
    const hits = new Map<string, number>();
    await Promise.all(
      addresses.map(async (email) => {
        lookedUp.add(foldCase(email));
        // `find` will meet the same error without a further call.
        const account = await findAccount(email).catch((error: Error) => error);
        if (account instanceof Error) return;
        if (account) hits.set(account.AccountId, (hits.get(account.AccountId) ?? 0) + 1);
        else {
          results.set(foldCase(email), null);
          budget++;
        }
      }),
    );
    return [...hits.keys()]
      .filter((accountId) => !walked.has(accountId))
      .toSorted((a, b) => (hits.get(b) ?? 0) - (hits.get(a) ?? 0));
  }

  /** Finds missing addresses among an account's users. */
  async function walk(accountId: string): Promise<void> {
    walked.add(accountId);
    const keys = emails.filter(isMissing).map(foldCase);
    const keyOf = (user: ChimeUser) => user.PrimaryEmail && foldCase(user.PrimaryEmail);
    const list = { fetchPage: listUsers(accountId), pageSize: chimeLimits.pageSize };
    const { resultOf, pages } = await walkRows(keys, keyOf, list, settings, 2);
    budget -= pages;
    for (const key of keys) {
      const user = resultOf(key);
      // Users that are missing here may be in another account.
      if (!user || user instanceof Error) continue;
      results.set(key, user);
      const calls = lookedUp.has(key) ? 1 : 2;
      budget += calls;
    }
  }

  async function find(email: string): Promise<ChimeUser | null> {
    const account = await findAccount(email);
    return (account && (await findUser(account.AccountId, email))) ?? null;
  }

  let lookups = 1;
  for (let round = 0; round < maxRounds; round++) {
    const missing = emails.filter(isMissing);
    const unknown = missing.filter((email) => !lookedUp.has(foldCase(email)));
    if (missing.length < settings.threshold || unknown.length === 0) break;
    const accounts = await lookUp(unknown.slice(0, lookups));
    const budgetBefore = budget;
    await Promise.all(accounts.slice(0, budget).map(walk));
    if (budget < 1) break;
    lookups = budget > budgetBefore ? 1 : lookups * 2;
  }
  return Promise.all(
    emails.map(async (email) => {
      const result = results.get(foldCase(email));
      return result !== undefined ? result : find(email).catch((error: Error) => error);
    }),
  );
}
