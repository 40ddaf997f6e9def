import { PublicError } from "../../publicError.js";
import { type ChimeAccount, type ChimeUser, limits } from "../models.js";
import { fingerprintOf, formatCursor, markOf, type Position, parseCursor, positionAfter } from "./cursors.js";

/** The rows of one list call, and how to go on: no token, no more rows. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken?: string | undefined;
  /** Under which it was fetched (see Known). */
  readonly version?: string | undefined;
}

/** Fetches up to `maxResults` rows (at most 200), from the start or from where a token says. */
export type FetchPage<Row> = (maxResults: number, nextToken?: string) => Promise<Page<Row>>;

/** A list to page through. */
export interface List<Row> {
  /** What it is, filters included: a cursor of one list is refused by another. */
  readonly key: readonly unknown[];
  readonly fetchPage: FetchPage<Row>;
  /** An id that the row keeps, and that no other row of the list has. */
  idOf(row: Row): string;
  /** The token of the page that would start after a row, if the list can tell. Chime gives tokens for the ends of pages only. */
  tokenAfter?(row: Row): string;
}

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

/** Chime's NextTokens lead nowhere: one came back, or page after page was empty. */
export class EndlessListError extends PublicError {
  override readonly name = "EndlessListError";
  readonly code = "UPSTREAM_UNAVAILABLE";

  constructor() {
    super("Chime's list does not end: its page tokens repeat or lead nowhere.");
  }
}

/** Chime may return shorter pages than asked for; after this many, a connection's page ends before it is full. */
const maxPages = 25;

/** How often in a row an empty page is followed to the next one. */
export const maxEmptyPages = 3;

/**
 * Reads a page of a connection, in as few calls as Chime's 200 rows a call allow.
 *
 * @param emptyPages shared by the lists that are read together with this one
 * @throws InvalidCursorError before any call; EndlessListError
 */
export async function readConnection<Row>(
  list: List<Row>,
  { first, after }: PageRequest,
  emptyPages = new EmptyPages(),
): Promise<Connection<Row>> {
  const fingerprint = fingerprintOf(list.key);
  const position = after == null ? { skip: 0, marks: [] } : parseCursor(after, fingerprint);
  const reader = new PageReader(list, position.token, emptyPages);
  const start = await findStart(position, reader, first);
  const end = start + first;
  while (reader.goesOn && reader.rows.length < end) await reader.read(end - reader.rows.length);
  const nodes = reader.rows.slice(start, end);
  if (nodes.length === 0 && reader.hasMore) throw new EndlessListError();
  return {
    nodes,
    cursor: (index) => formatCursor(reader.positionAfter(start + index), fingerprint),
    hasNextPage: reader.rows.length > end || reader.hasMore,
    hasPreviousPage: after != null,
  };
}

/**
 * How many of the rows that a position's token leads to come before the position. If the row just before it is gone, the
 * nearest marked row decides that is still there; if none is, the page's start does: rows may come twice then, but none is
 * left out.
 */
async function findStart<Row>(
  { skip, marks }: Position,
  reader: PageReader<Row>,
  first: number,
): Promise<number> {
  const [mark] = marks;
  if (mark === undefined) return skip;
  let wanted = skip + first;
  while (reader.goesOn && wanted > 0 && reader.indexOf(mark) < 0) {
    await reader.read(wanted);
    // Rows that were added may have moved it further on, but not far.
    wanted = limits.pageSize - reader.rows.length;
  }
  return 1 + (marks.map((each) => reader.indexOf(each)).find((index) => index >= 0) ?? -1);
}

/** Rows that one call has brought. */
interface Part {
  readonly token: string | undefined;
  readonly nextToken: string | undefined;
  /** The position of its first row among all that were read. */
  readonly from: number;
  /** The position after its last row. */
  readonly to: number;
}

/** Reads a list page after page, from a token on. */
class PageReader<Row> {
  readonly rows: Row[] = [];
  readonly #list: List<Row>;
  readonly #emptyPages: EmptyPages;
  readonly #parts: Part[] = [];
  readonly #tokens = new Set<string | undefined>();
  #nextToken: string | undefined;
  #isStuck = false;

  constructor(list: List<Row>, token: string | undefined, emptyPages: EmptyPages) {
    this.#list = list;
    this.#nextToken = token;
    this.#emptyPages = emptyPages;
  }

  /** Whether Chime has offered more. */
  get hasMore(): boolean {
    return this.#parts.length === 0 || this.#nextToken !== undefined;
  }

  /** Whether there is more to be read. */
  get goesOn(): boolean {
    return this.hasMore && !this.#isStuck && this.#parts.length < maxPages;
  }

  /** The position of a row among those read, or -1. */
  indexOf(mark: string): number {
    return this.rows.findIndex((row) => markOf(this.#list.idOf(row)) === mark);
  }

  /** Reads the next page; if it is empty, some more. */
  async read(wanted: number): Promise<void> {
    if (await this.#readPage(wanted)) return;
    this.#isStuck = !(await this.#emptyPages.follow(async () => {
      for (let page = 0; page < maxEmptyPages; page++) if (await this.#readPage(wanted)) return true;
      return false;
    }));
  }

  /** @returns whether it has brought rows, or the list's end */
  async #readPage(wanted: number): Promise<boolean> {
    const token = this.#nextToken;
    if (this.#tokens.has(token)) throw new EndlessListError();
    this.#tokens.add(token);
    const { rows, nextToken } = await this.#list.fetchPage(Math.min(limits.pageSize, wanted), token);
    const from = this.rows.length;
    this.rows.push(...rows);
    this.#parts.push({ token, nextToken, from, to: this.rows.length });
    this.#nextToken = nextToken;
    return rows.length > 0 || nextToken === undefined;
  }

  /** The position after one of the rows. */
  positionAfter(index: number): Position {
    const row = this.rows[index];
    const part = this.#parts.findLast(({ from }) => from <= index);
    if (row === undefined || !part) throw new RangeError("There is no such row.");
    const { tokenAfter, idOf } = this.#list;
    if (tokenAfter) return { token: tokenAfter(row), skip: 0, marks: [] };
    if (index + 1 === part.to && part.nextToken !== undefined)
      return { token: part.nextToken, skip: 0, marks: [] };
    return positionAfter(part.token, index + 1 - part.from, (at) => idOf(this.rows[part.from + at] ?? row));
  }
}

/**
 * What lists of one kind that are read together, such as one for each of a thousand addresses, know of empty pages. The
 * first of them that meets one finds out whether they lead anywhere; if not, the others do not follow theirs.
 */
export class EmptyPages {
  #first: Promise<boolean> | undefined;

  /** @param follow reads on; returns whether that has led anywhere */
  async follow(follow: () => Promise<boolean>): Promise<boolean> {
    if (this.#first) return (await this.#first.catch(() => true)) && follow();
    this.#first = follow();
    return this.#first;
  }
}
