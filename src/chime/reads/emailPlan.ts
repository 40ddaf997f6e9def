import type { ChimeAccount, ChimeUser } from "../models.js";
import type { FetchPage } from "./pagination.js";
import { type UserPlanSettings, walkUsers } from "./userPlan.js";

export interface EmailSources {
  /** ListAccounts(UserEmail): the account that the address belongs to. Asked again, it answers without a call. */
  findAccount(email: string): Promise<ChimeAccount | undefined>;
  /** ListUsers(UserEmail): the user of this account who has the address. */
  findUser(accountId: string, email: string): Promise<ChimeUser | undefined>;
  /** All of an account's ListUsers pages. */
  listUsers(accountId: string): FetchPage<ChimeUser>;
}

/** A round is two calls, one after the other. */
const maxRounds = 10;

/** Chime keeps an address once, whatever the case of its letters. */
export const foldCase = (email: string): string => email.toLowerCase();

/**
 * Loads users of whom only the e-mail address is known. One address takes two calls: ListAccounts finds the account,
 * ListUsers the user. Those who are asked for together mostly belong together, so from the threshold on the plan works in
 * rounds: it looks up the account of one address that is still missing, of twice as many after a round without gain, and
 * walks what it finds for all who are missing while that pays (see walkUsers). Who is left is found one by one. 100
 * addresses of one account of 200 users cost two calls.
 *
 * k addresses never cost more than 2 k + 1 calls: an account is walked only while the calls saved so far, and one more,
 * cover a walk that finds nobody.
 *
 * @returns for each address, in order, the user, null if there is none, or its own error
 */
export async function loadUsersByEmail(
  emails: readonly string[],
  { findAccount, findUser, listUsers }: EmailSources,
  settings: UserPlanSettings,
): Promise<(ChimeUser | null | Error)[]> {
  const answers = new Map<string, ChimeUser | null>();
  const lookedUp = new Set<string>();
  const walked = new Set<string>();
  /** Calls that may still be lost without exceeding 2 k + 1. */
  let spare = 1;

  const isMissing = (email: string) => !answers.has(foldCase(email));

  /** Looks up the account of each address. @returns the accounts that are not walked yet, the most frequent first */
  async function lookUp(addresses: readonly string[]): Promise<string[]> {
    const hits = new Map<string, number>();
    await Promise.all(
      addresses.map(async (email) => {
        lookedUp.add(foldCase(email));
        // A look-up that fails is left to `find`, which fails with it and makes no further call.
        const account = await findAccount(email).catch((error: Error) => error);
        if (account instanceof Error) return;
        if (account) hits.set(account.AccountId, (hits.get(account.AccountId) ?? 0) + 1);
        else {
          answers.set(foldCase(email), null);
          spare++;
        }
      }),
    );
    return [...hits.keys()]
      .filter((accountId) => !walked.has(accountId))
      .toSorted((a, b) => (hits.get(b) ?? 0) - (hits.get(a) ?? 0));
  }

  /** Takes from an account whoever is missing. */
  async function walk(accountId: string): Promise<void> {
    walked.add(accountId);
    const keys = emails.filter(isMissing).map(foldCase);
    const keyOf = (user: ChimeUser) => user.PrimaryEmail && foldCase(user.PrimaryEmail);
    const { answer, pages } = await walkUsers(keys, keyOf, listUsers(accountId), settings, 2);
    spare -= pages;
    for (const key of keys) {
      const user = answer(key);
      // Whoever is not in this account may be in another: only a find counts.
      if (!user || user instanceof Error) continue;
      answers.set(key, user);
      const calls = lookedUp.has(key) ? 1 : 2;
      spare += calls;
    }
  }

  async function find(email: string): Promise<ChimeUser | null> {
    const account = await findAccount(email);
    return (account && (await findUser(account.AccountId, email))) ?? null;
  }

  let looks = 1;
  for (let round = 0; round < maxRounds; round++) {
    const missing = emails.filter(isMissing);
    const unknown = missing.filter((email) => !lookedUp.has(foldCase(email)));
    if (missing.length < settings.threshold || unknown.length === 0) break;
    const accounts = await lookUp(unknown.slice(0, looks));
    const spareBefore = spare;
    await Promise.all(accounts.slice(0, spare).map(walk));
    if (spare < 1) break;
    looks = spare > spareBefore ? 1 : looks * 2;
  }
  return Promise.all(
    emails.map(async (email) => {
      const answer = answers.get(foldCase(email));
      return answer !== undefined ? answer : find(email).catch((error: Error) => error);
    }),
  );
}
