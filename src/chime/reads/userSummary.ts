import { chimeLimits } from "../models.js";
import type { ChimeSession } from "../session.js";
import { EndlessListError, isLate } from "./pagination.js";
import { listUsers } from "./userPages.js";
import { type UserSummary, UserWalk } from "./userWalk.js";

/**
 * Counts an account's users, in up to 100 pages. Requests that do so at the same time share the walk: each waits for it within
 * its own deadline, and gets the counts so far if it passes. A write to the account ends the sharing.
 */
export async function readUserSummary(session: ChimeSession, accountId: string): Promise<UserSummary> {
  const cached = await session.lookup("summary", accountId, [accountId]);
  const hit = cached.found.get(accountId);
  if (hit) return hit;
  const { walks } = session;
  const shared = walks.get(accountId);
  const walk = shared && shared.version === cached.version ? shared : new UserWalk(cached.version);
  walks.set(accountId, walk);
  walk.readers++;
  const fetchPage = listUsers(session, accountId, {}, cached.version);
  try {
    while (!walk.isDone) {
      const { token } = walk;
      walk.add(token, await fetchPage(chimeLimits.pageSize, token));
    }
  } catch (error) {
    if (walk.pages === 0 || !isLate(error)) throw error;
  } finally {
    walk.readers--;
    if ((walk.isDone || walk.readers === 0) && walks.get(accountId) === walk) walks.delete(accountId);
  }
  if (walk.isEndless) throw new EndlessListError();
  const summary = walk.summaryOf(accountId);
  if (walk.isDone) cached.store(accountId, summary);
  return summary;
}
