import { type ChimeAccount, type ChimeUser, limits } from "./models.js";
import type { FetchPage } from "./pages.js";
import { type UserPlanSettings, walkUsers } from "./userPlan.js";

export interface EmailSources {
  /** ListAccounts(UserEmail): the account that the address belongs to. */
  findAccount(email: string): Promise<ChimeAccount | undefined>;
  /** An account's ListUsers pages, all of them or those of one address. */
  listUsers(accountId: string, filter: { userEmail?: string }): FetchPage<ChimeUser>;
}

/** Chime keeps an address once, whatever the case of its letters. */
export const foldCase = (email: string): string => email.toLowerCase();

/**
 * Loads users of whom only the e-mail address is known. One address takes two calls: ListAccounts finds the account,
 * ListUsers the user. From the threshold on, the account of the first address is walked for all of them while that pays
 * (see loadUsers), since those who are asked for together mostly belong together: so k addresses never cost more than
 * 2 k + 1 calls, and 100 addresses of one account of 200 users cost two.
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
  const findOrError = (email: string) => find(email).catch((error: Error) => error);

  const [first] = emails;
  if (first === undefined || emails.length < settings.threshold) return Promise.all(emails.map(findOrError));

  const account = await findAccount(first).catch(() => undefined);
  if (!account) return Promise.all(emails.map(findOrError));
  const walked = await walkUsers(
    emails.map(foldCase),
    (user) => user.PrimaryEmail && foldCase(user.PrimaryEmail),
    listUsers(account.AccountId, {}),
    settings,
  );
  // Whoever is not in this account may be in another: only a find counts.
  return Promise.all(
    emails.map((email) => {
      const answer = walked.answer(foldCase(email));
      return answer && !(answer instanceof Error) ? answer : findOrError(email);
    }),
  );
}
