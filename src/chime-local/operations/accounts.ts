import { AccountStatus, AccountType, License } from "@aws-sdk/client-chime";
import type { Operations } from "../../chime-api/types.js";
import { badRequest, forbidden, notFound, unprocessable } from "../errors.js";
import { createInventory } from "../inventory.js";
import { awsAccountId, foldCase, type Store, type StoredAccount } from "../store/store.js";
import { cutPage, defaultPageSize, type Listing, readPageToken } from "./paging.js";

type AccountOperations = Pick<
  Operations,
  | "CreateAccount"
  | "GetAccount"
  | "UpdateAccount"
  | "ListAccounts"
  | "AssociateSigninDelegateGroupsWithAccount"
  | "DisassociateSigninDelegateGroupsFromAccount"
  | "DeleteAccount"
>;

const { EnterpriseDirectory, EnterpriseLWA, EnterpriseOIDC } = AccountType;

/** @throws NotFoundException */
export function findAccount({ accounts }: Store, accountId: string): StoredAccount {
  const account = accounts.find(accountId);
  if (!account) throw notFound("There is no account with this AccountId.");
  return account;
}

/** @throws NotFoundException, ForbiddenException for a Team account: AWS documents the types, not the error */
export function findEnterpriseAccount(store: Store, accountId: string): StoredAccount {
  const account = findAccount(store, accountId);
  requireAccountType(account, EnterpriseDirectory, EnterpriseLWA, EnterpriseOIDC);
  return account;
}

/** A domain that an Enterprise account has claimed; its id is the domain. */
export interface Domain {
  readonly isReleased: boolean;
}

/** @throws ForbiddenException for accounts of other types, as AWS documents */
export function requireAccountType({ AccountType: type }: StoredAccount, ...allowed: AccountType[]): void {
  if (!allowed.includes(type))
    throw forbidden(`Accounts of the type ${type} don't support this operation: ${allowed.join(", ")} only.`);
}

/** @throws BadRequestException: Chime has no error of its own for this */
export function requireSupportedLicense({ SupportedLicenses }: StoredAccount, license: License): void {
  if (!SupportedLicenses.includes(license))
    throw badRequest(`The account supports the licenses ${SupportedLicenses.join(", ")}, not ${license}.`);
}

export function accountOperations(store: Store): AccountOperations {
  const { accounts } = store;
  const domains = store.collection<Domain>("domain");

  return {
    CreateAccount({ Name }) {
      const account: StoredAccount = {
        AwsAccountId: awsAccountId,
        AccountId: store.nextId("account"),
        Name,
        AccountType: AccountType.Team,
        CreatedTimestamp: store.now(),
        DefaultLicense: License.Pro,
        SupportedLicenses: [License.Basic, License.Pro],
        AccountStatus: AccountStatus.Active,
        SigninDelegateGroups: [],
      };
      accounts.save(account);
      return { Account: account };
    },

    GetAccount: ({ AccountId }) => ({ Account: findAccount(store, AccountId) }),

    UpdateAccount({ AccountId, Name, DefaultLicense }) {
      const account = findAccount(store, AccountId);
      if (DefaultLicense) requireSupportedLicense(account, DefaultLicense);
      const updated: StoredAccount = {
        ...account,
        Name: Name ?? account.Name,
        DefaultLicense: DefaultLicense ?? account.DefaultLicense,
      };
      accounts.save(updated);
      return { Account: updated };
    },

    /**
     * In the order of creation; with a name prefix (in any case) in the order of names; with an e-mail address only the
     * account of its user.
     */
    ListAccounts({ Name, UserEmail, NextToken, MaxResults = defaultPageSize }) {
      const prefix = foldCase(Name ?? "");
      const listing: Listing = ["ListAccounts", Name && prefix, UserEmail && foldCase(UserEmail)];
      // The first name that starts with a prefix is the prefix itself.
      const [seq, nameKey] = readPageToken(listing, NextToken, [0, prefix] as const);
      if (UserEmail !== undefined) {
        const account = accounts.findByUserEmail(UserEmail);
        const matches = account && foldCase(account.Name).startsWith(prefix);
        return { Accounts: matches ? [account] : [] };
      }
      const rows =
        Name === undefined
          ? accounts.list(seq, MaxResults + 1)
          : accounts.listByName(Name, { nameKey, seq }, MaxResults + 1);
      const { page, NextToken: next } = cutPage(listing, rows, MaxResults, (row) => [row.seq, row.nameKey]);
      return { Accounts: page.map(({ account }) => account), NextToken: next };
    },

    /** A group that the account already has keeps its position. */
    AssociateSigninDelegateGroupsWithAccount({ AccountId, SigninDelegateGroups }) {
      const account = findAccount(store, AccountId);
      const names = new Set(
        [...account.SigninDelegateGroups, ...SigninDelegateGroups].map(({ GroupName }) => GroupName),
      );
      accounts.save({ ...account, SigninDelegateGroups: [...names].map((GroupName) => ({ GroupName })) });
      return {};
    },

    /** Ignores unknown names, so that a repeated request succeeds. */
    DisassociateSigninDelegateGroupsFromAccount({ AccountId, GroupNames }) {
      const account = findAccount(store, AccountId);
      const kept = account.SigninDelegateGroups.filter(
        ({ GroupName }) => GroupName === undefined || !GroupNames.includes(GroupName),
      );
      accounts.save({ ...account, SigninDelegateGroups: kept });
      return {};
    },

    /**
     * AWS lists a deleted account for 90 days, in its console only: here all that belongs to it is removed at once.
     * Assumption: the numbers of its users are free again.
     */
    DeleteAccount({ AccountId }) {
      const { AccountType: type } = findAccount(store, AccountId);
      if (type === AccountType.Team) {
        if (store.users.hasActive(AccountId))
          throw unprocessable("All users must be suspended before the account can be deleted.");
      } else if (domains.list(AccountId).some(({ body }) => !body.isReleased)) {
        throw unprocessable("The account's domains must be released before it can be deleted.");
      }
      createInventory(store).releaseAll(AccountId);
      accounts.delete(AccountId);
      return {};
    },
  };
}

/** Releases an Enterprise account's domains and suspends its users, as AWS's console does. @returns the domains */
export function releaseDomains(store: Store, accountId: string): string[] {
  const domains = store.collection<Domain>("domain");
  return store.transaction(() => {
    const names = domains.list(accountId).map(({ id }) => id);
    for (const name of names) domains.save(accountId, name, { isReleased: true });
    store.users.suspendAll(accountId);
    return names;
  });
}
