import { AccountType } from "@aws-sdk/client-chime";
import DataLoader from "dataloader";
import { failedWith } from "../../../chime/errors.js";
import type { ChimeAccount, UserKey } from "../../../chime/models.js";
import type { Loaders } from "../../../chime/reads/loaders.js";

const isTeam = (account: ChimeAccount | null | undefined): boolean =>
  account?.AccountType === AccountType.Team;

/** Null without a call for a Team account, which Chime would reject. An account without a known type is asked for. */
export const unlessTeam = <Result>(
  account: ChimeAccount,
  read: () => Promise<Result>,
): Promise<Result> | null => (isTeam(account) ? null : read());

type AccountLoaders = Pick<Loaders, "accountById">;

const accountsOfUsers = new WeakMap<AccountLoaders, DataLoader<UserKey, ChimeAccount | null>>();

/** A user's account, if the request reads it too or asks for several of its users at once. Else null, without a call. */
function accountOf(user: UserKey, loaders: AccountLoaders): Promise<ChimeAccount | null> {
  const { accountById } = loaders;
  const loader =
    accountsOfUsers.get(loaders) ??
    new DataLoader<UserKey, ChimeAccount | null>(
      async (users) => {
        const idsByAccount = new Map<string, Set<string>>();
        for (const { accountId, userId } of users)
          idsByAccount.set(accountId, (idsByAccount.get(accountId) ?? new Set<string>()).add(userId));
        return Promise.all(
          users.map(async ({ accountId }) => {
            const isShared = (idsByAccount.get(accountId)?.size ?? 0) > 1;
            const account = isShared ? accountById.load(accountId) : accountById.peek(accountId);
            // If the account cannot be read, the error belongs to its own field.
            return (await Promise.resolve(account).catch(() => null)) ?? null;
          }),
        );
      },
      { cache: false },
    );
  accountsOfUsers.set(loaders, loader);
  return loader.load(user);
}

/** The same for what belongs to a user: see accountOf for when it takes no call. */
export async function unlessOfTeam<Result>(
  user: UserKey,
  loaders: AccountLoaders,
  read: () => Promise<Result>,
): Promise<Result | null> {
  const account = await accountOf(user, loaders);
  if (isTeam(account)) return null;
  try {
    return await read();
  } catch (error) {
    if (account || !failedWith(error, "Forbidden")) throw error;
    // Chime also rejects the call if the gateway's credentials do not allow the operation.
    if (isTeam(await loaders.accountById.load(user.accountId))) return null;
    throw error;
  }
}
