import { AccountType, RegistrationStatus } from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { collectError } from "../errors.js";
import type { Store, StoredUser } from "../store/store.js";
import { findAccount, requireAccountType } from "./accounts.js";
import { findUser } from "./users.js";

const { Registered, Suspended, Unregistered } = RegistrationStatus;

export function userAccessOperations(store: Store) {
  function changeStatus(
    accountId: string,
    userIds: readonly string[],
    statusOf: (user: StoredUser) => RegistrationStatus,
  ) {
    const UserErrors = userIds.flatMap((UserId) =>
      collectError({ UserId }, () => {
        const user = findUser(store, accountId, UserId);
        store.users.save({ ...user, UserRegistrationStatus: statusOf(user) });
      }),
    );
    return { UserErrors };
  }

  return {
    /** Assumption: a suspended user of a Team account is still listed, until it is invited again. */
    BatchSuspendUser({ AccountId, UserIdList }) {
      requireAccountType(findAccount(store, AccountId), AccountType.Team, AccountType.EnterpriseLWA);
      return changeStatus(AccountId, UserIdList, () => Suspended);
    },

    /** Assumption: a user who has never registered is unregistered again; one who is not suspended stays unchanged. */
    BatchUnsuspendUser({ AccountId, UserIdList }) {
      requireAccountType(findAccount(store, AccountId), AccountType.EnterpriseLWA);
      return changeStatus(AccountId, UserIdList, ({ UserRegistrationStatus: status, RegisteredOn }) =>
        status === Suspended ? (RegisteredOn ? Registered : Unregistered) : status,
      );
    },

    /** No user is signed in to the embedded Chime. */
    LogoutUser({ AccountId, UserId }) {
      findUser(store, AccountId, UserId);
      return {};
    },
  } satisfies Partial<Operations>;
}
