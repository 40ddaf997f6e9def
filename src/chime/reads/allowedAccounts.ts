import type { ChimeAccount } from "../models.js";
import { foldCase } from "./emailPlan.js";
import type { Loader } from "./loader.js";
import type { FetchPage, PageRequest } from "./pagination.js";

/**
 * Lists the accounts of a caller who is limited to these, in the order of their ids: Chime itself lists all or none. A
 * page goes on behind the id that the one before ended with, so that it does so as well when the limits have changed.
 *
 * @param namePrefix only accounts whose name begins so, in any case of letters; which ones do is not known before all are loaded
 * @param onFailure gets the error of an account that cannot be loaded; the page has the others
 */
export const listOwnAccounts =
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
    const goesOn = left.length > 0 || rows.length > maxResults;
    return { rows: page, nextToken: goesOn ? page.at(-1)?.AccountId : undefined };
  };
