import type { User } from "@aws-sdk/client-chime";
import { MalformedResponseError } from "./callErrors.js";
import { type ChimeError, malformedResponse, readFailed } from "./errors.js";
import type { ChimeUser } from "./models.js";
import { foldCase } from "./reads/emailPlan.js";

/** Members that identify an object or its owner, wherever they occur. */
export const idNames = ["AccountId", "UserId", "RoomId", "BotId", "MemberId", "PhoneNumberOrderId"] as const;
export type IdName = (typeof idNames)[number];

/** The ids of an object and its owner, as far as they are known. */
type Ids = { readonly [Name in IdName]?: string | undefined } & {
  /** Letter case does not matter. */
  readonly PrimaryEmail?: string | undefined;
};

/** The error if a response has other ids than were requested. Absent ids match. */
export function mismatchError(operation: string, response: Ids, requested: Ids): ChimeError | undefined {
  // No allocations: it compares each row of a list.
  for (const name in requested) {
    const found = response[name as keyof Ids];
    const wanted = requested[name as keyof Ids];
    if (found === wanted || found === undefined || wanted === undefined || !comparedNames.has(name)) continue;
    if (name === "PrimaryEmail" && foldCase(found) === foldCase(wanted)) continue;
    const problem = `The response has another ${name} than requested.`;
    return readFailed(operation, new MalformedResponseError(problem));
  }
  return undefined;
}

const comparedNames: ReadonlySet<string> = new Set([...idNames, "PrimaryEmail"]);

/**
 * Adds the requested ids to a row, which Chime may leave out. Requests that share a response all add the same.
 *
 * @throws ChimeError if the row has other ids: it must not be used
 */
export function identified<Row extends object, Requested extends Ids>(
  operation: string,
  row: Row,
  requested: Requested,
): Row & Requested {
  const foreign = mismatchError(operation, row, requested);
  if (foreign) throw foreign;
  return Object.assign(row, requested);
}

/**
 * The rows of a ListUsers.
 *
 * @param userEmail the requested address, if any
 * @throws ChimeError if a row has no id, or belongs to another account or address than requested
 */
export function identifiedUsers(
  users: readonly User[],
  accountId: string,
  userEmail: string | null | undefined,
): ChimeUser[] {
  return users.map((user) => {
    const { UserId } = user;
    if (!UserId) throw malformedResponse("ListUsers", "UserId");
    const foreign = userEmail && mismatchError("ListUsers", user, { PrimaryEmail: userEmail });
    if (foreign) throw foreign;
    return identified("ListUsers", user, { AccountId: accountId, UserId });
  });
}
