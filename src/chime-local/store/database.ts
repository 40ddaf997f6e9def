import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";

/** What may be bound to a statement. No boolean: libsql aborts the whole process on one. */
export type Value = string | number | null;

export interface Query<Row> {
  get(...values: Value[]): Row | undefined;
  all(...values: Value[]): Row[];
  run(...values: Value[]): void;
}

export interface Database {
  prepare<Row>(sql: string): Query<Row>;
  /** Runs work in one transaction: all of it is kept, or none if it throws. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/** What names and e-mail addresses are compared by: SQLite itself folds the case of ASCII letters only. */
export const caseKey = (text: string): string => text.toLowerCase();

/** "Chim" in ASCII: tells our files from other programs' SQLite files. */
const applicationId = 0x4368_696d;
const schemaVersion = 1;
const damaged = "it is damaged";

const schema = `
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE accounts (
    seq INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    account_type TEXT NOT NULL,
    account_status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    default_license TEXT NOT NULL,
    supported_licenses TEXT NOT NULL,
    delegate_groups TEXT NOT NULL
  ) STRICT;
  CREATE INDEX accounts_by_name ON accounts (name_key);

  CREATE TABLE users (
    seq INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    email TEXT,
    email_key TEXT UNIQUE,
    phone TEXT,
    display_name TEXT,
    license TEXT NOT NULL,
    user_type TEXT NOT NULL,
    registration TEXT NOT NULL,
    invitation TEXT,
    registered_on INTEGER,
    invited_on INTEGER,
    alexa_enabled INTEGER NOT NULL,
    alexa_room_arn TEXT,
    pin TEXT NOT NULL
  ) STRICT;
  -- SQLite ends every index with the row's number: both give pages in the order of creation.
  CREATE INDEX users_by_account ON users (account_id);
  CREATE INDEX users_by_type ON users (account_id, user_type);
`;

/**
 * Opens the data file, and makes it if it isn't there.
 * Several processes may have it open: each operation is one transaction, and nothing is kept in memory between two.
 * @param file a path, or `:memory:`
 * @throws Error whose message is one line for the user
 */
export function openDatabase(file: string): Database {
  if (file !== ":memory:") makeFolder(dirname(file));
  let connection: Libsql.Database | undefined;
  try {
    connection = new Libsql(file);
    // Another process's transaction is over within milliseconds.
    connection.exec("PRAGMA busy_timeout = 5000");
    // Before anything is written to it: it may be another program's.
    checkFile(connection);
    useWriteAheadLog(connection);
    connection.transaction(createSchema).immediate(connection);
    return wrap(connection);
  } catch (error) {
    if (connection?.open) connection.close();
    throw new Error(`The data file ${file} can't be used: ${explain(error)}.`, { cause: error });
  }
}

/** One by one: in a folder such as /proc, which takes none, Node 20 never comes back from making several at once. */
function makeFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : error;
    throw new Error(`The data folder ${folder} can't be made (${reason}).`, { cause: error });
  }
}

function checkFile(connection: Libsql.Database): void {
  if (isEmpty(connection)) return;
  if (readValue(connection, "PRAGMA application_id") !== applicationId)
    throw new Error("it belongs to another program");
  if (Number(readValue(connection, "PRAGMA user_version")) > schemaVersion)
    throw new Error("a newer version of the embedded Chime wrote it");
  // Reads the whole file once: a tenth of a second for 100,000 users.
  if (readValue(connection, "PRAGMA quick_check(1)") !== "ok") throw new Error(damaged);
}

function useWriteAheadLog(connection: Libsql.Database): void {
  // Each commit is in the operating system's hands before it is answered: kill -9 loses nothing. A power cut may lose
  // the last commits (never the file); a development server needn't pay seven times the price of a write for that.
  connection.exec("PRAGMA journal_mode = WAL");
  connection.exec("PRAGMA synchronous = NORMAL");
  // 64 MiB instead of 2, in use only when there is that much data: 100,000 users are seeded in two thirds of the time.
  connection.exec("PRAGMA cache_size = -65536");
}

function createSchema(connection: Libsql.Database): void {
  if (!isEmpty(connection)) return;
  connection.exec(schema);
  connection.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
}

function isEmpty(connection: Libsql.Database): boolean {
  return readValue(connection, "SELECT count(*) FROM sqlite_schema") === 0;
}

function readValue(connection: Libsql.Database, sql: string): unknown {
  const [value] = connection.prepare(sql).raw().get() as unknown[];
  return value;
}

function wrap(connection: Libsql.Database): Database {
  return {
    prepare<Row>(sql: string): Query<Row> {
      const statement = connection.prepare(sql);
      return {
        get: (...values) => statement.get(values) as Row | undefined,
        all: (...values) => statement.all(values) as Row[],
        run: (...values) => void statement.run(values),
      };
    },
    transaction: (work) => connection.transaction(work).immediate(),
    close() {
      if (!connection.open) return;
      // Leaves everything in the one file, to copy or delete.
      connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      connection.close();
    },
  };
}

/** What SQLite's result codes mean for a data file. */
const reasons: Readonly<Record<number, string>> = {
  5: "another program holds it locked",
  8: "it may only be read",
  11: damaged,
  13: "the disk is full",
  26: "it is not an SQLite database",
};

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The low byte of an extended code is the code itself: libsql has no name for most of the extended ones.
  const reason = "rawCode" in error ? reasons[Number(error.rawCode) & 0xff] : undefined;
  if (reason) return reason;
  if (error.message.startsWith("ConnectionFailed")) return "it can't be opened for reading and writing";
  return error.message.split("\n")[0] ?? "";
}
