import { fingerprintOf, formatCursor } from "./cursors.js";
import {
  type Connection,
  EmptyPages,
  EndlessListError,
  findStart,
  isLate,
  type List,
  PageReader,
  type PageRequest,
  startPosition,
} from "./pagination.js";

/** A page of the rows that match a filter: `first` rows, or fewer where the walk through Chime's pages stopped. */
export type FilteredConnection<Row> = Connection<Row> &
  Required<Pick<Connection<Row>, "endCursor" | "scannedCount">>;

/** Calls for a page of a filtered list: the weight of `Account.users(filter:)` in the SDL. */
const maxFilteredCalls = 10;

/** A row of a filtered list. Of a row that does not match, only the id is kept, for cursors. */
interface Candidate<Row> {
  readonly id: string;
  readonly match: Row | undefined;
}

/**
 * Reads a page of the rows that match, walking the list in calls of its page size. After the last match of a full page
 * nothing more is read: if Chime has more pages, there may be a next page, which may turn out to be empty. If there is no time
 * for another call, the page ends with what was read: otherwise repeating the request could never get further.
 *
 * @throws InvalidCursorError before any call; EndlessListError
 */
export async function readFiltered<Row>(
  list: List<Row>,
  matches: (row: Row) => boolean,
  { first, after }: PageRequest,
  maxCalls = maxFilteredCalls,
): Promise<FilteredConnection<Row>> {
  const { key, pageSize, idOf } = list;
  const fingerprint = fingerprintOf(key);
  const position = startPosition(after, fingerprint, list);
  const candidates: List<Candidate<Row>> = {
    key,
    pageSize,
    idOf: ({ id }) => id,
    async fetchPage(maxResults, token) {
      const { rows, nextToken } = await list.fetchPage(maxResults, token);
      return {
        rows: rows.map((row) => ({ id: idOf(row), match: matches(row) ? row : undefined })),
        nextToken,
      };
    },
  };
  const reader = new PageReader(candidates, position.token, new EmptyPages(), maxCalls);
  const start = await findStart(position, reader, pageSize, pageSize);
  const nodes: Row[] = [];
  const indexes: number[] = [];
  let end = start;
  while (nodes.length < first && (end < reader.rows.length || reader.canRead)) {
    const candidate = reader.rows[end];
    if (!candidate) {
      const error = await reader.read(pageSize).catch((thrown: unknown) => thrown);
      if (error === undefined) continue;
      if (reader.isUnread || !isLate(error)) throw error;
      break;
    }
    if (candidate.match !== undefined) {
      nodes.push(candidate.match);
      indexes.push(end);
    }
    end++;
  }
  if (reader.isStuck && reader.rows.length === 0) throw new EndlessListError();
  // What was read and does not match belongs to this page: the next one may then start with a page of Chime's.
  while (end < reader.rows.length && reader.rows[end]?.match === undefined) end++;
  const endPosition = end < reader.rows.length ? reader.positionAfter(end - 1) : reader.end;
  return {
    nodes,
    cursor: (index) => formatCursor(reader.positionAfter(indexes[index] ?? -1), fingerprint),
    endCursor: formatCursor(endPosition, fingerprint),
    hasNextPage: reader.hasMore || end < reader.rows.length,
    hasPreviousPage: after != null,
    scannedCount: end - start,
  };
}
