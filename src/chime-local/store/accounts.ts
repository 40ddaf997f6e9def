import type {
  Account,
  AccountStatus,
  AccountType,
  License,
  SigninDelegateGroup,
} from "@aws-sdk/client-chime";
import { caseKey, type Database, type Value } from "./database.js";

/** An account with all its fields: an account never lacks one. */
export type StoredAccount = Required<{ [Field in keyof Account]: Exclude<Account[Field], undefined> }>;

/** An account's place in a listing. */
export interface ListedAccount {
  readonly account: StoredAccount;
  readonly seq: number;
  readonly nameKey: string;
}

export type AccountStore = ReturnType<typeof createAccountStore>;

interface AccountRow {
  seq: number;
  account_id: string;
  name: string;
  name_key: string;
  account_type: AccountType;
  account_status: AccountStatus;
  created_at: number;
  default_license: License;
  supported_licenses: string;
  delegate_groups: string;
}

/** The AWS account that owns every Chime account: the number that AWS's own examples use. */
export const awsAccountId = "111122223333";

/** After every name that starts with the same prefix: the last code point there is. */
const endOfPrefix = "\u{10FFFF}";

/** Exported so that a test can ask SQLite how it runs them: each must search an index, and neither scan nor sort. */
export const accountQueries = {
  find: "SELECT * FROM accounts WHERE account_id = ?",
  page: "SELECT * FROM accounts WHERE seq > ? ORDER BY seq LIMIT ?",
  pageByName: `SELECT * FROM accounts WHERE (name_key, seq) > (?, ?) AND name_key < ? ORDER BY name_key, seq LIMIT ?`,
  byUserEmail: "SELECT * FROM accounts WHERE account_id = (SELECT account_id FROM users WHERE email_key = ?)",
};

export function createAccountStore(database: Database) {
  const find = database.prepare<AccountRow>(accountQueries.find);
  const page = database.prepare<AccountRow>(accountQueries.page);
  const pageByName = database.prepare<AccountRow>(accountQueries.pageByName);
  const byUserEmail = database.prepare<AccountRow>(accountQueries.byUserEmail);
  const insert = database.prepare(
    `INSERT INTO accounts (account_id, name, name_key, account_type, account_status, created_at, default_license,
       supported_licenses, delegate_groups) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = database.prepare(
    "UPDATE accounts SET name = ?, name_key = ?, default_license = ?, delegate_groups = ? WHERE account_id = ?",
  );
  const clear = database.prepare("DELETE FROM accounts");

  return {
    find(accountId: string): StoredAccount | undefined {
      const row = find.get(accountId);
      return row && toAccount(row);
    },
    /** In the order of creation. */
    page: (afterSeq: number, limit: number): ListedAccount[] => page.all(afterSeq, limit).map(toListed),
    /** Those whose name starts with a prefix, in the order of their names. */
    pageByName(prefixKey: string, after: { nameKey: string; seq: number }, limit: number): ListedAccount[] {
      return pageByName.all(after.nameKey, after.seq, prefixKey + endOfPrefix, limit).map(toListed);
    },
    byUserEmail(emailKey: string): StoredAccount | undefined {
      const row = byUserEmail.get(emailKey);
      return row && toAccount(row);
    },
    insert(account: StoredAccount): void {
      insert.run(...insertValues(account));
    },
    update({ AccountId, Name, DefaultLicense, SigninDelegateGroups }: StoredAccount): void {
      update.run(Name, caseKey(Name), DefaultLicense, JSON.stringify(SigninDelegateGroups), AccountId);
    },
    clear: (): void => clear.run(),
  };
}

function insertValues(account: StoredAccount): Value[] {
  return [
    account.AccountId,
    account.Name,
    caseKey(account.Name),
    account.AccountType,
    account.AccountStatus,
    account.CreatedTimestamp.getTime(),
    account.DefaultLicense,
    JSON.stringify(account.SupportedLicenses),
    JSON.stringify(account.SigninDelegateGroups),
  ];
}

function toListed(row: AccountRow): ListedAccount {
  return { account: toAccount(row), seq: row.seq, nameKey: row.name_key };
}

function toAccount(row: AccountRow): StoredAccount {
  return {
    AwsAccountId: awsAccountId,
    AccountId: row.account_id,
    Name: row.name,
    AccountType: row.account_type,
    CreatedTimestamp: new Date(row.created_at),
    DefaultLicense: row.default_license,
    SupportedLicenses: JSON.parse(row.supported_licenses) as License[],
    AccountStatus: row.account_status,
    SigninDelegateGroups: JSON.parse(row.delegate_groups) as SigninDelegateGroup[],
  };
}
