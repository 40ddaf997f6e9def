import {
  type AlexaForBusinessMetadata,
  InviteStatus,
  License,
  RegistrationStatus,
  type UserError,
  UserType,
} from "@aws-sdk/client-chime";
import { demandSupportedLicense, findAccount } from "./accounts.js";
import { badRequest, conflict, isChimeError, notFound } from "./errors.js";
import type { Operations } from "./operations.js";
import { cutPage, defaultPageSize, type Listing, readPageToken } from "./paging.js";
import type { StoredAccount } from "./store/accounts.js";
import { caseKey } from "./store/database.js";
import type { Store } from "./store/store.js";
import type { StoredUser } from "./store/users.js";

type UserOperations = Pick<
  Operations,
  "CreateUser" | "GetUser" | "UpdateUser" | "ListUsers" | "BatchUpdateUser" | "ResetPersonalPIN"
>;

/** What UpdateUser and BatchUpdateUser may change of a user. */
interface UserChange {
  UserId: string;
  LicenseType?: License | undefined;
  UserType?: UserType | undefined;
  AlexaForBusinessMetadata?: AlexaForBusinessMetadata | undefined;
}

/** An unregistered user with the account's default license; the caller adds a name or an address. */
export function newUser(store: Store, account: StoredAccount, userType: UserType): StoredUser {
  return {
    UserId: store.nextId("user"),
    AccountId: account.AccountId,
    LicenseType: account.DefaultLicense,
    UserType: userType,
    UserRegistrationStatus: RegistrationStatus.Unregistered,
    AlexaForBusinessMetadata: { IsAlexaForBusinessEnabled: false },
    PersonalPIN: store.nextPin(),
  };
}

/** What an invitation changes of its user. */
export function pendingInvitation(now: Date): Pick<StoredUser, "UserInvitationStatus" | "InvitedOn"> {
  return { UserInvitationStatus: InviteStatus.Pending, InvitedOn: now };
}

export function userOperations(store: Store): UserOperations {
  const { users } = store;

  function findUser(accountId: string, userId: string): StoredUser {
    const user = users.find(accountId, userId);
    if (user) return user;
    findAccount(store, accountId);
    throw notFound("There is no user with this UserId in the account.");
  }

  /** AWS's text speaks of LicenseType alone; the requests have had the other two members since 2020-01-10. */
  function changeUser(account: StoredAccount, change: UserChange): StoredUser {
    const user = findUser(account.AccountId, change.UserId);
    if (change.LicenseType) demandSupportedLicense(account, change.LicenseType);
    const changed: StoredUser = {
      ...user,
      LicenseType: change.LicenseType ?? user.LicenseType,
      UserType: change.UserType ?? user.UserType,
      AlexaForBusinessMetadata: mergeAlexa(user.AlexaForBusinessMetadata, change.AlexaForBusinessMetadata),
    };
    users.update(changed);
    return changed;
  }

  function changeOrExplain(account: StoredAccount, change: UserChange): UserError[] {
    try {
      changeUser(account, change);
      return [];
    } catch (error) {
      if (!isChimeError(error)) throw error;
      return [{ UserId: change.UserId, ErrorCode: error.Code, ErrorMessage: error.message }];
    }
  }

  return {
    /**
     * A shared device is registered at once, with a Pro license; a person waits for the invitation to be accepted.
     * An address belongs to one user of all accounts, for ListAccounts answers one account for an address.
     */
    CreateUser({ AccountId, Email, Username, UserType: userType = UserType.PrivateUser }) {
      const account = findAccount(store, AccountId);
      if (!Email && !Username?.trim()) throw badRequest("Email or Username is required.");
      if (Email && users.byEmail(caseKey(Email)))
        throw conflict("The e-mail address belongs to a user already.");
      const now = new Date();
      const user = { ...newUser(store, account, userType), PrimaryEmail: Email, DisplayName: Username };
      const created: StoredUser =
        userType === UserType.SharedDevice
          ? {
              ...user,
              LicenseType: License.Pro,
              UserRegistrationStatus: RegistrationStatus.Registered,
              RegisteredOn: now,
            }
          : { ...user, ...(Email && pendingInvitation(now)) };
      users.insert(created);
      return { User: created };
    },

    GetUser: ({ AccountId, UserId }) => ({ User: findUser(AccountId, UserId) }),

    /** Answers with the UserId alone, as Chime does. */
    UpdateUser({ AccountId, ...change }) {
      const { UserId } = changeUser(findAccount(store, AccountId), change);
      return { User: { UserId } };
    },

    ListUsers({ AccountId, UserEmail, UserType, MaxResults = defaultPageSize, NextToken }) {
      findAccount(store, AccountId);
      const email = UserEmail === undefined ? undefined : caseKey(UserEmail);
      const listing: Listing = ["ListUsers", AccountId, email, UserType];
      const [afterSeq] = readPageToken(listing, NextToken, [0] as const);
      const rows = users.page({
        accountId: AccountId,
        emailKey: email,
        userType: UserType,
        afterSeq,
        limit: MaxResults + 1,
      });
      const { page, NextToken: next } = cutPage(listing, rows, MaxResults, ({ seq }) => [seq]);
      return { Users: page.map(({ user }) => user), NextToken: next };
    },

    /** Each item by itself, in order: one that fails keeps none of the others from being applied. */
    BatchUpdateUser({ AccountId, UpdateUserRequestItems }) {
      const account = findAccount(store, AccountId);
      return { UserErrors: UpdateUserRequestItems.flatMap((change) => changeOrExplain(account, change)) };
    },

    ResetPersonalPIN({ AccountId, UserId }) {
      const user: StoredUser = { ...findUser(AccountId, UserId), PersonalPIN: store.nextPin() };
      users.update(user);
      return { User: user };
    },
  };
}

/** A member that isn't given keeps its value; an empty ARN removes the room. */
function mergeAlexa(
  current: StoredUser["AlexaForBusinessMetadata"],
  { IsAlexaForBusinessEnabled, AlexaForBusinessRoomArn }: AlexaForBusinessMetadata = {},
): StoredUser["AlexaForBusinessMetadata"] {
  return {
    IsAlexaForBusinessEnabled: IsAlexaForBusinessEnabled ?? current.IsAlexaForBusinessEnabled,
    AlexaForBusinessRoomArn: (AlexaForBusinessRoomArn ?? current.AlexaForBusinessRoomArn) || undefined,
  };
}
