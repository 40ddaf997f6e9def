import { ChimeError, failedWith } from "../errors.js";
import type { ChimeUser } from "../models.js";
import { limits } from "../models.js";
import { type FetchPage, maxEmptyPages } from "./pagination.js";

export interface UserPlanSettings {
  /** Minimum number of users of one account for which ListUsers pages are read before GetUser. */
  readonly threshold: number;
  /** ListUsers pages that one batch may walk. */
  readonly pageBudget: number;
}

/** Two users cost less by GetUser; from the sixth page on, reading a list takes longer than a person waits. */
export const userPlan: UserPlanSettings = { threshold: 3, pageBudget: 5 };

export interface UserSources {
  /** The account's ListUsers pages. */
  readonly listUsers: FetchPage<ChimeUser>;
  /** GetUser: null for a user that does not exist. */
  getUser(userId: string): Promise<ChimeUser | null>;
}

/**
 * Loads users of one account: Chime has no BatchGetUser.
 *
 * Users that are wanted complete (with the fields that ListUsers rows lack) are fetched by GetUser, all at once. Of the
 * others, from the threshold on, ListUsers pages of 200 are walked while that pays, and GetUser fetches the rest. The
 * walk stops when all but one are found, when it has fetched more pages than it found users, or at the page budget: so k users
 * never cost more than k + 1 calls, and 100 users of an account of 200 cost one. A walk that reaches the end of
 * the list proves that whoever was not in it does not exist.
 *
 * @param wanted the user ids; true for a user that is wanted complete
 * @returns for each id the user, null if there is none, or its own error
 */
export async function loadUsers(
  wanted: ReadonlyMap<string, boolean>,
  sources: UserSources,
  settings: UserPlanSettings,
): Promise<ReadonlyMap<string, ChimeUser | null | Error>> {
  const answers = new Map<string, ChimeUser | null | Error>();
  const get = async (userId: string) => {
    answers.set(userId, await sources.getUser(userId).catch((error: Error) => error));
  };

  const ids = [...wanted.keys()];
  const complete = Promise.all(ids.filter((id) => wanted.get(id)).map(get));
  const rowIds = ids.filter((id) => !wanted.get(id));
  if (rowIds.length >= settings.threshold) {
    const walked = await walkUsers(rowIds, (user) => user.UserId, sources.listUsers, settings);
    for (const id of rowIds) {
      const answer = walked.answer(id);
      if (answer !== undefined) answers.set(id, answer);
    }
  }
  await Promise.all([complete, ...rowIds.filter((id) => !answers.has(id)).map(get)]);
  return answers;
}

/** What a walk found out, and the calls that it took. */
export interface Walked {
  readonly pages: number;
  /** The user, null if the walk proves that there is none, an error that asking one by one would meet too; else undefined. */
  answer(key: string): ChimeUser | null | Error | undefined;
}

/**
 * Walks an account's ListUsers pages for the users with these keys, while it pays (see loadUsers). It costs at most one
 * call more than it finds users.
 *
 * @param leastPerPage users that a page must hold for the next one to be fetched
 */
export async function walkUsers(
  keys: readonly string[],
  keyOf: (row: ChimeUser) => string | undefined,
  listUsers: FetchPage<ChimeUser>,
  { pageBudget }: UserPlanSettings,
  leastPerPage = 0,
): Promise<Walked> {
  const missing = new Set(keys);
  const found = new Map<string, ChimeUser>();

  let token: string | undefined;
  let emptyPages = 0;
  for (let pages = 1; ; pages++) {
    const answer = (rest: null | Error | undefined): Walked => ({
      pages,
      answer: (key) => found.get(key) ?? rest,
    });
    const foundBefore = found.size;
    let page: Awaited<ReturnType<typeof listUsers>>;
    try {
      page = await listUsers(limits.pageSize, token);
    } catch (error) {
      return answer(restAfter(error));
    }
    for (const row of page.rows) {
      const key = keyOf(row);
      if (key !== undefined && missing.delete(key)) found.set(key, row);
    }
    token = page.nextToken;
    if (token === undefined) return answer(null);
    emptyPages = page.rows.length === 0 ? emptyPages + 1 : 0;
    const pays =
      emptyPages <= maxEmptyPages &&
      missing.size > 1 &&
      pages <= found.size &&
      pages < pageBudget &&
      found.size - foundBefore >= leastPerPage;
    if (!pays) return answer(undefined);
  }
}

/**
 * What a failed page means for the users not yet found. An account that does not exist has none. A Chime that throttles
 * or does not answer is not asked once more for each of them. After any other failure GetUser may still succeed.
 */
function restAfter(error: unknown): null | Error | undefined {
  if (failedWith(error, "NotFound")) return null;
  if (!(error instanceof ChimeError)) return error as Error;
  const { code } = error.failure;
  return code === "THROTTLED" || code === "UPSTREAM_TIMEOUT" ? error : undefined;
}
