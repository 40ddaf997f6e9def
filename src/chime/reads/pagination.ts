import { PublicError } from "../../publicError.js";
import { ChimeError, failedWith } from "../errors.js";
import type { ChimeAccount, ChimeBot, ChimeRoom, ChimeRoomMembership, ChimeUser } from "../models.js";
import {
  fingerprintOf,
  formatCursor,
  InvalidCursorError,
  markOf,
  type Position,
  parseCursor,
  positionAfter,
} from "./cursors.js";

/** The rows of one list call. Without a token it is the last page. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken?: string | undefined;
  /** The cache version under which it was fetched. */
  readonly version?: string | undefined;
  /** Whether the request had read it before: then it took no call. */
  readonly isKnown?: boolean;
}

/** Fetches up to `maxResults` rows, from the start or from a token. */
export type FetchPage<Row> = (maxResults: number, nextToken?: string) => Promise<Page<Row>>;

/** A list to page through. */
export interface List<Row> {
  /** Identifies the list, filters included: a cursor of another list is invalid. */
  readonly key: readonly unknown[];
  readonly fetchPage: FetchPage<Row>;
  /** Rows that Chime returns in one call at most. */
  readonly pageSize: number;
  /** Stable, and unique in the list. */
  idOf(row: Row): string;
  /** The token of a page that starts after this row. Chime has tokens for the ends of pages only. */
  tokenAfter?(row: Row): string;
}

/** `first` rows (1 to 1000) after the cursor `after`. */
export interface PageRequest {
  readonly first: number;
  readonly after?: string | null | undefined;
  /** Receives the error of each row that could not be read, where rows are read one by one. The page lacks that row. */
  readonly onFailure?: ((error: Error) => void) | undefined;
}

/** A page of a Relay connection: `first` rows, or fewer at the end of the list. */
export interface Connection<Row> {
  readonly nodes: readonly Row[];
  /** The cursor of the node at this index. */
  cursor(index: number): string;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Filtered lists only: where the walk stopped, also on an empty page. */
  readonly endCursor?: string;
  /** Filtered lists only: rows that were compared with the filter. Those of all pages together are the list's. */
  readonly scannedCount?: number;
}

export type AccountPage = Connection<ChimeAccount>;
export type UserPage = Connection<ChimeUser>;
export type RoomPage = Connection<ChimeRoom>;
export type RoomMembershipPage = Connection<ChimeRoomMembership>;
export type BotPage = Connection<ChimeBot>;

/** Chime repeated a NextToken, or returned only empty pages. */
export class EndlessListError extends PublicError {
  override readonly name = "EndlessListError";
  readonly code = "UPSTREAM_UNAVAILABLE";

  constructor() {
    super("Chime's list does not end: its page tokens repeat or lead nowhere.");
  }
}

/** Whether there was no time for another call. */
export const isLate = (error: unknown): boolean =>
  error instanceof ChimeError && (error.timedOut || error.code === "THROTTLED");

/** Chime may return shorter pages than requested; after this many, a connection's page ends early. */
const maxPages = 25;

/** Empty pages in a row that are followed. */
export const maxEmptyPages = 3;

/**
 * Reads a page of a connection, in calls of the list's page size.
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
  const position = startPosition(after, fingerprint, list);
  const reader = new PageReader(list, position.token, emptyPages);
  const start = await findStart(position, reader, first, list.pageSize);
  const end = start + first;
  while (reader.canRead && reader.rows.length < end) await reader.read(end - reader.rows.length);
  const nodes = reader.rows.slice(start, end);
  if (nodes.length === 0 && reader.hasMore) throw new EndlessListError();
  return {
    nodes,
    cursor: (index) => formatCursor(reader.positionAfter(start + index), fingerprint),
    hasNextPage: reader.rows.length > end || reader.hasMore,
    hasPreviousPage: after != null,
  };
}

/** The start of a page. @throws InvalidCursorError */
export const startPosition = (
  after: string | null | undefined,
  fingerprint: string,
  { pageSize }: { readonly pageSize: number },
): Position => (after == null ? { skip: 0, marks: [] } : parseCursor(after, fingerprint, pageSize));

/**
 * Finds the index after a position's token at which the page starts. If the row just before the position has been removed,
 * the nearest remaining marked row decides; if none remains, the page starts at the token: rows may be repeated, but none
 * is skipped.
 */
export async function findStart<Row>(
  { skip, marks }: Position,
  reader: PageReader<Row>,
  first: number,
  pageSize: number,
): Promise<number> {
  const [mark] = marks;
  if (mark === undefined) return skip;
  let wanted = skip + first;
  while (reader.canRead && wanted > 0 && reader.indexOf(mark) < 0) {
    await reader.read(wanted);
    // Added rows may have moved it, but not far.
    wanted = pageSize - reader.rows.length;
  }
  return 1 + (marks.map((each) => reader.indexOf(each)).find((index) => index >= 0) ?? -1);
}

/** The rows of one call. */
interface Part {
  readonly token: string | undefined;
  readonly nextToken: string | undefined;
  /** Index of its first row. */
  readonly from: number;
  /** Index after its last row. */
  readonly to: number;
}

/** Reads a list page by page, starting at a token. */
export class PageReader<Row> {
  readonly rows: Row[] = [];
  readonly #list: List<Row>;
  readonly #emptyPages: EmptyPages;
  readonly #parts: Part[] = [];
  readonly #tokens = new Set<string | undefined>();
  readonly #maxCalls: number;
  #nextToken: string | undefined;
  /** Whether Chime has returned empty pages only, more than are followed. */
  isStuck = false;

  constructor(list: List<Row>, token: string | undefined, emptyPages: EmptyPages, maxCalls = maxPages) {
    this.#list = list;
    this.#nextToken = token;
    this.#emptyPages = emptyPages;
    this.#maxCalls = maxCalls;
  }

  /** Whether no call has been answered. */
  get isUnread(): boolean {
    return this.#parts.length === 0;
  }

  /** Whether Chime has more pages. */
  get hasMore(): boolean {
    return this.isUnread || this.#nextToken !== undefined;
  }

  /** Whether `read` may be called again. */
  get canRead(): boolean {
    return this.hasMore && !this.isStuck && this.#parts.length < this.#maxCalls;
  }

  /** The position after all rows that were read. */
  get end(): Position {
    const token = this.#nextToken ?? this.#parts.at(-1)?.token;
    const isAtPage = this.#nextToken !== undefined || this.rows.length === 0;
    return isAtPage ? { token, skip: 0, marks: [] } : this.positionAfter(this.rows.length - 1);
  }

  /** The index of the row with this mark, or -1. */
  indexOf(mark: string): number {
    return this.rows.findIndex((row) => markOf(this.#list.idOf(row)) === mark);
  }

  /** Reads the next page, and more if it is empty. */
  async read(wanted: number): Promise<void> {
    if (await this.#readPage(wanted)) return;
    this.isStuck = !(await this.#emptyPages.follow(async () => {
      for (let page = 0; page < maxEmptyPages && this.#parts.length < this.#maxCalls; page++)
        if (await this.#readPage(wanted)) return true;
      return this.#parts.length === this.#maxCalls;
    }));
  }

  /** @returns whether it had rows, or was the last page */
  async #readPage(wanted: number): Promise<boolean> {
    const token = this.#nextToken;
    if (this.#tokens.has(token)) throw new EndlessListError();
    this.#tokens.add(token);
    const { fetchPage, pageSize } = this.#list;
    const { rows, nextToken } = await fetchPage(Math.min(pageSize, wanted), token).catch((error: unknown) => {
      // The cursor's token has expired, or has been changed.
      const isOfCursor = token !== undefined && this.#parts.length === 0;
      throw isOfCursor && failedWith(error, "BadRequest") ? new InvalidCursorError() : error;
    });
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
    if (row === undefined || !part) throw new RangeError("No row has this index.");
    const { tokenAfter, idOf } = this.#list;
    if (tokenAfter) return { token: tokenAfter(row), skip: 0, marks: [] };
    if (index + 1 === part.to && part.nextToken !== undefined)
      return { token: part.nextToken, skip: 0, marks: [] };
    return positionAfter(part.token, index + 1 - part.from, (at) => idOf(this.rows[part.from + at] ?? row));
  }
}

/**
 * Shared by similar lists that are read together, such as one for each of a thousand addresses. The first of them that gets
 * an empty page follows it; if that leads to no rows, the others do not follow theirs.
 */
export class EmptyPages {
  #first: Promise<boolean> | undefined;

  /** @param follow reads further pages; returns whether they had rows */
  async follow(follow: () => Promise<boolean>): Promise<boolean> {
    if (this.#first) return (await this.#first.catch(() => true)) && follow();
    this.#first = follow();
    return this.#first;
  }
}
