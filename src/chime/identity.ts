import type { User } from "@aws-sdk/client-chime";
import { UnfitAnswerError } from "./callErrors.js";
import { foldCase } from "./emailPlan.js";
import { answerUnfit, readFailed } from "./failures.js";
import type { ChimeUser } from "./models.js";

/** The ids of an account or user, as far as they are known. */
interface Ids {
  readonly AccountId?: string | undefined;
  readonly UserId?: string | undefined;
}

/** The id by which a response names something else than was asked for, if it does. What it leaves out names nothing. */
export const differingId = (row: Ids, asked: Ids): keyof Ids | undefined =>
  (["AccountId", "UserId"] as const).find(
    (id) => asked[id] !== undefined && row[id] !== undefined && row[id] !== asked[id],
  );

/**
 * What was asked for by an id has this id, also where Chime's response leaves it out. Requests that share a response all
 * give it the same.
 *
 * @throws ChimeError if the response to this read names something else: nothing of it may be used
 */
export function identified<Row extends Ids, Asked extends Ids>(
  operation: string,
  row: Row,
  asked: Asked,
): Row & Asked {
  const id = differingId(row, asked);
  if (id) throw namesSomethingElse(operation, id);
  return Object.assign(row, asked);
}

/**
 * The rows of a ListUsers.
 *
 * @param userEmail the address that they were asked for by: letter case does not matter
 * @throws ChimeError if one of them is without an id, of another account, or another user than was asked for
 */
export function identifiedUsers(
  users: readonly User[],
  accountId: string,
  userEmail: string | null | undefined,
): ChimeUser[] {
  const key = userEmail == null ? undefined : foldCase(userEmail);
  return users.map((user) => {
    const { UserId, PrimaryEmail } = user;
    if (!UserId) throw answerUnfit("ListUsers", "UserId");
    if (key !== undefined && PrimaryEmail !== undefined && foldCase(PrimaryEmail) !== key)
      throw namesSomethingElse("ListUsers", "PrimaryEmail");
    return identified("ListUsers", user, { AccountId: accountId, UserId });
  });
}

const namesSomethingElse = (operation: string, member: string) =>
  readFailed(operation, new UnfitAnswerError(`The response has another ${member} than was asked for.`));
