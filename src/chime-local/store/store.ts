import type {
  Account,
  AlexaForBusinessMetadata,
  License,
  RegistrationStatus,
  User,
  UserType,
} from "@aws-sdk/client-chime";
import { type Database, openDatabase, type Value } from "./database.js";
import { type IdKind, idOf, pinOf, securityTokenOf } from "./ids.js";
import { createRecords } from "./records.js";
import { numbersOfUsers } from "./schema.js";

/** The AWS account that owns every Chime account: the number that AWS's own examples use. */
export const awsAccountId = "111122223333";

/** An account with all its members: none is ever missing. */
export type StoredAccount = Required<{ [Member in keyof Account]: Exclude<Account[Member], undefined> }>;

/** A user as GetUser returns it. */
export type StoredUser = User & {
  UserId: string;
  AccountId: string;
  LicenseType: License;
  UserType: UserType;
  UserRegistrationStatus: RegistrationStatus;
  AlexaForBusinessMetadata: AlexaForBusinessMetadata & { IsAlexaForBusinessEnabled: boolean };
  PersonalPIN: string;
};

/** An account's position in a listing. */
export interface ListedAccount {
  readonly account: StoredAccount;
  readonly seq: number;
  readonly nameKey: string;
}

export interface ListedUser {
  readonly user: User;
  readonly seq: number;
}

/** Selects a page of users, in the order of creation. */
export interface UserPage {
  readonly accountId: string;
  readonly email?: string | undefined;
  readonly userType?: UserType | undefined;
  readonly afterSeq: number;
  readonly limit: number;
}

export type Store = ReturnType<typeof openStore>;

/** Names and e-mail addresses are compared in this form: SQLite itself folds the case of ASCII letters only. */
export const foldCase = (text: string): string => text.toLowerCase();

/** A page as one JSON text: from SQLite, 200 rows of 13 values take three times as long value by value. */
const selectJson = (row: string, table: string, condition: string): string =>
  `SELECT json_group_array(json_object(${row})) AS json FROM (SELECT * FROM ${table} WHERE ${condition})`;

const accountRow = `'seq', seq, 'nameKey', name_key, 'account', json_object(
  'AwsAccountId', '${awsAccountId}', 'AccountId', account_id, 'Name', name, 'AccountType', account_type,
  'AccountStatus', account_status, 'CreatedTimestamp', created_at, 'DefaultLicense', default_license,
  'SupportedLicenses', json(supported_licenses), 'SigninDelegateGroups', json(delegate_groups))`;

const listedMembers = `'UserId', user_id, 'AccountId', account_id, 'PrimaryEmail', email,
  'PrimaryProvisionedNumber', phone, 'DisplayName', display_name, 'LicenseType', license, 'UserType', user_type,
  'UserRegistrationStatus', registration, 'UserInvitationStatus', invitation, 'RegisteredOn', registered_on,
  'AlexaForBusinessMetadata', json_object(
    'IsAlexaForBusinessEnabled', json(iif(alexa_enabled, 'true', 'false')), 'AlexaForBusinessRoomArn', alexa_room_arn)`;
/** ListUsers returns neither InvitedOn nor PersonalPIN. */
const listedUser = `'seq', seq, 'user', json_object(${listedMembers})`;
const wholeUser = `'user', json_object(${listedMembers}, 'InvitedOn', invited_on, 'PersonalPIN', pin)`;

const selectAccounts = (condition: string) => selectJson(accountRow, "accounts", condition);
const selectListedUsers = (condition: string) => selectJson(listedUser, "users", condition);
const selectUsers = (condition: string) => selectJson(wholeUser, "users", condition);

/** Exported for a test that asks SQLite for their plans: each must search an index, and neither scan nor sort. */
export const queries = {
  account: selectAccounts("account_id = ? AND deleted_at IS NULL"),
  accountByUserEmail: selectAccounts("account_id = (SELECT account_id FROM users WHERE email_key = ?)"),
  accounts: selectAccounts("seq > ? AND deleted_at IS NULL ORDER BY seq LIMIT ?"),
  accountsByName: selectAccounts(
    "(name_key, seq) > (?, ?) AND name_key < ? AND deleted_at IS NULL ORDER BY name_key, seq LIMIT ?",
  ),
  user: selectUsers("user_id = ? AND account_id = ?"),
  userByEmail: selectUsers("email_key = ?"),
  usersById: selectUsers("user_id IN (SELECT value FROM json_each(?))"),
  users: selectListedUsers("account_id = ? AND seq > ? ORDER BY seq LIMIT ?"),
  usersByType: selectListedUsers("account_id = ? AND user_type = ? AND seq > ? ORDER BY seq LIMIT ?"),
  usersByEmail: selectListedUsers(
    "email_key = ? AND account_id = ? AND seq > ? AND user_type = ifnull(?, user_type) LIMIT ?",
  ),
  activeUser: "SELECT 1 FROM users WHERE account_id = ? AND registration <> 'Suspended' LIMIT 1",
};

const tables = ["users", "accounts", "records", "counters"];

type Columns<Row> = Readonly<Record<string, (row: Row) => Value>>;

const accountColumns: Columns<StoredAccount> = {
  account_id: ({ AccountId }) => AccountId,
  name: ({ Name }) => Name,
  name_key: ({ Name }) => foldCase(Name),
  account_type: ({ AccountType }) => AccountType,
  account_status: ({ AccountStatus }) => AccountStatus,
  created_at: ({ CreatedTimestamp }) => CreatedTimestamp.getTime(),
  default_license: ({ DefaultLicense }) => DefaultLicense,
  supported_licenses: ({ SupportedLicenses }) => JSON.stringify(SupportedLicenses),
  delegate_groups: ({ SigninDelegateGroups }) => JSON.stringify(SigninDelegateGroups),
};

const userColumns: Columns<StoredUser> = {
  user_id: ({ UserId }) => UserId,
  account_id: ({ AccountId }) => AccountId,
  email: ({ PrimaryEmail }) => PrimaryEmail ?? null,
  email_key: ({ PrimaryEmail }) => (PrimaryEmail === undefined ? null : foldCase(PrimaryEmail)),
  phone: ({ PrimaryProvisionedNumber }) => PrimaryProvisionedNumber ?? null,
  display_name: ({ DisplayName }) => DisplayName ?? null,
  license: ({ LicenseType }) => LicenseType,
  user_type: ({ UserType }) => UserType,
  registration: ({ UserRegistrationStatus }) => UserRegistrationStatus,
  invitation: ({ UserInvitationStatus }) => UserInvitationStatus ?? null,
  registered_on: ({ RegisteredOn }) => RegisteredOn?.getTime() ?? null,
  invited_on: ({ InvitedOn }) => InvitedOn?.getTime() ?? null,
  alexa_enabled: ({ AlexaForBusinessMetadata }) => Number(AlexaForBusinessMetadata.IsAlexaForBusinessEnabled),
  alexa_room_arn: ({ AlexaForBusinessMetadata }) => AlexaForBusinessMetadata.AlexaForBusinessRoomArn ?? null,
  pin: ({ PersonalPIN }) => PersonalPIN,
};

/** Statements that remove the parts of an account, beside the records that it owns. */
const accountParts = [
  `DELETE FROM records WHERE kind IN ('membership', 'roomMessage')
   AND owner IN (SELECT id FROM records WHERE kind = 'room' AND owner = ?)`,
  // Its users may be members of other accounts' rooms.
  `DELETE FROM records WHERE kind = 'membership'
   AND id IN (SELECT user_id FROM users WHERE account_id = ?)`,
  "DELETE FROM users WHERE account_id = ?",
];

/** The last code point: it sorts after every name that starts with the same prefix. */
const endOfPrefix = "\u{10FFFF}";

/**
 * Opens everything that the embedded Chime stores.
 * @throws Error whose message is one line for the user
 */
export function openStore(dataFile: string) {
  const database = openDatabase(dataFile);
  const select = <Row>(sql: string, revive: (row: Row) => Row) => {
    const query = database.prepare<{ json: string }>(sql);
    return (...values: Value[]): Row[] =>
      (JSON.parse(query.get(...values)?.json ?? "[]") as Row[]).map(revive);
  };
  const selectAccount = (sql: string) => select<ListedAccount>(sql, reviveAccount);
  const selectUser = <Listed extends { user: User }>(sql: string) => select<Listed>(sql, reviveUser);
  const account = selectAccount(queries.account);
  const accountByUserEmail = selectAccount(queries.accountByUserEmail);
  const accounts = selectAccount(queries.accounts);
  const accountsByName = selectAccount(queries.accountsByName);
  const user = selectUser<{ user: StoredUser }>(queries.user);
  const userByEmail = selectUser<{ user: StoredUser }>(queries.userByEmail);
  const usersById = selectUser<{ user: StoredUser }>(queries.usersById);
  const users = selectUser<ListedUser>(queries.users);
  const usersByType = selectUser<ListedUser>(queries.usersByType);
  const usersByEmail = selectUser<ListedUser>(queries.usersByEmail);
  const count = database.prepare<{ value: number }>(
    "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
  );
  const next = (counter: string): number => count.get(counter)?.value ?? 0;
  const { collection, removeRecordsOf } = createRecords(database);
  const clock = database.prepare<{ value: number }>("SELECT value FROM counters WHERE name = 'clock'");
  const advancedMs = (): number => clock.get()?.value ?? 0;
  const now = (): Date => new Date(Date.now() + advancedMs());
  const anyAccount = database.prepare("SELECT 1 FROM accounts LIMIT 1");
  const activeUser = database.prepare(queries.activeUser);
  let stateAfterReset: string | undefined;
  /** The seed whose rows are in temporary tables. */
  let copiedSeed: string | undefined;

  return {
    accounts: {
      find: (accountId: string) => account(accountId)[0]?.account,
      findByUserEmail: (email: string) => accountByUserEmail(foldCase(email))[0]?.account,
      /** In the order of creation. */
      list: (afterSeq: number, limit: number) => accounts(afterSeq, limit),
      /** Those whose name starts with a prefix, in the order of their names. */
      listByName: (prefix: string, after: { nameKey: string; seq: number }, limit: number) =>
        accountsByName(after.nameKey, after.seq, foldCase(prefix) + endOfPrefix, limit),
      save: createUpsert(database, "accounts", "account_id", accountColumns),
      /** Removes what belongs to an account, and keeps its row: a deleted account's id stays in use. */
      delete(accountId: string): void {
        database
          .prepare("UPDATE accounts SET deleted_at = ?, delegate_groups = '[]' WHERE account_id = ?")
          .run(now().getTime(), accountId);
        for (const query of accountParts) database.prepare(query).run(accountId);
        removeRecordsOf(accountId);
      },
    },
    users: {
      find: (accountId: string, userId: string) => user(userId, accountId)[0]?.user,
      /** The one user in all accounts with this address. */
      findByEmail: (email: string) => userByEmail(foldCase(email))[0]?.user,
      /** Of all accounts, in any order. */
      listById: (userIds: readonly string[]) => usersById(JSON.stringify(userIds)).map(({ user }) => user),
      list({ accountId, email, userType, afterSeq, limit }: UserPage): ListedUser[] {
        if (email !== undefined)
          return usersByEmail(foldCase(email), accountId, afterSeq, userType ?? null, limit);
        if (userType !== undefined) return usersByType(accountId, userType, afterSeq, limit);
        return users(accountId, afterSeq, limit);
      },
      /** Whether an account has a user who is not suspended. */
      hasActive: (accountId: string): boolean => activeUser.get(accountId) !== undefined,
      suspendAll(accountId: string): void {
        database.prepare("UPDATE users SET registration = 'Suspended' WHERE account_id = ?").run(accountId);
      },
      save: createUpsert(database, "users", "user_id", userColumns),
    },
    /** The records of a kind; those of one account are removed with it. */
    collection,
    /** Adds the number of each user to the inventory: in one statement, since there may be many. */
    addNumbersOfUsers: (): void => database.prepare(numbersOfUsers).run(),
    /** The system's time, advanced by `advanceClock`. */
    now,
    advancedMs,
    advanceClock(ms: number): void {
      database
        .prepare(
          `INSERT INTO counters VALUES ('clock', ?)
           ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`,
        )
        .run(ms);
    },
    /** An id that was never returned before; the same ids come again after a reset. */
    nextId: (kind: IdKind) => idOf(kind, next(kind)),
    /** A personal meeting PIN that no user has or had. */
    nextPin: () => pinOf(next("pin")),
    /** A security token that no bot has or had. */
    nextSecurityToken: () => securityTokenOf("bot", next("securityToken")),
    transaction: database.transaction,
    /** Runs a seed if there has never been an account. */
    seedIfEmpty(seed: () => void): void {
      database.transaction(() => !anyAccount.get() && seed());
    },
    /**
     * Empties the store and runs a seed, in one transaction. Tests reset often: nothing is done if nothing has changed
     * since the last reset with this seed, and later resets copy the rows of the first, in a tenth of the time.
     *
     * @param isCopied whether to keep a copy of the rows in memory
     */
    reset(seedName: string, seed: () => void, isCopied: boolean): void {
      const state = () => `${seedName} ${database.changes()}`;
      if (state() === stateAfterReset) return;
      database.transaction(() => {
        for (const table of tables) database.exec(`DELETE FROM main.${table}`);
        if (seedName === copiedSeed) {
          for (const table of tables)
            database.exec(`INSERT INTO main.${table} SELECT * FROM temp.seed_${table}`);
          return;
        }
        seed();
        for (const table of isCopied ? tables : [])
          database.exec(`
            DROP TABLE IF EXISTS temp.seed_${table};
            CREATE TEMP TABLE seed_${table} AS SELECT * FROM main.${table}`);
      });
      copiedSeed = isCopied ? seedName : undefined;
      stateAfterReset = state();
    },
    close: database.close,
  };
}

/** @returns a function that inserts a row, or replaces the one with the same key */
function createUpsert<Row>(database: Database, table: string, key: string, columns: Columns<Row>) {
  const names = Object.keys(columns);
  const upsert = database.prepare(
    `INSERT INTO ${table} (${names}) VALUES (${names.map(() => "?")})
     ON CONFLICT (${key}) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`)}`,
  );
  const readers = Object.values(columns);
  return (row: Row): void => upsert.run(...readers.map((read) => read(row)));
}

/** JSON has no dates. */
function reviveAccount(row: ListedAccount): ListedAccount {
  row.account.CreatedTimestamp = new Date(row.account.CreatedTimestamp);
  return row;
}

/** JSON has no dates, and SQLite's nulls are absent members. */
function reviveUser<Row extends { user: User }>(row: Row): Row {
  const { user } = row;
  for (const members of [user, user.AlexaForBusinessMetadata] as Record<string, unknown>[])
    for (const name in members) if (members[name] === null) members[name] = undefined;
  if (user.RegisteredOn) user.RegisteredOn = new Date(user.RegisteredOn);
  if (user.InvitedOn) user.InvitedOn = new Date(user.InvitedOn);
  return row;
}
