import {
  type AlexaForBusinessMetadata,
  InviteStatus,
  License,
  RegistrationStatus,
  UserType,
} from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { badRequest, collectError, conflict, notFound } from "../errors.js";
import { foldCase, type Store, type StoredAccount, type StoredUser } from "../store/store.js";
import { findAccount, requireSupportedLicense } from "./accounts.js";
import { defaultPageSize, type Listing, readPage } from "./paging.js";

type UserOperations = Pick<
  Operations,
  "CreateUser" | "GetUser" | "UpdateUser" | "ListUsers" | "BatchUpdateUser" | "ResetPersonalPIN"
>;

/** The members that UpdateUser and BatchUpdateUser can change. */
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

/** The members of a user that an invitation changes. */
export function pendingInvitation(now: Date): Pick<StoredUser, "UserInvitationStatus" | "InvitedOn"> {
  return { UserInvitationStatus: InviteStatus.Pending, InvitedOn: now };
}

/** @throws NotFoundException */
export function findUser(store: Store, accountId: string, userId: string): StoredUser {
  const user = store.users.find(accountId, userId);
  if (user) return user;
  findAccount(store, accountId);
  throw notFound("There is no user with this UserId in the account.");
}

export function userOperations(store: Store): UserOperations {
  const { users } = store;

  /** AWS documents LicenseType only; the requests have had the other two members since 2020-01-10. */
  function changeUser(account: StoredAccount, change: UserChange): void {
    const user = findUser(store, account.AccountId, change.UserId);
    if (change.LicenseType) requireSupportedLicense(account, change.LicenseType);
    users.save({
      ...user,
      LicenseType: change.LicenseType ?? user.LicenseType,
      UserType: change.UserType ?? user.UserType,
      AlexaForBusinessMetadata: mergeAlexa(user.AlexaForBusinessMetadata, change.AlexaForBusinessMetadata),
    });
  }

  return {
    /**
     * A shared device is registered immediately, with a Pro license; a person becomes registered by accepting the
     * invitation. An address is unique in all accounts, because ListAccounts returns one account for an address.
     */
    CreateUser({ AccountId, Email, Username, UserType: userType = UserType.PrivateUser }) {
      const account = findAccount(store, AccountId);
      if (!Email && !Username?.trim()) throw badRequest("Email or Username is required.");
      if (Email && users.findByEmail(Email)) throw conflict("The e-mail address already belongs to a user.");
      const now = store.now();
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
      users.save(created);
      return { User: created };
    },

    GetUser: ({ AccountId, UserId }) => ({ User: findUser(store, AccountId, UserId) }),

    /** Returns only the UserId, as Chime does. */
    UpdateUser({ AccountId, ...change }) {
      changeUser(findAccount(store, AccountId), change);
      return { User: { UserId: change.UserId } };
    },

    ListUsers({ AccountId, UserEmail, UserType, MaxResults = defaultPageSize, NextToken }) {
      findAccount(store, AccountId);
      const listing: Listing = ["ListUsers", AccountId, UserEmail && foldCase(UserEmail), UserType];
      const { page, NextToken: next } = readPage(listing, { MaxResults, NextToken }, (afterSeq, limit) =>
        users.list({ accountId: AccountId, email: UserEmail, userType: UserType, afterSeq, limit }),
      );
      return { Users: page.map(({ user }) => user), NextToken: next };
    },

    /** Applies each item independently, in the order of the request. */
    BatchUpdateUser({ AccountId, UpdateUserRequestItems }) {
      const account = findAccount(store, AccountId);
      const UserErrors = UpdateUserRequestItems.flatMap((change) =>
        collectError({ UserId: change.UserId }, () => changeUser(account, change)),
      );
      return { UserErrors };
    },

    ResetPersonalPIN({ AccountId, UserId }) {
      const user: StoredUser = { ...findUser(store, AccountId, UserId), PersonalPIN: store.nextPin() };
      users.save(user);
      return { User: user };
    },
  };
}

/** An absent member keeps its value; an empty ARN removes the room. */
function mergeAlexa(
  current: StoredUser["AlexaForBusinessMetadata"],
  { IsAlexaForBusinessEnabled, AlexaForBusinessRoomArn }: AlexaForBusinessMetadata = {},
): StoredUser["AlexaForBusinessMetadata"] {
  return {
    IsAlexaForBusinessEnabled: IsAlexaForBusinessEnabled ?? current.IsAlexaForBusinessEnabled,
    AlexaForBusinessRoomArn: (AlexaForBusinessRoomArn ?? current.AlexaForBusinessRoomArn) || undefined,
  };
}
