import { AccountStatus, AccountType, License } from "@aws-sdk/client-chime";
import { badRequest, notFound } from "./errors.js";
import type { Operations } from "./operations.js";
import { cutPage, defaultPageSize, type Listing, readPageToken } from "./paging.js";
import { awsAccountId, type StoredAccount } from "./store/accounts.js";
import { caseKey } from "./store/database.js";
import type { Store } from "./store/store.js";

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

/** @throws BadRequestException: of Chime's errors the one for a request that can't be right for this account */
export function demandSupportedLicense({ SupportedLicenses }: StoredAccount, license: License): void {
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
      accounts.insert(account);
      return { Account: account };
    },

    GetAccount: ({ AccountId }) => ({ Account: findAccount(store, AccountId) }),

    UpdateAccount({ AccountId, Name, DefaultLicense }) {
      const account = findAccount(store, AccountId);
      if (DefaultLicense) demandSupportedLicense(account, DefaultLicense);
      const updated: StoredAccount = {
        ...account,
        Name: Name ?? account.Name,
        DefaultLicense: DefaultLicense ?? account.DefaultLicense,
      };
      accounts.update(updated);
      return { Account: updated };
    },

    /**
     * In the order of creation; with a name prefix (upper and lower case alike) in the order of names; with an address
     * the one account of its user.
     */
    ListAccounts({ Name, UserEmail, NextToken, MaxResults = defaultPageSize }) {
      const listing: Listing = ["ListAccounts", Name && caseKey(Name), UserEmail && caseKey(UserEmail)];
      // A prefix is itself the first name that starts with it.
      const [seq, key] = readPageToken(listing, NextToken, [0, caseKey(Name ?? "")] as const);
      if (UserEmail !== undefined) {
        const account = accounts.byUserEmail(caseKey(UserEmail));
        const matches = account && caseKey(account.Name).startsWith(caseKey(Name ?? ""));
        return { Accounts: matches ? [account] : [] };
      }
      const rows =
        Name === undefined
          ? accounts.page(seq, MaxResults + 1)
          : accounts.pageByName(caseKey(Name), { nameKey: key, seq }, MaxResults + 1);
      const { page, NextToken: next } = cutPage(listing, rows, MaxResults, (row) => [row.seq, row.nameKey]);
      return { Accounts: page.map(({ account }) => account), NextToken: next };
    },

    /** A group that the account has already is kept where it is. */
    AssociateSigninDelegateGroupsWithAccount({ AccountId, SigninDelegateGroups }) {
      const account = findAccount(store, AccountId);
      const names = new Set(
        [...account.SigninDelegateGroups, ...SigninDelegateGroups].map(({ GroupName }) => GroupName),
      );
      accounts.update({ ...account, SigninDelegateGroups: [...names].map((GroupName) => ({ GroupName })) });
      return {};
    },

    /** A name that the account doesn't have is passed over, so that a repeated request succeeds like the first. */
    DisassociateSigninDelegateGroupsFromAccount({ AccountId, GroupNames }) {
      const account = findAccount(store, AccountId);
      const kept = account.SigninDelegateGroups.filter(
        ({ GroupName }) => GroupName === undefined || !GroupNames.includes(GroupName),
      );
      accounts.update({ ...account, SigninDelegateGroups: kept });
      return {};
    },
  };
}
