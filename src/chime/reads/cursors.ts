import { createHash } from "node:crypto";
import { PublicError } from "../../publicError.js";

/**
 * A position in a list: a number of rows after the start of the page at a token. Rows before it may have been added or
 * removed when the cursor is used, so it also has marks: of the row just before it, and of earlier rows of the page in case
 * that row has been removed.
 */
export interface Position {
  readonly token?: string | undefined;
  readonly skip: number;
  /** Nearest row first. Empty at the start of a page, and in cursors of version 0.2.0. */
  readonly marks: readonly string[];
}

const notACursor = "is not a cursor of this list";

/** The cursor is malformed, or belongs to another list or other filters. */
export class InvalidCursorError extends PublicError {
  override readonly name = "InvalidCursorError";
  readonly code = "BAD_USER_INPUT";

  constructor() {
    super(`after ${notACursor}`);
  }

  override get extensions() {
    return { code: this.code, problems: [{ path: ["after"], message: notACursor }] };
  }
}

/**
 * The position after the first rows of the page at a token.
 *
 * @param idOf the id of the row at an index of the page
 */
export function positionAfter(
  token: string | undefined,
  skip: number,
  idOf: (index: number) => string,
): Position {
  const marks: string[] = [];
  // Growing distances keep cursors short.
  for (let back = 0; back < skip; back = back === 0 ? 1 : back * 2) marks.push(markOf(idOf(skip - 1 - back)));
  return { token, skip, marks };
}

/** Identifies a row within a page: 31 bits of the FNV-1a hash of its id, which keeps cursors short. */
export function markOf(id: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 1).toString(36).padStart(6, "0");
}

/**
 * Identifies a list in its cursors. The filters cannot be read from it: one may be an e-mail address.
 */
export const fingerprintOf = (list: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(list)).digest("base64url").slice(0, 8);

/** Compatible with version 0.2.0, which has no marks and ignores them. */
export const formatCursor = ({ token, skip, marks }: Position, fingerprint: string): string =>
  Buffer.from(
    JSON.stringify([fingerprint, skip, token ?? null, ...(marks.length > 0 ? [marks.join("")] : [])]),
  ).toString("base64url");

/**
 * @param pageSize the list's
 * @throws InvalidCursorError
 */
export function parseCursor(cursor: string, fingerprint: string, pageSize: number): Position {
  const parts = parseJson(Buffer.from(cursor, "base64url").toString());
  if (!Array.isArray(parts)) throw new InvalidCursorError();
  const [list, skip, token, marks = ""]: unknown[] = parts;
  const isValid =
    list === fingerprint &&
    Number.isInteger(skip) &&
    Number(skip) >= 0 &&
    Number(skip) <= pageSize &&
    (token === undefined || token === null || (typeof token === "string" && token !== "")) &&
    typeof marks === "string" &&
    /^(?:[a-z0-9]{6}){0,9}$/.test(marks);
  if (!isValid) throw new InvalidCursorError();
  return { token: token ?? undefined, skip: Number(skip), marks: marks.match(/.{6}/g) ?? [] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
