import { ChimeError, failedWith } from "../errors.js";
import { type List, maxEmptyPages } from "./pagination.js";

export interface PlanSettings {
  /** Minimum number of rows of one list for which its pages are walked before each row is read by itself. */
  readonly threshold: number;
  /** Maximum number of pages per batch. */
  readonly pageBudget: number;
}

/** Two rows cost less one by one; from the sixth page on, reading a list takes longer than a person waits. */
export const rowPlan: PlanSettings = { threshold: 3, pageBudget: 5 };

/** The pages of a list, whose rows have ids. */
type RowList<Row> = Pick<List<Row>, "fetchPage" | "pageSize" | "idOf">;

export interface RowSources<Row> {
  readonly list: RowList<Row>;
  /** Reads one row; null if it does not exist. */
  get(id: string): Promise<Row | null>;
  /** Whether the list is filtered: then a row that it lacks may exist. */
  readonly isFiltered?: boolean;
}

/**
 * Loads rows of one list, such as an account's users: Chime has no batch reads.
 *
 * Complete rows (with the fields that the list lacks) are read by `get`, all at once. For the others, from the threshold
 * on, the list's pages are walked while it saves calls, and `get` reads the rest. The walk stops when all but one are
 * found, when it has fetched more pages than it found rows, or at the page budget: k rows never take more than k + 1
 * calls, and 100 users of an account of 200 take one. A walk to the end of the list proves that the rows it did not find
 * do not exist.
 *
 * @param wanted the ids; true for a row to be loaded complete
 * @returns for each id the row, null if there is none, or its own error
 */
export async function loadRows<Row>(
  wanted: ReadonlyMap<string, boolean>,
  { list, get, isFiltered = false }: RowSources<Row>,
  settings: PlanSettings,
): Promise<ReadonlyMap<string, Row | null | Error>> {
  const results = new Map<string, Row | null | Error>();
  const read = async (id: string) => {
    results.set(id, await get(id).catch((error: Error) => error));
  };

  const ids = [...wanted.keys()];
  const complete = Promise.all(ids.filter((id) => wanted.get(id)).map(read));
  const rowIds = ids.filter((id) => !wanted.get(id));
  if (rowIds.length >= settings.threshold) {
    const walked = await walkRows(rowIds, list.idOf, list, settings);
    for (const id of rowIds) {
      const result = walked.resultOf(id);
      if (result !== undefined && !(result === null && isFiltered)) results.set(id, result);
    }
  }
  await Promise.all([complete, ...rowIds.filter((id) => !results.has(id)).map(read)]);
  return results;
}

interface WalkResult<Row> {
  /** Calls that the walk took: pages that the request had read before took none. */
  readonly pages: number;
  /** The row; null if the list lacks it; an error that reading the row would meet too; else undefined. */
  resultOf(key: string): Row | null | Error | undefined;
}

/**
 * Walks a list's pages for the rows with these keys, while it pays (see loadRows). It takes at most one call more than it
 * finds rows. Pages that the request has read before are passed over: their rows are known already.
 *
 * @param minPerPage rows that a page must contain for the next one to be fetched
 */
export async function walkRows<Row>(
  keys: readonly string[],
  keyOf: (row: Row) => string | undefined,
  { fetchPage, pageSize }: Pick<RowList<Row>, "fetchPage" | "pageSize">,
  { pageBudget }: PlanSettings,
  minPerPage = 0,
): Promise<WalkResult<Row>> {
  const missing = new Set(keys);
  const found = new Map<string, Row>();

  let token: string | undefined;
  const tokens = new Set<string>();
  let emptyPages = 0;
  let pages = 0;
  const result = (others: null | Error | undefined): WalkResult<Row> => ({
    pages,
    resultOf: (key) => found.get(key) ?? others,
  });
  for (;;) {
    const foundBefore = found.size;
    let page: Awaited<ReturnType<typeof fetchPage>>;
    try {
      page = await fetchPage(pageSize, token);
    } catch (error) {
      pages++;
      return result(othersAfter(error));
    }
    if (!page.isKnown) pages++;
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
      !tokens.has(token) &&
      (page.isKnown || (pages <= found.size && pages < pageBudget && found.size - foundBefore >= minPerPage));
    tokens.add(token);
    if (!pays) return result(undefined);
  }
}

/**
 * The meaning of a failed page for the rows not found yet. A missing account has none. If Chime throttles or does not
 * respond, it is not called again for each of them. After any other failure a read of one row may still succeed.
 */
function othersAfter(error: unknown): null | Error | undefined {
  if (failedWith(error, "NotFound")) return null;
  if (!(error instanceof ChimeError)) return error as Error;
  const isPaused = error.retryAfterSeconds !== undefined;
  return isPaused || error.code === "UPSTREAM_TIMEOUT" ? error : undefined;
}
