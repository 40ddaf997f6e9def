import { hash } from "node:crypto";
import { badRequest } from "./errors.js";

/** MaxResults where a request gives none. */
export const defaultPageSize = 100;

/** What a listing was asked for, such as operation, account and filters: its tokens are good for it alone. */
export type Listing = readonly (string | undefined)[];

/** The keys of the last row that was given. */
export type Position = readonly (string | number)[];

/**
 * Cuts rows to a page.
 * @param rows one more than the page holds, if there is one more
 * @param positionOf where the next page goes on after a row
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

/**
 * Where a page starts.
 * @param start the position before the first row
 * @throws BadRequestException for a token that this listing never gave
 */
export function readPageToken<P extends Position>(listing: Listing, token: string | undefined, start: P): P {
  if (token === undefined) return start;
  try {
    const [sum, position] = JSON.parse(Buffer.from(token, "base64url").toString());
    // Its checksum matches, so it is a position that this listing wrote.
    if (sum === checksum(listing, position) && writePageToken(listing, position) === token) return position;
  } catch {
    // Not JSON, not a pair: no token of ours.
  }
  throw badRequest("NextToken must be one that this listing gave, for the same filters.");
}

/** Opaque to callers; not secret, the checksum only guards against mistakes. */
function writePageToken(listing: Listing, position: Position): string {
  return Buffer.from(JSON.stringify([checksum(listing, position), position])).toString("base64url");
}

function checksum(listing: Listing, position: Position): string {
  return hash("sha256", JSON.stringify([listing, position])).slice(0, 16);
}
