import type { ChimeAccount } from "../models.js";
import { foldCase } from "./emailPlan.js";
import type { Loader } from "./loader.js";
import type { FetchPage, PageRequest } from "./pagination.js";

/**
 * Lists the accounts that a caller is limited to, by id: Chime can only list all. A page starts after the last id of the
 * previous one, so that paging works even if the caller's accounts have changed.
 *
 * @param namePrefix case-insensitive; filtering by it loads all accounts
 * @param onFailure receives the error of an account that cannot be loaded; the page has the others
 */
export const listAllowedAccounts =
  (
    ids: ReadonlySet<string>,
    namePrefix: string,
    accountById: Loader<string, ChimeAccount>,
    onFailure: PageRequest["onFailure"],
  ): FetchPage<ChimeAccount> =>
  async (maxResults, token = "") => {
    const left = [...ids].filter((id) => id > token).toSorted();
    const rows: ChimeAccount[] = [];
    const load = async (id: string) =>
      Promise.resolve(accountById.load(id)).catch((error: Error) => {
        if (!onFailure) throw error;
        onFailure(error);
        return null;
      });
    while (left.length > 0 && rows.length < maxResults) {
      const next = left.splice(0, namePrefix ? left.length : maxResults - rows.length);
      for (const account of await Promise.all(next.map(load)))
        if (account && foldCase(account.Name).startsWith(foldCase(namePrefix))) rows.push(account);
    }
    const page = rows.slice(0, maxResults);
    const hasMore = left.length > 0 || rows.length > maxResults;
    return { rows: page, nextToken: hasMore ? page.at(-1)?.AccountId : undefined };
  };
