import { AccountStatus, AccountType, License } from "@aws-sdk/client-chime";
import type { Operations } from "../chime-api/types.js";
import { badRequest, notFound } from "./errors.js";
import { cutPage, defaultPageSize, type Listing, readPageToken } from "./paging.js";
import { awsAccountId, foldCase, type Store, type StoredAccount } from "./store.js";

type AccountOperations = Pick<
  Operations,
  | "CreateAccount"
  | "GetAccount"
  | "UpdateAccount"
  | "ListAccounts"
  | "AssociateSigninDelegateGroupsWithAccount"
  | "DisassociateSigninDelegateGroupsFromAccount"
>;

/** @throws NotFoundException */
export function findAccount({ accounts }: Store, accountId: string): StoredAccount {
  const account = accounts.find(accountId);
  if (!account) throw notFound("There is no account with this AccountId.");
  return account;
}

/** @throws BadRequestException: Chime has no error of its own for this */
export function requireSupportedLicense({ SupportedLicenses }: StoredAccount, license: License): void {
  if (!SupportedLicenses.includes(license))
    throw badRequest(`The account supports the licenses ${SupportedLicenses.join(", ")}, not ${license}.`);
}

export function accountOperations(store: Store): AccountOperations {
  const { accounts } = store;

  return {
    CreateAccount({ Name }) {
      const account: StoredAccount = {
        AwsAccountId: awsAccountId,
        AccountId: store.nextId("account"),
        Name,
        AccountType: AccountType.Team,
        CreatedTimestamp: new Date(),
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
  };
}
