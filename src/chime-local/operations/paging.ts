import { hash } from "node:crypto";
import { badRequest } from "../errors.js";

/** The default of MaxResults for accounts and users. */
export const defaultPageSize = 100;

/** The default where MaxResults can be 99 at most. AWS documents no default for these listings. */
export const shortPageSize = 50;

/** Identifies a listing by operation, account and filters: its tokens are valid for no other. */
export type Listing = readonly (string | undefined)[];

/** The keys of the last row of a page. */
export type Position = readonly (string | number)[];

/**
 * Cuts rows to a page.
 * @param rows up to one more than the page's size
 * @param positionOf the position at which the next page continues after a row
 */
export function cutPage<Row>(
  listing: Listing,
  rows: readonly Row[],
  size: number,
  positionOf: (row: Row) => Position,
): { page: readonly Row[]; NextToken: string | undefined } {
  const page = rows.slice(0, size);
  const last = page.at(-1);
  return {
    page,
    NextToken: last && rows.length > size ? writePageToken(listing, positionOf(last)) : undefined,
  };
}

/** The first rows of a listing that fulfill a condition. */
export function takeRows<Row>(rows: Iterable<Row>, count: number, isWanted = (_row: Row) => true): Row[] {
  const taken: Row[] = [];
  for (const row of rows) {
    if (isWanted(row)) taken.push(row);
    if (taken.length === count) break;
  }
  return taken;
}

/**
 * Selects a page of rows in the order of creation.
 * @param list returns rows after a position, at most as many as its limit
 */
export function readPage<Row extends { readonly seq: number }>(
  listing: Listing,
  { MaxResults, NextToken }: { readonly MaxResults: number; readonly NextToken?: string | undefined },
  list: (afterSeq: number, limit: number) => readonly Row[],
): { page: readonly Row[]; NextToken: string | undefined } {
  const [afterSeq] = readPageToken(listing, NextToken, [0] as const);
  return cutPage(listing, list(afterSeq, MaxResults + 1), MaxResults, ({ seq }) => [seq]);
}

/**
 * Reads the position at which a page starts.
 * @param start the position before the first row
 * @throws BadRequestException for a token that this listing never returned
 */
export function readPageToken<P extends Position>(listing: Listing, token: string | undefined, start: P): P {
  if (token === undefined) return start;
  try {
    const [sum, position] = JSON.parse(Buffer.from(token, "base64url").toString());
    // The checksum proves that this listing wrote the position.
    if (sum === checksum(listing, position) && writePageToken(listing, position) === token) return position;
  } catch {
    // Not JSON, or not a pair.
  }
  throw badRequest("NextToken must come from a response to the same request.");
}

/** Opaque, but not secret: the checksum only catches mistakes. */
function writePageToken(listing: Listing, position: Position): string {
  return Buffer.from(JSON.stringify([checksum(listing, position), position])).toString("base64url");
}

function checksum(listing: Listing, position: Position): string {
  return hash("sha256", JSON.stringify([listing, position])).slice(0, 16);
}
