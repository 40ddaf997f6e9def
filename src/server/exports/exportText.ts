import type { ChimeUser } from "../../chime/models.js";
import type { FilteredConnection } from "../../chime/reads/filteredPages.js";
import { EndlessListError } from "../../chime/reads/pagination.js";
import { createRowReader } from "./columns.js";
import type { ExportArguments } from "./exportArguments.js";
import type { Format } from "./formats.js";

export type UserPage = FilteredConnection<ChimeUser>;

/** What is called while an export's text is written. */
export interface TextSteps {
  readPage(after: string): Promise<UserPage>;
  /** The text waits for the client. */
  onPause(): void;
  /** The client has taken the text of a page. */
  onResume(): void;
}

/**
 * The text of an export. The next page is read while the client reads this one. A continued export has no head.
 *
 * @param progress counts the rows that were passed on to be sent
 */
export async function* writeText(
  { head, row }: Format,
  { columns, after, bom }: ExportArguments,
  first: UserPage,
  { readPage, onPause, onResume }: TextSteps,
  progress: { rows: number },
): AsyncGenerator<string> {
  const cellsOf = createRowReader(columns);
  const cursors = new Set<string>();
  let page = first;
  let text = after == null ? (bom ? "\ufeff" : "") + head(columns) : "";
  for (;;) {
    const { nodes, cursor, endCursor, hasNextPage } = page;
    if (cursors.has(endCursor)) throw new EndlessListError();
    cursors.add(endCursor);
    const next = hasNextPage ? readPage(endCursor) : undefined;
    next?.catch(() => undefined);
    for (const [index, user] of nodes.entries())
      text += row(
        columns,
        cellsOf(user, () => cursor(index)),
      );
    progress.rows += nodes.length;
    onPause();
    if (text) yield text;
    if (!next) break;
    onResume();
    page = await next;
    text = "";
  }
}
