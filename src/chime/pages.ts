import { createHash } from "node:crypto";
import { type ChimeAccount, type ChimeUser, limits } from "./models.js";

/** The rows of one list call, and how to go on: no token, no more rows. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken?: string | undefined;
  /** Under which it was fetched (see Known). */
  readonly version?: string | undefined;
}

/** Fetches up to `maxResults` rows (at most 200), from the start or from where a token says. */
export type FetchPage<Row> = (maxResults: number, nextToken?: string) => Promise<Page<Row>>;

/** Which part of a list to read: `first` rows (1 to 1000) behind the cursor `after`. */
export interface PageRequest {
  readonly first: number;
  readonly after?: string | null | undefined;
  /** Gets the error of each row that could not be read, in a list whose rows are read one by one. The page lacks that row. */
  readonly onFailure?: ((error: Error) => void) | undefined;
}

/** A page of a Relay connection, as long as was asked for where the list reaches that far. */
export interface Connection<Row> {
  readonly nodes: readonly Row[];
  /** The cursor of the node at this index. */
  cursor(index: number): string;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

export type AccountPage = Connection<ChimeAccount>;
export type UserPage = Connection<ChimeUser>;

/**
 * A place in a list: so many rows behind the start of the page that a token leads to. Chime gives tokens for the ends
 * of pages only; counting rows from there makes a cursor out of every edge.
 */
interface Position {
  readonly token?: string | undefined;
  readonly skip: number;
}

/** The nodes of a connection that came in one page, from this one on. */
interface Part extends Position {
  readonly from: number;
  /** How many came in the page, those before `skip` included. */
  readonly rows: number;
  readonly nextToken: string | undefined;
}

/** The position behind a node. */
function positionBehind(index: number, parts: readonly Part[]): Position {
  const part = parts.findLast(({ from }) => from <= index);
  if (!part) throw new RangeError("There is no such node.");
  const { token, nextToken, rows } = part;
  const skip = part.skip + index - part.from + 1;
  return skip === rows && nextToken !== undefined ? { token: nextToken, skip: 0 } : { token, skip };
}

/** The cursor is not one of this list: mangled, made up, or given out for other filters. */
export class InvalidCursorError extends Error {
  override readonly name = "InvalidCursorError";
}

/** Chime's NextTokens lead nowhere: one came back, or page after page was empty. */
export class EndlessListError extends Error {
  override readonly name = "EndlessListError";
}

/** Chime may give shorter pages than asked for; after so many, a connection's page ends before it is full. */
const pageBudget = 25;

/**
 * Reads a page of a connection, in as few calls as Chime's 200 rows a call allow.
 *
 * @param list what the list is, filters included: a cursor of one list is refused by another
 * @throws InvalidCursorError before any call; EndlessListError
 */
export async function readConnection<Row>(
  list: readonly unknown[],
  fetchPage: FetchPage<Row>,
  { first, after }: PageRequest,
): Promise<Connection<Row>> {
  const fingerprint = fingerprintOf(list);
  let { token, skip } = after == null ? { token: undefined, skip: 0 } : parseCursor(after, fingerprint);
  const nodes: Row[] = [];
  const parts: Part[] = [];
  const seen = new Set<string>();

  for (let pages = 1; ; pages++) {
    const wanted = first - nodes.length;
    const { rows, nextToken } = await fetchPage(Math.min(limits.pageSize, skip + wanted), token);
    parts.push({ from: nodes.length, token, skip, rows: rows.length, nextToken });
    nodes.push(...rows.slice(skip, skip + wanted));
    const outOfPages = pages === pageBudget && nodes.length > 0;
    if (nodes.length === first || nextToken === undefined || outOfPages) {
      const rowsLeft = rows.length > skip + wanted;
      return {
        nodes,
        cursor: (index) => formatCursor(positionBehind(index, parts), fingerprint),
        hasNextPage: rowsLeft || nextToken !== undefined,
        hasPreviousPage: after != null,
      };
    }
    if (seen.has(nextToken) || pages === pageBudget) throw new EndlessListError("The list does not end.");
    seen.add(nextToken);
    skip = Math.max(0, skip - rows.length);
    token = nextToken;
  }
}

/** Short, and nothing of the filters can be read from it: one of them may be an e-mail address. */
const fingerprintOf = (list: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(list)).digest("base64url").slice(0, 8);

const formatCursor = ({ token, skip }: Position, fingerprint: string): string =>
  Buffer.from(JSON.stringify([fingerprint, skip, token])).toString("base64url");

function parseCursor(cursor: string, fingerprint: string): Position {
  const parts = parseJson(Buffer.from(cursor, "base64url").toString());
  if (!Array.isArray(parts)) throw new InvalidCursorError("not a cursor");
  const [list, skip, token]: unknown[] = parts;
  const sound =
    list === fingerprint &&
    Number.isInteger(skip) &&
    Number(skip) >= 0 &&
    Number(skip) <= limits.pageSize &&
    (token === undefined || token === null || typeof token === "string");
  if (!sound) throw new InvalidCursorError("not a cursor of this list");
  return { token: token ?? undefined, skip: Number(skip) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
