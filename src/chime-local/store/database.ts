import { mkdirSync } from "node:fs";
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
    prepareConnection(connection);
    createSchema(connection);
    return wrap(connection);
  } catch (error) {
    if (connection?.open) connection.close();
    throw new Error(`The data file ${file} can't be used: ${explain(error)}.`, { cause: error });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : error;
    throw new Error(`The data folder ${folder} can't be made (${reason}).`, { cause: error });
  }
}

function prepareConnection(connection: Libsql.Database): void {
  // Another process's transaction is over within milliseconds.
  connection.exec("PRAGMA busy_timeout = 5000");
  // With a write-ahead log each commit is in the operating system's hands before it is answered: kill -9 loses nothing.
  // A power cut may lose the last commits (never the file); a development server needn't pay seven times the price for that.
  connection.exec("PRAGMA journal_mode = WAL");
  connection.exec("PRAGMA synchronous = NORMAL");
  // 64 MiB instead of 2, in use only when there is that much data: 100,000 users are seeded in two thirds of the time.
  connection.exec("PRAGMA cache_size = -65536");
}

function createSchema(connection: Libsql.Database): void {
  connection
    .transaction(() => {
      const version = readPragma(connection, "user_version");
      const application = readPragma(connection, "application_id");
      const { tables } = connection.prepare("SELECT count(*) AS tables FROM sqlite_schema").get() as {
        tables: number;
      };
      if (tables > 0 && application !== applicationId) throw new Error("it belongs to another program");
      if (damageOf(connection) !== "ok") throw new Error(damaged);
      if (version > schemaVersion) throw new Error("a newer version of the embedded Chime wrote it");
      if (tables > 0) return;
      connection.exec(schema);
      connection.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
    })
    .immediate();
}

/** Reads the whole file once: a tenth of a second for 100,000 users. */
function damageOf(connection: Libsql.Database): unknown {
  const row = connection.prepare("PRAGMA quick_check(1)").get() as Record<string, unknown>;
  return row["quick_check"];
}

function readPragma(connection: Libsql.Database, name: string): number {
  const row = connection.prepare(`PRAGMA ${name}`).get() as Record<string, number>;
  return row[name] ?? 0;
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

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  if (code === "SQLITE_NOTADB") return "it is not an SQLite database";
  if (code === "SQLITE_CORRUPT") return damaged;
  if (code.startsWith("SQLITE_READONLY")) return "it may only be read";
  if (code === "SQLITE_BUSY") return "another program holds it locked";
  if (error.message.startsWith("ConnectionFailed")) return "it can't be opened for reading and writing";
  return error.message.split("\n")[0] ?? "";
}
