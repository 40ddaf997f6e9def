import { ChimeError, failedWith } from "../errors.js";
import type { ChimeUser } from "../models.js";
import { limits } from "../models.js";
import { type FetchPage, maxEmptyPages } from "./pagination.js";

export interface UserPlanSettings {
  /** Minimum number of users of one account for which ListUsers pages are walked before GetUser is called. */
  readonly threshold: number;
  /** Maximum number of ListUsers pages per batch. */
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
 * Complete users (with the fields that ListUsers rows lack) are fetched by GetUser, all at once. For the others, from the
 * threshold on, ListUsers pages of 200 are walked while it saves calls, and GetUser fetches the rest. The walk stops when
 * all but one are found, when it has fetched more pages than it found users, or at the page budget: k users never take
 * more than k + 1 calls, and 100 users of an account of 200 take one. A walk to the end of the list proves that the users
 * it did not find do not exist.
 *
 * @param wanted the user ids; true for a user to be loaded complete
 * @returns for each id the user, null if there is none, or its own error
 */
export async function loadUsers(
  wanted: ReadonlyMap<string, boolean>,
  sources: UserSources,
  settings: UserPlanSettings,
): Promise<ReadonlyMap<string, ChimeUser | null | Error>> {
  const results = new Map<string, ChimeUser | null | Error>();
  const get = async (userId: string) => {
    results.set(userId, await sources.getUser(userId).catch((error: Error) => error));
  };

  const ids = [...wanted.keys()];
  const complete = Promise.all(ids.filter((id) => wanted.get(id)).map(get));
  const rowIds = ids.filter((id) => !wanted.get(id));
  if (rowIds.length >= settings.threshold) {
    const walked = await walkUsers(rowIds, (user) => user.UserId, sources.listUsers, settings);
    for (const id of rowIds) {
      const result = walked.resultOf(id);
      if (result !== undefined) results.set(id, result);
    }
  }
  await Promise.all([complete, ...rowIds.filter((id) => !results.has(id)).map(get)]);
  return results;
}

export interface WalkResult {
  /** Calls that the walk took. */
  readonly pages: number;
  /** The user; null if the walk proves that there is none; an error that GetUser would meet too; else undefined. */
  resultOf(key: string): ChimeUser | null | Error | undefined;
}

/**
 * Walks an account's ListUsers pages for the users with these keys, while it pays (see loadUsers). It takes at most one
 * call more than it finds users.
 *
 * @param minPerPage users that a page must contain for the next one to be fetched
 */
export async function walkUsers(
  keys: readonly string[],
  keyOf: (row: ChimeUser) => string | undefined,
  listUsers: FetchPage<ChimeUser>,
  { pageBudget }: UserPlanSettings,
  minPerPage = 0,
): Promise<WalkResult> {
  const missing = new Set(keys);
  const found = new Map<string, ChimeUser>();

  let token: string | undefined;
  let emptyPages = 0;
  for (let pages = 1; ; pages++) {
    const result = (others: null | Error | undefined): WalkResult => ({
      pages,
      resultOf: (key) => found.get(key) ?? others,
    });
    const foundBefore = found.size;
    let page: Awaited<ReturnType<typeof listUsers>>;
    try {
      page = await listUsers(limits.pageSize, token);
    } catch (error) {
      return result(othersAfter(error));
    }
    for (const row of page.rows) {
      const key = keyOf(row);
      if (key !== undefined && missing.delete(key)) found.set(key, row);
    }
    token = page.nextToken;
    if (token === undefined) return result(null);
    emptyPages = page.rows.length === 0 ? emptyPages + 1 : 0;
    const pays =
      emptyPages <= maxEmptyPages &&
      missing.size > 1 &&
      pages <= found.size &&
      pages < pageBudget &&
      found.size - foundBefore >= minPerPage;
    if (!pays) return result(undefined);
  }
}

/**
 * What a failed page means for the users not found yet. A missing account has none. If Chime throttles or does not
 * respond, it is not called again for each of them. After any other failure GetUser may still succeed.
 */
function othersAfter(error: unknown): null | Error | undefined {
  if (failedWith(error, "NotFound")) return null;
  if (!(error instanceof ChimeError)) return error as Error;
  const { code } = error.failure;
  return code === "THROTTLED" || code === "UPSTREAM_TIMEOUT" ? error : undefined;
}
