import { foldCase } from "./emailPlan.js";
import type { Loader } from "./loaders.js";
import type { ChimeAccount } from "./models.js";
import type { FetchPage } from "./pages.js";

/**
 * Lists the accounts of a caller who is limited to these, in the order of their ids: Chime itself lists all or none. A
 * page goes on behind the id that the one before ended with, so that it does so as well when the limits have changed.
 *
 * @param namePrefix only accounts whose name begins so, in any case of letters; which ones do is not known before all are loaded
 */
export const listOwnAccounts =
  (
    ids: ReadonlySet<string>,
    namePrefix: string,
    accountById: Loader<string, ChimeAccount>,
  ): FetchPage<ChimeAccount> =>
  async (maxResults, token = "") => {
    const left = [...ids].filter((id) => id > token).toSorted();
    const rows: ChimeAccount[] = [];
    while (left.length > 0 && rows.length < maxResults) {
      const next = left.splice(0, namePrefix ? left.length : maxResults - rows.length);
      for (const account of await Promise.all(next.map((id) => accountById.load(id))))
        if (account && foldCase(account.Name).startsWith(foldCase(namePrefix))) rows.push(account);
    }
    const page = rows.slice(0, maxResults);
    const goesOn = left.length > 0 || rows.length > maxResults;
    return { rows: page, nextToken: goesOn ? page.at(-1)?.AccountId : undefined };
  };
