import { AccountType } from "@aws-sdk/client-chime";
import { failedWith } from "../../../chime/errors.js";
import type { ChimeAccount } from "../../../chime/models.js";
import type { Loaders } from "../../../chime/reads/loaders.js";

const isTeam = (account: ChimeAccount | null | undefined): boolean =>
  account?.AccountType === AccountType.Team;

/** Null without a call for a Team account, which Chime would reject. An account without a known type is asked for. */
export const unlessTeam = <Result>(
  account: ChimeAccount,
  read: () => Promise<Result>,
): Promise<Result> | null => (isTeam(account) ? null : read());

/** The same by the account's id, and without a call only if the request reads the account too. */
export async function unlessOfTeam<Result>(
  accountId: string,
  { accountById }: Pick<Loaders, "accountById">,
  read: () => Promise<Result>,
): Promise<Result | null> {
  // If the account cannot be read, the error belongs to its own field.
  const account = await Promise.resolve(accountById.peek(accountId)).catch(() => null);
  if (isTeam(account)) return null;
  try {
    return await read();
  } catch (error) {
    if (account || !failedWith(error, "Forbidden")) throw error;
    // Chime also rejects the call if the gateway's credentials do not allow the operation.
    if (isTeam(await accountById.load(accountId))) return null;
    throw error;
  }
}
