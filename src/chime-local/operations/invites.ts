import {
  AccountType,
  EmailStatus,
  type Invite,
  InviteStatus,
  RegistrationStatus,
  UserType,
} from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { forbidden } from "../errors.js";
import type { Store, StoredAccount } from "../store/store.js";
import { findAccount } from "./accounts.js";
import { newUser, pendingInvitation } from "./users.js";

const notRegistered = {
  UserRegistrationStatus: RegistrationStatus.Unregistered,
  RegisteredOn: undefined,
};

export function inviteOperations(store: Store): Pick<Operations, "InviteUsers"> {
  const { users } = store;

  function invite(
    account: StoredAccount,
    email: string,
    userType: UserType,
  ): Pick<Invite, "Status" | "EmailStatus"> {
    const user = users.findByEmail(email);
    if (!user) {
      users.save({
        ...newUser(store, account, userType),
        PrimaryEmail: email,
        ...pendingInvitation(store.now()),
      });
      return { Status: InviteStatus.Pending, EmailStatus: EmailStatus.Sent };
    }
    if (user.AccountId !== account.AccountId)
      return { Status: InviteStatus.Failed, EmailStatus: EmailStatus.NotSent };
    const isSuspended = user.UserRegistrationStatus === RegistrationStatus.Suspended;
    if (user.UserInvitationStatus === InviteStatus.Accepted && !isSuspended)
      return { Status: InviteStatus.Accepted, EmailStatus: EmailStatus.NotSent };
    users.save({ ...user, ...(isSuspended && notRegistered), ...pendingInvitation(store.now()) });
    return { Status: InviteStatus.Pending, EmailStatus: EmailStatus.Sent };
  }

  return {
    /**
     * Returns one Invite for each address, in the order of the request. It depends on who has the address:
     * - nobody: an unregistered user is created, which ListUsers finds from now on;
     * - a user of this account who hasn't accepted yet: the invitation is sent again;
     * - a suspended user of this account: is unregistered and pending from now on. AWS documents that an invitation removes
     *   the suspension, not which state it leaves;
     * - a user of this account who has accepted: `Accepted`, and no e-mail is sent;
     * - a user of another account: `Failed`, and no e-mail is sent.
     *
     * @throws ForbiddenException for accounts of other types than Team, as AWS documents
     */
    InviteUsers({ AccountId, UserEmailList, UserType: userType = UserType.PrivateUser }) {
      const account = findAccount(store, AccountId);
      if (account.AccountType !== AccountType.Team) throw forbidden("Only Team accounts can invite users.");
      const Invites = UserEmailList.map((email): Invite => {
        const InviteId = store.nextId("invite");
        return { InviteId, EmailAddress: email, ...invite(account, email, userType) };
      });
      return { Invites };
    },
  };
}
