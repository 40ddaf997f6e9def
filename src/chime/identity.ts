import type { User } from "@aws-sdk/client-chime";
import { UnfitAnswerError } from "./callErrors.js";
import { answerUnfit, type ChimeError, readFailed } from "./errors.js";
import type { ChimeUser } from "./models.js";
import { foldCase } from "./reads/emailPlan.js";

/** What names an account or user, as far as it is known. */
export interface Ids {
  readonly AccountId?: string | undefined;
  readonly UserId?: string | undefined;
  /** Letter case does not matter. */
  readonly PrimaryEmail?: string | undefined;
}

/** The error if a response names something else than was asked for. What it leaves out names nothing. */
export function foreignAnswer(operation: string, answer: Ids, asked: Ids): ChimeError | undefined {
  const id = (["AccountId", "UserId", "PrimaryEmail"] as const).find((each) => {
    const [named, wanted] = [answer[each], asked[each]];
    if (named === undefined || wanted === undefined) return false;
    return each === "PrimaryEmail" ? foldCase(named) !== foldCase(wanted) : named !== wanted;
  });
  return (
    id && readFailed(operation, new UnfitAnswerError(`The response has another ${id} than was asked for.`))
  );
}

/**
 * What was asked for by an id has this id, also where Chime's response leaves it out. Requests that share a response all
 * give it the same.
 *
 * @throws ChimeError if the response to this read names something else: nothing of it may be used
 */
export function identified<Row extends Ids, Asked extends Omit<Ids, "PrimaryEmail">>(
  operation: string,
  row: Row,
  asked: Asked,
): Row & Asked {
  const foreign = foreignAnswer(operation, row, asked);
  if (foreign) throw foreign;
  return Object.assign(row, asked);
}

/**
 * The rows of a ListUsers.
 *
 * @param userEmail the address that they were asked for by
 * @throws ChimeError if one of them is without an id, of another account, or another user than was asked for
 */
export function identifiedUsers(
  users: readonly User[],
  accountId: string,
  userEmail: string | null | undefined,
): ChimeUser[] {
  return users.map((user) => {
    const { UserId } = user;
    if (!UserId) throw answerUnfit("ListUsers", "UserId");
    const foreign = foreignAnswer("ListUsers", user, { PrimaryEmail: userEmail ?? undefined });
    if (foreign) throw foreign;
    return identified("ListUsers", user, { AccountId: accountId, UserId });
  });
}
