import { type ChimeAccount, type ChimeUser, limits } from "./models.js";
import type { FetchPage } from "./pages.js";
import { type UserPlanSettings, walkUsers } from "./userPlan.js";

export interface EmailSources {
  /** ListAccounts(UserEmail): the account that the address belongs to. Asked again, it answers without a call. */
  findAccount(email: string): Promise<ChimeAccount | undefined>;
  /** An account's ListUsers pages, all of them or those of one address. */
  listUsers(accountId: string, filter: { userEmail?: string }): FetchPage<ChimeUser>;
}

/** Chime keeps an address once, whatever the case of its letters. */
export const foldCase = (email: string): string => email.toLowerCase();

/**
 * Loads users of whom only the e-mail address is known. One address takes two calls: ListAccounts finds the account,
 * ListUsers the user. From the threshold on, the account of the first address is walked for all of them while that pays
 * (see loadUsers), since those who are asked for together mostly belong together; then the account of the first address
 * that is still missing, and so on. A walk that finds fewer than two users ends this, for it has cost a call too many;
 * so do as many accounts looked for as a walk may take pages. So k addresses never cost more than 2 k + 1 calls, and 100
 * addresses of one account of 200 users cost two.
 *
 * @returns for each address, in order, the user, null if there is none, or its own error
 */
export async function loadUsersByEmail(
  emails: readonly string[],
  { findAccount, listUsers }: EmailSources,
  settings: UserPlanSettings,
): Promise<(ChimeUser | null | Error)[]> {
  async function find(email: string): Promise<ChimeUser | null> {
    const account = await findAccount(email);
    if (!account) return null;
    const { rows } = await listUsers(account.AccountId, { userEmail: email })(limits.pageSize);
    return rows[0] ?? null;
  }

  const found = new Map<string, ChimeUser>();
  const isMissing = (email: string) => !found.has(foldCase(email));
  /** Walks an account, and says how many it has found. */
  async function walk(accountId: string): Promise<number> {
    const before = found.size;
    const keys = emails.filter(isMissing).map(foldCase);
    const keyOf = (user: ChimeUser) => user.PrimaryEmail && foldCase(user.PrimaryEmail);
    const walked = await walkUsers(keys, keyOf, listUsers(accountId, {}), settings);
    for (const key of keys) {
      const answer = walked.answer(key);
      // Whoever is not in this account may be in another: only a find counts.
      if (answer && !(answer instanceof Error)) found.set(key, answer);
    }
    return found.size - before;
  }

  const walked = new Set<string>();
  let looks = 0;
  for (const email of emails) {
    if (!isMissing(email)) continue;
    if (emails.filter(isMissing).length < settings.threshold || looks++ === settings.pageBudget) break;
    // Whether there is no account or the call fails: `find` will say so below, without a further call.
    const account = await findAccount(email).catch((error: Error) => error);
    if (account instanceof Error) break;
    if (!account || walked.has(account.AccountId)) continue;
    walked.add(account.AccountId);
    if ((await walk(account.AccountId)) < 2) break;
  }
  return Promise.all(
    emails.map((email) => found.get(foldCase(email)) ?? find(email).catch((error: Error) => error)),
  );
}
